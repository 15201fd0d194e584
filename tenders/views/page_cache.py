"""
The page cache: pages of readers as they were sent, until the records that they show change.

A page is found by the version of the records and by what else it depends on (``VersionedMixin.page_name``). Nothing of
it belongs to one reader: who is logged in, or has a message to read, is passed by, and a page that sets a cookie is not
kept. So the same bytes, compressed once, may go to everybody.
"""

import gzip
import time
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event, Lock

from cachetools import LRUCache
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.utils.cache import cc_delim_re, get_conditional_response, patch_vary_headers
from prometheus_client import Counter

from tenders.caching import VersionedMixin, version_digest
from tenders.models import DatasetVersion
from tenders.models.computed import Versions

MAX_PAGE = 200  # of a list; pages behind are for robots
MAX_VALUES = 6  # of the parameters of an address: so many combinations are asked for once
MAX_ASKED = 20_000  # addresses that were asked for once
PATIENCE = 6.0  # seconds; then a page is computed beside the request that computes it, which may wait for its turn
OVERHEAD = 1_000  # bytes of a page beside its body, about
FOR_EVERYBODY = {"accept", "accept-encoding", "accept-language"}  # headers on which no page that is kept depends
SET_ANEW = {"Content-Length", "ETag"}

REQUESTS = Counter("tenderwatch_page_cache", "Requests for pages that are kept, by whether one was found", ["found"])


@dataclass(frozen=True)
class Page:
    """A page as it was sent: its body, compressed by gzip, and its headers."""

    body: bytes
    headers: dict

    def __len__(self):
        return len(self.body) + OVERHEAD

    def response(self, *, is_compressed):
        if is_compressed:
            return HttpResponse(self.body, headers=self.headers)
        headers = {name: value for name, value in self.headers.items() if name != "Content-Encoding"}
        return HttpResponse(gzip.decompress(self.body), headers=headers)


class PagesInMemory:
    """Pages of this process: those that were asked for last, up to a number of bytes."""

    def __init__(self, max_bytes):
        self._pages, self._lock = LRUCache(max_bytes, getsizeof=len), Lock()

    def get(self, key):
        with self._lock:
            return self._pages.get(key)

    def set(self, key, page):
        if len(page) <= self._pages.maxsize:
            with self._lock:
                self._pages[key] = page


class SharedPages:
    """Pages in the cache that all web nodes share, which forgets by its own rules."""

    def get(self, key):
        found = cache.get(f"page:{key}")
        return Page(*found) if found else None

    def set(self, key, page):
        cache.set(f"page:{key}", (page.body, page.headers))


class Flight:
    """A page that one request computes, for all others that ask for it meanwhile."""

    def __init__(self):
        self.page, self.etag, self.read_at, self.is_over = None, None, 0.0, Event()


class Flights:
    """Of several requests for one page at the same time, one computes it; the others wait for what it finds."""

    def __init__(self):
        self._flights, self._lock = {}, Lock()

    def join(self, name):
        """Return the flight of a page, and whether it begins with this request, which then has to end it."""
        with self._lock:
            is_first = name not in self._flights
            return self._flights.setdefault(name, Flight()), is_first

    def end(self, name):
        with self._lock:
            self._flights.pop(name).is_over.set()


class PageCacheMiddleware:
    """
    Answer from the page cache; keep the pages that were asked for before.

    It stands outside the middleware that compresses, and before that in which readers take turns.
    """

    def __init__(self, get_response):
        if not settings.PAGE_CACHE_MB:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.pages = SharedPages() if settings.CACHE_URL else PagesInMemory(settings.PAGE_CACHE_MB * 2**20)
        self.flights = Flights()
        self._asked, self._lock = LRUCache(MAX_ASKED), Lock()

    def __call__(self, request):
        request.flight = None  # the name and the flight of the page that this request computes
        try:
            response = self.get_response(request)
            if request.flight and request.method == "GET" and is_for_everybody(response):
                self._keep(request, response)
        finally:
            if request.flight:
                self.flights.end(request.flight[0])
        return response

    def process_view(self, request, view, args, kwargs):
        view_class = getattr(view, "view_class", None)
        if settings.DEBUG or not (is_kept(view_class) and is_of_everybody(request, view_class)):
            return None
        name = key_of(view_class, request, Versions())
        self._note(name)
        response = self._find(view_class, request, name)
        REQUESTS.labels("yes" if response else "no").inc()
        return response

    def _find(self, view_class, request, name):
        """
        Return the page as it is kept, or as another request computed it since this one came; None if there is none.

        Then this request computes it, for itself and for those that ask meanwhile.
        """
        came_at = time.monotonic()
        while (versions := DatasetVersion.versions()).dataset:
            if page := self.pages.get(key_of(view_class, request, versions)):
                return answer(request, page, view_class.etag(request, versions))
            flight, is_first = self.flights.join(name)
            if is_first:
                request.flight = name, flight
                return None
            if not flight.is_over.wait(came_at + PATIENCE - time.monotonic()):
                return None
            if flight.page and flight.read_at >= came_at:
                return answer(request, flight.page, flight.etag)
        return None

    def _note(self, name):
        """Count how often an address was asked for."""
        with self._lock:
            self._asked[name] = self._asked.get(name, 0) + 1

    def _keep(self, request, response):
        """Pass a page to those that wait for it; keep it, if no write came between its statements."""
        name, flight = request.flight
        is_compressed = response.headers.get("Content-Encoding") == "gzip"
        body = response.content if is_compressed else gzip.compress(response.content, 6, mtime=0)
        headers = {header: value for header, value in response.headers.items() if header not in SET_ANEW}
        page = Page(body, {**headers, "Content-Encoding": "gzip"})
        view_class, computed_from = request.resolver_match.func.view_class, request.versioned_cache
        flight.page, flight.etag, flight.read_at = page, response["ETag"], computed_from.read_at
        key = key_of(view_class, request, computed_from.versions)
        if self._asked.get(name, 0) > 1 and key == key_of(view_class, request, DatasetVersion.versions()):
            self.pages.set(key, page)


def answer(request, page, etag):
    """Return the answer to a request with a page, or 304."""
    response = page.response(is_compressed="gzip" in request.headers.get("Accept-Encoding", ""))
    response["ETag"] = etag
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=etag, response=response)


def is_kept(view_class):
    """Return whether the pages of a view may be kept: it says what they depend on."""
    return isinstance(view_class, type) and issubclass(view_class, VersionedMixin) and view_class.parameters is not None


def is_of_everybody(request, view_class):
    """Return whether a request is one that anybody may send, for a page that others are likely to ask for."""
    cookies = {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name}
    if request.method not in ("GET", "HEAD") or cookies & request.COOKIES.keys():
        return False
    query = view_class.known_query(request.GET)
    page = query.get("page", "1")
    is_deep = not page.isdecimal() or int(page[:6]) > MAX_PAGE
    return not is_deep and sum(len(values) for _name, values in query.lists()) <= MAX_VALUES


def is_for_everybody(response):
    """Return whether a response may be sent to others."""
    vary = {name.lower() for name in cc_delim_re.split(response.headers.get("Vary", "")) if name}
    control = response.headers.get("Cache-Control", "")
    return (
        response.status_code == HTTPStatus.OK
        and not response.streaming
        and not response.cookies
        and vary <= FOR_EVERYBODY
        and "private" not in control
        and "no-store" not in control
    )


def key_of(view_class, request, versions):
    """Return the key of a page in the versions of what it shows; without versions, the name of it in any."""
    version = getattr(versions, view_class.subject(view_class.known_query(request.GET)))
    return version_digest(version, ["page", *view_class.page_name(request)])
