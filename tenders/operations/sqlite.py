"""SQLite: copies by its backup API, and a new file that takes the place of the old one."""

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from tenders.operations.databases import OperationError, row_counts, sqlite_path

FILE_NAME = "database.sqlite3"
COMPANIONS = ("", "-wal", "-shm")  # the files of a database, besides the first of them while it is in use
LOCK_TIMEOUT = 1  # seconds to wait for other programs


def dump(connection, path):
    """Write a consistent copy while others write; return the number of rows of each table in it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)  # in one step, so that no write makes it begin again
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, which is read without writing to it
    with _reading(connection, path) as copy:
        return row_counts(copy)


@contextmanager
def opened(connection, path, _suffix):
    """Yield a connection that reads a copy; raises ``OperationError`` for a damaged one."""
    with _reading(connection, path) as copy:
        with copy.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(1)")
            (found,) = cursor.fetchone()
        if found != "ok":
            raise OperationError(f"{path.name} is damaged: {found.splitlines()[0]}.")
        yield copy


@contextmanager
def _reading(connection, path):
    copy = connection.copy()
    copy.settings_dict |= {"NAME": f"file:{quote(str(path))}?mode=ro", "OPTIONS": {}}
    try:
        yield copy
    finally:
        copy.close()


@contextmanager
def restored(connection, path, suffix):
    """Yield a connection to a new database like a copy, beside the old one; removed unless it has taken its place."""
    old = sqlite_path(connection)
    new = old.with_name(f"{old.name}-{suffix}")
    fresh = connection.copy()
    fresh.settings_dict["NAME"] = str(new)
    try:
        shutil.copyfile(path, new)
        if old.exists():  # the site must be able to write, whoever restores
            shutil.copymode(old, new)
            os.chown(new, old.stat().st_uid, old.stat().st_gid)
        yield fresh
    finally:
        fresh.close()
        for companion in COMPANIONS:
            Path(f"{new}{companion}").unlink(missing_ok=True)


def refuse_in_use(connection):
    """Raise ``OperationError`` if other programs have the database open; a damaged one is nobody's."""
    connection.close()
    path = sqlite_path(connection)
    if not path.exists():
        return
    try:
        _leave_one_file(path)
    except sqlite3.OperationalError as error:
        raise OperationError(f"Stop the site first: other programs use {path}.") from error
    except sqlite3.DatabaseError:
        pass


def replace(connection, fresh, suffix):
    """Put a new file in the place of the old one; return the names that the old one has now, if there was one."""
    fresh.close()
    refuse_in_use(connection)
    old, new = sqlite_path(connection), sqlite_path(fresh)
    _leave_one_file(new)
    aside = old.with_name(f"{old.name}-{suffix}")
    for companion in COMPANIONS:
        if Path(f"{old}{companion}").exists():
            Path(f"{old}{companion}").rename(f"{aside}{companion}")
    new.rename(old)
    return [str(aside)] if aside.exists() else []


def _leave_one_file(path):
    """Write what is in the write-ahead log to the file; that is only possible while nobody else has it open."""
    with closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
