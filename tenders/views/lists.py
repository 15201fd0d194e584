"""The three lists: each declares its filter set, table and page, and is otherwise like the others."""

from dataclasses import dataclass, replace
from functools import partial

from django import forms
from django.core.paginator import EmptyPage
from django.db.models import TextChoices
from django.http import Http404, QueryDict
from django.utils.cache import patch_vary_headers
from django.utils.functional import classproperty
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext, ngettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tenders.caching import VersionedMixin
from tenders.charts.list_charts import charts_of_companies, charts_of_institutions, charts_of_tenders, draw
from tenders.chips import DISPLAY_PARAMETERS, chips, in_words
from tenders.facets import (
    LimitedValuesMixin,
    OptionsField,
    PossibleValuesField,
    parameter_errors_of,
)
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.languages import is_chinese
from tenders.search import words
from tenders.site_search import named_options
from tenders.tables import CompanyTable, FilteredRecords, InstitutionTable, TenderTable
from tenders.views.errors import prefers_problem, problem

PER_PAGE = 25
PAGE_SIZES = (25, 50, 100)

# Facets whose options people look for in the search.
NAMED = {"year", "region", "seat", "supplier_region", "category"}


class PageForm(LimitedValuesMixin, forms.Form):
    """Which page is wanted."""

    page = forms.IntegerField(label=gettext_lazy("Page"), required=False, min_value=1)


class Display(TextChoices):
    """How a list is displayed: a table of its rows, or charts of all of them."""

    TABLE = "table", gettext_lazy("Table")
    CHARTS = "charts", gettext_lazy("Charts")


FORMER_DISPLAYS = {"picture": Display.CHARTS.value}  # published links have this name


class PagingForm(PageForm):
    """How a list is displayed: which page of it, how many rows at a time, which columns, or as charts."""

    view = PossibleValuesField(label=gettext_lazy("Shown as"), required=False, choices=Display)
    per_page = forms.IntegerField(label=gettext_lazy("Rows on a page"), required=False, min_value=1, max_value=100)
    columns = OptionsField(label=gettext_lazy("Columns"), required=False)

    def __init__(self, data, *, table_class):
        super().__init__(data)
        self.fields["columns"].choices = [
            (name, column.verbose_name) for name, column in table_class.choosable().items()
        ]


@dataclass(frozen=True)
class FilterGroup:
    """The filters that answer one question of readers: facets, and fields in which one writes."""

    label: str
    facets: list
    fields: list


class UnreadableError(Exception):
    """Raised with the values that cannot be read, as (parameter, message) pairs."""


class RecordList(VersionedMixin, TemplateView):
    """
    A list of public records: the rows that the address asks for, or 400 and what would be right.

    What the rows are, how many, the numbers of all facets and the charts are computed once for each version of
    the records; the rows themselves are read anew.
    """

    template_name = "tenders/record_list.html"
    kind = title = lead = None  # the kind of record, which names addresses; the heading; what is listed
    result_count = None  # a plural text of the number of rows and that of all
    show_label = show_number_label = None  # of the button that applies filters; with script a plural text of the number
    filterset_class = table_class = charts = None
    plain_filters = ()  # what the form offers beside the search and the facets; the address takes all

    @classproperty
    def parameters(cls):  # noqa: N805
        return cls.filterset_class.parameters | PagingForm.base_fields.keys()

    @classmethod
    def subject(cls, query):
        return "dataset" if "q" in query else "listed"  # a search finds notes too

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept"])  # errors are a page or JSON
        return response

    def get(self, request):
        filterset = self.filterset_class(with_current_display(request.GET))
        paging = PagingForm(filterset.data, table_class=self.table_class)
        asked = filterset.query_string(also=paging.fields)
        try:
            found = self.get_or_compute("list", asked, lambda: self._find(filterset, paging))
        except UnreadableError as error:
            (problems,) = error.args
            return problem(request, problems) if prefers_problem(request) else self._unreadable(filterset, problems)

        sought = words(filterset.data.get("q", ""))
        also = {"view"} if found["display"] == Display.CHARTS else {"columns"}
        link = filterset.query_string(also=also)
        return self.render_to_response(
            self.get_context_data(
                **found,
                **self._form(filterset, self._facets(filterset)),
                **self._display(filterset, found, sought),
                result_count=mark_safe(self.result_count % {"number": found["total"], "all": found["num_all"]}),  # noqa: S308 numbers
                sought=sought,
                show_number=self.show_number_label % {"number": found["total"]},
                column_choices=self._column_choices(found["columns"]),
                not_of_columns=self._passed_on(filterset, filterset.parameters | {"per_page", "view"}),
                page_sizes=PAGE_SIZES,
                # A download has no language: an order that this one brings has to be named.
                query=filterset.query_string(always={"sort": found["sort"]} if is_chinese() else {}),
                page_query=asked,
                permalink=f"{request.path}{'?' if link else ''}{link}",
                displays=self._displays(filterset, found["display"]),
            )
        )

    def get_context_data(self, *, words="", problems=(), **kwargs):
        return super().get_context_data(
            list_url=self.request.path,
            words=words,
            problems=problems,
            subtitle=_("This address isn’t valid") if problems else words,
            **kwargs,
        )

    def get_or_compute(self, what, query, compute):
        """Return what is computed once for a version of the records, a query string and a language."""
        name = [what, type(self).__name__, query, get_language()]
        return self.cache.get_or_compute(name, compute, subject=self.subject(QueryDict(query)))

    def _find(self, filterset, paging):
        """Return what the address asks for, and what describes the whole list."""
        if wrong := [*filterset.parameter_errors, *parameter_errors_of(paging)]:
            raise UnreadableError(wrong)
        self._facets(filterset)
        set_filters = chips(filterset)
        return {
            "total": self.get_or_compute("total", filterset.query_string(without={"sort"}), filterset.qs.count),
            "num_all": self.get_or_compute("total", "", lambda: filterset.everything().count()),
            "chips": set_filters,
            "words": in_words(set_filters),
            "sort": filterset.sort,
            "named": self._named(filterset),
            "display": paging.cleaned_data["view"] or Display.TABLE.value,
            "columns": paging.cleaned_data["columns"],
            "page": paging.cleaned_data["page"] or 1,
            "per_page": paging.cleaned_data["per_page"] or PER_PAGE,
        }

    def _display(self, filterset, found, sought):
        """Return what is shown of the list: a page of its rows, or charts."""
        table = self._table(filterset, found, sought)
        if found["display"] == Display.TABLE:
            return {"table": table}
        query = filterset.query_string(without={"sort"})
        compute = partial(draw, type(self).charts, filterset, self._facets(filterset), found["total"])
        return {"charts": self.get_or_compute("charts", query, compute)}

    def _table(self, filterset, found, sought):
        """Return the table of the rows on the page that is asked for; 404 where there is none."""

        def pks(page):
            return self.get_or_compute(
                f"rows {page.start}:{page.stop}",
                filterset.query_string(),
                lambda: list(filterset.qs.values_list("pk", flat=True)[page]),
            )

        records = FilteredRecords(filterset.queryset.for_list(), sort=found["sort"], total=found["total"], pks=pks)
        table = self.table_class(records, caption=self.title, sought=sought, columns=found["columns"])
        try:
            return table.paginate(page=found["page"], per_page=found["per_page"])
        except EmptyPage:
            last = table.paginator.num_pages
            text = ngettext("This list has %(last)s page.", "This list has %(last)s pages.", last)
            raise Http404(text % {"last": last}) from None

    def _displays(self, filterset, shown):
        """Return the (label, address, whether it is this one) of each display of the list."""
        query = filterset.query_string(also={"per_page", "columns"})
        charts = f"view={Display.CHARTS.value}"
        queries = {Display.TABLE: query, Display.CHARTS: f"{query}&{charts}" if query else charts}
        return [
            (display.label, f"{self.request.path}{'?' if query else ''}{query}", display == shown)
            for display, query in queries.items()
        ]

    def _named(self, filterset):
        """Return the options that are called just as the search says, each as (facet, option, number, address)."""
        sought = filterset.data.get("q", "").strip()
        if not sought:
            return []
        values = {getattr(option, option.NATURAL_KEY[0]) for option in named_options(sought)}
        if sought.isdecimal():
            values.add(sought)
        if not values:
            return []
        without = filterset.data.copy()
        without.pop("q")
        others = self.filterset_class(without)
        return [
            (facet.label, option.text, option.number, f"{self._link(others, facet.name)}{option.value}")
            for facet in self._facets(others)
            if facet.name in NAMED
            for option in facet.options
            if option.value in values and option.number
        ]

    def _facets(self, filterset):
        return self.get_or_compute("facets", filterset.query_string(without={"sort"}), filterset.facets)

    def _link(self, filterset, name):
        others = filterset.query_string(without={name}, also=DISPLAY_PARAMETERS)
        return f"{self.request.path}?{others}{'&' if others else ''}{name}="

    def _form(self, filterset, facets, *, typed=None):
        """Return what the form shows; ``typed`` is the filter set with what a reader typed, if not the same."""
        typed = typed or filterset
        offered = {"q", *filterset.facet_names, *self.plain_filters}
        return {
            "search": typed.bound_field("q"),
            "passed_on": self._passed_on(filterset, (filterset.parameters | DISPLAY_PARAMETERS) - offered),
            "filter_groups": list(self._groups(filterset, facets, typed)),
        }

    def _passed_on(self, filterset, names):
        """Return the (name, value) pairs that a form passes on unseen."""
        return [(name, value) for name in sorted(names) for value in filterset.data.getlist(name)]

    def _groups(self, filterset, facets, typed):
        """Yield the groups of filters, in the order of their facets; the first facet of each is open."""
        for group in dict.fromkeys(filterset.get_filter(name).group for name in filterset.facet_names):
            offered = [facet for facet in facets if facet.group == group]
            fields = [name for name in self.plain_filters if filterset.get_filter(name).group == group]
            shown = [
                replace(facet, link=self._link(filterset, facet.name), is_open=facet.is_chosen or facet is offered[0])
                for facet in offered
            ]
            yield FilterGroup(str(group.label), shown, [typed.bound_field(name) for name in fields])

    def _column_choices(self, chosen):
        """Return the (name, label, whether it is shown) of each column that may be chosen."""
        shown = chosen or self.table_class.default_columns()
        return [(name, column.verbose_name, name in shown) for name, column in self.table_class.choosable().items()]

    def _unreadable(self, filterset, problems):
        """Answer 400: what is wrong with which parameter, and the form with what can be read."""
        readable = filterset.data.copy()
        for name, _message in problems:
            readable.pop(name, None)
        rest = self.filterset_class(readable)
        context = {
            **self._form(rest, self._facets(rest), typed=filterset),
            "problems": problems,
            "rest": rest,
            "page_query": self.request.GET.urlencode(),
        }
        return self.render_to_response(self.get_context_data(**context), status=400)


class TenderList(RecordList):
    kind = "tender"
    title = gettext_lazy("Tenders")
    lead = gettext_lazy(
        "Purchases of blockchain technology by Chinese public bodies. Each tender’s page gives the "
        "source of every fact."
    )
    show_label = gettext_lazy("Show tenders")
    show_number_label = ngettext_lazy("Show %(number)s tender", "Show %(number)s tenders", "number")
    result_count = ngettext_lazy(
        "<strong>%(number)s</strong> of %(all)s tender", "<strong>%(number)s</strong> of %(all)s tenders", "all"
    )
    filterset_class = TenderFilter
    table_class = TenderTable
    charts = charts_of_tenders
    plain_filters = ("date_from", "date_to", "amount_min", "amount_max")


class InstitutionList(RecordList):
    kind = "institution"
    title = gettext_lazy("Institutions")
    lead = gettext_lazy("Public bodies that have issued at least one of these tenders.")
    show_label = gettext_lazy("Show institutions")
    show_number_label = ngettext_lazy("Show %(number)s institution", "Show %(number)s institutions", "number")
    result_count = ngettext_lazy(
        "<strong>%(number)s</strong> of %(all)s institution",
        "<strong>%(number)s</strong> of %(all)s institutions",
        "all",
    )
    filterset_class = InstitutionFilter
    table_class = InstitutionTable
    charts = charts_of_institutions


class CompanyList(RecordList):
    kind = "company"
    title = gettext_lazy("Companies")
    lead = gettext_lazy("Suppliers that have won at least one of these tenders. Some are public institutions.")
    show_label = gettext_lazy("Show companies")
    show_number_label = ngettext_lazy("Show %(number)s company", "Show %(number)s companies", "number")
    result_count = ngettext_lazy(
        "<strong>%(number)s</strong> of %(all)s company", "<strong>%(number)s</strong> of %(all)s companies", "all"
    )
    filterset_class = CompanyFilter
    table_class = CompanyTable
    charts = charts_of_companies


def with_current_display(query):
    """Return a query with the current name of the display, which all addresses of the page then have."""
    query = query.copy()
    if values := query.getlist("view"):
        query.setlist("view", [FORMER_DISPLAYS.get(value, value) for value in values])
    return query
