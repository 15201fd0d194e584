"""Cache keyed by dataset version, and conditional requests (ETag, 304) for pages of the records."""

import hashlib
import json
import secrets

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

from tenders.models import DatasetVersion
from tenders.models.computed import Versions

# Part of every key: a new release may render other pages from the same records, so a restart invalidates the cache.
STARTUP_TOKEN = secrets.token_hex(8)


class VersionedCache:
    """
    Cache keyed by dataset version.

    ``store()`` writes the ``computed`` values only if the version has not changed since. Nothing is cached without a
    version (during migrations) or with ``DEBUG``.
    """

    def __init__(self, *, enabled=True):
        self.versions = DatasetVersion.versions() if enabled and not settings.DEBUG else Versions()
        self.computed = {}

    @property
    def version(self):
        """The dataset version; empty text where nothing is cached."""
        return self.versions.dataset

    def get_or_compute(self, name, compute, *, subject="dataset"):
        """
        Return the cached value of ``name`` (JSON serialisable), or else the result of ``compute()``.

        It is kept until what it is computed from changes: the ``subject``, one of ``Versions``.
        """
        key = version_digest(getattr(self.versions, subject), name)
        if key in self.computed:
            return self.computed[key]
        value = cache.get(key) if self.version else None
        if value is None:
            value = self.computed[key] = compute()
        return value

    def store(self):
        """Write the computed values to the cache, if no record has changed since."""
        if self.computed and self.version and DatasetVersion.versions() == self.versions:
            cache.set_many(self.computed, timeout=None)


def version_digest(version, name):
    """Return a hash of a dataset version, a name and the start of the site."""
    return hashlib.sha256(json.dumps([STARTUP_TOKEN, version, name]).encode()).hexdigest()


class VersionedMixin:
    """
    View mixin with ``self.cache`` (a ``VersionedCache``) and a weak ETag of dataset version, URL and date.

    A browser that has the current page gets 304. ``Cache-Control: no-cache`` makes it revalidate every time.
    """

    def dispatch(self, request, *args, **kwargs):
        self.cache = VersionedCache()
        tag = None
        if self.cache.version and request.method in ("GET", "HEAD"):
            # A page contains its own URL and the date of access.
            name = [request.build_absolute_uri(), str(timezone.localdate())]
            tag = f'W/"{version_digest(self.cache.version, name)}"'
        if_none_match = request.headers.get("If-None-Match", "")
        if tag and if_none_match and if_none_match != "*":
            unchanged = get_conditional_response(request, etag=tag, response=self._set_headers(HttpResponse(), tag))
            if unchanged.status_code == 304:
                return unchanged
        try:
            response = super().dispatch(request, *args, **kwargs)
        finally:
            self.cache.store()
        return self._set_headers(response, tag if response.status_code == 200 else None)

    def _set_headers(self, response, tag):
        if tag:
            response["ETag"] = tag
        patch_cache_control(response, no_cache=True)
        return response
