"""The site's settings with the middleware and the cache of the benchmark."""

from tenderwatch.settings import *  # noqa: F403
from tenderwatch.settings import CACHES, LOGGING, MIDDLEWARE

PAGE_CACHE = "tenders.views.page_cache.PageCacheMiddleware"
MIDDLEWARE = ["bench.measuring.MeasuringMiddleware", *MIDDLEWARE]
MIDDLEWARE[MIDDLEWARE.index(PAGE_CACHE)] = "bench.measuring.KeptPagesMiddleware"
CACHES = {"default": {**CACHES["default"], "BACKEND": "bench.measuring.Cache"}}
ROOT_URLCONF = "bench.urls"
LOGGING["loggers"]["tenderwatch.security"]["level"] = "ERROR"  # who logs in is no part of a report
DOWNLOADS_KEPT_MB = 0  # the making of a file is measured
