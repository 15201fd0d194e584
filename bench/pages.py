"""The two pages that the tender list is compared with: one that asks nothing, and one that asks the plain way."""

from dataclasses import replace
from functools import cache

from django.db import connection
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from tenders.filters import TenderFilter
from tenders.views.lists import TenderList

_constants = {}


def floor(request):
    """Render the first page of the tender list from what it was when first asked for: no statement is allowed."""
    request.path = reverse("tender-list")
    if not _constants:
        response = TenderList.as_view()(request)
        response.render()  # asks for whatever the template asks for, and keeps it
        _constants.update(response.context_data)

    def refuse(execute, sql, *arguments):
        raise AssertionError(f"The floor asks the database: {sql}")

    with connection.execute_wrapper(refuse):
        return TemplateResponse(request, TenderList.template_name, _constants).render()


@cache
def all_facets():
    """Return the facets of the whole list, for their options."""
    return TenderFilter(QueryDict()).facets()


class PlainFilter(TenderFilter):
    """The same filters; each option is counted by a statement of its own."""

    def facets(self):
        return [
            replace(facet, options=[self._counted(facet, option) for option in facet.options]) for facet in all_facets()
        ]

    def _counted(self, facet, option):
        rows = self.rows_without(facet.name).filter(self.find(facet.name).condition(option.value))
        return replace(option, number=rows.count())


class PlainList(TenderList):
    """The tender list as django-filter and django-tables2 give it, with a count beside each option."""

    filterset_class = PlainFilter
