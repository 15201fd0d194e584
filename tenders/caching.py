"""Cache keyed by dataset version, and conditional requests (ETag, 304) for pages of the records."""

import hashlib
import json
import time
from collections import defaultdict
from functools import cache as once
from importlib import metadata
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

from tenders.models import DatasetVersion
from tenders.models.computed import Versions

RENDERING = {".py", ".html", ".mo", ".css", ".js", ".svg"}  # files that pages are made of


class VersionedCache:
    """
    Cache keyed by dataset version.

    ``store()`` writes the ``computed`` values only if the version has not changed since. Nothing is cached without a
    version (during migrations) or with ``DEBUG``.
    """

    def __init__(self, *, enabled=True):
        self.read_at = time.monotonic()  # before the versions were
        self.versions = DatasetVersion.versions() if enabled and not settings.DEBUG else Versions()
        self.computed = defaultdict(dict)  # {subject: {key: value}}

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
        if key in self.computed[subject]:
            return self.computed[subject][key]
        value = cache.get(key) if self.version else None
        if value is None:
            value = self.computed[subject][key] = compute()
        return value

    def store(self):
        """Write the computed values to the cache, those of which the subject has not changed since."""
        if not (self.version and any(self.computed.values())):
            return
        now = DatasetVersion.versions()
        for subject, values in self.computed.items():
            if values and getattr(now, subject) == getattr(self.versions, subject):
                cache.set_many(values)


def version_digest(version, name):
    """Return a hash of a dataset version, a name and the code."""
    return hashlib.sha256(json.dumps([code_version(), version, name]).encode()).hexdigest()


@once
def code_version():
    """
    Return a hash of what pages are rendered with: our files, the packages, some settings.

    A part of every key and ETag: a new release may render other pages from the same records, and all web nodes of one
    release share a cache.
    """
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    templates = [Path(folder) for engine in settings.TEMPLATES for folder in engine["DIRS"]]
    folders = {*ours, *templates, *map(Path, [*settings.LOCALE_PATHS, *settings.STATICFILES_DIRS])}
    paths = {path for folder in folders for path in folder.rglob("*") if path.suffix in RENDERING}
    code = hashlib.sha256()
    for path in sorted(paths):
        code.update(str(path.relative_to(settings.BASE_DIR)).encode() + path.read_bytes())
    packages = sorted({(package.name, package.version) for package in metadata.distributions()})
    settings_shown = [settings.LANGUAGE_CODE, settings.TIME_ZONE, settings.CONTACT_EMAIL]
    settings_shown += [settings.OCDS_PREFIX, settings.PUBLISHER_NAME, settings.PUBLISHER_URL]
    code.update(json.dumps([packages, settings_shown]).encode())
    return code.hexdigest()


class VersionedMixin:
    """
    View mixin with ``self.cache`` (a ``VersionedCache``) and a weak ETag of dataset version, URL and date.

    A browser that has the current page gets 304. ``Cache-Control: no-cache`` makes it revalidate every time. A view
    that names its query parameters sees no others, and its pages may be cached (``tenders.views.page_cache``).
    """

    parameters = None  # the query parameters that the pages depend on; None: any

    def dispatch(self, request, *args, **kwargs):
        request.GET = self.known_query(request.GET)
        self.cache = request.versioned_cache = VersionedCache()
        tag = None
        if self.cache.version and request.method in ("GET", "HEAD"):
            tag = self.etag(request, self.cache.versions)
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

    @classmethod
    def known_query(cls, query):
        """Return a query without the parameters that no page of this view depends on."""
        if cls.parameters is None:
            return query
        known = QueryDict(mutable=True)
        for name, values in query.lists():
            if name in cls.parameters:
                known.setlist(name, values)
        return QueryDict(known.urlencode())

    @classmethod
    def subject(cls, query):
        """Return which of the ``Versions`` a page depends on."""
        return "dataset"

    @classmethod
    def page_name(cls, request):
        """Return what a page depends on beside the records: its URL, which it contains, and the date of access."""
        query = cls.known_query(request.GET).urlencode()
        as_of = getattr(request, "as_of", None)  # the past that it shows, which its links name
        return [
            request.scheme,
            request.get_host(),
            request.path,
            query,
            str(timezone.localdate()),
            as_of and as_of.text,
        ]

    @classmethod
    def etag(cls, request, versions):
        return f'W/"{version_digest(versions.dataset, cls.page_name(request))}"'

    def _set_headers(self, response, tag):
        if tag:
            response["ETag"] = tag
        patch_cache_control(response, no_cache=True)
        return response
