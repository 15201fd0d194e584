"""The site's settings with the middleware and the cache of the benchmark."""

from tenderwatch.settings import *  # noqa: F403
from tenderwatch.settings import CACHES, LOGGING, MIDDLEWARE

MIDDLEWARE = ["bench.measuring.MeasuringMiddleware", *MIDDLEWARE]
CACHES = {"default": {**CACHES["default"], "BACKEND": "bench.measuring.Cache"}}
ROOT_URLCONF = "bench.urls"
LOGGING["loggers"]["tenderwatch.security"]["level"] = "ERROR"  # who logs in is no part of a report
