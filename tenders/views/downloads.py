"""Downloads of the three lists: a query string gives all rows of the list page, in the same order."""

from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import View

from tenders.caching import VersionedMixin
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.writers import FORMS, LICENCE, Export
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.views.errors import unreadable


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
        return StreamingHttpResponse(
            () if request.method == "HEAD" else write(export),
            content_type=content_type,
            headers={
                "Content-Disposition": content_disposition_header(True, f"{self.name}-{now.date()}.{form}"),
                "Link": ", ".join(
                    [
                        f'<{address}>; rel="self"; datetime="{now.isoformat(timespec="seconds")}"',
                        f'<{LICENCE}>; rel="license"',
                        f'<{page}>; rel="alternate"; type="text/html"',
                    ]
                ),
            },
        )


class TenderDownload(Download):
    name, columns = "tenders", TENDERS
    filterset_class = TenderFilter


class InstitutionDownload(Download):
    name, columns = "institutions", INSTITUTIONS
    filterset_class = InstitutionFilter


class CompanyDownload(Download):
    name, columns = "companies", COMPANIES
    filterset_class = CompanyFilter
