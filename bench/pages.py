"""Two pages to compare the tender list with: one without any SQL statement, one built the plain way."""

from dataclasses import replace
from functools import cache

import django_tables2 as tables
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import resolve, reverse

from tenders.filters import TenderFilter
from tenders.tables import TenderTable
from tenders.views.lists import PER_PAGE, TenderList

_cached_context = {}


def floor(request):
    """Render the first page of the tender list from a cached context; raise ``AssertionError`` on any SQL statement."""
    request.path = reverse("tender-list")
    request.resolver_match = resolve(request.path)
    if not _cached_context:
        response = TenderList.as_view()(request)
        response.render()  # evaluates the querysets that the template uses
        _cached_context.update(response.context_data)

    def refuse(execute, sql, *arguments):
        raise AssertionError(f"The floor asks the database: {sql}")

    with connection.execute_wrapper(refuse):
        return TemplateResponse(request, TenderList.template_name, _cached_context).render()


@cache
def all_facets():
    """Return the facets of the unfiltered list."""
    return TenderFilter(QueryDict()).facets()


class PlainFilter(TenderFilter):
    """The same filters; every option is counted by its own SQL statement."""

    def facets(self):
        return [
            replace(facet, options=[self._counted(facet, option) for option in facet.options]) for facet in all_facets()
        ]

    def _counted(self, facet, option):
        rows = self.rows_without(facet.name).filter(self.get_filter(facet.name).condition(option.value))
        return option._replace(number=rows.count())


PLAIN = """{% extends "base.html" %}{% load django_tables2 %}{% block main %}<form>
{% for facet, boxes in facets %}<fieldset><legend>{{ facet.label }}</legend>{% for option, box in boxes %}<div>
{{ box }} <a href="{{ facet.link }}{{ option.value }}" data-count="{{ option.number }}">{{ option.number }}</a>
</div>{% endfor %}</fieldset>{% endfor %}<button>Show</button></form>
{% render_table table "django_tables2/table.html" %}{% endblock %}"""


def plain(request):
    """Return the tender list as django-filter and django-tables2 render it, with a count beside each option."""
    filterset = PlainFilter(request.GET)
    table = TenderTable(filterset.qs.for_list(), orderable=False)
    tables.RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    facets = [(facet, list(_boxes(filterset, facet))) for facet in filterset.facets()]
    return HttpResponse(engines["django"].from_string(PLAIN).render({"table": table, "facets": facets}, request))


def _boxes(filterset, facet):
    """Yield each option with its widget of the form field, or with its text if the field has none."""
    widgets = {str(widget.data["value"]): widget for widget in filterset.form[facet.name] if "value" in widget.data}
    for option in facet.options:
        yield option, widgets.get(option.value, option.text)
