"""The charts of each list page, in the order of the page."""

from functools import partial

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from tenders.charts.amounts import strip_plot
from tenders.charts.bars import bars, pairs_of_regions
from tenders.charts.marks import LinkedCount, Rows
from tenders.charts.tiles import tile_map
from tenders.charts.years import by_year_and_category
from tenders.filters import CompanyFilter, InstitutionFilter


def draw(charts, filterset, facets, total):
    """Return the charts of a filter set that have anything to show; ``charts`` is one of the functions below."""
    return [chart for chart in charts(Rows(filterset, facets, total)) if chart is not None]


def overview_of_tenders(rows):
    return [by_year_and_category(rows), strip_plot(rows), tile_map(rows, "region", _("Tenders by region"))]


def charts_of_tenders(rows):
    institutions = partial(_all, InstitutionFilter, "institution-list", _("All institutions"))
    companies = partial(_all, CompanyFilter, "company-list", _("All winners"))
    return [
        by_year_and_category(rows),
        tile_map(rows, "region", _("Tenders by region")),
        bars(rows, "category", _("Categories in detail")),
        bars(rows, "institution", _("Institutions with the most tenders"), everything=institutions),
        bars(rows, "institution_kind", _("Kinds of institutions that buy"), by_number=True),
        strip_plot(rows),
        bars(rows, "company", _("Winners of the most tenders"), everything=companies),
        bars(rows, "company_size", _("Size of the winners")),
        tile_map(rows, "supplier_region", _("Where the winners have their seat")),
        pairs_of_regions(rows),
    ]


def charts_of_institutions(rows):
    return [
        bars(rows, "kind", _("Kinds of institutions"), by_number=True),
        tile_map(rows, "seat", _("Where they have their seat")),
        bars(rows, "level", _("Levels of institutions")),
        bars(rows, "category", _("Categories in which they buy")),
    ]


def charts_of_companies(rows):
    return [
        tile_map(rows, "seat", _("Where they have their seat")),
        bars(rows, "size", _("Size of the companies")),
        bars(rows, "kind", _("Kinds of companies")),
        bars(rows, "category", _("Categories in which they have won")),
    ]


def _all(filter_class, list_name, label, rows):
    """Return a link to the list of all parties of these tenders, those with the most first; none for a search."""
    query = rows.filterset.query_string(without={"sort"})
    if "q" in rows.filterset.data:  # there it would search other columns
        return []
    number = filter_class(QueryDict(query)).qs.count()
    address = "&".join(filter(None, [query, "sort=-tenders"]))
    return [LinkedCount(label, number, f"{reverse(list_name)}?{address}")]
