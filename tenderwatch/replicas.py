"""
Read replicas of PostgreSQL: a router, and the middleware that gives a request one database at one moment.

All that a request reads comes from one snapshot (a transaction) of one database, opened by its first read: the dataset
version, by which answers are cached and revalidated, belongs to the rows that are shown. Who writes reads from the
primary: whoever is logged in, has just written, or is in the admin, and all commands. See docs/adr/0031-replicas.md.
"""

import logging
import random
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from threading import Lock

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.urls import reverse

from tenders.streams import HeldOpen

logger = logging.getLogger(__name__)

SAFE_METHODS = {"GET", "HEAD"}
WROTE_COOKIE = "wrote"
CHECK_EVERY = 1.0  # seconds, for each process
AVOID_FOR = 2.0  # seconds after a failure, while another database answers

_request_reads = ContextVar("request_reads", default=None)


class ReplicaRouter:
    """Reads from the database of the request, writes to the primary."""

    def db_for_read(self, model, **hints):
        reads = _request_reads.get()
        return reads.alias() if reads else DEFAULT_DB_ALIAS

    def db_for_write(self, model, **hints):
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **hints):
        return True  # replicas hold the same rows

    def allow_migrate(self, db, app_label, **hints):
        return False if db in settings.DATABASE_REPLICAS else None


class ReplicaMiddleware:
    """Let public pages be read from a replica; not used where there is none."""

    def __init__(self, get_response):
        if not settings.DATABASE_REPLICAS:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.databases = Databases(settings.DATABASE_REPLICAS, max_lag=settings.REPLICA_MAX_LAG)

    def __call__(self, request):
        if not may_read_from_replica(request):
            response = self.get_response(request)
            if request.method not in SAFE_METHODS:
                self._read_from_primary(response)
            return response
        response = self._answer(request)
        return self._answer(request, is_last=True) if response is None else response

    def _answer(self, request, *, is_last=False):
        """Return the response; None if the database that it is read from has failed, and another may be asked."""
        with ExitStack() as stack:
            reads = stack.enter_context(Reads(self.databases))
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and reads.have_failed() and not is_last:
                return None
            if response.streaming:
                response.streaming_content = HeldOpen(response.streaming_content, stack.pop_all())
            return response

    def _read_from_primary(self, response):
        """Let a client that may have written read its own writes, until every replica that is used has them."""
        response.set_cookie(
            WROTE_COOKIE,
            "1",
            max_age=settings.REPLICA_MAX_LAG + 2 * CHECK_EVERY,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def may_read_from_replica(request):
    """Return whether a request is for a public page, by somebody who has not just written."""
    knows = {settings.SESSION_COOKIE_NAME, WROTE_COOKIE} & set(request.COOKIES)
    return request.method in SAFE_METHODS and not knows and not request.path.startswith(reverse("admin:index"))


class Reads(ExitStack):
    """What a request reads: nothing yet, or one snapshot of one database, until this context ends."""

    def __init__(self, databases):
        super().__init__()
        self._databases, self._alias = databases, None

    def __enter__(self):
        token = _request_reads.set(self)
        self.callback(_request_reads.reset, token)
        return super().__enter__()

    def alias(self):
        """Return the alias of the database; the first call opens the snapshot, of the first database that answers."""
        if self._alias is None:
            for alias in self._databases.in_order():
                try:
                    self.enter_context(snapshot(alias))
                except Error as error:
                    self._databases.has_failed(alias, str(error))
                    failure = error
                else:
                    self._alias = alias
                    break
            else:
                raise failure
        return self._alias

    def have_failed(self):
        """Return whether the connection was lost since, and avoid its database if so."""
        if self._alias is None or not connections[self._alias].errors_occurred:
            return False
        self._databases.has_failed(self._alias, "the connection was lost")
        return True


@contextmanager
def snapshot(alias):
    """Read a database as it is now, until the block ends, whatever is written meanwhile."""
    connection = connections[alias]
    is_outermost, is_over = not connection.in_atomic_block, False  # outermost as always, but in tests
    try:
        with transaction.atomic(using=alias):
            if connection.vendor == "postgresql" and is_outermost:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
            is_over = True
    except Error:
        if alias == DEFAULT_DB_ALIAS or not is_over:
            raise  # what ends on a replica has read all, and wrote nothing


class Databases:
    """
    The replicas and the primary, as this process knows them.

    Once a second the position of the primary in its log is noted. A replica is as old as the latest of these positions
    that it has reached, so that neither clocks nor rights to see the statistics of the server are needed.
    """

    def __init__(self, replicas, *, max_lag, clock=time.monotonic, position=None):
        self.replicas, self.max_lag, self.clock = replicas, max_lag, clock
        self.position = position or log_position
        self._positions = deque(maxlen=1000)  # (moment, position of the primary then), the latest last
        self._reached = {}  # {replica: the latest moment whose position it has reached}
        self._failed = {}  # {alias: moment}
        self._checking, self._checked = Lock(), float("-inf")

    def in_order(self):
        """
        Return the aliases to read from, the best first.

        Fresh replicas, the primary, replicas that are too old: a page of some seconds ago is better than none.
        """
        self._check()
        fresh = {replica for replica in self.replicas if self.lag(replica) <= self.max_lag}
        order = sorted([*self.replicas, DEFAULT_DB_ALIAS], key=lambda _alias: random.random())  # noqa: S311

        def rank(alias):
            return self._is_avoided(alias), 0 if alias in fresh else 1 if alias == DEFAULT_DB_ALIAS else 2

        return sorted(order, key=rank)

    def lag(self, replica):
        """Return for how many seconds a replica may be behind the primary; infinite if it is not known."""
        return self.clock() - self._reached.get(replica, float("-inf"))

    def has_failed(self, alias, reason):
        """Avoid a database for a while."""
        if not self._is_avoided(alias):
            logger.warning("Database %s cannot be read: %s", alias, reason.strip().splitlines()[0])
        self._failed[alias] = self.clock()

    def _is_avoided(self, alias):
        return self.clock() - self._failed.get(alias, float("-inf")) < AVOID_FOR

    def _check(self):
        """Compare the positions of all databases, at most once in ``CHECK_EVERY`` seconds; no other thread waits."""
        if self.clock() - self._checked < CHECK_EVERY or not self._checking.acquire(blocking=False):
            return
        try:
            self._checked = self.clock()
            if (position := self._position(DEFAULT_DB_ALIAS)) is not None:
                self._positions.append((self._checked, position))
            for replica in self.replicas:
                if (position := self._position(replica)) is not None:
                    reached = [moment for moment, of_primary in self._positions if of_primary <= position]
                    self._reached[replica] = max(reached, default=float("-inf"))
        finally:
            self._checking.release()

    def _position(self, alias):
        if self._is_avoided(alias):
            return None
        try:
            return self.position(alias)
        except Error as error:
            self.has_failed(alias, str(error))
            return None


def log_position(alias):
    """Return how many bytes of its log a primary has written or a replica has applied."""
    written = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {written} - '0/0'::pg_lsn")
        return cursor.fetchone()[0]
