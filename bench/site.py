"""The real site on a database of the benchmark: gunicorn with the project's own configuration, and its memory."""

import http.client
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

from bench.databases import FOLDER, ROOT, environment

WORKERS = 1  # of gunicorn: one client asks one question at a time, and each worker has caches of its own
START = 60  # seconds until the server has to answer


@contextmanager
def serving(address, settings="bench.settings"):
    """Serve the site on a free port of this machine; give the port and the process id of the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        "DJANGO_SETTINGS_MODULE": settings,
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(WORKERS),
    }
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=ROOT,
            env=environment(address, **variables),
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(port, server)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait()


def wait_for(port, server):
    """Return when the server answers; end the run when it does not."""
    deadline = time.monotonic() + START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START)) as client:
                client.request("GET", "/healthz")
                if client.getresponse().status == http.client.OK:
                    return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"The server does not answer; see {FOLDER.name}/server.log.")


def memory(pid):
    """Return the memory of a process and its children in MiB: what is shared counts once (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:  # a child that has ended since
        return 0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own / 1024 + sum(memory(child) for child in children)


@contextmanager
def watching(pid):
    """Give a list to which the memory of a process is added again and again; the last is that at the end."""
    seen, is_over = [memory(pid)], threading.Event()

    def watch():
        while not is_over.wait(0.02):
            seen.append(memory(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()
        seen.append(memory(pid))
