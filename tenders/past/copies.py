"""
The folder of copies: a few SQLite files, each with the records as they were after one change.

All processes of a machine share it. One copy is made at a time; those that nobody has asked for longest go first. The
folder may be emptied at any time, and only the site can read it.
"""

import fcntl
import logging
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, ConnectionHandler, DatabaseError, OperationalError

from tenders.caching import version_digest
from tenders.models import Change
from tenders.operations.databases import SQLITE
from tenders.past.building import build
from tenders.past.hidden import made_from

logger = logging.getLogger(__name__)

SUFFIX, UNFINISHED, LOCK = ".sqlite3", ".part", "lock"
MAPPED = 2**28  # bytes of a copy that are read without copying them
PATIENCE = 5.0  # seconds to wait for the copy that another request makes
POLL = 0.1  # seconds


class PastBusyError(Exception):
    """Raised while another copy is being made, or where none can be."""


@dataclass(frozen=True)
class PastCopy:
    """A finished copy; it is never written again."""

    path: Path

    def connect(self, alias):
        """Return an open connection that reads the copy."""
        options = {"init_command": f"PRAGMA query_only = 1; PRAGMA mmap_size = {MAPPED}"}
        connection = connection_to(f"file:{quote(str(self.path))}?mode=ro&immutable=1", alias, options)
        try:
            connection.ensure_connection()
        except DatabaseError as error:  # it was removed just now
            raise PastBusyError(str(error)) from error
        return connection


def connection_to(name, alias, options):
    """Return a connection to an SQLite database, not yet opened."""
    config = {"ENGINE": SQLITE, "NAME": name, "OPTIONS": options}
    connection = ConnectionHandler({DEFAULT_DB_ALIAS: config})[DEFAULT_DB_ALIAS]
    connection.alias = alias
    return connection


def open_copy(change):
    """
    Return the copy of the records after a change, which is made if there is none; read outside of the past.

    Raises ``PastBusyError`` while another is being made, or if the disk is full.
    """
    folder, today = Path(settings.PAST_ROOT), made_from()
    made_at = Change.objects.values_list("made_at", flat=True).get(pk=change)
    digest = version_digest("", ["past", change, made_at.isoformat(), today])
    path = folder / f"{change}-{digest[:32]}{SUFFIX}"
    if not path.exists():
        _make(path, change, today[0], digest)
    with suppress(OSError):  # it may have been removed since
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    return PastCopy(path)


def _make(path, change, hidden, digest):
    """Make a copy, unless another process makes it meanwhile; remove those beyond ``settings.PAST_COPIES``."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _lock(path) as is_ours:
            if not is_ours:
                return
            for left in path.parent.glob(f"*{UNFINISHED}*"):  # by a process that was killed
                left.unlink(missing_ok=True)
            unfinished = path.with_suffix(UNFINISHED)
            try:
                build(connection_to(str(unfinished), "past_in_the_making", {}), change, hidden, version=digest[:32])
                unfinished.rename(path)
            finally:
                unfinished.unlink(missing_ok=True)
            _remove_oldest(path.parent)
    except (OSError, OperationalError) as error:  # a full disk, a folder of somebody else
        logger.warning("No copy of the past can be made in %s: %s", path.parent, error)
        raise PastBusyError(str(error)) from error


@contextmanager
def _lock(path):
    """
    Hold the lock of the folder; yield False if another has made the copy meanwhile.

    The file names the copy that is being made: only those who want the same wait for it.
    """
    with (path.parent / LOCK).open("a+") as file:
        os.fchmod(file.fileno(), 0o600)
        until = time.monotonic() + PATIENCE
        while not _locked(file):
            file.seek(0)
            if file.read() != path.name or time.monotonic() > until:
                raise PastBusyError("another copy is being made")
            time.sleep(POLL)
        if path.exists():
            yield False
            return
        file.truncate(0)
        file.write(path.name)
        file.flush()
        yield True


def _locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_oldest(folder):
    """Remove the copies that nobody has asked for longest; who is reading one goes on."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            found.append((path.stat().st_atime_ns, path))
    for _asked, path in sorted(found)[: -settings.PAST_COPIES or None]:
        path.unlink(missing_ok=True)
