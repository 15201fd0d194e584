"""The overview, the search and the data page as data."""

from urllib.parse import urlencode

from django.urls import reverse

from tenders.exports.writers import FORMS
from tenders.facets import UNKNOWN, parameter_errors_of
from tenders.models import Article, Claim, Tender
from tenders.views.claim_data import counted_data
from tenders.views.data import DataPage
from tenders.views.errors import unreadable
from tenders.views.figures import Counted
from tenders.views.pages import NUM_LARGEST, Overview
from tenders.views.search import Search, SearchForm
from tenders.views.twins import TwinMixin

# The numbers of the overview: the list that proves each, and its filter.
COUNTED = {
    "num_tenders": ("tender-list", {}),
    "num_institutions": ("institution-list", {}),
    "num_companies": ("company-list", {}),
    "num_amounts": ("tender-list", {"amount": "known"}),
    "num_unknown_amounts": ("tender-list", {"amount": UNKNOWN}),
    "num_disputed": ("tender-list", {"disputed": "yes"}),
    "num_from_elsewhere": ("tender-list", {"same_region": "no"}),
}
OF_PARTIES = ("reference", "name_en", "name_zh")
SHOWN = {
    Tender: ("reference", "title_en", "title_zh"),
    Article: ("slug", "title_en", "title_zh"),
    Claim: ("code", "statement_en", "statement_zh"),
}  # what names a record that is found, unless it is a party


class NamedMixin(TwinMixin):
    def named(self, record):
        """Return what names a record, None where it has no such name, and its address."""
        names = {name: getattr(record, name) or None for name in SHOWN.get(type(record), OF_PARTIES)}
        return {**names, "address": self.absolute(record.get_absolute_url())}


class OverviewTwin(NamedMixin, Overview):
    """The numbers of the front page, its largest awards, and where its charts are as data."""

    page = "overview"

    def get_data(self, **asked):
        found = self.counted()
        numbers = {}
        for name, (page, query) in COUNTED.items():
            url = f"{reverse(page)}?{urlencode(query)}" if query else reverse(page)
            numbers[name.removeprefix("num_")] = counted_data(Counted(found[name], url), self.absolute)
        return {
            "numbers": numbers,
            "largest": [
                {**self.named(tender), "award_amount": tender.award_amount} for tender in self.largest()[:NUM_LARGEST]
            ],
            "charts": [self.absolute(chart.file_url("json")) for chart in found["charts"]],
            "article": self.absolute(found["article"]["url"]) if found["article"] else "",
        }


class SearchTwin(NamedMixin, Search):
    """What the search finds, in groups, and what to search for instead where it finds nothing."""

    page = "search"

    def get(self, request):
        form = SearchForm(request.GET)
        if problems := parameter_errors_of(form):
            return unreadable(request, problems)
        return self.render_to_response(self.get_data(**self.found(form)))

    def get_data(self, groups=(), page=None, named=(), corrected=None, spellings=(), alone=(), **asked):
        groups = [page] if page else groups
        return {
            "meta": {"total": sum(group["total"] for group in groups)},
            "groups": [
                {
                    "name": group["name"],
                    "total": group["total"],
                    "address": self.absolute(group.get("url", "")),
                    "results": [self.named(record) for record in group["rows"]],
                }
                for group in groups
            ],
            "lists": [
                {"label": label, **counted_data(Counted(number, url), self.absolute)} for label, number, url in named
            ],
            "did_you_mean": [*([corrected["text"]] if corrected else []), *(text for text, _query in spellings)],
            "words_alone": [word for word, _query in alone],
        }


class DataTwin(TwinMixin, DataPage):
    """What can be downloaded, with the meaning of each column."""

    page = "data"

    def get_data(self, **asked):
        return {
            "lists": [
                {
                    "kind": described["kind"],
                    "description": described["description"],
                    **counted_data(described["counted"], self.absolute),
                    "downloads": {
                        form: self.absolute(reverse(f"{described['kind']}-download", args=[form])) for form in FORMS
                    },
                    "columns": [
                        {
                            "name": column.name,
                            "type": str(column.type),
                            "several": bool(column.separators),
                            "description": str(column.description),
                        }
                        for column in described["columns"]
                    ],
                }
                for described in self.lists()
            ]
        }
