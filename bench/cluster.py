"""Servers of several machines on this one: PostgreSQL with replicas, PgBouncer and Redis, of Debian's packages."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from bench.site import free_port

USER = DATABASE = "tenderwatch"
# Three servers on one small machine. A commit is acknowledged when one of the two replicas has it on its disk too.
POSTGRESQL = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "jit": "off",
    "hot_standby_feedback": "on",
    "max_standby_streaming_delay": "30s",
    "wal_keep_size": "256MB",
}
SYNCHRONOUS = {"synchronous_standby_names": "ANY 1 (replica1, replica2)", "synchronous_commit": "on"}
PGBOUNCER = """
[databases]
{databases}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 40
max_client_conn = 500
server_login_retry = 1
server_connect_timeout = 2
query_wait_timeout = 10
logfile = {folder}/pgbouncer.log
"""


def as_postgres(*command, **options):
    """Return the command as the user of PostgreSQL's package, which does not run as root."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", *command]
    return ["sudo", "-u", "postgres", *command]


class Postgres:
    """A server of PostgreSQL: a primary, or a replica of another one."""

    PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)

    def __init__(self, folder, name):
        self.folder, self.name, self.port = folder, name, free_port()
        self.data = folder / name

    def initialise(self):
        self._run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    def copy(self, primary):
        """Make a replica of a primary, with a slot there, so that it can catch up after having been away."""
        primary.execute(f"SELECT pg_create_physical_replication_slot('{self.name}')")
        source = primary.conninfo(self.name)
        self._run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-X", "stream", "-S", self.name, "-c", "fast")

    def start(self, **settings):
        settings = {**POSTGRESQL, "port": self.port, **settings}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / f"{self.name}.log", "-w", "-o", options, "start")

    def stop(self, mode="fast"):
        with suppress(subprocess.CalledProcessError):  # it is stopped already
            self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def promote(self):
        self._run("pg_ctl", "-D", self.data, "-w", "promote")

    def follow(self, primary):
        """Let a replica follow another primary."""
        primary.execute(f"SELECT pg_create_physical_replication_slot('{self.name}')")
        self.execute(f"ALTER SYSTEM SET primary_conninfo = '{primary.conninfo(self.name)}'")
        self.execute("SELECT pg_reload_conf()")

    def execute(self, statement, database="postgres"):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None

    def url(self, database=DATABASE):
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def conninfo(self, application_name):
        return f"host=127.0.0.1 port={self.port} user={USER} application_name={application_name}"

    def _run(self, program, *arguments):
        command = as_postgres(self.PROGRAMS / program, *arguments)
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)


class PgBouncer:
    """A pooler before several databases: transactions, not clients, have a connection to a server."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def route(self, **servers):
        """Set which server answers for which database; clients keep their connections."""
        databases = [
            f"{name} = host=127.0.0.1 port={s.port} dbname={DATABASE} user={USER}" for name, s in servers.items()
        ]
        configuration = PGBOUNCER.format(databases="\n".join(databases), port=self.port, folder=self.folder)
        (self.folder / "pgbouncer.ini").write_text(configuration)
        if self.process:
            self.process.send_signal(signal.SIGHUP)

    def start(self):
        command = as_postgres(shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "-q", self.folder / "pgbouncer.ini")
        self.process = subprocess.Popen(command)
        wait_for_port(self.port)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def url(self, name):
        return f"postgres://{USER}@127.0.0.1:{self.port}/{name}"


class Redis:
    """A cache in memory."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def start(self):
        program = shutil.which("valkey-server") or shutil.which("redis-server")
        memory = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--save", ""]
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder]
        self.process = subprocess.Popen([program, *where, *memory], stdout=subprocess.DEVNULL)
        wait_for_port(self.port)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"


def wait_for_port(port, seconds=10):
    """Wait until somebody listens on a port."""
    import socket

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing listens on port {port}.")
