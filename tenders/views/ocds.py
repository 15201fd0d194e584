"""The tenders as open contracting data (OCDS): releases and records of a list or of one tender, and our extension."""

from threading import BoundedSemaphore
from urllib.parse import urlencode
from weakref import finalize

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import View

from tenders import ocds
from tenders.caching import VersionedMixin, version_digest
from tenders.choices import EVER_PUBLIC, EditorialState
from tenders.exports.writers import LICENCE
from tenders.filter_sets import unknown_parameters
from tenders.filters import TenderFilter
from tenders.models import Tender
from tenders.ocds.extension import DESCRIPTION, FILES, FOLDER, description
from tenders.ocds.packages import Package, in_blocks, policy_path
from tenders.views.downloads import (
    LimitedDownload,
    ListData,
    data_changed_at,
    data_headers,
    kept_file,
    kept_while_sent,
    limited,
    sent_file,
)
from tenders.views.errors import gone, unavailable, unreadable

TYPES = {"json": "application/json", "jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}
AT_ONCE = 2  # whole lists that one process writes at a time: they take its processor
_free_places = BoundedSemaphore(AT_ONCE)


class Placed:
    """The parts of a list that takes one of the places of this process until it is closed."""

    def __init__(self, parts):
        self._parts = parts
        self.close = finalize(self, _free_places.release)  # once, even if nobody closes it

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._parts)


class PackageMixin(VersionedMixin):
    """Mixin for a view that answers with a package of ``member``: ``releases`` or ``records``."""

    http_method_names = ("get", "head")
    member = None

    def package(self, cache, query=""):
        """Return what the package at this path with a query says of itself."""
        request = self.request
        address = request.build_absolute_uri(f"{request.path}?{query}" if query else request.path)
        return Package(address, f"{request.scheme}://{request.get_host()}", LICENCE, data_changed_at(cache))

    def describe(self, package, page, form="json"):
        """Return the content type and the headers of a package; ``page`` is the path of the page with the same."""
        headers = data_headers(package.address, self.request.build_absolute_uri(page), package.changed_at)
        headers["Link"] += f', <{package.policy}>; rel="describedby"; type="text/html"'
        return {"content_type": TYPES[form], "headers": headers}


class PackageList(PackageMixin, ListData):
    """The tenders of a list as a package: the same parameters, tenders and order as on the page of the list."""

    filterset_class = TenderFilter
    write = None  # the generator of what the package holds

    def respond_whole(self, filterset, form):
        query = filterset.query_string()
        package = self.package(self.cache, query)
        described = self.describe(package, self._page_of_list(query), form)
        name = content_disposition_header(True, f"tenderwatch-{self.member}.{form}")
        described["headers"]["Content-Disposition"] = name
        if self.request.method == "HEAD":
            return HttpResponse(**described)
        key, version = version_digest(self.cache.version, ["ocds", package.address]), self.cache.version
        if file := kept_file(key, version):
            return limited(self.request, lambda: sent_file(file, described))
        if not _free_places.acquire(blocking=False):
            detail = _("Try again in half a minute: other lists of this kind are being written.")
            return unavailable(self.request, detail)
        items = type(self).write(filterset.qs, site=package.site)
        write = package.write_json if form == "json" else package.write_jsonl
        parts = Placed(kept_while_sent(key, in_blocks(write(self.member, items)), version))
        return limited(self.request, lambda: LimitedDownload(parts, **described))

    def respond_page(self, filterset, cache, paging, read):
        found, query = read(filterset.qs, filterset.order), filterset.query_string()
        package, *following = (
            self.package(cache, "&".join(filter(None, [query, urlencode(parameters)])))
            for parameters in (paging.given, *([paging.following(found)] if found.next else []))
        )
        described = self.describe(package, self._page_of_list(query))
        for after in following:
            described["headers"]["Link"] += f', <{after.address}>; rel="next"'
        items = type(self).write(found.records, site=package.site)
        return HttpResponse("".join(package.write_json(self.member, items)), **described)

    def _page_of_list(self, query):
        path = reverse("tender-list")
        return f"{path}?{query}" if query else path


class ReleaseList(PackageList):
    """The last release of each tender of a list."""

    member, write = "releases", staticmethod(ocds.releases)


class RecordList(PackageList):
    """The record of each tender of a list, with all its releases."""

    member, write = "records", staticmethod(ocds.records)


class PackageDetail(PackageMixin, View):
    """A package of what one public tender has; 410 for a tender that has been withdrawn, 404 for any other."""

    def respond(self, request, reference, find):
        """Return the package of what ``find(tender, site)`` finds."""
        if problems := unknown_parameters(request.GET, frozenset()):
            return unreadable(request, problems)
        tender = Tender.objects.filter(reference=reference, state__in=EVER_PUBLIC).first()
        if tender is None:
            message = _("There is no public record with the reference %(reference)s.")
            raise Http404(message % {"reference": reference})
        if tender.state == EditorialState.WITHDRAWN:
            return gone(request, tender)
        package = self.package(self.cache)
        found = find(tender, package.site)
        if found is None:
            raise Http404(_("This tender has no such release."))
        content = "".join(package.write_json(self.member, [found]))
        return HttpResponse(content, **self.describe(package, tender.get_absolute_url()))


class RecordDetail(PackageDetail):
    """The record of a tender."""

    member = "records"

    def get(self, request, reference):
        return self.respond(request, reference, lambda tender, site: ocds.record(tender, site=site))


class ReleaseDetail(PackageDetail):
    """A release of a tender, also one from before its record began anew."""

    member = "releases"

    def get(self, request, name):
        reference, _sep, _moment = name.rpartition("-")
        return self.respond(request, reference, lambda tender, site: ocds.release(tender, name, site=site))


class Extension(View):
    """A file of our extension; what describes it names the site."""

    http_method_names = ("get", "head")

    def get(self, request, path):
        if path not in FILES:
            raise Http404
        if path == DESCRIPTION:
            return JsonResponse(description(request.build_absolute_uri(policy_path())))
        return HttpResponse((FOLDER / path).read_bytes(), content_type=TYPES[path.rpartition(".")[2]])
