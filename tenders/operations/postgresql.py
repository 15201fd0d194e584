"""PostgreSQL: dumps by ``pg_dump``, restored by ``pg_restore`` into a new database that takes the old one's name."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from glob import glob
from time import sleep

from django.db import transaction

from tenders.operations.databases import OperationError, row_counts

FILE_NAME = "database.dump"
MAX_NAME_LENGTH = 63  # of a database
CLOSING_TIME = 2  # seconds in which a session ends that has been closed
# Variables of the client programs for what the settings say of a connection: nothing of it is on a command line.
VARIABLES = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
OPTIONS = {
    name: f"PG{name.upper()}"
    for name in ("host", "port", "options", "passfile", "service", "sslcert", "sslkey", "sslmode", "sslrootcert")
}


def dump(connection, path):
    """Write a consistent dump while others write; return the number of rows of each table in it."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        counts = row_counts(connection)
        options = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        _run(connection, ["pg_dump", *options, f"--file={path}"])
    return counts


@contextmanager
def restored(connection, path, suffix):
    """Yield a connection to a new database with the content of a dump, which is dropped unless it was renamed."""
    fresh = connection.copy()
    fresh.settings_dict["NAME"] = _name(connection, suffix)
    with _server(connection) as server:
        _create(server, connection.settings_dict["NAME"], fresh.settings_dict["NAME"])
        try:
            jobs = f"--jobs={min(4, os.cpu_count() or 1)}"
            name = f"--dbname={fresh.settings_dict['NAME']}"
            _run(fresh, ["pg_restore", jobs, "--exit-on-error", "--no-owner", "--no-privileges", name, str(path)])
            yield fresh
        finally:
            fresh.close()
            with server.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {server.ops.quote_name(fresh.settings_dict['NAME'])}")


opened = restored  # a dump is only read by restoring it


def refuse_in_use(connection):
    """Raise ``OperationError`` if other programs are connected to the database."""
    connection.close()
    with _server(connection) as server, server.cursor() as cursor:
        name, waited = connection.settings_dict["NAME"], 0
        while number := _num_sessions(cursor, name):
            if waited > CLOSING_TIME:
                raise OperationError(
                    f"Stop the site first: other programs use the database {name} ({number} sessions)."
                )
            sleep(0.1)
            waited += 0.1


def _num_sessions(cursor, name):
    cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s", [name])
    return cursor.fetchone()[0]


def replace(connection, fresh, suffix):
    """Give a new database the name of the old one; return the names that the old one has now, if there was one."""
    name, aside = connection.settings_dict["NAME"], _name(connection, suffix)
    fresh.close()
    refuse_in_use(connection)
    with _server(connection) as server, server.cursor() as cursor:
        quote = server.ops.quote_name
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if has_old := cursor.fetchone() is not None:
            cursor.execute(f"ALTER DATABASE {quote(name)} RENAME TO {quote(aside)}")
        cursor.execute(f"ALTER DATABASE {quote(fresh.settings_dict['NAME'])} RENAME TO {quote(name)}")
        cursor.execute("COMMIT")
    return [f"the database {aside}"] if has_old else []


@contextmanager
def _server(connection):
    """Yield a connection to the server, by a database that every server has."""
    server = connection.copy()
    server.settings_dict["NAME"] = "postgres"
    try:
        yield server
    finally:
        server.close()


def _create(server, like, name):
    """Create an empty database with the collation of another one."""
    with server.cursor() as cursor:
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise OperationError("The role of the site may not create databases: ALTER ROLE … CREATEDB allows it.")
        cursor.execute(
            "SELECT datcollate, datctype FROM pg_database WHERE datname IN (%s, 'template0') ORDER BY datname = %s",
            [like, "template0"],
        )
        create = f"CREATE DATABASE {server.ops.quote_name(name)} TEMPLATE template0 ENCODING 'UTF8'"
        cursor.execute(f"{create} LC_COLLATE %s LC_CTYPE %s", cursor.fetchone())


def _name(connection, suffix):
    """Return a name for another database beside that of a connection."""
    suffix = f"_{suffix}".lower()
    return connection.settings_dict["NAME"][: MAX_NAME_LENGTH - len(suffix)] + suffix


def _run(connection, command):
    """Run a client program of PostgreSQL on the database of a connection."""
    program, *arguments = command
    # Debian has the programs of each version in a folder of its own; the newest reads all servers.
    folders = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    path = shutil.which(program, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
    if path is None:
        raise OperationError(f"{program} is not installed: it is in the package postgresql-client.")
    settings = connection.settings_dict
    variables = {variable: str(settings[name]) for name, variable in VARIABLES.items() if settings[name]}
    variables |= {OPTIONS[name]: str(value) for name, value in settings["OPTIONS"].items() if name in OPTIONS}
    environment = os.environ | variables | {"PGDATABASE": settings["NAME"]}
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 the operator's programs
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        reason = next((line for line in lines if "error: " in line), lines[-1]).split("error: ")[-1]
        raise OperationError(f"{program} failed: {reason}.")
