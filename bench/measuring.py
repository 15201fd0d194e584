"""Middleware and cache of the benchmark: a header with the number of SQL statements, cold requests, kept pages."""

from contextvars import ContextVar

from django.core.cache.backends.locmem import LocMemCache
from django.db import connection

from tenders.views.page_cache import PageCacheMiddleware

is_cold = ContextVar("is_cold", default=False)


class MeasuringMiddleware:
    """Set ``X-Query-Count`` to the number of SQL statements; not for streamed responses, which make theirs later."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Not reset: a streamed response continues after this, and the next request sets it again.
        is_cold.set("X-Bench-Cold" in request.headers)
        count = 0

        def counting(execute, *arguments):
            nonlocal count
            count += 1
            return execute(*arguments)

        with connection.execute_wrapper(counting):
            response = self.get_response(request)
        if not response.streaming:
            response["X-Query-Count"] = count
        return response


class KeptPagesMiddleware(PageCacheMiddleware):
    """The page cache, for the requests that ask for it alone: the others measure what pages cost."""

    def process_view(self, request, view, args, kwargs):
        is_asked = "X-Bench-Kept" in request.headers
        return super().process_view(request, view, args, kwargs) if is_asked else None


class Cache(LocMemCache):
    """A cache that a cold request neither reads nor writes."""

    def get(self, key, default=None, version=None):
        return default if is_cold.get() else super().get(key, default, version)

    def set(self, *arguments, **options):
        if not is_cold.get():
            super().set(*arguments, **options)

    def add(self, *arguments, **options):
        return is_cold.get() or super().add(*arguments, **options)
