"""Settings from the environment; every case runs a new process."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from tenders.charts.rendering import can_draw

PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "k3y-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "tenderwatch.example,localhost",
    "CONTACT_EMAIL": "editors@tenderwatch.example",
}
SHOW = "from django.conf import settings as s; import json; print(json.dumps([s.{}, s.{}]))"
OPTIONAL = {
    "DEBUG",
    "DATABASE_URL",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "HSTS_SECONDS",
    "SECOND_FACTOR_EXEMPTION",
    "SECOND_FACTOR_REQUIRED",
}


def manage(*arguments, **environment):
    return run("manage.py", *arguments, **environment)


def shell(program, **environment):
    """Run a program with the settings alone, which takes a fifth of the time of `manage.py shell`."""
    return run("-c", program, DJANGO_SETTINGS_MODULE="tenderwatch.settings", **environment)


def run(*arguments, **environment):
    rest = {name: value for name, value in os.environ.items() if name not in {*PRODUCTION, *OPTIONAL}}
    return subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-W", "error", *arguments],
        cwd=settings.BASE_DIR,
        env={**rest, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_laptop_needs_nothing():
    assert manage("check").returncode == 0


def test_check_deploy_finds_nothing_in_production_but_missing_fonts():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert result.returncode == 0, result.stderr
    found = set(re.findall(r"\((\w+\.[A-Z]\d+)\)", result.stdout + result.stderr))
    assert found == (set() if can_draw() else {"tenders.I001"})


@pytest.fixture(scope="module")
def weak():
    """What ``check --deploy`` says of a site that is weaker than it could be in every way, from one process."""
    environment = {
        "SECOND_FACTOR_EXEMPTION": "phones are forbidden here",
        "EMAIL_URL": "smtp://mail.example",
        "CONTACT_EMAIL": "",
        "HSTS_SECONDS": "3600",
    }
    return manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION | environment)


@pytest.mark.xdist_group("weak settings")
@pytest.mark.parametrize(
    "message",
    [
        "no second factor: phones are forbidden here.",
        "EMAIL_URL is set, but not DEFAULT_FROM_EMAIL",
        "Readers find no address of the editors.",
        "Browsers insist on HTTPS for 3600 seconds only.",
    ],
)
def test_check_deploy_warns_of_what_is_weaker_than_it_could_be(weak, message):
    warnings = weak.stderr.partition("WARNINGS:\n")[2].partition("INFOS:\n")[0]

    assert weak.returncode == 1
    assert message in warnings


def test_production_is_without_a_second_factor_only_for_a_reason():
    result = manage("check", **PRODUCTION, SECOND_FACTOR_REQUIRED="0")

    assert result.returncode != 0
    assert "give the reason in SECOND_FACTOR_EXEMPTION" in result.stderr


@pytest.mark.parametrize(
    ("environment", "is_required"),
    [
        ({}, False),
        ({"SECOND_FACTOR_REQUIRED": "1"}, True),
        (PRODUCTION, True),
        ({**PRODUCTION, "SECOND_FACTOR_EXEMPTION": "a reason"}, False),
        ({**PRODUCTION, "SECOND_FACTOR_EXEMPTION": "a reason", "SECOND_FACTOR_REQUIRED": "1"}, True),
    ],
)
def test_the_second_factor_is_required_in_production_and_where_it_is_asked_for(environment, is_required):
    result = shell(SHOW.format("SECOND_FACTOR_REQUIRED", "CAN_SEND_MAIL"), **environment)

    assert result.stdout.strip() == f"[{str(is_required).lower()}, false]", result.stderr


def test_mail_is_set_by_one_address():
    program = SHOW.format("EMAIL_HOST", "CAN_SEND_MAIL and s.EMAIL_USE_TLS and s.EMAIL_PORT")

    result = shell(program, EMAIL_URL="smtp+tls://user:secret@mail.example:587")

    assert result.stdout.strip() == '["mail.example", 587]', result.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without_a_required_setting(name):
    result = manage("check", **{**PRODUCTION, name: ""})

    assert result.returncode != 0
    assert f"{name} must be set" in result.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {**PRODUCTION, "SECRET_KEY": "short"},
        {**PRODUCTION, "SECRET_KEY": settings.LAPTOP_KEY},
        {**PRODUCTION, "ALLOWED_HOSTS": "*"},
        {"ALLOWED_HOSTS": "public.example"},
    ],
)
def test_a_site_that_others_reach_refuses_an_insecure_key_and_any_host(environment):
    result = manage("check", **environment)

    assert result.returncode != 0
    assert "SECRET_KEY must" in result.stderr or "ALLOWED_HOSTS must" in result.stderr


def test_production_refuses_to_start_with_debug():
    result = manage("check", **PRODUCTION, DEBUG="1")

    assert result.returncode != 0
    assert "DEBUG must be off" in result.stderr


def test_an_unknown_environment_is_refused():
    result = manage("check", DJANGO_ENV="prodution")

    assert result.returncode != 0
    assert "DJANGO_ENV is 'prodution'" in result.stderr


def test_production_keeps_cookies_and_transport_safe():
    program = SHOW.format(
        "SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"
    )

    result = shell(program, **PRODUCTION)

    assert result.stdout.strip() == "[true, 31536000]", result.stderr


def test_debug_is_off_and_sqlite_is_ready_for_several_writers():
    program = SHOW.format("DEBUG", "DATABASES['default']['OPTIONS']['transaction_mode']")

    result = shell(program)

    assert result.stdout.strip() == '[false, "IMMEDIATE"]', result.stderr


def test_database_url_chooses_the_database(tmp_path):
    program = SHOW.format("DATABASES['default']['ENGINE']", "DATABASES['default']['NAME']")

    lite = shell(program, DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3")
    postgres = shell(program, DATABASE_URL="postgres://u:p@localhost:5432/tenders")

    assert f"{tmp_path}/x.sqlite3" in lite.stdout, lite.stderr
    assert "postgresql" in postgres.stdout, postgres.stderr


def test_sqlite_uses_a_write_ahead_log(tmp_path):
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    program = (
        "from django.apps import apps; from django.db import connection as c; apps.ready = True  # else it warns\n"
        "k = c.cursor(); k.execute('PRAGMA journal_mode'); print(k.fetchone())"
    )

    assert "wal" in shell(program, DATABASE_URL=url).stdout


def test_gunicorn_loads_the_views_before_it_forks_workers():
    """So that all workers share the ETags of a version of the records."""
    code = "import sys, tenderwatch.wsgi; sys.exit('tenders.caching' not in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False).returncode == 0  # noqa: S603


@pytest.mark.parametrize(
    "folder", ["evidence", str(settings.STATIC_ROOT / "evidence"), str(settings.BASE_DIR / "static")]
)
def test_files_of_sources_are_kept_in_no_folder_that_everybody_can_read(folder):
    result = manage("check", EVIDENCE_ROOT=folder)

    assert result.returncode != 0
    assert "EVIDENCE_ROOT must" in result.stderr


def test_files_of_sources_are_kept_beside_the_database(tmp_path):
    address = f"sqlite:///{tmp_path}/db.sqlite3"
    command = "from django.conf import settings; print(settings.EVIDENCE_ROOT)"

    result = shell(command, DATABASE_URL=address)

    assert result.stdout.strip() == f"{tmp_path}/evidence"


POSTGRESQL = "postgres://u:p@localhost/tenders"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATABASE_REPLICA_URLS": POSTGRESQL}, "must be addresses of PostgreSQL"),
        ({"DATABASE_URL": POSTGRESQL, "DATABASE_REPLICA_URLS": "sqlite:///x"}, "must be addresses of PostgreSQL"),
        ({"CACHE_URL": "cache.internal:6379"}, "CACHE_URL must be the address of a Valkey or Redis server"),
    ],
)
def test_addresses_of_other_machines_are_checked(variables, message):
    result = manage("check", **variables)

    assert result.returncode != 0
    assert message in result.stderr


def test_several_machines_are_configured_by_variables():
    names = (
        "DATABASE_REPLICAS",
        "DATABASES['replica2']['HOST']",
        "DATABASES['default']['DISABLE_SERVER_SIDE_CURSORS']",
    )
    program = "\n".join([SHOW.format(*names[:2]), SHOW.format(names[2], "CACHES['default']['LOCATION']")])
    replicas = f"{POSTGRESQL},postgres://u:p@second/tenders"

    result = shell(
        program,
        DATABASE_URL=POSTGRESQL,
        DATABASE_REPLICA_URLS=replicas,
        DATABASE_POOLED="1",
        CACHE_URL="redis://cache/0",
    )

    assert '[["replica1", "replica2"], "second"]' in result.stdout, result.stderr
    assert '[true, "redis://cache/0"]' in result.stdout


def test_files_of_sources_may_be_kept_in_another_storage():
    backend, options = "django.core.files.storage.InMemoryStorage", '{"base_url": "/x/"}'
    program = SHOW.format("STORAGES['evidence']['BACKEND']", "STORAGES['evidence']['OPTIONS']")

    result = shell(program, EVIDENCE_STORAGE=backend, EVIDENCE_STORAGE_OPTIONS=options)

    assert result.stdout.strip() == f'["{backend}", {options}]', result.stderr
