"""The site on a database of the benchmark: gunicorn with the project's configuration, and its memory."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

from bench.databases import FOLDER, ROOT, environment

WORKERS = 1  # of gunicorn: the client sends one request at a time, and workers do not share caches
START_TIMEOUT = 60  # seconds


def free_port():
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(address, settings="bench.settings", *, root=ROOT, workers=WORKERS, **variables):
    """Serve the site of a folder on a free local port; yield the port and the process id of the server."""
    port = free_port()
    variables = {
        "DJANGO_SETTINGS_MODULE": settings,
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(workers),
        **variables,
    }
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "server.log").open("a") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=root,
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
    """Wait until the server answers; exit if it does not."""
    deadline = time.monotonic() + START_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT)) as client:
                client.request("GET", "/healthz")
                if client.getresponse().status == http.client.OK:
                    return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"The server does not answer; see {FOLDER.name}/server.log.")


def memory(pid):
    """Return the proportional set size (PSS) of a process and its children in MiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:  # a child that has ended since
        return 0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own / 1024 + sum(memory(child) for child in children)


def cpu_seconds(pid):
    """Return the CPU time of a process and its children so far."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_seconds, children))


@contextmanager
def sample_memory(pid):
    """Yield a list of memory samples of a process in MiB: before, every 20 ms, and at the end."""
    samples, is_over = [memory(pid)], threading.Event()

    def watch():
        while not is_over.wait(0.02):
            samples.append(memory(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        is_over.set()
        watcher.join()
        samples.append(memory(pid))
