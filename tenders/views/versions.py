"""The versions of the data set: their page, the list of them for programs, and their files, which never change."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from tenders.caching import VersionedMixin
from tenders.catalogue import dataset_summary
from tenders.citing import citation_of_version
from tenders.exports.writers import json_text
from tenders.versions import current_editions, versions_in
from tenders.versions.manifests import MANIFEST, SUMS, described
from tenders.views.downloads import LimitedFile, StrictMixin, data_headers, data_meta, limited
from tenders.views.errors import amended
from tenders.views.ranges import FilePart, UnsatisfiableRangeError, part_of

FOREVER = "public, max-age=31536000, immutable, no-transform"
MEDIA_TYPES = {
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".zip": "application/zip",
    ".sqlite3": "application/vnd.sqlite3",
}
CONTENTS = {
    "tables.zip": gettext_lazy("tidy tables as CSV, with types and keys in datapackage.json"),
    "tenderwatch.sqlite3": gettext_lazy("the same tables as an SQLite database"),
    "records.jsonl": gettext_lazy("every record with all its statements and its history, a line each"),
    "tenders.jsonl": gettext_lazy("the list of tenders, as its download"),
    "institutions.jsonl": gettext_lazy("the list of institutions, as its download"),
    "companies.jsonl": gettext_lazy("the list of companies, as its download"),
    "differences.jsonl": gettext_lazy("what changed since the version before, with the sources"),
    "ocds-releases.json": gettext_lazy("OCDS: the last release of each tender"),
    "ocds-records.json": gettext_lazy("OCDS: all releases of each tender, and what they compile to"),
    MANIFEST: gettext_lazy("what this version is: hashes of files and records, and the version before"),
    SUMS: gettext_lazy("checksums for sha256sum -c"),
}


@dataclass(frozen=True)
class ShownFile:
    """A file of a version, as the page lists it."""

    name: str
    contents: str
    url: str
    size: int
    records: int | None
    sha256: str


class VersionsMixin(VersionedMixin):
    """View mixin of pages that name versions: they change with the versions as with the records."""

    parameters = frozenset()

    @classmethod
    def page_name(cls, request):
        return [*super().page_name(request), *(version.sha256 for version in versions_in(settings.DATA_VERSIONS))]


def media_type_of(name):
    """Return the media type of a file of a version; without an extension it is text."""
    return MEDIA_TYPES.get(PurePath(name).suffix, "text/plain")


def file_url(version, name):
    """Return the path of a file of a version."""
    return reverse("version-file", args=[version.name, name])


def files_of(version):
    """Return the files that are in a version, with its manifest and its checksums."""
    there = {**version.there(), **{name: described(version.path(name)) for name in (MANIFEST, SUMS)}}
    return [
        ShownFile(name, contents, file_url(version, name), file["bytes"], file.get("records"), file["sha256"])
        for name, contents in CONTENTS.items()
        if (file := there.get(name))
    ]


class VersionList(VersionsMixin, TemplateView):
    """All versions, the newest first: files, sizes, checksums, how to cite them."""

    template_name = "tenders/versions.html"

    def get_context_data(self, **kwargs):
        data = self.cache.get_or_compute(["data"], dataset_summary)
        versions = versions_in(settings.DATA_VERSIONS)
        editions = current_editions(versions)
        shown = [
            {
                "version": version,
                "before": before,
                "files": files_of(version),
                "reasons": [
                    other.manifest["reason"] for other in versions if other.amends and other.release == version.release
                ],
                "citation": citation_of_version(version, data, self._absolute(version)),
            }
            for before, version in zip([None, *editions], editions, strict=False)
        ]
        return super().get_context_data(versions=shown[::-1], command=f"sha256sum -c {SUMS}", **kwargs)

    def _absolute(self, version):
        return self.request.build_absolute_uri(file_url(version, MANIFEST))


class VersionsData(StrictMixin, VersionsMixin, View):
    """The same for programs: the manifests without the hashes of records, and the addresses of the files."""

    http_method_names = ("get", "head")

    def get(self, request):
        absolute = request.build_absolute_uri
        versions = versions_in(settings.DATA_VERSIONS)
        address, page = absolute(request.path), absolute(reverse("version-list"))
        moment = timezone.localtime(versions[-1].released_at) if versions else None
        meta = data_meta(address, page, moment, total=len(versions))
        results = [self._result(version, absolute) for version in reversed(versions)]
        return HttpResponse(
            json_text({"meta": meta, "results": results}) + "\n",
            content_type="application/json",
            headers=data_headers(address, page, moment),
        )

    def _result(self, version, absolute):
        names = ("version", "change", "changed_at", "released_at", "code", "previous", "sha256")
        amendment = {name: version.manifest[name] for name in ("amends", "reason", "withdrawn") if version.amends}
        files = [
            {
                "name": file.name,
                "address": absolute(file.url),
                "bytes": file.size,
                "records": file.records,
                "sha256": file.sha256,
            }
            for file in files_of(version)
        ]
        stated = {name: version.manifest[name] for name in names}
        return {**stated, **amendment, "records": version.num_records, "files": files}


class VersionFile(View):
    """A file of a version, or a part of it; 410 for one that an amendment has made anew."""

    http_method_names = ("get", "head")

    def get(self, request, version, name):
        versions = versions_in(settings.DATA_VERSIONS)
        found = next((other for other in versions if other.name == version), None)
        if found is None or name not in {*found.files, MANIFEST, SUMS}:
            raise Http404(_("There is no such file of a version at this address."))
        try:
            file = found.path(name).open("rb")
        except FileNotFoundError:
            return self._amended(request, found, versions, name)
        # What compresses answers would send other bytes than the checksum is of, and no parts of them.
        request.META.pop("HTTP_ACCEPT_ENCODING", None)
        sha256 = found.files[name]["sha256"] if name in found.files else described(found.path(name))["sha256"]
        headers = self._headers(found, name, sha256)
        response = self._response(request, file, headers)
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT) or not response.streaming:
            file.close()
        return response

    def _amended(self, request, found, versions, name):
        current = next(other for other in current_editions(versions) if other.release == found.release)
        if current is found or name not in current.files:
            raise Http404(_("There is no such file of a version at this address."))
        return amended(request, request.build_absolute_uri(file_url(current, name)))

    def _headers(self, version, name, sha256):
        media_type = media_type_of(name)
        return {
            "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
            "ETag": f'"{sha256}"',
            "Last-Modified": http_date(version.released_at.timestamp()),
            "Accept-Ranges": "bytes",
            # The sums are those of the files that are still there.
            "Cache-Control": "no-cache" if name == SUMS else FOREVER,
            "Content-Disposition": content_disposition_header(True, f"tenderwatch-{version.name}-{name}"),
            "X-Content-Type-Options": "nosniff",
        }

    def _response(self, request, file, headers):
        size, etag = file.seek(0, 2), headers["ETag"]
        try:
            part = part_of(request.headers, size, etag) if request.method == "GET" else None
        except UnsatisfiableRangeError:
            status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            return HttpResponse(status=status, headers={**headers, "Content-Range": f"bytes */{size}"})
        start, end = part or (0, size)
        headers["Content-Length"] = str(end - start)
        unsent = get_conditional_response(request, etag=etag, response=HttpResponse(headers=headers))
        if unsent.status_code != HTTPStatus.OK or request.method == "HEAD":
            return unsent
        status = HTTPStatus.OK
        if part:
            status, headers["Content-Range"] = HTTPStatus.PARTIAL_CONTENT, f"bytes {start}-{end - 1}/{size}"

        def send():
            response = LimitedFile(FilePart(file, start, end), status=status)
            for header, value in headers.items():
                response[header] = value
            return response

        return limited(request, send)
