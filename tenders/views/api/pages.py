"""The description of all addresses of data: for programs, and the page for people, drawn from the same table."""

from itertools import groupby

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from tenders.caching import VersionedMixin
from tenders.exports.paging import MAX_LIMIT
from tenders.exports.writers import json_text
from tenders.facets import MAX_VALUES
from tenders.filter_sets import unknown_parameters
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.problems import PROBLEM_TYPES
from tenders.views.api.document import openapi
from tenders.views.api.examples import examples
from tenders.views.api.parameters import filter_parameters, paging_parameters
from tenders.views.api.table import ENDPOINTS
from tenders.views.errors import unreadable
from tenders.views.limits import MAX_QUERY


class OpenApi(VersionedMixin, View):
    """The OpenAPI description of this site: its options are those of the records."""

    http_method_names = ("get", "head")

    def get(self, request):
        if problems := unknown_parameters(request.GET, ()):
            return unreadable(request, problems)
        site, page = request.build_absolute_uri("/").rstrip("/"), request.build_absolute_uri(reverse("api"))
        text = self.cache.get_or_compute(["openapi", site], lambda: json_text(openapi(site, page)))
        headers = {"Link": f'<{page}>; rel="alternate"; type="text/html"'}
        return HttpResponse(text + "\n", content_type="application/json", headers=headers)


class ApiPage(VersionedMixin, TemplateView):
    """How programs ask for data: addresses, parameters, pages, errors, and examples that run."""

    parameters = frozenset()
    template_name = "tenders/api.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            contents=[
                (_("Examples"), "examples"),
                (_("Addresses"), "addresses"),
                (_("Parameters"), "parameters"),
                (_("Pages of a list"), "pages"),
                (_("Errors"), "errors"),
                (_("Limits"), "limits"),
            ],
            examples=examples(self.request.build_absolute_uri("/").rstrip("/")),
            groups=[
                (group, [(endpoint, endpoint.operations()) for endpoint in endpoints])
                for group, endpoints in groupby(ENDPOINTS, lambda endpoint: endpoint.group)
            ],
            lists=[
                (_("Tenders"), filter_parameters(TenderFilter)),
                (_("Institutions"), own_parameters(InstitutionFilter)),
                (_("Companies"), own_parameters(CompanyFilter)),
            ],
            paging=paging_parameters(),
            max_limit=MAX_LIMIT,
            max_query=MAX_QUERY,
            max_values=MAX_VALUES,
            downloads_at_once=settings.DOWNLOADS_AT_ONCE,
            problem_types=PROBLEM_TYPES,
            **kwargs,
        )


def own_parameters(filter_class):
    """Return the parameters of a list of parties that the list of tenders has not, or has with other values."""
    return [found for found in filter_parameters(filter_class) if found.name in filter_class.base_filters]
