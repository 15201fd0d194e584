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
from functools import partial

from gunicorn import util

wsgi_app = "tenderwatch.wsgi:application"
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("THREADS", "16"))
limit_request_line = 8190  # bytes; the site itself answers in words before (tenders/views/limits.py)
SILENCE = 30  # seconds
# The thread that accepts connections waits so long for a client to close its own; by default 2 s for each such client.
util.close_graceful = partial(util.close_graceful, timeout=0.02)
preload_app = True
loglevel = "error"
control_socket_disable = True  # the default puts a socket into the home directory


def post_fork(server, worker):
    """Exclude the objects loaded at startup from garbage collection, which would scan them again and again."""
    gc.freeze()


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
