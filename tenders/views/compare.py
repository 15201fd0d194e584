"""What changed between two versions, days or moments: as a page, as JSON and as CSV."""

import csv
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from tenders.audit.comparison import CHANGED, KINDS, Comparison, Difference
from tenders.exports.cells import cell_text
from tenders.exports.columns import LIST
from tenders.exports.writers import Echo, json_text
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Change, Company, Institution, Tender
from tenders.past import UnreadableMomentError, resolve
from tenders.versions import versions_in
from tenders.views.downloads import LimitedDownload, data_headers, data_meta, limited, one_at_a_time
from tenders.views.errors import unreadable
from tenders.views.versions import VersionsMixin

SHOWN = 200  # differences on the page; the files have all
LISTS = {
    "tenders": (Tender, TenderFilter, gettext_lazy("Tenders")),
    "institutions": (Institution, InstitutionFilter, gettext_lazy("Institutions")),
    "companies": (Company, CompanyFilter, gettext_lazy("Companies")),
}
OWN = ("from", "to", "list")
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
NOT_COMPARED = ("sort", "page", "per_page", "columns", "view")
KIND_LABELS = {
    "added": gettext_lazy("Added"),
    "removed": gettext_lazy("Removed"),
    "merged": gettext_lazy("Merged"),
    "changed": gettext_lazy("Changed"),
    "statement-added": gettext_lazy("Statement added"),
    "statement-removed": gettext_lazy("Statement removed"),
    "statement-changed": gettext_lazy("Statement changed"),
}


@dataclass(frozen=True)
class Moment:
    """What an end of a comparison means: the text that names it, and the last change that had been made then."""

    text: str
    change: int
    made_at: object


def moment_of(text):
    """Return the ``Moment`` of a version, a day or a moment; raises ``UnreadableMomentError``."""
    found = resolve(text)
    return Moment(text, found.change, found.made_at)


def now():
    """Return the moment of the last change; None without any."""
    last = Change.objects.order_by("pk").last()
    return last and Moment("", last.pk, last.made_at)


class Query:
    """What an address asks to compare: both ends, a list, and its filters; ``errors`` says what is wrong."""

    def __init__(self, query):
        self.errors, self.ends = [], {}
        self.name = query.get("list") or "tenders"
        if self.name not in LISTS:
            self.errors.append(("list", _("Write one of: %(names)s.") % {"names": _(", ").join(LISTS)}))
        self.model, filter_class, self.label = LISTS.get(self.name, LISTS["tenders"])
        filters = QueryDict(mutable=True)
        for name, values in query.lists():
            if name not in OWN:
                filters.setlist(name, values)
        self.filterset = filter_class(filters)
        self.errors += self.filterset.parameter_errors
        self.is_asked = "from" in query
        for name in ("from", "to"):
            if text := query.get(name, "").strip():
                try:
                    self.ends[name] = moment_of(text)
                except UnreadableMomentError as error:
                    self.errors.append(error.problem_of(name))
        if self.is_asked and not self.errors:
            self._order()

    def _order(self):
        if "from" not in self.ends:
            self.errors.append(("from", _("Give a version, a day or a moment.")))
            return
        self.ends.setdefault("to", now())
        if self.ends["to"].change < self.ends["from"].change:
            self.errors.append(("to", _("Give a version, a day or a moment after “from”.")))

    @cached_property
    def comparison(self):
        references = None
        if set(self.filterset.data) - set(NOT_COMPARED):
            references = set(self.filterset.qs.order_by().values_list("reference", flat=True))
        return Comparison(self.model, self.ends["from"].change, self.ends["to"].change, references)

    @property
    def query_string(self):
        """The address of this comparison after the ?, in a fixed order."""
        query = QueryDict(self.filterset.query_string(without=NOT_COMPARED), mutable=True)
        for name, value in (("list", self.name), *((name, end.text) for name, end in self.ends.items())):
            if value and (name, value) != ("list", "tenders"):
                query[name] = value
        return query.urlencode()

    def counts(self):
        """Return how many records there were, are, and were added, removed, merged and changed."""
        kinds = [difference.kind for difference in self.comparison.whole]
        return {
            "before": self.comparison.num_before,
            "after": self.comparison.num_after,
            **{kind: kinds.count(kind) for kind in KINDS[:3]},
            CHANGED: len({difference.reference for difference in self.comparison.changed}),
        }


class ComparePage(VersionsMixin, TemplateView):
    """The differences in the words of the site; without an address to compare, the form."""

    parameters = frozenset(OWN) | TenderFilter.parameters | InstitutionFilter.parameters | CompanyFilter.parameters
    template_name = "tenders/compare.html"

    def get(self, request):
        query = Query(request.GET)
        if query.errors:
            return unreadable(request, query.errors)
        context = {
            "asked": query,
            "query": query.query_string if query.is_asked else None,
            "versions": [version.name for version in reversed(versions_in(settings.DATA_VERSIONS))],
            "lists": [(name, label) for name, (_model, _filters, label) in LISTS.items()],
            "kinds": KIND_LABELS,
        }
        if query.is_asked:
            differences = query.comparison.all
            counts = query.counts()
            context |= {
                "differences": [(KIND_LABELS[found.kind], found) for found in differences[:SHOWN]],
                "num_differences": len(differences),
                "num_left": max(0, len(differences) - SHOWN),
                "counts": counts,
                "page_query": query.query_string,
                "files": [
                    (form.upper(), f"{reverse('compare-data', args=[form])}?{query.query_string}")
                    for form in ("csv", "json")
                ],
                "plural": query.name,
                "detail": f"{query.model._meta.model_name}-detail",
            }
        return self.render_to_response(self.get_context_data(**context))


class CompareData(VersionsMixin, View):
    """The differences as data; strict, as other data is."""

    parameters = None
    http_method_names = ("get", "head")

    def get(self, request, form):
        query = Query(request.GET)
        problems = [*query.errors, *query.filterset.unknown_parameters]
        if not query.is_asked:
            problems.append(("from", _("Give a version, a day or a moment.")))
        if problems:
            return unreadable(request, problems)
        address, page = (
            request.build_absolute_uri(f"{path}?{query.query_string}") for path in (request.path, reverse("compare"))
        )
        made_at = timezone.localtime(query.ends["to"].made_at)
        described = {"content_type": CONTENT_TYPES[form], "headers": data_headers(address, page, made_at)}
        if request.method == "HEAD":
            return HttpResponse(**described)
        parts = _csv(query) if form == "csv" else _json(query, data_meta(address, page, made_at))
        return limited(request, lambda: LimitedDownload(one_at_a_time(parts), **described))


def _json(query, meta):
    ends = {
        name: {"text": end.text, "change": end.change, "date": timezone.localtime(end.made_at).isoformat()}
        for name, end in query.ends.items()
    }
    total = len(query.comparison.all)
    yield f'{{"meta": {json_text({**meta, "list": query.name, **ends, "counts": query.counts(), "total": total})},\n'
    yield '"results": ['
    separator = "\n"
    for difference in query.comparison.all:
        yield separator + json_text(difference.as_data())
        separator = ",\n"
    yield "\n]}\n"


def _csv(query):
    line = csv.writer(Echo()).writerow
    yield "\N{BYTE ORDER MARK}" + line(Difference("", "").as_data())
    for difference in query.comparison.all:
        yield line([_cell(name, value, difference) for name, value in difference.as_data().items()])


def _cell(name, value, difference):
    """Return the cell of a value; what does not apply is empty, and only a value can be unknown."""
    if value is None and (name not in ("old", "new") or difference.kind in KINDS[:3]):
        return ""
    return cell_text(value, LIST if isinstance(value, list) else ())
