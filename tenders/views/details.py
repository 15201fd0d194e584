"""The pages of one record: every fact with its source, what no source states, and what is connected."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext
from django.views.generic import DetailView

from tenders.audit import public_history_of
from tenders.caching import VersionedMixin
from tenders.charts.marks import LinkedCount
from tenders.charts.times import timeline
from tenders.choices import EVER_PUBLIC, EditorialState, Fact
from tenders.models import Article, Company, Inclusion, Institution, Tender
from tenders.tables import AwardTable, InstitutionTenderTable
from tenders.views.errors import gone
from tenders.views.facts import Sources, fact_rows

MAX_TABLE_ROWS = 25  # of a record's page; the list page has the rest
MAX_RELATED = 4  # tenders of one institution, or of the winners, beside a tender


class RecordDetail(VersionedMixin, DetailView):
    """The page of one public record; 410 for one that has been withdrawn, 404 for any other."""

    parameters = frozenset()
    slug_field = slug_url_kwarg = "reference"
    context_object_name = "record"

    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        if self.object.state == EditorialState.WITHDRAWN:
            return gone(request, self.object)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_queryset(self):
        return self.model.objects.filter(state__in=EVER_PUBLIC).for_page()

    def get_object(self, queryset=None):
        try:
            return super().get_object(queryset)
        except Http404:
            raise Http404(_("There is no public record with the reference %(reference)s.") % self.kwargs) from None

    def get_context_data(self, **kwargs):
        sources = Sources()
        facts = fact_rows(self.object, self.object.citations.all(), sources)
        return super().get_context_data(
            facts=facts,
            sources=sources,
            disputes=facts.disputes(),
            history=public_history_of(self.object),
            **kwargs,
        )

    def contents(self, context, *sections):
        """Return the contents of the page: (name, id) of the disputes, of its own sections, of sources and history."""
        disputes = [
            (_("Sources disagree: %(fact)s") % {"fact": dispute.name}, f"dispute-{dispute.anchor}")
            for dispute in context["disputes"]
        ]
        history = [(_("History"), "history")] if context["history"] else []
        return [*disputes, *sections, (_("Sources"), "sources"), *history]


@dataclass(frozen=True)
class RelatedTenders:
    """The first tenders that have something in common with one; ``url``: the list of all, if there are more."""

    title: str
    tenders: list
    url: str


class TenderDetail(RecordDetail):
    model = Tender
    template_name = "tenders/tender_detail.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        awards = self._awards(context["sources"])
        winners = [company for company in self.object.suppliers if company.is_published]
        for award, title, facts in awards:
            context["disputes"] += facts.disputes(f"award-{award.number}-", title if len(awards) > 1 else "")
        sections = [(title, f"award-{award.number}") for award, title, _facts in awards]
        return {
            **context,
            "awards": awards,
            "disputed_amounts": [
                dispute.anchor for dispute in context["disputes"] if dispute.row.fact == Fact.AWARD_AMOUNT
            ],
            "largest": self._largest(),
            "winners": winners,
            "contents": self.contents(context, (_("The tender"), "facts"), *(sections or [(_("The award"), "award")])),
            "articles": self.articles(),
            "possibly_same_as": [tender for tender in self.object.possibly_same_as.all() if tender.is_published],
            "related": self._related(winners),
        }

    def _largest(self):
        """Return (text, address of the list that proves it) if no known amount of all, or of its year, is larger."""
        amount, year = self.object.figures.award_amount, self.object.year
        if amount is None:
            return None
        others = Tender.objects.published().with_figures().filter(award_amount__isnull=False).exclude(pk=self.object.pk)
        larger, of_year = Q(award_amount__gt=amount), Q(year=year)
        found = others.aggregate(
            all=Count("pk"),
            larger=Count("pk", filter=larger),
            of_year=Count("pk", filter=of_year),
            larger_of_year=Count("pk", filter=larger & of_year),
        )
        url = f"{reverse('tender-list')}?amount=known&sort=-amount"
        if found["all"] and not found["larger"]:
            return _("The largest known award"), url
        if found["of_year"] and not found["larger_of_year"]:
            return _("The largest known award of %(year)s") % {"year": year}, f"{url}&year={year}"
        return None

    def _awards(self, sources):
        """Return (award, title, rows) of each award."""
        awards, citations = self.object.awards.all(), self.object.citations.all()
        title = _("Award %(number)s") if len(awards) > 1 else _("The award")
        return [(award, title % {"number": award.number}, fact_rows(award, citations, sources)) for award in awards]

    def _related(self, winners):
        """Return the other tenders of its institution and of its winners, as ``RelatedTenders``; none without any."""
        buyer, related = self.object.buyer, []
        if buyer and buyer.is_published:
            title = _("Also bought by this institution")
            related.append(self._others(title, "institution", [buyer], buyer=buyer))
        if winners:
            title = ngettext("Also won by this company", "Also won by these companies", len(winners))
            related.append(self._others(title, "company", winners, awards__suppliers__in=winners))
        return [others for others in related if others.tenders]

    def _others(self, title, parameter, parties, **lookup):
        """Return the first other public tenders of some parties, with the list of all."""
        others = Tender.objects.published().filter(**lookup).exclude(pk=self.object.pk).select_related("buyer")
        first = list(others.order_by("-year", "reference").distinct()[: MAX_RELATED + 1])
        query = urlencode([(parameter, party.reference) for party in parties])
        url = f"{reverse('tender-list')}?{query}" if len(first) > MAX_RELATED else ""
        return RelatedTenders(title, first[:MAX_RELATED], url)

    def articles(self):
        """Return the public articles that count it, each with its inclusion where an editor has inferred that."""
        inclusion = self.object.inclusions.filter(article=OuterRef("pk"))
        reasons = {name: Subquery(inclusion.values(name)) for name in ("reason", "reason_zh")}
        slugs = self.object.figures.articles.strip(",").split(",")
        articles = Article.objects.published().annotate(**reasons).filter(slug__in=slugs)
        return [
            (article, article.reason and Inclusion(reason=article.reason, reason_zh=article.reason_zh))
            for article in articles
        ]


@dataclass(frozen=True)
class KeyFigure:
    """A number or an amount (yuan) of a party, neither where it is unknown, with a link to the tenders behind it."""

    text: str
    url: str
    number: int | None = None
    amount: Decimal | None = None
    num_tenders: int | None = None  # where the list has just the tenders that are counted


class PartyDetail(RecordDetail):
    """The page of an institution or a company: its tenders as figures, table and chart, then its facts."""

    template_name = "tenders/party_detail.html"
    parameter = None  # of the list of tenders: the one that names such a party
    list_title = description = None
    section_id = section_title = without_tenders = None  # the section of its tenders
    counterpart = counterpart_label = None  # the field of the same organisation on the other side, and its label
    facts_title = facts_caption = similar_title = None

    def get_context_data(self, **kwargs):
        counterpart = getattr(self.object, self.counterpart, None)
        context = super().get_context_data(
            description=self.description % {"name": self.object.name},
            list_url=reverse(f"{self.parameter}-list"),
            list_name=str(self.list_title),
            counterpart=counterpart if counterpart and counterpart.is_published else None,
            similar=self._similar(),
            **kwargs,
        )
        sections = [(self.section_title, self.section_id), (self.facts_title, "facts")]
        return {**context, "contents": self.contents(context, *sections)}

    def _similar(self):
        """Return (name, address) of the lists of the parties of the same region and of the same kind."""
        party, url = self.object, reverse(f"{self.parameter}-list")
        similar = []
        if party.region:
            name = _("Registered in %(region)s") % {"region": party.region}
            similar.append((name, f"{url}?seat={party.region.code}"))
        if party.kind:
            name = _("Kind: %(kind)s") % {"kind": party.get_kind_display()}
            similar.append((name, f"{url}?kind={party.kind}"))
        return similar

    def tenders_url(self, **query):
        """Return the address of the list of its tenders."""
        return f"{reverse('tender-list')}?{urlencode({**query, self.parameter: self.object.reference})}"

    def timeline(self, tenders, number):
        """Return the chart of some of its tenders, beside all years that are recorded; None without any."""
        years = self.cache.get_or_compute(["years"], lambda: Tender.objects.published().years())
        base = LinkedCount(npgettext("after a number", "tender", "tenders", number), number, self.tenders_url())
        return timeline(tenders, base, years)


class InstitutionDetail(PartyDetail):
    model = Institution
    parameter = "institution"
    list_title = gettext_lazy("Institutions")
    description = gettext_lazy("Tenders of %(name)s, with the source of every fact.")
    section_id = "tenders"
    section_title = gettext_lazy("Its tenders")
    without_tenders = gettext_lazy("No published tender.")
    counterpart = "company"
    counterpart_label = gettext_lazy("This organisation also supplies: ")
    facts_title = gettext_lazy("The institution")
    facts_caption = gettext_lazy("Facts of the institution")
    similar_title = gettext_lazy("Similar institutions")

    def get_context_data(self, **kwargs):
        tenders = self.object.tenders.published().with_figures()
        known = tenders.aggregate(all=Count("pk"), amounts=Count("award_amount"), sum=Sum("award_amount"))
        rows = list(tenders.for_list().order_by("-year", "reference")[:MAX_TABLE_ROWS])
        return super().get_context_data(
            key_figures=self._key_figures(known["all"], known["amounts"], known["sum"]),
            table=InstitutionTenderTable(rows),
            chart=self.timeline(rows, known["all"]),
            **kwargs,
        )

    def _key_figures(self, num_tenders, num_amounts, total):
        if not num_tenders:
            return []
        if num_amounts:
            text = ngettext(
                "yuan awarded, known of %(known)s of %(all)s tender",
                "yuan awarded, known of %(known)s of %(all)s tenders",
                num_tenders,
            )
            url, num_listed = self.tenders_url(amount="known"), num_amounts
        else:
            text = ngettext(
                "what was paid for its %(all)s tender", "what was paid for any of its %(all)s tenders", num_tenders
            )
            url, num_listed = self.tenders_url(amount="unknown"), num_tenders
        bought = npgettext("after a number", "tender", "tenders", num_tenders)
        return [
            KeyFigure(bought, self.tenders_url(), number=num_tenders, num_tenders=num_tenders),
            KeyFigure(text % {"known": num_amounts, "all": num_tenders}, url, amount=total, num_tenders=num_listed),
        ]


class CompanyDetail(PartyDetail):
    model = Company
    parameter = "company"
    list_title = gettext_lazy("Companies")
    description = gettext_lazy("Tenders won by %(name)s, with the source of every fact.")
    section_id = "awards"
    section_title = gettext_lazy("Its awards")
    without_tenders = gettext_lazy("No published award.")
    counterpart = "institution"
    counterpart_label = gettext_lazy("This organisation also buys: ")
    facts_title = gettext_lazy("The company")
    facts_caption = gettext_lazy("Facts of the company")
    similar_title = gettext_lazy("Similar companies")

    def get_context_data(self, **kwargs):
        awards = sorted(self.object.published_awards, key=lambda award: (-award.tender.year, award.tender.reference))
        tenders = list(dict.fromkeys(award.tender for award in awards))
        rows = [{"award": award, "partners": self._partners(award)} for award in awards]
        return super().get_context_data(
            key_figures=self._key_figures(awards, len(tenders)),
            table=AwardTable(rows, caption=self.section_title),
            chart=self.timeline(tenders[:MAX_TABLE_ROWS], len(tenders)),
            **kwargs,
        )

    def _partners(self, award):
        """Return the other public companies that an award went to."""
        return [company for company in award.suppliers.all() if company != self.object and company.is_published]

    def _key_figures(self, awards, num_tenders):
        if not awards:
            return []
        alone = [award.amount for award in awards if award.amount is not None and not award.is_joint]
        jointly = [award.amount for award in awards if award.amount is not None and award.is_joint]
        num_unknown = len(awards) - len(alone) - len(jointly)
        won = ngettext("tender won", "tenders won", num_tenders)
        figures = [KeyFigure(won, self.tenders_url(), number=num_tenders, num_tenders=num_tenders)]
        if alone:
            figures.append(KeyFigure(_("yuan awarded to it alone"), self.tenders_url(), amount=sum(alone)))
        if jointly:
            text = _("yuan jointly with others; whose share is how much is not known")
            figures.append(KeyFigure(text, self.tenders_url(), amount=sum(jointly)))
        if num_unknown:
            text = ngettext("the amount of %(number)s award", "the amounts of %(number)s awards", num_unknown)
            figures.append(KeyFigure(text % {"number": num_unknown}, self.tenders_url(amount="unknown")))
        return figures
