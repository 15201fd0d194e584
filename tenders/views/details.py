"""The pages of one record: every fact with its source, what no source states, and what is connected."""

from django.db.models import Count, OuterRef, Subquery, Sum
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext
from django.views.generic import DetailView

from tenders.audit import public_history_of
from tenders.caching import VersionedMixin
from tenders.charts import LinkedCount, timeline
from tenders.choices import EditorialState
from tenders.models import Article, Company, Institution, Tender
from tenders.tables import InstitutionTenderTable
from tenders.views.errors import gone
from tenders.views.facts import Sources, fact_rows

MAX_TABLE_ROWS = 25  # of a record's page; the list page has the rest


class RecordDetail(VersionedMixin, DetailView):
    """The page of one public record; 410 for one that has been withdrawn, 404 for any other."""

    slug_field = slug_url_kwarg = "reference"
    context_object_name = "record"

    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        if self.object.state == EditorialState.WITHDRAWN:
            return gone(request, self.object)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_queryset(self):
        return self.model.objects.filter(state__in=[EditorialState.PUBLISHED, EditorialState.WITHDRAWN]).for_page()

    def get_object(self, queryset=None):
        try:
            return super().get_object(queryset)
        except Http404:
            raise Http404(_("Nothing public has the reference %(reference)s.") % self.kwargs) from None

    def get_context_data(self, **kwargs):
        sources = Sources()
        facts = fact_rows(self.object, self.object.citations.all(), sources)
        return super().get_context_data(facts=facts, sources=sources, history=public_history_of(self.object), **kwargs)


class TenderDetail(RecordDetail):
    model = Tender
    template_name = "tenders/tender_detail.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        citations = self.object.citations.all()
        awards = [(award, fact_rows(award, citations, context["sources"])) for award in self.object.awards.all()]
        rows = [(row, row.fact) for row in context["facts"]]
        rows += [(row, f"award-{award.number}-{row.fact}") for award, facts in awards for row in facts]
        return {
            **context,
            "awards": awards,
            "winners": [company for company in self.object.suppliers if company.is_published],
            "disputed": [(row, anchor) for row, anchor in rows if row.is_disputed],
            "articles": self._articles(),
            "possibly_same_as": [each for each in self.object.possibly_same_as.all() if each.is_published],
        }

    def _articles(self):
        """Return the public articles that count it; each has the ``reason`` where an editor has inferred that."""
        reason = self.object.inclusions.filter(article=OuterRef("pk")).values("reason")
        articles = Article.objects.published().annotate(reason=Subquery(reason))
        return articles.filter(slug__in=self.object.figures.articles.strip(",").split(","))


class PartyDetail(RecordDetail):
    """The page of an institution or a company, with its purchases or awards."""

    template_name = "tenders/party_detail.html"
    dealings_template = list_name = facts_heading = facts_caption = ""
    description = ""  # with the name
    parameter = None  # of the tender list, which names the record

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            dealings_template=self.dealings_template,
            list_url=reverse(f"{self.model._meta.model_name}-list"),
            list_name=self.list_name,
            facts_heading=self.facts_heading,
            facts_caption=self.facts_caption,
            description=str(self.description) % {"name": self.object.name},
            **kwargs,
        )

    def _in_time(self, tenders, number):
        """Return the picture of some of its tenders, beside all years that are recorded; None without any."""
        years = self.cache.get_or_compute(["years"], lambda: Tender.objects.published().years())
        address = f"{reverse('tender-list')}?{self.parameter}={self.object.reference}"
        return timeline(
            tenders, LinkedCount(npgettext("after a number", "tender", "tenders", number), number, address), years
        )


class InstitutionDetail(PartyDetail):
    parameter = "institution"
    model = Institution
    dealings_template = "components/purchases.html"
    list_name = gettext_lazy("Institutions")
    description = gettext_lazy("What %(name)s has bought, and which source says so.")
    facts_heading = gettext_lazy("The institution")
    facts_caption = gettext_lazy("Facts of the institution")

    def get_context_data(self, **kwargs):
        tenders = self.object.tenders.published().with_figures()
        known = tenders.aggregate(all=Count("pk"), amounts=Count("award_amount"), sum=Sum("award_amount"))
        rows = list(tenders.for_list().order_by("-year", "reference")[:MAX_TABLE_ROWS])
        company = getattr(self.object, "company", None)
        return super().get_context_data(
            num_tenders=known["all"],
            num_amounts=known["amounts"],
            sum=known["sum"],
            table=InstitutionTenderTable(rows),
            chart=self._in_time(rows, known["all"]),
            company=company if company and company.is_published else None,
            **kwargs,
        )


class CompanyDetail(PartyDetail):
    parameter = "company"
    model = Company
    dealings_template = "components/wins.html"
    list_name = gettext_lazy("Companies")
    description = gettext_lazy("What %(name)s has won, and which source says so.")
    facts_heading = gettext_lazy("The company")
    facts_caption = gettext_lazy("Facts of the company")

    def get_context_data(self, **kwargs):
        awards = sorted(self.object.published_awards, key=lambda award: (-award.tender.year, award.tender.reference))
        institution = self.object.institution
        alone = [award.amount for award in awards if award.amount is not None and not award.is_joint]
        jointly = [award.amount for award in awards if award.amount is not None and award.is_joint]
        tenders = list(dict.fromkeys(award.tender for award in awards))
        return super().get_context_data(
            awards=awards,
            chart=self._in_time(tenders[:MAX_TABLE_ROWS], len(tenders)),
            sum_alone=sum(alone) if alone else None,
            sum_jointly=sum(jointly) if jointly else None,
            num_unknown=len(awards) - len(alone) - len(jointly),
            num_tenders=len(tenders),
            institution=institution if institution and institution.is_published else None,
            **kwargs,
        )
