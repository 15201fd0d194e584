"""
Pages as data: the twin of ``/x/`` is ``/x.json``, with what the page shows, in its order and for its query string.

A twin is the view of its page with another response, so both answer 404 and 410 alike. It reads no parameter that the
page does not read, and refuses those that it does not know.
"""

from django.http import HttpResponse
from django.urls import reverse

from tenders.choices import EVER_PUBLIC
from tenders.exports.records import for_data, record_data
from tenders.exports.writers import json_text
from tenders.views.claim_data import counted_data
from tenders.views.details import CompanyDetail, InstitutionDetail, TenderDetail
from tenders.views.downloads import StrictMixin, data_changed_at, data_headers, data_meta
from tenders.views.figures import Counted


class TwinMixin(StrictMixin):
    """Mixin for the view of a page that answers with data; ``page`` is the name of its URL."""

    http_method_names = ("get", "head")
    page = None

    def get_data(self, **asked):
        """Return what the page shows, by name: JSON serialisable values; ``asked`` is what the page was asked for."""
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        return self.get_data(**kwargs)

    def render_to_response(self, context, **kwargs):
        query = self.request.GET.urlencode()
        paths = [self.request.path, reverse(self.page, kwargs=self.kwargs)]
        address, page = (self.absolute(f"{path}?{query}" if query else path) for path in paths)
        changed_at = data_changed_at(self.cache)
        meta = data_meta(address, page, changed_at, **context.pop("meta", {}))
        return HttpResponse(
            json_text({"meta": meta, **context}) + "\n",
            content_type="application/json",
            headers=data_headers(address, page, changed_at),
        )

    def absolute(self, path):
        """Return the absolute address of a path; empty text for none."""
        return path and self.request.build_absolute_uri(path)


class RecordTwinMixin(TwinMixin):
    """Mixin for the view of a record's page that answers with the record as data."""

    def get_queryset(self):
        return for_data(self.model.objects.filter(state__in=EVER_PUBLIC))

    def get_data(self, **asked):
        return {"record": {**record_data(self.object, site=self.absolute("/").rstrip("/")), **self.beside()}}

    def beside(self):
        """Return what the page shows beside the record."""
        raise NotImplementedError


class TenderTwin(RecordTwinMixin, TenderDetail):
    page = "tender-detail"

    def beside(self):
        """Return the articles that count the tender, each with the reason where an editor has inferred that."""
        return {
            "articles": [
                {
                    "slug": article.slug,
                    "address": self.absolute(article.get_absolute_url()),
                    "reason": inclusion.reason if inclusion else "",
                    "reason_zh": inclusion.reason_zh if inclusion else "",
                }
                for article, inclusion in self.articles()
            ]
        }


class PartyTwinMixin(RecordTwinMixin):
    """Mixin for the view of a party's page that answers with the party as data."""

    def beside(self):
        """Return the number of its tenders, with the list of them."""
        counted = Counted(self.object.num_tenders, self.tenders_url())
        return {"tenders": counted_data(counted, self.absolute)}


class InstitutionTwin(PartyTwinMixin, InstitutionDetail):
    page = "institution-detail"


class CompanyTwin(PartyTwinMixin, CompanyDetail):
    page = "company-detail"
