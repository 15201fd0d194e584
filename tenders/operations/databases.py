"""Databases besides the site's own: connecting to them, what is in them, and making one the default for a block."""

from contextlib import contextmanager
from pathlib import Path

import environ
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, ConnectionHandler, DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tenders.models import DatasetVersion, Page

SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
ENGINES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
# What ``migrate`` writes into a new database.
WRITTEN_BY_MIGRATIONS = {
    model._meta.db_table
    for model in (
        MigrationRecorder.Migration,
        ContentType,
        Permission,
        Group,
        Group.permissions.through,
        DatasetVersion,
        Page,
    )
}


class OperationError(Exception):
    """Why an operation was not carried out, as a sentence."""


@contextmanager
def failing_in_words(consequence):
    """Turn errors of files and databases into ``OperationError``: the consequence, and then the cause."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        cause = getattr(error, "strerror", None) or (str(error).strip() or type(error).__name__).splitlines()[0]
        raise OperationError(f"{consequence}: {cause.rstrip('.')}.") from error


def connect(url):
    """Return a connection to the SQLite or PostgreSQL database at a URL, as in ``DATABASE_URL``."""
    try:
        config = environ.Env.db_url_config(url) if "://" in url else {}
    except ValueError:  # of a port
        config = {}
    if config.get("ENGINE") not in ENGINES or config.get("NAME") in (None, "", ":memory:"):
        raise OperationError(
            "Give a database as sqlite:////absolute/path.sqlite3 or postgres://user:password@host:5432/name."
        )
    if config["ENGINE"] == SQLITE:
        config["OPTIONS"] = {"timeout": 20}
    return ConnectionHandler({DEFAULT_DB_ALIAS: config})[DEFAULT_DB_ALIAS]


def describe(connection):
    """Return the engine and name of a database, without a password."""
    settings = connection.settings_dict
    return f"{ENGINES[settings['ENGINE']]} {settings['NAME']}"


def sqlite_path(connection):
    """Return the path of the file of an SQLite database."""
    return Path(connection.settings_dict["NAME"])


def exists(connection):
    """Return whether the file of an SQLite database exists; of a server, that is only known by connecting."""
    return connection.vendor != "sqlite" or sqlite_path(connection).exists()


@contextmanager
def as_alias(connection, alias=DEFAULT_DB_ALIAS):
    """Let an alias stand for a connection during the block, which is closed at the end."""
    former = connections[alias] if alias == DEFAULT_DB_ALIAS else None
    connections[alias] = connection
    connection.alias = alias
    ContentType.objects.clear_cache()
    try:
        yield connection
    finally:
        connection.close()
        del connections[alias]
        if former is not None:
            connections[alias] = former
        ContentType.objects.clear_cache()


@contextmanager
def snapshot(connection):
    """
    Read one state of the site's database throughout the block, whatever is written meanwhile; nobody waits for it.

    A block inside a transaction reads what that does, as in tests.
    """
    if connection.in_atomic_block:
        yield
        return
    mode = getattr(connection, "transaction_mode", None)
    try:
        # Django 5.2 has no other way to begin a single transaction of SQLite that does not stop those who write.
        connection.transaction_mode = "DEFERRED"
        with transaction.atomic(using=connection.alias):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        connection.transaction_mode = mode


def row_counts(connection):
    """Return {table: number of rows}, without the tables of other programs' schemas."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {quote(table)}")
            counts[table] = cursor.fetchone()[0]
        return counts


def is_empty(connection):
    """Return whether a database holds nothing but what ``migrate`` writes."""
    return not any(number for table, number in row_counts(connection).items() if table not in WRITTEN_BY_MIGRATIONS)


def applied_migrations(connection):
    """Return the names of the applied migrations, such as ``tenders.0001_initial``, in no order."""
    return {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}


def unknown_migrations(names):
    """Return those of the names that this version of the site does not have, sorted."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    return sorted(set(names) - known)


def is_migrated(connection):
    """Return whether all migrations are applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
