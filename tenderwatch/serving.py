"""The site under gunicorn: a worker that always answers probes, and hooks that observe requests (gunicorn.conf.py)."""

import re
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from gunicorn.workers import gthread

from tenderwatch import logs, request_ids
from tenderwatch.metrics import record_request

# A whole request without a body, so that no client can hold the thread by sending it slowly.
PROBE = re.compile(rb"(?:GET|HEAD) (/healthz|/readyz|/metrics)[ ?]")
HAS_BODY = re.compile(rb"^(?:content-length|transfer-encoding)\s*:", re.IGNORECASE | re.MULTILINE)
MAX_HEAD = 8192  # bytes


def probe_path(head):
    """Return the path that the bytes of a request ask for, if they are a probe and nothing else; None otherwise."""
    match = PROBE.match(head)
    is_whole = head.endswith(b"\r\n\r\n") and head.count(b"\r\n\r\n") == 1
    return match[1].decode() if match and is_whole and not HAS_BODY.search(head) else None


class Worker(gthread.ThreadWorker):
    """
    A worker with threads whose probes have a thread each, beside those that slow clients can take.

    A connection waits for its first bytes without a thread, and they are looked at before one is chosen. What is
    overridden is no public interface of gunicorn 27 (``enqueue_req``, ``_DEFER``): tests/test_serving.py tells when it
    changes. Where gunicorn itself speaks TLS, the bytes cannot be read and probes share the threads of all.

    Each request has a connection of its own, which a process that is free accepts: visitors whose connections were kept
    would stay with one process, and wait while the other is idle. With TLS new connections would cost more.
    """

    def init_process(self):
        self.probe_pools = {}  # a probe waits for nothing but the same probe
        if not self.cfg.is_ssl:
            self.max_keepalived = 0
        super().init_process()

    def enqueue_req(self, conn):
        if not (conn.initialized or conn.data_ready):
            deferred = Future()
            deferred.set_result(gthread._DEFER)
            self.finish_request(conn, deferred)
            return
        path = None if self.cfg.is_ssl else probe_path(_peek(conn.sock))
        if path and path not in self.probe_pools:
            self.probe_pools[path] = ThreadPoolExecutor(max_workers=1)
        pool = self.probe_pools[path] if path else self.tpool
        future = pool.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))


def _peek(connection):
    """Return the bytes that a connection has received, without taking them."""
    try:
        return connection.recv(MAX_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


def pre_request(worker, request):
    """Note when a request begins (a hook of gunicorn)."""
    request.tenderwatch_start = time.monotonic()


def post_request(worker, request, environ, response):
    """Record a request that has been answered, or given up by its client (a hook of gunicorn)."""
    if response is None or not response.status_code:
        return
    seconds = time.monotonic() - request.tenderwatch_start
    if settings.METRICS_TOKEN:
        record_request(
            route=environ.get(request_ids.ROUTE),
            method=request.method,
            status=response.status_code,
            seconds=seconds,
        )
    if settings.ACCESS_LOG != "0":
        logs.log_access(
            method=request.method,
            path=request.path,
            query=request.query,
            status=response.status_code,
            num_bytes=response.sent,
            seconds=seconds,
            request_id=environ.get(request_ids.ID, ""),
            address=_address(environ),
        )


def _address(environ):
    """Return the visitor's address as far as ``ACCESS_LOG`` asks for it."""
    if settings.ACCESS_LOG == "1":
        return None
    address = environ.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = environ.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    return address if settings.ACCESS_LOG == "address" else logs.shortened(address)
