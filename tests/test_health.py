"""/healthz and /readyz: what each of them asks, and what makes it fail."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from tenderwatch import health

READY = {"database": "answers", "migrations": "applied", "backup": "not expected"}


@pytest.fixture
def ready(client, db):
    """Return a function that returns the status and the findings of /readyz."""

    def ask(query=""):
        response = client.get(f"/readyz{query}")
        return response.status_code, response.json()

    return ask


def refuse(*arguments, **options):
    raise OperationalError("connection refused")


def make_backup(folder, *, age):
    path = folder / f"tenderwatch-{timezone.now() - age:%Y%m%dT%H%M%SZ}"
    path.mkdir(parents=True)
    (path / "manifest.json").write_text("{}")


def test_alive_asks_no_database(client):  # without the fixture db, asking would fail
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"site": "alive"})
    assert "no-store" in response["Cache-Control"]
    assert "sessionid" not in response.cookies


def test_ready(ready):
    status, found = ready()

    assert status == 200
    assert found.pop("disk").endswith("MB free")
    assert found == READY


def test_a_database_that_does_not_answer_is_not_ready_but_alive(ready, monkeypatch):
    with monkeypatch.context() as outage:
        outage.setattr(connection, "cursor", refuse)
        status, found = ready()

        assert Client().get("/healthz").status_code == 200
    assert status == 503
    assert (found["database"], found["migrations"]) == ("does not answer", "unknown")


def test_a_missing_migration_is_not_ready(ready):
    MigrationRecorder.Migration.objects.filter(app="tenders").latest("pk").delete()

    status, found = ready()

    assert (status, found["migrations"]) == (503, "1 missing: run migrate")


def test_a_full_disk_is_not_ready(ready, monkeypatch, settings):
    settings.MIN_FREE_DISK_MB = 500
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: SimpleNamespace(free=499_999_999))

    assert ready()[0] == 503
    assert ready()[1]["disk"] == "499 MB free, less than 500 MB"


def test_folders_that_are_not_there_yet_are_measured(settings, tmp_path, db):
    settings.EVIDENCE_ROOT = tmp_path / "not" / "there"

    assert health.free_disk()["evidence"] > 0


@pytest.mark.parametrize(
    ("ages", "status", "text"),
    [
        ([], 503, "there is none"),
        ([27], 503, "27 hours old, more than 26"),
        ([27, 25], 200, "25 hours old"),
        ([0], 200, "0 hours old"),
    ],
)
def test_a_backup_that_is_expected_is_young(ready, settings, tmp_path, ages, status, text):
    settings.BACKUP_ROOT, settings.BACKUP_MAX_AGE_HOURS = tmp_path, 26
    for age in ages:
        make_backup(tmp_path, age=timedelta(hours=age, minutes=1))

    assert (ready()[0], ready()[1]["backup"]) == (status, text)


def test_a_check_can_be_left_out(ready, settings, tmp_path):
    settings.BACKUP_ROOT, settings.BACKUP_MAX_AGE_HOURS = tmp_path, 26

    status, found = ready("?exclude=backup")

    assert status == 200
    assert "backup" not in found


def test_an_unknown_check_is_refused_by_name(ready):
    status, found = ready("?exclude=backups")

    assert status == 400
    assert "no check called backups" in found["detail"]
