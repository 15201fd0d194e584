"""The three lists: each declares its filter set, table and page, and is otherwise like the others."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import EmptyPage
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from tenders.facets import UNKNOWN, OptionsFilter, ReferencesFilter, SingleValuesMixin
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.tables import CompanyTable, InstitutionTable, TenderTable

PER_PAGE = 50


class PagingForm(SingleValuesMixin, forms.Form):
    """Which page of a list is wanted, and how many rows it has."""

    page = forms.IntegerField(label=_("Page"), required=False, min_value=1)
    per_page = forms.IntegerField(label=_("Rows on a page"), required=False, min_value=1, max_value=100)


@dataclass(frozen=True)
class Chip:
    """A filter that is set: its words, and the query string of the list without it."""

    label: str
    text: str
    without: str


class RecordList(TemplateView):
    """A list of public records: the rows that the address asks for, or 400 and what would be right."""

    filterset_class = table_class = None
    shown_filters = ()  # those that the form offers; the address takes all

    def get(self, request):
        filterset = self.filterset_class(request.GET)
        paging = PagingForm(filterset.data)
        context = {
            "filterset": filterset,
            "fields": [filterset.bound_field(name) for name in self.shown_filters],
            "kept": self._kept(filterset),
            "problems": [*filterset.problems, *problems(paging)],
        }
        if context["problems"]:
            return self.render_to_response(self.get_context_data(**context), status=400)

        table = self.table_class(filterset.qs.for_list(), order_by=filterset.sort)
        page, per_page = paging.cleaned_data["page"] or 1, paging.cleaned_data["per_page"] or PER_PAGE
        try:
            table.paginate(page=page, per_page=per_page)
        except EmptyPage:
            last = table.paginator.num_pages
            raise Http404(
                ngettext("This list has %(last)s page.", "This list has %(last)s pages.", last) % {"last": last}
            ) from None
        return self.render_to_response(
            self.get_context_data(
                **context,
                table=table,
                chips=chips(filterset),
                num_all=self.filterset_class(QueryDict()).qs.count(),
            )
        )

    def _kept(self, filterset):
        """Return what the address sets and the form does not offer, for the form to pass on."""
        return [
            (name, value)
            for name, values in filterset.data.lists()
            if name in filterset.parameters | {"per_page"} and name not in self.shown_filters
            for value in values
        ]


class TenderList(RecordList):
    filterset_class = TenderFilter
    table_class = TenderTable
    template_name = "tenders/tender_list.html"
    shown_filters = (
        "year",
        "region",
        "category",
        "institution_kind",
        "amount",
        "status",
        "company_size",
        "supplier_region",
        "same_region",
        "main_subject",
        "certainty",
        "disputed",
        "date_from",
        "date_to",
    )


class InstitutionList(RecordList):
    filterset_class = InstitutionFilter
    table_class = InstitutionTable
    template_name = "tenders/institution_list.html"
    shown_filters = ("kind", "level", "seat", "year", "category")


class CompanyList(RecordList):
    filterset_class = CompanyFilter
    table_class = CompanyTable
    template_name = "tenders/company_list.html"
    shown_filters = ("kind", "company_size", "seat", "year", "amount")


def problems(form):
    """Return the errors of a form as (parameter, message) pairs."""
    return [(name, " ".join(messages)) for name, messages in form.errors.items()]


def chips(filterset):
    """Return a chip for each filter that is set."""
    found = []
    for name, values in filterset.data.lists():
        each = filterset.find(name)
        if each is None or name == "sort":
            continue
        labels = _labels(each, values)
        for value in values:
            without = filterset.data.copy()
            without.pop("page", None)
            without.setlist(name, [other for other in values if other != value])
            found.append(Chip(str(each.label), str(labels.get(value, value)).strip(), without.urlencode()))
    return found


def _labels(each, values):
    if isinstance(each, ReferencesFilter):
        records = each.extra["records"]().filter(reference__in=values)
        return {UNKNOWN: _("Unknown"), **{record.reference: str(record) for record in records}}
    return dict(each.options()) if isinstance(each, OptionsFilter) else {}
