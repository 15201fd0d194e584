"""
The server of ``make run``: one address on this machine, two workers, nothing written outside the project.

A deployment gives its own ``BIND`` (docs/deployment.md).
"""

import gc
import os

wsgi_app = "tenderwatch.wsgi:application"
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 2
preload_app = True
loglevel = "error"
control_socket_disable = True  # the default puts a socket into the home directory


def post_fork(server, worker):
    """Spare the garbage collector what the site consists of: it looks at what requests leave."""
    gc.freeze()


def when_ready(server):
    """Say where the site is, once it is really there."""
    print(
        f"\nTenderWatch is at http://{bind}/ and its admin at http://{bind}/admin/\n"
        "The first editor's account: .venv/bin/python manage.py createsuperuser\n",
        flush=True,
    )
