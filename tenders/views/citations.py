"""The citation of a page as a file, for programs that manage references."""

from django.http import HttpResponse

from tenders.audit import public_history_of
from tenders.catalogue import dataset_summary
from tenders.citing import citation_for
from tenders.models import Claim
from tenders.views.articles import ArticleDetail
from tenders.views.claims import ClaimDetail
from tenders.views.data import DataPage
from tenders.views.details import CompanyDetail, InstitutionDetail, TenderDetail


class CitationFileMixin:
    """Mixin for the view of a page: the same citation as the page shows, as a file; 404 and 410 as the page."""

    def get_context_data(self, **kwargs):
        """Return no context: a file has no template."""
        return {}

    def render_to_response(self, context, **kwargs):
        cited = self.get_cited()
        url = self.request.build_absolute_uri(cited.get_absolute_url())
        work = citation_for(cited, url, changed_at=self.changed_at(cited))
        extension = self.kwargs["extension"]
        text, media_type = work.as_file(extension)
        disposition = f'attachment; filename="{work.key}.{extension}"'
        return HttpResponse(text, content_type=media_type, headers={"Content-Disposition": disposition})

    def get_cited(self):
        return self.object

    def changed_at(self, cited):
        """Return when the cited record was last changed; None if that is not recorded."""
        if isinstance(cited, Claim):
            return cited.verdict_changes.order_by("-changed_at").values_list("changed_at", flat=True).first()
        history = public_history_of(cited)
        return history[0].made_at if history else None


class TenderCitation(CitationFileMixin, TenderDetail):
    pass


class InstitutionCitation(CitationFileMixin, InstitutionDetail):
    pass


class CompanyCitation(CitationFileMixin, CompanyDetail):
    pass


class ArticleCitation(CitationFileMixin, ArticleDetail):
    pass


class ClaimCitation(CitationFileMixin, ClaimDetail):
    pass


class DataCitation(CitationFileMixin, DataPage):
    def get_cited(self):
        return self.cache.get_or_compute(["data"], dataset_summary)

    def changed_at(self, cited):
        return cited.changed_at
