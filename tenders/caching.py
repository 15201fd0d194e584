"""What is computed once for each version of the records, and what tells a browser that its copy is still right."""

import hashlib
import json
import secrets

from django.core.cache import cache
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

from tenders.models import DatasetVersion

# Other code makes other pages of the same records: no answer outlives the process that made it.
STARTED = secrets.token_hex(8)


def once(version, what, compute):
    """
    Return what ``compute()`` gives, computed once for a version of the records; ``what`` names it, as JSON can write.

    What was computed while the records changed is returned but not kept. Without a version nothing is kept.
    """
    key = digest(version, what)
    value = cache.get(key) if version else None
    if value is None:
        value = compute()
        if version and DatasetVersion.current() == version:
            cache.set(key, value, timeout=None)
    return value


def digest(version, what):
    """Return a text that differs between versions, between things, and whenever the site was started."""
    return hashlib.sha256(json.dumps([STARTED, version, what]).encode()).hexdigest()


class VersionedMixin:
    """
    A view of the records: ``self.version`` is theirs, and a browser that has the page of this version is told so (304).

    Pages are kept by browsers but never shown unasked.
    """

    def dispatch(self, request, *args, **kwargs):
        self.version = DatasetVersion.current()
        tag = f'W/"{digest(self.version, request.get_full_path())}"' if self.version else None
        asked = request.headers.get("If-None-Match", "")
        if tag and asked and asked != "*":
            unchanged = get_conditional_response(request, etag=tag, response=self._finish(HttpResponse(), tag))
            if unchanged.status_code == 304:
                return unchanged
        response = super().dispatch(request, *args, **kwargs)
        return self._finish(response, tag if response.status_code == 200 else None)

    def _finish(self, response, tag):
        if tag:
            response["ETag"] = tag
        patch_cache_control(response, no_cache=True)
        return response
