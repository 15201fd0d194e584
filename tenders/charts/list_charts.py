"""The charts of each list, by name and in the order of its page."""

from functools import partial

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders.charts.amounts import strip_plot
from tenders.charts.bars import bars, pairs_of_regions
from tenders.charts.marks import LinkedCount, Rows
from tenders.charts.tiles import tile_map
from tenders.charts.times import timeline_of_party
from tenders.charts.years import by_year_and_category
from tenders.filters import CompanyFilter, InstitutionFilter


def _all(filter_class, list_name, label, rows):
    """Return a link to the list of all parties of these tenders, those with the most first; none for a search."""
    query = rows.filterset.query_string(without={"sort"})
    if "q" in rows.filterset.data:  # there it would search other columns
        return []
    number = filter_class(QueryDict(query)).qs.count()
    address = "&".join(filter(None, [query, "sort=-tenders"]))
    return [LinkedCount(str(label), number, f"{reverse(list_name)}?{address}")]


_institutions = partial(_all, InstitutionFilter, "institution-list", _("All institutions"))
_companies = partial(_all, CompanyFilter, "company-list", _("All winners"))

# By the kind of the records. The names are part of permanent addresses.
CHARTS = {
    "tender": {
        "time": timeline_of_party,
        "year": by_year_and_category,
        "region": partial(tile_map, name="region", title=_("Tenders by region")),
        "category": partial(bars, name="category", title=_("Categories in detail")),
        "institution": partial(
            bars, name="institution", title=_("Institutions with the most tenders"), everything=_institutions
        ),
        "institution_kind": partial(
            bars, name="institution_kind", title=_("Kinds of institutions that buy"), by_number=True
        ),
        "amount": strip_plot,
        "company": partial(bars, name="company", title=_("Winners of the most tenders"), everything=_companies),
        "company_size": partial(bars, name="company_size", title=_("Size of the winners")),
        "supplier_region": partial(tile_map, name="supplier_region", title=_("Where the winners are registered")),
        "same_region": pairs_of_regions,
    },
    "institution": {
        "kind": partial(bars, name="kind", title=_("Kinds of institutions"), by_number=True),
        "seat": partial(tile_map, name="seat", title=_("Where they are registered")),
        "level": partial(bars, name="level", title=_("Levels of institutions")),
        "category": partial(bars, name="category", title=_("Categories in which they buy")),
    },
    "company": {
        "seat": partial(tile_map, name="seat", title=_("Where they are registered")),
        "size": partial(bars, name="size", title=_("Size of the companies")),
        "kind": partial(bars, name="kind", title=_("Kinds of companies")),
        "category": partial(bars, name="category", title=_("Categories in which they have won")),
    },
}
OVERVIEW = ("year", "amount", "region")


def draw(charts, filterset, facets, total):
    """Return the charts of a filter set that have anything to show; ``charts`` is one of the functions below."""
    return [chart for chart in charts(Rows(filterset, facets, total)) if chart is not None]


def draw_one(name, filterset, facets, total):
    """Return the chart of a filter set with a name of ``CHARTS``; None if it has nothing to show."""
    rows = Rows(filterset, facets, total)
    return CHARTS[rows.kind][name](rows)


def overview_of_tenders(rows):
    return [CHARTS["tender"][name](rows) for name in OVERVIEW]


def charts_of_tenders(rows):
    return [chart(rows) for chart in CHARTS["tender"].values()]


def charts_of_institutions(rows):
    return [chart(rows) for chart in CHARTS["institution"].values()]


def charts_of_companies(rows):
    return [chart(rows) for chart in CHARTS["company"].values()]
