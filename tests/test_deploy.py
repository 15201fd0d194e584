"""The files of deploy/: complete, and in agreement with the site. ``deploy/check`` runs them."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tenders.evidence.files import MAX_SIZE

from .test_settings import PRODUCTION, manage, shell

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
READ = re.compile(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)"|\benviron\.get\(["']([A-Z_]+)["']""")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def read_variables():
    """Return the variables that the settings and gunicorn's configuration read."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("tenderwatch/settings.py", "gunicorn.conf.py")]
    return {first or second for text in texts for first, second in READ.findall(text)}


def variables_of(text):
    """Return the variables of an environment file, with their values; those that are commented out too."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_environment_file_has_every_variable():
    assert set(variables_of((DEPLOY / "tenderwatch.env").read_text(encoding="utf-8"))) == read_variables()


def test_make_serve_sets_variables_that_there_are():
    names = re.findall(r"echo \"?([A-Z_]+)=", (ROOT / "Makefile").read_text(encoding="utf-8"))

    assert "DJANGO_ENV" in names
    assert set(names) <= read_variables()


def test_the_documentation_has_every_variable():
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)) == read_variables()


def test_the_environment_file_is_accepted_with_a_key():
    lines = (DEPLOY / "tenderwatch.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    result = manage("check", "--deploy", "--fail-level", "WARNING", **given | {"SECRET_KEY": PRODUCTION["SECRET_KEY"]})

    assert result.returncode == 0, result.stderr


def test_values_that_are_commented_out_are_the_defaults():
    names = ("HSTS_SECONDS", "TIME_ZONE", "DOWNLOADS_AT_ONCE", "LOG_FORMAT", "ACCESS_LOG", "MIN_FREE_DISK_MB")
    named = variables_of((DEPLOY / "tenderwatch.env").read_text(encoding="utf-8")) | {"SECURE_HSTS_SECONDS": "31536000"}
    program = "from django.conf import settings as s\n" + "\n".join(
        f"print(s.{name})" for name in ("SECURE_HSTS_SECONDS", *names[1:])
    )

    result = shell(program, **PRODUCTION)

    assert result.stdout.split() == [named[name] for name in names], result.stderr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_that_there_is(path):
    text = path.read_text(encoding="utf-8")
    commands = re.findall(r"^ExecStart=/srv/tenderwatch/\.venv/bin/(?:python manage\.py )?(\S+)", text, re.MULTILINE)

    assert commands
    assert set(commands) <= {*get_commands(), "gunicorn"}


def test_every_timer_starts_a_service_and_every_job_has_one():
    timers = {path.stem for path in (DEPLOY / "systemd").glob("*.timer")}

    assert timers == {path.stem for path in UNITS} - {"tenderwatch-web"}


def test_the_image_is_made_of_what_there_is():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    sources = [name for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for name in line.split()[1:-1]]
    targets = re.findall(r"make (\.?\S+/\S+)", text)

    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
    for target in targets:
        command = ["make", "--dry-run", target, "DATABASE_URL=postgres:"]
        assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0, target  # noqa: S603
    assert "\nUSER 1000\n" in text


def test_the_image_holds_no_secret_and_no_data():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()

    assert {".env", ".serve", "*.sqlite3*", "evidence", "backups", ".git"} <= set(ignored)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_lets_files_of_sources_pass_and_asks_the_default_address(name):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    (limit,) = re.findall(r"(?:client_max_body_size|max_size) (\d+)", text)

    assert int(limit) * 1_000_000 > MAX_SIZE
    assert set(re.findall(r"127\.0\.0\.1:\d+", text)) == {"127.0.0.1:8000"}


def test_no_cache_of_the_proxy_holds_what_is_not_public():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    cached = [
        place for place in re.findall(r"location (.+?) \{([^}]*)\}", text) if "proxy_cache tenderwatch" in place[1]
    ]

    files = r"~ ^/(?:tenders|institutions|companies|(?:zh-hans/)?charts/[a-z]+/[a-z_]+)\.[a-z]+$"
    assert [place for place, _text in cached] == ["/static/", files]
