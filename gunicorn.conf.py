"""
Gunicorn configuration of ``make run``: localhost, two workers of 16 threads, no files outside the project.

A slow reader of a download keeps a thread: there are more threads than downloads at once (``DOWNLOADS_AT_ONCE``), and
who takes or sends nothing for half a minute is cut off.

Deployments set ``BIND`` (docs/deployment.md).
"""

import gc
import os
import socket
import struct
import sys
from functools import partial

from gunicorn import util

wsgi_app = "tenderwatch.wsgi:application"
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("THREADS", "16"))
SILENCE = 30  # seconds
# A thread whose statement is answered waits so long for each one that computes (Python's GIL). By default 5 ms: a save
# of a hundred statements beside seven busy threads would take seconds, in which no other editor can write.
SWITCH_INTERVAL = 0.0005  # seconds
# The thread that accepts connections waits so long for a client to close its own; by default 2 s for each such client.
util.close_graceful = partial(util.close_graceful, timeout=0.02)
preload_app = True
loglevel = "error"
control_socket_disable = True  # the default puts a socket into the home directory


def post_fork(server, worker):
    """Leave what was loaded at startup out of garbage collection, and let threads take turns more often."""
    gc.freeze()
    sys.setswitchinterval(SWITCH_INTERVAL)


def when_ready(server):
    """Limit how long a client may take or send nothing, which its connection inherits, then print the URL."""
    for listener in server.LISTENERS:
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SILENCE, 0))
    print(
        f"\nTenderWatch is at http://{bind}/ and its admin at http://{bind}/admin/\n"
        "The first editor's account: .venv/bin/python manage.py createsuperuser\n",
        flush=True,
    )
