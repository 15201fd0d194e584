"""Restoring a backup: into a new database, which takes the place of the old one when it is complete."""

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from tenders.operations.backups import ENGINES, EVIDENCE, compare_counts, evidence_folder, read_manifest
from tenders.operations.databases import (
    OperationError,
    as_alias,
    exists,
    failing_in_words,
    is_empty,
    row_counts,
    unknown_migrations,
)


def restore(path, *, replace=False, now=None):
    """
    Restore a backup, migrated to this version of the site; return what is kept of before, as names.

    Raises ``OperationError`` before anything is changed: if the backup is damaged, of another engine or of newer code,
    if the database holds data and not ``replace``, or while other programs use it.
    """
    site = connections[DEFAULT_DB_ALIAS]
    with failing_in_words("Nothing is restored"):
        manifest = read_manifest(path)
        if manifest["engine"] != site.vendor:
            raise OperationError(
                f"The backup is of {manifest['engine']}, and DATABASE_URL of {site.vendor}: restore it there, "
                "then use copy_database."
            )
        if unknown := unknown_migrations(manifest["migrations"]):
            raise OperationError(f"The backup is of a newer version: this one doesn't have {unknown[-1]}.")
        if not replace and _holds_data(site):
            raise OperationError("The database isn't empty. Use --replace to replace it with the backup.")
        stamp = f"{(now or datetime.now(UTC)):%Y%m%dT%H%M%SZ}"
        return _put_in_place(site, path, manifest, stamp)


def _put_in_place(site, path, manifest, stamp):
    """Restore the database and the files beside those of before, and exchange them; return what is kept of before."""
    engine = ENGINES[site.vendor]
    engine.refuse_in_use(site)
    with (
        _restored_files(path / EVIDENCE, stamp) as files,
        engine.restored(site, path / engine.FILE_NAME, f"restored-{stamp}") as fresh,
    ):
        with as_alias(fresh):
            compare_counts(manifest, row_counts(fresh))
            call_command("migrate", verbosity=0)
        with _exchanged(files, stamp) as former:
            return engine.replace(site, fresh, f"before-{stamp}") + former


def _holds_data(site):
    """Return whether there may be data in the database of the site: one that cannot be read may have been damaged."""
    if not exists(site):
        return False
    try:
        return not is_empty(site)
    except DatabaseError:
        return True


@contextmanager
def _exchanged(files, stamp):
    """Put restored files in the place of those of the site, and back if the block fails; yield where the former are."""
    if files is None:
        yield []
        return
    root = evidence_folder()
    aside = root.with_name(f"{root.name}-before-{stamp}") if root.exists() else None
    if aside:
        root.rename(aside)
    files.rename(root)
    try:
        yield [str(aside)] if aside else []
    except BaseException:
        root.rename(files)
        if aside:
            aside.rename(root)
        raise


@contextmanager
def _restored_files(source, stamp):
    """Yield a copy of the files of a backup beside those of the site; None if there are none."""
    if not source.is_dir():
        yield None
        return
    root = evidence_folder()
    copy = root.with_name(f"{root.name}-restored-{stamp}")
    try:
        yield shutil.copytree(source, copy, copy_function=shutil.copyfile)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
