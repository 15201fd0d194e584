"""The three lists: each declares its filter set, table and page, and is otherwise like the others."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import EmptyPage
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from tenders.facets import UNKNOWN, OptionsFilter, SingleValuesMixin, problems_of
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.tables import CompanyTable, InstitutionTable, TenderTable

PER_PAGE = 50
PAGE_SIZES = (25, 50, 100)

# Parameters whose values need no label: "2019, Beijing", but "status: complete".
SPEAK_FOR_THEMSELVES = {"year", "region", "category", "institution", "company", "institution_kind", "kind", "reference"}


class PagingForm(SingleValuesMixin, forms.Form):
    """Which page of a list is wanted, and how many rows it has."""

    page = forms.IntegerField(label=gettext_lazy("Page"), required=False, min_value=1)
    per_page = forms.IntegerField(label=gettext_lazy("Rows on a page"), required=False, min_value=1, max_value=100)


@dataclass(frozen=True)
class Chip:
    """A filter that is set: its words, and the query string of the list without it."""

    name: str
    label: str
    text: str
    is_unknown: bool
    without: str


class RecordList(TemplateView):
    """A list of public records: the rows that the address asks for, or 400 and what would be right."""

    filterset_class = table_class = None
    plain_filters = ()  # what the form offers beside the facets; the address takes all

    def get(self, request):
        filterset = self.filterset_class(request.GET)
        paging = PagingForm(filterset.data)
        fields = [filterset.bound_field(name) for name in self.plain_filters]
        wrong = [*filterset.problems, *problems_of(paging)]
        if wrong:
            readable = filterset.data.copy()
            for name, _message in wrong:
                readable.pop(name, None)
            rest = self.filterset_class(readable)
            context = {
                "problems": wrong,
                "rest": rest,
                "facets": rest.facets(),
                "fields": fields,
                "kept": self._kept(rest),
            }
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
        found = chips(filterset)
        link = filterset.query_string()
        return self.render_to_response(
            self.get_context_data(
                table=table,
                facets=filterset.facets(),
                fields=fields,
                kept=self._kept(filterset),
                chips=found,
                words=in_words(found),
                page_sizes=PAGE_SIZES,
                permalink=f"{request.path}{'?' if link else ''}{link}",
                num_all=self.filterset_class(QueryDict()).qs.count(),
            )
        )

    def _kept(self, filterset):
        """Return what the address sets and the form does not offer, for the form to pass on."""
        offered = {*filterset.facet_names, *self.plain_filters}
        return [
            (name, value)
            for name, values in filterset.data.lists()
            if name in filterset.parameters | {"per_page"} and name not in offered
            for value in values
        ]


class TenderList(RecordList):
    filterset_class = TenderFilter
    table_class = TenderTable
    template_name = "tenders/tender_list.html"
    plain_filters = ("date_from", "date_to", "amount_min", "amount_max")


class InstitutionList(RecordList):
    filterset_class = InstitutionFilter
    table_class = InstitutionTable
    template_name = "tenders/institution_list.html"


class CompanyList(RecordList):
    filterset_class = CompanyFilter
    table_class = CompanyTable
    template_name = "tenders/company_list.html"


def chips(filterset):
    """Return a chip for each filter that is set."""
    found = []
    for name, values in filterset.data.lists():
        each = filterset.find(name)
        if each is None or name == "sort":
            continue
        labels = each.labels(values) if isinstance(each, OptionsFilter) else {}
        for value in values:
            without = filterset.data.copy()
            without.pop("page", None)
            without.setlist(name, [other for other in values if other != value])
            text = str(labels.get(value, value)).strip()
            found.append(Chip(name, str(each.label), text, value == UNKNOWN, without.urlencode()))
    return found


def in_words(chips):
    """Say what a list is narrowed to: "2019, Beijing or Guangdong, awarded amount unknown"."""
    groups = {}
    for chip in chips:
        if chip.is_unknown:
            words = _("%(what)s unknown") % {"what": _lower(chip.label)}
        elif chip.name in SPEAK_FOR_THEMSELVES:
            words = chip.text
        else:
            words = _("%(what)s: %(value)s") % {"what": _lower(chip.label), "value": chip.text}
        groups.setdefault(chip.name, []).append(words)
    return str(_(", ")).join(str(_(" or ")).join(words) for words in groups.values())


def _lower(label):
    return label[:1].lower() + label[1:]
