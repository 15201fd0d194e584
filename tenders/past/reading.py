"""Reading the past: a router, and the context in which it sends the reads of a thread to a copy of the database."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections
from django.utils.connection import ConnectionDoesNotExist

from tenders.models import Change
from tenders.past.building import left_out
from tenders.past.copies import open_copy

PAST = "past"  # the alias of the copy that a thread reads

_is_past = ContextVar("is past", default=False)


class PastRouter:
    """Reads what belongs to the records from the copy, while a thread reads the past; accounts are of today."""

    def db_for_read(self, model, **hints):
        return PAST if _is_past.get() and model._meta.app_label == "tenders" else None

    def allow_relation(self, one, other, **hints):
        return True if _is_past.get() else None  # nothing of the past is written


@contextmanager
def reading_as_of(change):
    """
    Read the records as they were after a change (its primary key), in this thread, until the block ends.

    After the last change they are as they are. Raises ``PastBusyError`` while another copy is being made. The versions
    of the records belong to what is read, and with them the keys of all that is cached.
    """
    with present():
        last = Change.objects.order_by("pk").last()
        path = open_copy(change) if last and last.pk != change else None
    if path is None:
        with present():
            yield
        return
    with _connected(path):
        token = _is_past.set(True)
        try:
            yield
        finally:
            _is_past.reset(token)


def num_left_out():
    """Return how many records were public in the past that is read and are not today; none in the present."""
    return left_out(connections[PAST]) if _is_past.get() else 0


@contextmanager
def present():
    """Read the records as they are, inside a block that reads the past."""
    token = _is_past.set(False)
    try:
        yield
    finally:
        _is_past.reset(token)


@contextmanager
def _connected(copy):
    """Let the alias of this thread stand for a copy, until the block ends."""
    try:
        former = connections[PAST]
    except ConnectionDoesNotExist:
        former = None
    connections[PAST] = connection = copy.connect(PAST)
    try:
        yield
    finally:
        connection.close()
        if former is None:
            del connections[PAST]
        else:
            connections[PAST] = former
