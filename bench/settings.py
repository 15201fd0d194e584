"""The site's settings for the server of a benchmark: everything as it is, measured."""

from tenderwatch.settings import *  # noqa: F403
from tenderwatch.settings import CACHES, MIDDLEWARE

MIDDLEWARE = ["bench.measuring.MeasuringMiddleware", *MIDDLEWARE]
CACHES = {"default": {**CACHES["default"], "BACKEND": "bench.measuring.Cache"}}
ROOT_URLCONF = "bench.urls"
