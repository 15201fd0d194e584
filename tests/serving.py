"""A gunicorn with the project's configuration, for tests of what only a server shows."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager

from django.conf import settings

SETTINGS = ("DJANGO_ENV", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "METRICS_TOKEN", "LOG_FORMAT", "ACCESS_LOG")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path, method="GET", timeout=10, **headers):
    """Return status, headers and body of an answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as client:
        client.request(method, path, headers=headers)
        response = client.getresponse()
        return response.status, response.headers, response.read()


@contextmanager
def serving(tmp_path, **variables):
    """Serve the site with an empty database; yield its port and the file of its log."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in SETTINGS},
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "TMPDIR": str(tmp_path),
        "PYTHONWARNINGS": "",
        **variables,
    }
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    log = tmp_path / "server.log"
    with log.open("w") as file:
        command = [sys.executable, "-m", "gunicorn"]
        server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=file, stdout=file)  # noqa: S603
        try:
            wait_for(port, server, log)
            yield port, log
        finally:
            server.terminate()
            server.wait(30)


def wait_for(port, server, log):
    deadline = time.monotonic() + 60
    while True:
        try:
            ask(port, "/healthz")
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return
