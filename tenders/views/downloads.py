"""Downloads of the three lists: a query string gives all rows of the list page, in the same order."""

from functools import partial
from threading import BoundedSemaphore, Lock
from weakref import WeakSet, finalize

from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import View
from prometheus_client import Gauge

from tenders.caching import VersionedMixin
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.writers import FORMS, LICENCE, Export
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.views.errors import unavailable, unreadable

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


def limited(request, make_response):
    """
    Return the limited response that a function makes.

    503 while ``settings.DOWNLOADS_AT_ONCE`` others are being sent: each keeps a thread as long as its reader is slow.
    """
    if not _free_places.acquire(blocking=False):
        return unavailable(request, _("Try again in half a minute: many downloads are being sent."))
    return make_response()


class Download(VersionedMixin, View):
    """A list of public records as a file; 400 with the errors if a parameter is unknown or wrong."""

    http_method_names = ("get", "head")
    name = filterset_class = columns = None

    def get(self, request, form):
        filterset = self.filterset_class(request.GET)
        if problems := [*filterset.parameter_errors, *filterset.unknown_parameters]:
            return unreadable(request, problems)

        query = filterset.query_string()
        page_path = reverse(f"{filterset.queryset.model._meta.model_name}-list")
        addresses = [f"{path}?{query}" if query else path for path in (request.path, page_path)]
        address, page = map(request.build_absolute_uri, addresses)
        now = timezone.localtime()
        export = Export(
            name=self.name,
            columns=self.columns,
            records=filterset.qs.for_download(),
            site=f"{request.scheme}://{request.get_host()}",
            address=address,
            page=page,
            made_at=now,
        )
        write, content_type = FORMS[form]
        headers = {
            "Content-Disposition": content_disposition_header(True, f"{self.name}-{now.date()}.{form}"),
            "Link": ", ".join(
                [
                    f'<{address}>; rel="self"; datetime="{now.isoformat(timespec="seconds")}"',
                    f'<{LICENCE}>; rel="license"',
                    f'<{page}>; rel="alternate"; type="text/html"',
                ]
            ),
        }
        if request.method == "HEAD":
            return HttpResponse(content_type=content_type, headers=headers)
        parts = one_at_a_time(write(export))
        return limited(request, partial(LimitedDownload, parts, content_type=content_type, headers=headers))


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


class InstitutionDownload(Download):
    name, columns = "institutions", INSTITUTIONS
    filterset_class = InstitutionFilter


class CompanyDownload(Download):
    name, columns = "companies", COMPANIES
    filterset_class = CompanyFilter
