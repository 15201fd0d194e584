"""The page of a claim: what was printed beside what is recorded, the records behind it, and how its verdict changed."""

import re

from django.db.models import OuterRef, Q, Subquery
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import DetailView

from tenders.caching import VersionedMixin
from tenders.choices import EVER_PUBLIC, EditorialState
from tenders.claims.queries import claims_of
from tenders.claims.verdict_history import evaluations_of
from tenders.claims.wording import Names
from tenders.models import Claim, Company, Institution, Tender, VerdictChange
from tenders.references import REFERENCE_PATTERN
from tenders.views.errors import gone
from tenders.views.figures import counted_part, drawing, figure, figure_over_all_tenders

REFERENCE = rf"\b[A-Z]{{1,2}}-{REFERENCE_PATTERN}\b"
ROWS = 25  # of the tenders named on a claim's page; the list has the rest
MODELS = {"TW": Tender, "I-": Institution, "C-": Company}  # by the start of a reference


class ClaimDetail(VersionedMixin, DetailView):
    """One claim: printed, recorded, between which limits it must lie, the verdict and why, and since when."""

    parameters = frozenset()
    model = Claim
    template_name = "tenders/claim_detail.html"

    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        if self.object.article.state == EditorialState.WITHDRAWN:
            return gone(request, self.object.article)
        return self.render_to_response(self.get_context_data())

    def get_object(self, queryset=None):
        claims = Claim.objects.filter(
            article__slug=self.kwargs["slug"],
            article__state__in=EVER_PUBLIC,
            code=self.kwargs["code"],
        )
        claim = claims.select_related("article", "tender", "institution", "company").first()
        if claim is None:
            raise Http404(_("No public article states a claim of the code %(code)s here.") % self.kwargs)
        return claim

    def get_context_data(self, **kwargs):
        claim = self.object
        shown = self.cache.get_or_compute(["claim", claim.article.slug, claim.code, get_language()], self._shown)
        return super().get_context_data(**shown, article=claim.article, **kwargs)

    def _shown(self):
        claim, article = self.object, self.object.article
        evaluations = evaluations_of(article, self.cache)
        evaluation = evaluations[claim.code]
        passage = {claim.pk, claim.reading_of_id} - {None}
        readings = claims_of(article, ~Q(pk=claim.pk), Q(pk__in=passage) | Q(reading_of__in=passage))
        names = Names([evaluation, *(evaluations[other.code] for other in readings)])
        return {
            "figure": figure(claim, evaluation, names),
            "evaluation": evaluation,
            "drawing": drawing(claim, evaluation),
            "parts": [counted_part(query_result) for query_result in evaluation.query_results],
            "rows": self._rows(evaluation),
            "over_all_tenders": figure_over_all_tenders(claim),
            "readings": [figure(other, evaluations[other.code], names) for other in readings],
            "verdict_changes": public_verdict_changes(claim),
            "read_in": list(claim.sources.order_by("slug")),
        }

    def _rows(self, evaluation):
        """Return the first tenders that are certainly and possibly counted, in the order of the queries."""
        if not evaluation.query_results:
            return {}
        query_result = evaluation.query_results[0]
        named = [*query_result.certain[:ROWS], *query_result.possible[:ROWS]]
        tenders = {
            tender.reference: tender for tender in Tender.objects.published().filter(reference__in=named).for_list()
        }
        return {
            "certain": [tenders[reference] for reference in query_result.certain[:ROWS] if reference in tenders],
            "possible": [tenders[reference] for reference in query_result.possible[:ROWS] if reference in tenders],
            "more_certain": max(0, len(query_result.certain) - ROWS),
            "more_possible": max(0, len(query_result.possible) - ROWS),
        }


def public_verdict_changes(claim):
    """Return the changes of a claim's verdict, the latest first; what is not public any more is not named."""
    return _hide_what_is_not_public(claim.verdict_changes.order_by("-changed_at"))


def last_verdict_changes(article):
    """Return the last change of the verdict on each claim of an article, by code, as the public may see it."""
    of_same_claim = VerdictChange.objects.filter(claim=OuterRef("claim")).order_by("-changed_at")
    last = VerdictChange.objects.filter(claim__article=article, pk=Subquery(of_same_claim.values("pk")[:1]))
    return {change.claim.code: change for change in _hide_what_is_not_public(last.select_related("claim"))}


def _hide_what_is_not_public(verdict_changes):
    verdict_changes = list(verdict_changes)
    named = [set(re.findall(REFERENCE, f"{change.subject} {change.details}")) for change in verdict_changes]
    records = set().union(*named)
    public = {
        reference
        for model in (Tender, Institution, Company)
        for reference in model.objects.published().filter(reference__in=records).values_list("reference", flat=True)
    }
    for verdict_change, references in zip(verdict_changes, named, strict=True):
        verdict_change.subject_url = ""
        if references - public:
            verdict_change.subject, verdict_change.details = _("A record"), ""
        elif (model := MODELS.get(verdict_change.subject[:2])) and verdict_change.subject in references:
            verdict_change.subject_url = model(reference=verdict_change.subject).get_absolute_url()
    return verdict_changes
