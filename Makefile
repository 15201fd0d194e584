# `make run` serves the site, `make test` checks a change. See README.md.

PYTHON ?= python3
PORT ?= 8000
V := .venv
OUTSIDE := .venv-outside
REQUIREMENTS := $(if $(findstring postgres,$(DATABASE_URL)),requirements-postgres.txt,requirements.txt)
BIN := $(V)/bin
COMPILE_GROUP := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --group
COMPILE := $(patsubst --group,pyproject.toml,$(COMPILE_GROUP))
SIZES ?= 1000 10000
CATALOGUE := locale/zh_Hans/LC_MESSAGES/django
FIXTURES := regions categories blockchain_2018_2019 interchain_pulse_2019 other_studies

# The Nu HTML checker comes from npm. Version and hash stand here, as a lock file of npm would name a registry.
VNU_VERSION := 26.9.27
VNU_SHA256 := 22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47
VNU := $(V)/vnu/node_modules/vnu-jar/build/dist/vnu.jar

# Compiled modules are written wherever Python would not: the suite begins 4 s sooner when it is run again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run dev serve test e2e outside pictures bench lint fixtures messages lock format clean

help: ## Show the targets.
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

run: $(V)/.$(REQUIREMENTS) staticfiles/.ok ## Set up what is missing, then serve the site on 127.0.0.1 (PORT=8000).
	@echo "Database: applying migrations"
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py loaddata_if_empty $(FIXTURES)
	@echo "Starting the server (Ctrl-C stops it)"
	@PORT=$(PORT) exec $(BIN)/gunicorn

dev: $(V)/.$(REQUIREMENTS) ## The same with debug on and reloading.
	@DEBUG=1 $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=1 $(BIN)/python manage.py loaddata_if_empty $(FIXTURES)
	@DEBUG=1 $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

serve: $(V)/.$(REQUIREMENTS) staticfiles/.ok .serve/certificate.pem .serve/environment ## Run as in production on this machine: https://localhost:8443.
	@set -a; . .serve/environment; set +a; \
	  $(BIN)/python manage.py migrate --verbosity 0 && \
	  $(BIN)/python manage.py loaddata_if_empty $(FIXTURES) && \
	  echo "TenderWatch is at https://localhost:8443/, with a certificate that the browser does not know (Ctrl-C stops it)" && \
	  exec $(BIN)/gunicorn

test: lint staticfiles/.ok ## Linters, import contracts, migrations, then the whole suite.
	$(BIN)/pytest -n auto --dist loadgroup -q

e2e: $(V)/.requirements-e2e.txt staticfiles/.ok $(VNU) ## Test the site in a browser: pages, journeys, print, HTML.
	$(BIN)/pytest e2e -n auto --dist loadgroup -q

outside: $(V)/.$(REQUIREMENTS) staticfiles/.ok $(OUTSIDE)/.requirements-outside.txt ## Check the data with validators and readers that others wrote.
	$(BIN)/python -m outside $(OUTSIDE)/bin/python -m pytest -c outside/pytest.ini --rootdir . outside -q

pictures: $(V)/.requirements-e2e.txt staticfiles/.ok ## Take the pictures of README.md again.
	$(BIN)/python -m e2e.pictures $(FIXTURES)

bench: $(V)/.$(REQUIREMENTS) staticfiles/.ok ## Measure the site on synthetic tenders (SIZES="1000 10000", WRITE=1 for the docs).
	@$(BIN)/python -m bench $(if $(WRITE),--write) $(SIZES)

lint: $(V)/.requirements-dev.txt
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z --cached --others --exclude-standard -- '*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(BIN)/lint-imports
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(V)/.requirements-dev.txt ## Format Python and templates.
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .
	-git ls-files -z --cached --others --exclude-standard -- '*.html' | xargs -0 $(BIN)/djade --target-version 5.2

fixtures: $(V)/.$(REQUIREMENTS) ## Rebuild the fixtures from fixtures/source/*.csv.
	$(BIN)/python manage.py build_fixtures

messages: $(V)/.$(REQUIREMENTS) ## Update the Chinese catalogue from the code and compile it (needs gettext).
	$(BIN)/python manage.py makemessages --locale zh_Hans --no-obsolete --no-wrap --add-location file \
	  --ignore bench --ignore docs --ignore staticfiles --ignore tests
	@sed -i.old -e '/^"POT-Creation-Date:/d' $(CATALOGUE).po && rm $(CATALOGUE).po.old
	msgfmt --check-format --output-file $(CATALOGUE).mo $(CATALOGUE).po

lock: ## For maintainers: update the lock files from pyproject.toml.
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) -o requirements.txt
	$(COMPILE) -c requirements.txt --extra postgres -o requirements-postgres.txt
	$(COMPILE) -c requirements.txt --extra sentry -o requirements-sentry.txt
	$(COMPILE) -c requirements.txt --extra ocds -o requirements-ocds.txt
	$(COMPILE) -c requirements-postgres.txt --extra postgres --extra scaling -o requirements-scaling.txt
	$(COMPILE) -c requirements-scaling.txt --extra postgres --extra scaling --extra sentry --extra ocds --group dev -o requirements-dev.txt
	$(COMPILE) -c requirements-dev.txt --extra postgres --extra scaling --extra sentry --extra ocds --group dev --group e2e -o requirements-e2e.txt
	$(COMPILE_GROUP) outside -o requirements-outside.txt
	! grep -nE '[a-z]+://' requirements*.txt

clean: ## Remove what make created; your database stays.
	rm -rf $(V) $(OUTSIDE) .venv-lock staticfiles .bench .serve

# Stamp files are touched last, so that an interrupted step is repeated.

$(V)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "TenderWatch needs Python 3.11 or later; choose one with: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Environment: making $(V)"
	@$(PYTHON) -m venv --clear $(V)

$(V)/.$(REQUIREMENTS): $(V)/bin/python $(REQUIREMENTS)
	@echo "Environment: installing the packages of $(REQUIREMENTS)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(REQUIREMENTS)
	@touch $@

$(V)/.requirements-dev.txt: $(V)/.$(REQUIREMENTS) requirements-dev.txt
	@echo "Environment: installing the packages of requirements-dev.txt"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(V)/.requirements-e2e.txt: $(V)/.requirements-dev.txt requirements-e2e.txt
	@echo "Environment: installing the packages of requirements-e2e.txt"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-e2e.txt
	@touch $@

$(OUTSIDE)/.requirements-outside.txt: requirements-outside.txt
	@echo "Environment: installing the packages of requirements-outside.txt into $(OUTSIDE)"
	@$(PYTHON) -m venv --clear $(OUTSIDE)
	@$(OUTSIDE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-outside.txt
	@touch $@

$(VNU):
	@echo "Environment: fetching the Nu HTML checker $(VNU_VERSION)"
	@npm install --silent --no-save --no-package-lock --prefix $(V)/vnu vnu-jar@$(VNU_VERSION)
	@echo "$(VNU_SHA256)  $@" | sha256sum --check --quiet

# A key of its own, and a certificate that only this machine has: browsers warn of it once. No HSTS, which would hold
# for all other sites on localhost too.
.serve/environment:
	@mkdir -p .serve && umask 077 && { \
	  echo DJANGO_ENV=production; \
	  echo "SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(60))')"; \
	  echo ALLOWED_HOSTS=localhost; \
	  echo HSTS_SECONDS=0; \
	  echo BIND=localhost:8443; \
	  echo TLS_CERTIFICATE=.serve/certificate.pem; \
	  echo TLS_KEY=.serve/key.pem; } > $@

.serve/certificate.pem:
	@mkdir -p .serve && umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost \
	  -addext subjectAltName=DNS:localhost -keyout .serve/key.pem -out $@ 2>/dev/null

staticfiles/.ok: $(V)/.$(REQUIREMENTS) $(shell find static -type f)
	@echo "Static files: collecting, hashing and compressing"
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@
