"""Backup, restore and copy of the whole database: nothing is lost, half a backup is none, refusals change nothing."""

import errno
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tenders import audit, triggers
from tenders.choices import ChangeKind
from tenders.models import Article, DatasetVersion, Tender, TenderFigures
from tenders.models.changes import change_set
from tenders.operations import OperationError, back_up, connect, copy_database, last_backup_at, postgresql, restore
from tenders.operations.backups import ENGINES
from tenders.operations.databases import as_alias, is_migrated, row_counts
from tests.conftest import ARTICLE_DATA, copy_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")


@pytest.fixture(scope="module")
def articles(connection_with, django_db_blocker, tmp_path_factory):
    """Return a connection to a committed database with the article, its tenders and their history."""
    original = connection_with(ARTICLE_DATA)
    with django_db_blocker.unblock(), _committed(original, tmp_path_factory.mktemp("articles"), "articles") as copy:
        with as_alias(copy):
            audit.backfill_history()
        yield copy


@pytest.fixture
def site(articles, db, tmp_path):
    """Make a copy of that database the one of the site."""
    with _committed(articles, tmp_path, "site") as copy, as_alias(copy):
        yield copy


@pytest.fixture(scope="module")
def made_backup(articles, django_db_blocker, tmp_path_factory):
    """Return the path of a backup of that database."""
    with django_db_blocker.unblock(), as_alias(articles.copy()):
        return back_up(tmp_path_factory.mktemp("backups"), verify=False)[0]


@pytest.fixture
def backup(made_backup, tmp_path):
    """Return the path of a copy of that backup."""
    return shutil.copytree(made_backup, tmp_path / "backup")


@contextmanager
def _committed(original, folder, name):
    """Yield a connection to a committed copy of a database, which of SQLite is a file."""
    if original.vendor == "sqlite":
        original.ensure_connection()
        with closing(sqlite3.connect(folder / f"{name}.sqlite3")) as file:
            original.connection.backup(file)
        original.close()
        copy = original.copy()
        copy.settings_dict["NAME"] = str(folder / f"{name}.sqlite3")
        yield copy
        return
    copy = copy_of(original, suffix=name)
    name = copy.settings_dict["NAME"]
    try:
        yield copy
    finally:
        copy.close()
        for other in (name, *_databases_like(copy)):
            _on_server(copy, f'DROP DATABASE IF EXISTS "{other}" WITH (FORCE)')


def _on_server(of, statement, *values):
    """Run a statement of PostgreSQL outside of the database of a connection; return the rows that it gives."""
    with postgresql._server(of) as server, server.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def _databases_like(of):
    """Return the names of the databases that restoring has made beside that of a connection; long names are cut."""
    name = of.settings_dict["NAME"]
    made = "starts_with(datname, %s) OR (starts_with(datname, %s) AND datname ~ '-[0-9]{8}t[0-9]{6}z$')"
    rows = _on_server(of, f"SELECT datname FROM pg_database WHERE {made}", f"{name}_", name[:30])  # noqa: S608 constants
    return [row[0] for row in rows]


@pytest.fixture
def dump(tmp_path):
    """Return a function that returns all objects of the default database as texts, with the history, in no order."""

    def read():
        path = tmp_path / "dump.json"
        call_command("dumpdata", output=path, verbosity=0)
        objects = json.loads(path.read_text(encoding="utf-8"))
        return {
            json.dumps(
                dumped | {"fields": {n: sorted(v) if isinstance(v, list) else v for n, v in dumped["fields"].items()}},
                sort_keys=True,
            )
            for dumped in objects
        }

    return read


@pytest.fixture
def empty(site, tmp_path):
    """Return a function that returns connections to empty databases, of an engine."""
    made = []

    def make(vendor):
        if vendor == "sqlite":
            return connect(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        made.append(f"{site.settings_dict['NAME']}_empty")
        _on_server(site, f'CREATE DATABASE "{made[-1]}"')
        copy = site.copy()
        copy.settings_dict["NAME"] = made[-1]
        return copy

    return make


def test_a_backup_is_restored_as_it_was(site, dump, tmp_path):
    before, version = dump(), DatasetVersion.current()
    path, problems = back_up(tmp_path / "backups", now=NOW)
    with change_set(ChangeKind.CHANGED):
        Tender.objects.first().delete()

    (kept,) = restore(path, replace=True, now=NOW)

    assert path == tmp_path / "backups" / "tenderwatch-20260304T050607Z"
    assert problems == []
    assert dump() == before
    assert DatasetVersion.current() == version
    assert kept.endswith("before-20260304t050607z" if site.vendor == "postgresql" else "before-20260304T050607Z")


def test_the_last_backup_is_found_by_its_name(site, tmp_path):
    assert last_backup_at(tmp_path) is None

    for moment in (NOW, NOW.replace(year=2025)):
        back_up(tmp_path, verify=False, now=moment)

    assert last_backup_at(tmp_path) == NOW


def test_what_is_replaced_is_kept(site, backup):
    Article.objects.update(title_en="Changed since the backup")

    (kept,) = restore(backup, replace=True, now=NOW)

    former = connections[DEFAULT_DB_ALIAS].copy()
    former.settings_dict["NAME"] = kept.removeprefix("the database ")
    with as_alias(former):
        assert Article.objects.get().title_en == "Changed since the backup"


def test_a_backup_holds_what_is_committed_while_others_write(site, tmp_path):
    other = connections[DEFAULT_DB_ALIAS].copy()
    number = Tender.objects.count()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE tenders_article SET title_en = 'Not committed'")
        path, problems = back_up(tmp_path / "backups")
        cursor.execute("ROLLBACK")
    other.close()

    restore(path, replace=True)

    assert problems == []
    assert Tender.objects.count() == number
    assert Article.objects.get().title_en != "Not committed"


def test_a_backup_says_what_is_in_it(site, tmp_path):
    path, _problems = back_up(tmp_path / "backups", verify=False, now=NOW)

    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))

    assert manifest["engine"] == site.vendor
    assert manifest["made_at"] == "2026-03-04T05:06:07+00:00"
    assert manifest["rows"] == row_counts(site)
    assert "tenders.0001_initial" in manifest["migrations"]
    assert path.stat().st_mode & 0o777 == 0o700


def test_files_of_sources_are_restored_and_the_former_ones_kept(site, tmp_path, settings):
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    file = tmp_path / "evidence" / "ab" / "notice.pdf"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a notice")
    path, _problems = back_up(tmp_path / "backups", verify=False)
    file.write_bytes(b"something else")

    _database, former = restore(path, replace=True)

    assert file.read_bytes() == b"a notice"
    assert (Path(former) / "ab" / "notice.pdf").read_bytes() == b"something else"


def test_files_stay_if_the_database_cannot_be_replaced(site, tmp_path, settings, monkeypatch):
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    file = settings.EVIDENCE_ROOT / "notice.pdf"
    file.parent.mkdir()
    file.write_bytes(b"a notice")
    path, _problems = back_up(tmp_path / "backups", verify=False)
    file.write_bytes(b"something else")
    monkeypatch.setattr(ENGINES[site.vendor], "replace", _fail)

    with pytest.raises(OperationError, match="Nothing is restored: no"):
        restore(path, replace=True)

    assert file.read_bytes() == b"something else"
    assert [found.name for found in tmp_path.glob("evidence*")] == ["evidence"]


def test_only_the_last_backups_are_kept(site, tmp_path):
    for day in (1, 2, 3):
        back_up(tmp_path, verify=False, keep=2, now=NOW.replace(day=day))

    names = sorted(path.name for path in tmp_path.glob("*tenderwatch-*"))

    assert names == ["tenderwatch-20260302T050607Z", "tenderwatch-20260303T050607Z"]


def test_a_full_disk_leaves_no_half_backup(site, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tenders.operations.backups._described", full)

    with pytest.raises(CommandError, match=r"No backup is written to .*: No space left on device\."):
        call_command("backup", tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_what_a_killed_backup_has_left_is_removed_after_a_day(site, tmp_path):
    old, young = tmp_path / ".unfinished-old", tmp_path / ".unfinished-young"
    old.mkdir()
    young.mkdir()
    os.utime(old, (0, 0))

    path, _problems = back_up(tmp_path, verify=False)

    assert not old.exists()
    assert {young, path} <= set(tmp_path.iterdir())


def test_a_problem_of_the_data_is_reported_and_the_backup_kept(site, tmp_path, capsys):
    Tender.objects.filter(pk=Tender.objects.published().first().pk).update(year=1999)

    with pytest.raises(CommandError, match="The backup is whole, but check_data finds"):
        call_command("backup", tmp_path / "backups")

    assert "1999" in capsys.readouterr().out
    assert len(list((tmp_path / "backups").glob("tenderwatch-*/manifest.json"))) == 1


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: (path / "manifest.json").unlink(), "isn't a backup"),
        (lambda path: (path / "manifest.json").write_text("{"), "isn't a backup"),
        (lambda path: next(path.glob("database.*")).unlink(), "The backup is damaged"),
        (lambda path: next(path.glob("database.*")).write_bytes(b"other"), "The backup is damaged"),
        (lambda path: _change(path, migrations=["tenders.9999_later"]), "newer version"),
        (lambda path: _change(path, engine="other"), "copy_database"),
        (lambda path: _change(path, format=2), "of format 2"),
        (lambda path: _change(path, rows={"tenders_tender": 7}), "tenders_tender has 34 rows, not 7"),
    ],
)
def test_what_cannot_be_restored_is_refused_and_nothing_changed(site, backup, tmp_path, dump, damage, words):
    before = dump()
    damage(backup)

    with pytest.raises(OperationError, match=words):
        restore(backup, replace=True)

    assert dump() == before
    if site.vendor == "sqlite":
        assert [file.name for file in tmp_path.glob("site.sqlite3-*2*")] == []
    else:
        assert _databases_like(site) == []


def _change(path, **values):
    file = path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_a_database_with_data_is_replaced_only_on_demand(site, backup):

    with pytest.raises(CommandError, match="The database isn't empty"):
        call_command("restore", backup)


def test_the_data_is_checked_when_it_is_in_place(site, backup, capsys):
    call_command("restore", backup, replace=True)

    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"Restored: {backup}"
    assert said[-2:] == ["The site can be started. Checking the data:", "No problems found."]


def test_nothing_is_restored_while_others_use_the_database(site, backup, dump):
    before = dump()
    other = connections[DEFAULT_DB_ALIAS].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM tenders_tender")
        cursor.fetchall()

        with pytest.raises(OperationError, match="Stop the site first"):
            restore(backup, replace=True)

    other.close()
    assert dump() == before


def test_a_backup_of_an_earlier_version_is_migrated(site, tmp_path):
    earlier = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "tenders")[-2]
    call_command("migrate", "tenders", earlier, verbosity=0)
    path, _problems = back_up(tmp_path / "backups")

    restore(path, replace=True)

    assert is_migrated(connections[DEFAULT_DB_ALIAS])


@on_sqlite
def test_a_damaged_database_is_replaced(site, backup, tmp_path, dump):
    before = dump()
    site.close()
    (tmp_path / "site.sqlite3").write_bytes(b"damaged" * 1000)

    restore(backup, replace=True)

    assert dump() == before


@on_sqlite
def test_a_first_database_needs_no_permission(site, backup, tmp_path, dump):
    before = dump()
    site.close()
    (tmp_path / "site.sqlite3").unlink()

    assert restore(backup) == []
    assert dump() == before


@on_postgresql
def test_a_password_is_on_no_command_line(site, tmp_path, monkeypatch):
    commands, run = [], subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda command, **options: commands.append((command, options)) or run(command, **options)
    )
    monkeypatch.setitem(site.settings_dict, "PASSWORD", "not for others")

    back_up(tmp_path / "backups")

    assert [Path(command[0]).name for command, _options in commands] == ["pg_dump", "pg_restore"]
    for command, options in commands:
        assert "not for others" not in " ".join(command)
        assert options["env"]["PGPASSWORD"] == "not for others"


@on_postgresql
def test_without_pg_dump_there_is_no_backup(site, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program, path: None)

    with pytest.raises(CommandError, match="pg_dump is not installed"):
        call_command("backup", tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@on_postgresql
def test_a_failure_of_pg_dump_is_one_sentence(site, tmp_path, monkeypatch):
    site.ensure_connection()

    with monkeypatch.context() as patched:
        patched.setenv("PGSSLMODE", "nonsense")
        with pytest.raises(CommandError, match=r"pg_dump failed: .*nonsense"):
            call_command("backup", tmp_path / "backups")


VENDORS = ("sqlite", pytest.param("postgresql", marks=on_postgresql))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_copy_has_all_rows_and_goes_on_like_the_original(site, empty, dump, vendor, monkeypatch):
    """A copy that fails is repeated, and none is made over data."""
    target = empty(vendor)
    figures = list(TenderFigures.objects.order_by("pk").values())
    numbers = Tender.objects.create(year=2020, certainty="high").pk
    Tender.objects.get(pk=numbers).delete()
    before, version = dump(), DatasetVersion.current()

    with monkeypatch.context() as patched:
        patched.setattr("tenders.operations.copying.set_last_numbers", _fail)
        with pytest.raises(OperationError, match="Nothing was copied: no"):
            copy_database(site.copy(), target)
    number = copy_database(site.copy(), target)
    with pytest.raises(OperationError, match="isn't empty"):
        copy_database(site.copy(), target)

    with as_alias(target):
        assert dump() == before
        assert list(TenderFigures.objects.order_by("pk").values()) == figures
        assert DatasetVersion.current() == version
        assert sum(row_counts(target).values()) - len(MigrationRecorder(target).applied_migrations()) == number
        added = Tender.objects.create(year=2020, certainty="high")
        assert added.pk == numbers + 1  # the history of the deleted one refers to its number
        assert DatasetVersion.current() != version
        assert TenderFigures.objects.filter(pk=added.pk).exists()
        with target.cursor() as cursor:
            wanted = {trigger.name: trigger.source for trigger in triggers._triggers(target)}
            assert triggers._installed(target, cursor) == wanted


@on_postgresql
def test_a_copy_comes_back_from_sqlite(site, empty, dump):
    before, there, back = dump(), empty("sqlite"), empty("postgresql")

    copy_database(site.copy(), there)
    copy_database(there, back)

    with as_alias(back):
        assert dump() == before


def _fail(*arguments):
    raise IntegrityError("no")


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("sqlite:////nowhere.sqlite3", "sqlite:////tmp/x.sqlite3", "There is no database"),
        ("mysql://a/b", "sqlite:////tmp/x.sqlite3", "Give a database as"),
        ("db.sqlite3", "sqlite:////tmp/x.sqlite3", "Give a database as"),
        ("sqlite:////tmp/x.sqlite3", "postgres://", "Give a database as"),
        ("sqlite:////tmp/x.sqlite3", "postgres://host:port/name", "Give a database as"),
        ("sqlite:////tmp/x.sqlite3", "sqlite://", "Give a database as"),
    ],
)
def test_what_is_no_database_is_refused_in_words(source, target, words):
    with pytest.raises(CommandError, match=words):
        call_command("copy_database", "--from", source, "--to", target)


def test_a_database_is_not_copied_to_itself(site):
    with pytest.raises(OperationError, match="to itself"):
        copy_database(site.copy(), site.copy())
