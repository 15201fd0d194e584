"""
Backups: a folder with the database, the private files and a manifest, which appears when it is whole.

The database is copied while the site writes, the files after it: each file that the copy refers to is there, unless an
editor has erased it meanwhile.
"""

import hashlib
import json
import os
import shutil
import tomllib
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import time

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from tenders import integrity
from tenders.operations import postgresql, sqlite
from tenders.operations.databases import (
    OperationError,
    applied_migrations,
    as_alias,
    exists,
    failing_in_words,
    is_migrated,
    row_counts,
)

ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
MANIFEST = "manifest.json"
FORMAT = 1
PREFIX, UNFINISHED = "tenderwatch-", ".unfinished-"
NAME_OF_TIME = "%Y%m%dT%H%M%SZ"
EVIDENCE = "evidence"
ABANDONED_AFTER = 24 * 60 * 60  # seconds: what is still unfinished then was killed


def back_up(folder, *, verify=True, keep=None, now=None, on_written=lambda size: None):
    """
    Write a backup into a folder and delete all but the last ``keep``; return its path and what ``check_data`` finds.

    With ``verify`` it is restored into a scratch database, its rows are counted, and the data is checked, if it is of
    this version of the site. ``on_written`` is called before, with the size in bytes.
    """
    now = now or datetime.now(UTC)
    name = f"{PREFIX}{now:{NAME_OF_TIME}}"
    path, problems = folder / name, []
    site = connections[DEFAULT_DB_ALIAS]
    with failing_in_words(f"No backup is written to {folder}"):
        if not exists(site):
            raise OperationError("There is no database yet: run migrate first.")
        with _unfinished(folder, name) as unfinished:
            manifest = _write(site, unfinished, now)
            on_written(sum(file["size"] for file in manifest["files"].values()))
            if verify:
                problems = _verify(site, unfinished, manifest)
            unfinished.rename(path)
        if keep is not None:
            for old in backups_in(folder)[:-keep]:
                shutil.rmtree(old)
    return path, problems


def backups_in(folder):
    """Return the paths of the whole backups in a folder, the oldest first."""
    return sorted(path.parent for path in folder.glob(f"{PREFIX}*/{MANIFEST}"))


def last_backup_at(folder):
    """Return when the last whole backup in a folder was made; None if there is none."""
    backups = backups_in(folder)
    if not backups:
        return None
    return datetime.strptime(backups[-1].name, f"{PREFIX}{NAME_OF_TIME}").replace(tzinfo=UTC)


def read_manifest(path):
    """Return the manifest of a backup whose files are as it says; else raises ``OperationError``."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise OperationError(f"{path} is a backup of format {manifest['format']}, which this version can't read.")
        files = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OperationError(f"{path} isn't a backup: it has no readable {MANIFEST}.") from error
    for name, is_written in files.items():
        if not (path / name).is_file() or _described(path / name) != is_written:
            raise OperationError(f"The backup is damaged: {name} is missing or differs from the manifest.")
    return manifest


def evidence_folder():
    """Return the folder of the private files of sources."""
    return Path(settings.EVIDENCE_ROOT)


def compare_counts(manifest, found):
    """Raise ``OperationError`` if tables do not have the numbers of rows that a manifest says."""
    for table, number in manifest["rows"].items():
        if found.get(table) != number:
            raise OperationError(f"The backup can't be restored: {table} has {found.get(table)} rows, not {number}.")


@contextmanager
def _unfinished(folder, name):
    """Yield a new folder under a name that no backup has; it is removed unless it gets another one."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{UNFINISHED}*"):
        if time() - left.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(left)
    path = folder / f"{UNFINISHED}{name}"
    path.mkdir(mode=0o700)  # it holds what is not public
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _write(site, path, now):
    """Write the database, the files and the manifest; return the manifest."""
    engine = ENGINES[site.vendor]
    rows = engine.dump(site, path / engine.FILE_NAME)
    evidence = evidence_folder()
    if evidence.is_dir():
        shutil.copytree(evidence, path / EVIDENCE, copy_function=_copy_if_there)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(timespec="seconds"),
        "version": project_version(),
        "engine": site.vendor,
        "migrations": sorted(applied_migrations(site)),
        "rows": rows,
        "files": {file.relative_to(path).as_posix(): _described(file) for file in files},
    }
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for file in (*files, path / MANIFEST, path):
        flush(file)
    return manifest


def _verify(site, path, manifest):
    """Restore the database into a scratch one and compare it; return the problems that ``check_data`` finds."""
    engine = ENGINES[site.vendor]
    with engine.opened(site, path / engine.FILE_NAME, path.name[-16:]) as scratch, as_alias(scratch):
        compare_counts(manifest, row_counts(scratch))
        return list(integrity.find_problems()) if is_migrated(scratch) else []


def _copy_if_there(source, target):
    """Copy a file; one that an editor has erased since the folder was listed is left out."""
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        Path(target).unlink(missing_ok=True)


def _described(path):
    """Return the size and the SHA-256 hash of a file."""
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def flush(path):
    """Make sure that a file or folder is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def project_version():
    """Return the version of the code."""
    return tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
