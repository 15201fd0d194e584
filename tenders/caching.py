"""What is computed once for each version of the records, and what tells a browser that its copy is still right."""

import hashlib
import json
import secrets

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

from tenders.models import DatasetVersion

# Other code makes other pages of the same records: no answer outlives the process that made it.
STARTED = secrets.token_hex(8)


class VersionedCache:
    """
    What is computed once for a version of the records.

    Kept are the answers that were computed while the records stayed as they were; without a version, none. Where
    templates are being written (``DEBUG``) there is none.
    """

    def __init__(self, *, enabled=True):
        self.version = DatasetVersion.current() if enabled and not settings.DEBUG else ""
        self._new = {}

    def get_or_compute(self, what, compute):
        """Return what ``compute()`` gives; ``what`` names it, as JSON can write."""
        key = digest(self.version, what)
        if key in self._new:
            return self._new[key]
        value = cache.get(key) if self.version else None
        if value is None:
            value = self._new[key] = compute()
        return value

    def store(self):
        """Keep what was computed, if no record has changed since."""
        if self._new and self.version and DatasetVersion.current() == self.version:
            cache.set_many(self._new, timeout=None)


def digest(version, what):
    """Return a text that differs between versions, between things, and whenever the site was started."""
    return hashlib.sha256(json.dumps([STARTED, version, what]).encode()).hexdigest()


class VersionedMixin:
    """
    A view of the records: what it asks of ``self.cache`` is computed once for their version, and a browser that has
    today's page of this version is told so (304).

    Pages are kept by browsers but never shown unasked.
    """

    def dispatch(self, request, *args, **kwargs):
        self.cache = VersionedCache()
        tag = None
        if self.cache.version and request.method in ("GET", "HEAD"):
            # A page says where it stands and on which day it was seen.
            asked = [request.build_absolute_uri(), str(timezone.localdate())]
            tag = f'W/"{digest(self.cache.version, asked)}"'
        had = request.headers.get("If-None-Match", "")
        if tag and had and had != "*":
            unchanged = get_conditional_response(request, etag=tag, response=self._finish(HttpResponse(), tag))
            if unchanged.status_code == 304:
                return unchanged
        try:
            response = super().dispatch(request, *args, **kwargs)
        finally:
            self.cache.store()
        return self._finish(response, tag if response.status_code == 200 else None)

    def _finish(self, response, tag):
        if tag:
            response["ETag"] = tag
        patch_cache_control(response, no_cache=True)
        return response
