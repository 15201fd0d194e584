"""
Metrics of requests, for Prometheus.

Each process writes its numbers to files of a common folder (the variable ``PROMETHEUS_MULTIPROC_DIR``, which
``gunicorn.conf.py`` sets), and ``tenderwatch.monitoring`` adds them up. Downloads and evaluations of claims are
measured where they happen, in ``tenders``. This module is imported before Django is set up.
"""

from prometheus_client import Counter, Histogram

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS = Counter(
    "tenderwatch_requests", "Answered requests, by name of the URL pattern", ["route", "method", "status"]
)
SECONDS = Histogram(
    "tenderwatch_request_seconds",
    "Time until a response is sent, by name of the URL pattern",
    ["route"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)


def record_request(*, route, method, status, seconds):
    """Count an answered request; without a route it was a static file or an unknown address."""
    route = route or "none"
    REQUESTS.labels(route, method if method in METHODS else "other", status).inc()
    SECONDS.labels(route).observe(seconds)
