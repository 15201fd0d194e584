"""
Gunicorn configuration of ``make run``: localhost, two workers of 16 threads, no files outside the project.

A slow reader of a download keeps a thread: there are more threads than downloads at once (``DOWNLOADS_AT_ONCE``), and
who takes or sends nothing for half a minute is cut off. Probes have threads of their own (tenderwatch/serving.py).

Deployments set ``BIND`` (docs/deployment.md).
"""

import gc
import os
import shutil
import socket
import struct
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path

import environ
from gunicorn import util

environ.Env.read_env(Path(__file__).with_name(".env"))  # as the settings do

wsgi_app = "tenderwatch.wsgi:application"
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("THREADS", "16"))
limit_request_line = 8190  # bytes; the site itself answers in words before (tenders/views/limits.py)
certfile, keyfile = os.environ.get("TLS_CERTIFICATE"), os.environ.get("TLS_KEY")
SILENCE = 30  # seconds
# A thread whose statement is answered waits so long for each one that computes (Python's GIL). By default 5 ms: a save
# of a hundred statements beside seven busy threads would take seconds, in which no other editor can write.
SWITCH_INTERVAL = 0.0005  # seconds
# The thread that accepts connections waits so long for a client to close its own; by default 2 s for each such client.
util.close_graceful = partial(util.close_graceful, timeout=0.02)
# So many objects more, and the garbage collector looks for cycles, of which pages leave few: 700 of them, the default,
# take a tenth of the time of a page.
SELDOM = 20_000
preload_app = True
loglevel = "error"
control_socket_disable = True  # the default puts a socket into the home directory

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client reads it when it is imported
if os.environ.get("METRICS_TOKEN") and METRICS_FOLDER not in os.environ:
    os.environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="tenderwatch-metrics-")

serving = import_module("tenderwatch.serving")
worker_class, pre_request, post_request = serving.Worker, serving.pre_request, serving.post_request


def post_fork(server, worker):
    """Leave what was loaded at startup out of garbage collection, collect seldom, let threads take turns more often."""
    gc.freeze()
    gc.set_threshold(SELDOM)
    sys.setswitchinterval(SWITCH_INTERVAL)


def child_exit(server, worker):
    """Leave the gauges of a worker that has ended out of the metrics."""
    if METRICS_FOLDER in os.environ:
        import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def on_exit(server):
    """Remove the folder of the metrics."""
    if METRICS_FOLDER in os.environ:
        shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def when_ready(server):
    """Limit how long a client may take or send nothing, which its connection inherits; on a laptop, print the URL."""
    for listener in server.LISTENERS:
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SILENCE, 0))
    if os.environ.get("DJANGO_ENV") == "production":  # there the log has a JSON object a line
        return
    site = f"http://{bind}/"
    print(
        f"\nTenderWatch is at {site} and its admin at {site}admin/\n"
        "The first editor's account: .venv/bin/python manage.py createsuperuser\n",
        flush=True,
    )
