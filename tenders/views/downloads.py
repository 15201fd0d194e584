"""Lists as data: a query string gives all rows of the list page, or a page of them, in the same order."""

import datetime
from dataclasses import replace
from threading import BoundedSemaphore, Lock
from urllib.parse import urlencode
from weakref import WeakSet, finalize

from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _
from django.views.generic import View
from prometheus_client import Gauge

from tenders.audit import last_public_change
from tenders.caching import VersionedCache, VersionedMixin, version_digest
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.kept import KeptFiles
from tenders.exports.statements import (
    SOURCE_ORDER,
    SOURCES,
    STATEMENT_ORDER,
    STATEMENTS,
    Statements,
    public_sources,
    public_statements,
    with_public_values,
)
from tenders.exports.unknowns import count_unknown
from tenders.exports.writers import FORMS, LICENCE, Export
from tenders.filter_sets import unknown_parameters
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter, TenderSelection
from tenders.models import DatasetVersion
from tenders.views.errors import unavailable, unreadable
from tenders.views.paging import PAGING, Paging

IN_PROGRESS = Gauge("tenderwatch_downloads_in_progress", "Downloads being sent", multiprocess_mode="livesum")

_free_places = BoundedSemaphore(settings.DOWNLOADS_AT_ONCE)  # of this process
_writing = Lock()
_being_sent, _counting = WeakSet(), Lock()


class LimitedMixin:
    """A response that takes one of the places of this process until it is sent, or its reader has gone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._leave = finalize(self, _free_places.release)  # once, even if nobody closes it
        _count(_being_sent.add, self)

    def close(self):
        super().close()
        self._leave()
        _count(_being_sent.discard, self)


def _count(change, response):
    """Change the set of responses being sent, and set the gauge: a finalizer could not, as gauges have locks."""
    with _counting:
        change(response)
        IN_PROGRESS.set(len(_being_sent))


class LimitedDownload(LimitedMixin, StreamingHttpResponse):
    pass


class LimitedFile(LimitedMixin, FileResponse):
    pass


class LimitedResponse(LimitedMixin, HttpResponse):
    pass


def limited(request, make_response):
    """
    Return the limited response that a function makes.

    503 while ``settings.DOWNLOADS_AT_ONCE`` others are being sent: each keeps a thread as long as its reader is slow.
    """
    if not _free_places.acquire(blocking=False):
        return unavailable(request, _("Try again in half a minute: many downloads are being sent."))
    try:
        return make_response()
    except BaseException:
        _free_places.release()
        raise


class StrictMixin:
    """Mixin for a versioned view of data that refuses all parameters but its ``parameters``."""

    @classmethod
    def known_query(cls, query):
        """Return the whole query: an unknown parameter is an error."""
        return query

    def dispatch(self, request, *args, **kwargs):
        if problems := unknown_parameters(request.GET, self.parameters):
            return unreadable(request, problems)
        return super().dispatch(request, *args, **kwargs)


class ListData(VersionedMixin, View):
    """A list of public records as data, whole or a page of it; 400 if a parameter is unknown or wrong."""

    http_method_names = ("get", "head")
    filterset_class = None

    def get(self, request, form):
        also = PAGING if form == "json" else frozenset()
        filterset = self.filterset_class(request.GET)
        problems = filterset.parameter_errors + unknown_parameters(filterset.names, filterset.parameters | also)
        paging = Paging(request.GET, [request.path, filterset.query_string()]) if also else None
        if problems := [*problems, *(paging.errors if paging else ())]:
            return unreadable(request, problems)
        if paging and paging.limit:
            return paging.respond(request, lambda read: self._page(filterset, paging, read))
        return self.respond_whole(filterset, form)

    def _page(self, filterset, paging, read):
        filterset = self.filterset_class(filterset.data)  # of what ``read`` reads
        if problems := filterset.parameter_errors:
            return unreadable(self.request, problems)
        return self.respond_page(filterset, VersionedCache(), paging, read)

    def respond_whole(self, filterset, form):
        """Return the response with the whole list, in a form."""
        raise NotImplementedError

    def respond_page(self, filterset, cache, paging, read):
        """Return the response with one page of the list as JSON, which ``read`` reads."""
        raise NotImplementedError


class Download(ListData):
    """A list of public records as a file."""

    name = columns = None
    page = None  # the name of the URL of the list page

    def respond_whole(self, filterset, form):
        export = self._export(filterset, self.cache)
        described = self._described(form, export)
        if self.request.method == "HEAD":
            return HttpResponse(**described)

        def make():
            key = version_digest(self.cache.version, ["download", export.address])
            if file := kept_file(key, self.cache.version):
                return sent_file(file, described)
            return LimitedDownload(kept_while_sent(key, self._written(form, export), self.cache.version), **described)

        return limited(self.request, make)

    def _export(self, filterset, cache, **paging):
        """Return what is exported of a filter set; ``paging`` are the parameters of one page."""
        request, query = self.request, filterset.query_string()
        page_path = reverse(self.page)
        queries = [(request.path, "&".join(filter(None, [query, urlencode(paging)]))), (page_path, query)]
        address, page = (request.build_absolute_uri(f"{path}?{query}" if query else path) for path, query in queries)
        return Export(
            name=self.name,
            columns=self.columns,
            records=self.find(filterset),
            site=f"{request.scheme}://{request.get_host()}",
            address=address,
            page=page,
            changed_at=data_changed_at(cache),
        )

    def respond_page(self, filterset, cache, paging, read):
        export = self._export(filterset, cache, **paging.given)
        found = self.read(read, export.records, filterset)
        following = found.next and self._export(filterset, cache, **paging.following(found)).address
        meta = {"unknown": self.count_unknown(export.records), "next": following}
        export = replace(export, page_records=found.records, meta=meta)
        described = self._described("json", export)
        if following:
            described["headers"]["Link"] += f', <{following}>; rel="next"'
        write, _content_type = FORMS["json"]
        return HttpResponse("".join(write(export)), **described)

    def find(self, filterset):
        """Return what the rows are of, loaded with what their columns read."""
        return filterset.qs.for_download()

    def read(self, read, records, filterset):
        """Return the page of these records that ``read`` reads (``read_page``)."""
        return read(records, filterset.order)

    def count_unknown(self, records):
        """Return how many rows have an unknown value, by column."""
        return count_unknown(records)

    def _written(self, form, export):
        """Return the parts of a file."""
        write, _content_type = FORMS[form]
        if form == "json":
            export = replace(export, meta={"unknown": self.count_unknown(export.records)})
        return write(export)

    def _described(self, form, export):
        """Return the content type and the headers of a file."""
        name = f"{self.name}-{export.changed_at.date()}" if export.changed_at else self.name
        headers = data_headers(export.address, export.page, export.changed_at)
        headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{form}")
        _write, content_type = FORMS[form]
        return {"content_type": content_type, "headers": headers}


def data_headers(address, page, changed_at):
    """Return the headers of data: where they and their page are, the licence, the moment of the last public change."""
    links = [
        f'<{address}>; rel="self"',
        f'<{LICENCE}>; rel="license"',
        f'<{page}>; rel="alternate"; type="text/html"',
    ]
    headers = {}
    if changed_at:
        links[0] += f'; datetime="{changed_at.isoformat(timespec="seconds")}"'
        headers["Last-Modified"] = http_date(changed_at.timestamp())
    return {**headers, "Link": ", ".join(links)}


def data_meta(address, page, changed_at, **also):
    """Return the metadata of data: the same as in their headers."""
    date = changed_at and changed_at.isoformat(timespec="seconds")
    return {"address": address, "page": page, "date": date, "licence": LICENCE, **also}


def data_changed_at(cache):
    """Return the moment of the last public change, None without any: by it the same data are the same bytes."""

    def find():
        moment = last_public_change()
        return moment.isoformat() if moment else ""

    found = cache.get_or_compute("last public change", find)
    return timezone.localtime(datetime.datetime.fromisoformat(found)) if found else None


def kept_files():
    return KeptFiles(settings.DOWNLOADS_ROOT, settings.DOWNLOADS_KEPT_MB * 2**20)


def kept_file(key, version):
    """Return the open file that was made before from the records of a version, or None."""
    return kept_files().open(key) if version else None


def sent_file(file, described):
    """Return the response with an open file."""
    response = LimitedFile(file, **described)
    for name, value in described["headers"].items():  # it has set some of its own
        response[name] = value
    return response


def kept_while_sent(key, parts, version):
    """Yield the parts of a file made from the records of a version, and keep it once all of them have been sent."""
    if version and settings.DOWNLOADS_KEPT_MB:
        parts = kept_files().keep(key, parts, lambda: DatasetVersion.current() == version)
    return one_at_a_time(parts)


def one_at_a_time(parts):
    """Yield the parts of a download; of those that this process sends at once, only one part is computed at a time."""
    parts = iter(parts)
    while True:
        with _writing:
            part = next(parts, None)
        if part is None:
            return
        yield part


class TenderDownload(Download):
    name, columns = "tenders", TENDERS
    filterset_class = TenderFilter
    page = "tender-list"


class InstitutionDownload(Download):
    name, columns = "institutions", INSTITUTIONS
    filterset_class = InstitutionFilter
    page = "institution-list"


class CompanyDownload(Download):
    name, columns = "companies", COMPANIES
    filterset_class = CompanyFilter
    page = "company-list"


class StatementDownload(Download):
    """What sources state of the tenders that are asked for, and of the parties that take part in them."""

    name, columns = "statements", STATEMENTS
    filterset_class = TenderSelection
    page = "tender-list"

    def find(self, filterset):
        return Statements(statements_of(filterset))

    def read(self, read, records, filterset):
        page = read(records.loaded(), STATEMENT_ORDER)
        return replace(page, records=with_public_values(page.records))

    def count_unknown(self, records):
        return {}


class SourceDownload(StatementDownload):
    """The sources of these statements; without a filter those of the articles and claims too."""

    name, columns = "sources", SOURCES

    def find(self, filterset):
        return public_sources(statements_of(filterset), of_all=not filterset.active_filters)

    def read(self, read, records, filterset):
        return read(records, SOURCE_ORDER)


def statements_of(filterset):
    """Return the statements on the tenders of a filter set; without a filter those on all records."""
    return public_statements(filterset.qs if filterset.active_filters else None)
