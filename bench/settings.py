"""The site's settings with the middleware and the cache of the benchmark."""

from tenderwatch.settings import *  # noqa: F403
from tenderwatch.settings import CACHES, MIDDLEWARE

MIDDLEWARE = ["bench.measuring.MeasuringMiddleware", *MIDDLEWARE]
CACHES = {"default": {**CACHES["default"], "BACKEND": "bench.measuring.Cache"}}
ROOT_URLCONF = "bench.urls"
