"""
Gunicorn configuration of ``make run``: localhost, two workers, no files outside the project.

Deployments set ``BIND`` (docs/deployment.md).
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
    """Exclude the objects loaded at startup from garbage collection, which would scan them again and again."""
    gc.freeze()


def when_ready(server):
    """Print the URL once the server accepts connections."""
    print(
        f"\nTenderWatch is at http://{bind}/ and its admin at http://{bind}/admin/\n"
        "The first editor's account: .venv/bin/python manage.py createsuperuser\n",
        flush=True,
    )
