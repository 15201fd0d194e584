"""The tenders as open contracting data (OCDS): releases and records of a list or of one tender, and our extension."""

from threading import BoundedSemaphore
from weakref import finalize

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _
from django.views.generic import View

from tenders import ocds
from tenders.audit import last_public_change
from tenders.caching import VersionedMixin, version_digest
from tenders.choices import EVER_PUBLIC, EditorialState
from tenders.exports.writers import LICENCE
from tenders.filters import TenderFilter
from tenders.models import DatasetVersion, Tender
from tenders.ocds.extension import DESCRIPTION, FILES, FOLDER, description
from tenders.ocds.packages import Package, in_blocks, policy_path
from tenders.views.downloads import LimitedDownload, LimitedFile, kept_files, limited, one_at_a_time
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
    """Mixin for a view that answers with a package."""

    http_method_names = ("get", "head")

    def package(self, query=""):
        """Return what the package of this address says of itself."""
        path, moment = self.request.path, last_public_change()
        address = self.request.build_absolute_uri(f"{path}?{query}" if query else path)
        return Package(address, self.request.build_absolute_uri("/").rstrip("/"), LICENCE, moment)

    def headers(self, package, name):
        """Return the headers of a package: where it is and what holds for it."""
        links = [
            f'<{package.address}>; rel="self"',
            f'<{LICENCE}>; rel="license"',
            f'<{package.policy}>; rel="describedby"; type="text/html"',
        ]
        found = {"Link": ", ".join(links), "Content-Disposition": content_disposition_header(False, name)}
        if package.changed_at:
            found["Last-Modified"] = http_date(package.changed_at.timestamp())
        return found


class PackageList(PackageMixin, View):
    """The tenders of a list as a package: the same parameters, tenders and order as on the page of the list."""

    member, write = None, None

    def get(self, request, form):
        filterset = TenderFilter(request.GET)
        if problems := [*filterset.parameter_errors, *filterset.unknown_parameters]:
            return unreadable(request, problems)
        package = self.package(filterset.query_string())
        described = {
            "content_type": TYPES[form],
            "headers": self.headers(package, f"tenderwatch-{self.member}.{form}"),
        }
        if request.method == "HEAD":
            return HttpResponse(**described)
        key = version_digest(self.cache.version, ["ocds", package.address])
        if self.cache.version and (file := kept_files().open(key)):
            return limited(request, lambda: self._kept(file, described))
        if not _free_places.acquire(blocking=False):
            return unavailable(request, _("Try again in half a minute: other lists of this kind are being written."))
        items = type(self).write(filterset.qs, site=package.site)
        parts = Placed(self._parts(key, getattr(package, f"write_{form}")(self.member, items)))
        return limited(request, lambda: LimitedDownload(parts, **described))

    def _kept(self, file, described):
        """Return the file as it was made before from the same records."""
        response = LimitedFile(file, content_type=described["content_type"])
        for name, value in described["headers"].items():  # it has set some of its own
            response[name] = value
        return response

    def _parts(self, key, texts):
        """Yield the parts of a file, which is kept once all of them have been sent."""
        parts, version = in_blocks(texts), self.cache.version
        if version and settings.DOWNLOADS_KEPT_MB:
            parts = kept_files().keep(key, parts, lambda: DatasetVersion.current() == version)
        return one_at_a_time(parts)


class ReleaseList(PackageList):
    """The last release of each tender of a list."""

    member, write = "releases", staticmethod(ocds.releases)


class RecordList(PackageList):
    """The record of each tender of a list, with all its releases."""

    member, write = "records", staticmethod(ocds.records)


class PackageDetail(PackageMixin, View):
    """A package of what one public tender has; 410 for a tender that has been withdrawn, 404 for any other."""

    member = None

    def respond(self, request, reference, find):
        """Return the package of what ``find(tender, site)`` finds."""
        if problems := [(name, _("There is no such parameter at this address.")) for name in request.GET]:
            return unreadable(request, problems)
        tender = Tender.objects.filter(reference=reference, state__in=EVER_PUBLIC).first()
        if tender is None:
            message = _("There is no public record with the reference %(reference)s.")
            raise Http404(message % {"reference": reference})
        if tender.state == EditorialState.WITHDRAWN:
            return gone(request, tender)
        package = self.package()
        found = find(tender, package.site)
        if found is None:
            raise Http404(_("This tender has no such release."))
        content = "".join(package.write_json(self.member, [found]))
        name = request.path.rpartition("/")[2]
        return HttpResponse(content, content_type=TYPES["json"], headers=self.headers(package, name))


class RecordDetail(PackageDetail):
    """The record of a tender."""

    member = "records"

    def get(self, request, reference):
        return self.respond(request, reference, lambda tender, site: ocds.record(tender, site=site))


class ReleaseDetail(PackageDetail):
    """A release of a tender, also one from before its record began anew."""

    member = "releases"

    def get(self, request, name):
        return self.respond(
            request, name.rpartition("-")[0], lambda tender, site: ocds.release(tender, name, site=site)
        )


class Extension(View):
    """A file of our extension; what describes it names the site."""

    http_method_names = ("get", "head")

    def get(self, request, path):
        if path not in FILES:
            raise Http404
        if path == DESCRIPTION:
            return JsonResponse(
                description(request.build_absolute_uri(policy_path())), json_dumps_params={"ensure_ascii": False}
            )
        return HttpResponse((FOLDER / path).read_bytes(), content_type=TYPES[path.rpartition(".")[2]])
