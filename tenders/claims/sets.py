"""
The set of tenders that an article counts, as the records have it: its members, their known facts, the sources of each.

A claim is never its own evidence. Beside the set with all that is known stands the one without every fact that only
the article, or a text that repeats it, states; and the one with nothing else.
"""

import datetime
from collections import defaultdict
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import Q

from tenders.choices import Certainty, Fact
from tenders.claims import intervals
from tenders.claims.facts import EVER, UNKNOWN_WINNERS, AwardFacts, Facts
from tenders.claims.matching import outcomes
from tenders.claims.measures.records import NUMBERS
from tenders.claims.populations import Missing, Population
from tenders.claims.queries import ClaimQueries, QueryParser, claims_of, periods
from tenders.fields import day_span
from tenders.kinds import canonical
from tenders.models import Award, AwardSupplier, Citation, Company, Institution, Source, Tender

DAY = datetime.timedelta(days=1)


def facts_by_parameter(model):
    """Return the facts of a model's attributes that claims may ask for, by parameter."""
    return {attribute.parameter: fact for fact, attribute in model.FACTS.items() if attribute.parameter}


OF_TENDERS, OF_INSTITUTIONS = facts_by_parameter(Tender), facts_by_parameter(Institution)
OF_AWARDS, OF_COMPANIES = facts_by_parameter(Award), facts_by_parameter(Company)


class ArticleSet:
    """The tenders of one article with their facts and the sources of each, read once for all its claims."""

    def __init__(self, article, claims=None):
        self.article = article
        self.claims = claims_of(article) if claims is None else claims
        self.parser = QueryParser(article, self.claims)
        self._load()

    # What is read.

    def _load(self):
        belongs = Q(figures__articles__contains=f",{self.article.slug},")
        named = {claim.tender_id for claim in self.claims if claim.tender_id}
        self.tenders = list(
            Tender.objects.published()
            .filter(belongs | Q(pk__in=named))
            .select_related("buyer", "region", "category", "figures")
            .prefetch_related("awards")
            .order_by("reference")
        )
        suppliers = AwardSupplier.objects.filter(award__tender__in=self.tenders)
        self._suppliers = defaultdict(list)
        for supplier in suppliers.select_related("company__region").order_by("company__reference"):
            self._suppliers[supplier.award_id].append(supplier.company)
        parties = [party for claim in self.claims for party in (claim.institution, claim.company) if party]
        self._named = [tender for tender in self.tenders if tender.pk in named]
        self._named += [party for party in parties if party.is_published]
        self.chosen = self._chosen_values()
        self.stating = self._sources_of_chosen_values()
        self.evidence = {tender.pk: self._evidence_of(tender) for tender in self.tenders}

    def _chosen_values(self):
        """Return the canonical form of the chosen value of each fact, by (kind, key, fact)."""
        chosen = {}

        def add(record, facts):
            kind = record._meta.model_name
            chosen.update({(kind, record.pk, fact): record.canonical(fact) for fact in facts})

        for tender in self.tenders:
            add(tender, [Fact.EXISTENCE, *OF_TENDERS.values()])
            if tender.buyer:
                add(tender.buyer, OF_INSTITUTIONS.values())
            for award in tender.awards.all():
                add(award, set(OF_AWARDS.values()) - {Fact.SUPPLIER})
                chosen["award", award.pk, Fact.SUPPLIER] = canonical(self._suppliers[award.pk])
                for company in self._suppliers[award.pk]:
                    add(company, OF_COMPANIES.values())
        for record in self._named:
            add(record, NUMBERS & set(record.FACTS))
        return chosen

    def _sources_of_chosen_values(self):
        """Return the sources that state the chosen value of each fact, by (kind, key, fact)."""
        keys = defaultdict(set)
        for kind, pk, _fact in self.chosen:
            keys[kind].add(pk)
        citations = Citation.objects.filter(
            Q(tender__in=self.tenders) | Q(institution__in=keys["institution"]) | Q(company__in=keys["company"])
        )
        stating = defaultdict(set)
        columns = ("award", "tender", "institution", "company", "fact", "value", "source")
        for *targets, fact, value, source in citations.values_list(*columns):
            kind, pk = next((kind, pk) for kind, pk in zip(columns, targets, strict=False) if pk)
            if self.chosen.get((kind, pk, fact)) == value:
                stating[kind, pk, Fact(fact)].add(source)
        return stating

    def _evidence_of(self, tender):
        """Return the facts, as (kind, key, fact), that a tender's value of each parameter rests on."""
        awards = [(award.pk, self._suppliers[award.pk]) for award in tender.awards.all()]
        evidence = {"existence": [("tender", tender.pk, Fact.EXISTENCE)]}
        evidence |= {parameter: [("tender", tender.pk, fact)] for parameter, fact in OF_TENDERS.items()}
        for parameter, fact in OF_INSTITUTIONS.items():
            own = [("institution", tender.buyer_id, fact)] if tender.buyer_id else []
            evidence[parameter] = evidence["institution"] + own
        evidence |= {parameter: [("award", pk, fact) for pk, _all in awards] for parameter, fact in OF_AWARDS.items()}
        for parameter, fact in OF_COMPANIES.items():
            own = [("company", company.pk, fact) for _pk, companies in awards for company in companies]
            evidence[parameter] = evidence["company"] + own
        return evidence

    def counts(self, tender):
        """Return whether the article counts a tender; others are there because a claim is about them."""
        return f",{self.article.slug}," in tender.figures.articles

    @property
    def number_keys(self):
        """The facts that are numbers of the records that claims are about, as (kind, key, fact)."""
        return [
            (record._meta.model_name, record.pk, fact) for record in self._named for fact in NUMBERS & set(record.FACTS)
        ]

    # Provenance: which sources state what.

    @cached_property
    def article_sources(self):
        """The keys of the article's sources, those in which its figures were read, and all versions of any of them."""
        kin = defaultdict(set)
        for version, original in Source.objects.exclude(version_of=None).values_list("pk", "version_of"):
            kin[version].add(original)
            kin[original].add(version)
        found = {source.pk for source in self.article.sources.all()} if self.article.pk else set()
        found |= {source.pk for claim in self.claims for source in claim.sources.all()}
        waiting = list(found)
        while waiting:
            new = kin[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    @cached_property
    def sources(self):
        """The sources of what is known of the tenders, by key."""
        stating = {pk for sources in self.stating.values() for pk in sources}
        return Source.objects.defer("notes", "notes_zh").in_bulk(stating)

    def _others_state(self, kind, pk, fact):
        others = self.stating[kind, pk, fact] - self.article_sources
        if fact == Fact.EXISTENCE:
            return any(self.sources[pk].is_document for pk in others)
        return bool(others)

    def _article_states(self, kind, pk, fact):
        return bool(self.stating[kind, pk, fact] & self.article_sources)

    def corroborating_sources(self, keys):
        """Return the sources beside the article's that state some facts, documents alone if there are any."""
        found = {pk for key in keys for pk in self.stating.get(key, ()) if pk not in self.article_sources}
        sources = sorted((self.sources[pk] for pk in found), key=lambda source: source.slug)
        return [source for source in sources if source.is_document] or sources

    # What is known.

    @cached_property
    def recorded(self):
        """The set with all that is known."""
        return self._population(lambda kind, pk, fact: True)

    @cached_property
    def without_article(self):
        """The set without what only the article states."""
        return self._population(self._others_state)

    @cached_property
    def article_only(self):
        """The set with nothing but what the article states."""
        return self._population(self._article_states)

    @cached_property
    def unidentified(self):
        """The set of which nothing is known but how many the article counts."""
        return self._population(lambda kind, pk, fact: False)

    def _population(self, states):
        """Return the set with those facts of which ``states(kind, key, fact)`` is true."""
        existing = [tender for tender in self.tenders if states("tender", tender.pk, Fact.EXISTENCE)]
        by_record = {("tender", tender.pk): self._facts(tender, states) for tender in existing}
        counted = [tender for tender in existing if self.counts(tender)]
        rows = tuple(by_record["tender", tender.pk] for tender in counted)
        numbers = {}
        for record in self._named:
            kind = record._meta.model_name
            if kind == "tender" and ("tender", record.pk) not in by_record:
                continue
            for fact in NUMBERS & set(record.FACTS):
                if states(kind, record.pk, fact):
                    numbers[kind, record.pk, fact] = record.FACTS[fact].value(record)
        return Population(rows, tuple(self._missing(rows)), by_record, numbers)

    def _facts(self, tender, states):
        def known(kind, pk, facts):
            chosen = self.chosen
            return {name: chosen[kind, pk, fact] or None for name, fact in facts.items() if states(kind, pk, fact)}

        def known_award(award):
            is_known = award.amount is not None and states("award", award.pk, Fact.AWARD_AMOUNT)
            winners = tuple(
                {"company": company.reference} | known("company", company.pk, OF_COMPANIES)
                for company in self._suppliers[award.pk]
            )
            return AwardFacts(
                award.amount if is_known else None,
                award.amount_qualifier if is_known else "",
                winners if winners and states("award", award.pk, Fact.SUPPLIER) else UNKNOWN_WINNERS,
            )

        values = known("tender", tender.pk, OF_TENDERS)
        if values.get("institution"):
            values |= known("institution", tender.buyer_id, OF_INSTITUTIONS)
        return Facts(
            pk=tender.pk,
            reference=tender.reference,
            is_doubtful=tender.certainty == Certainty.LOW,
            years=(tender.year,) if values.get("year") else None,
            values=values,
            awards=tuple(map(known_award, tender.awards.all())),
            evidence=self.evidence[tender.pk],
        )

    # What is missing.

    @cached_property
    def sizes(self):
        """The claims that state the size of the set for years or a period, with the parsed query of each."""
        found = []
        for claim in self.claims:
            if claim.is_set_size:
                try:
                    found.append((claim, ClaimQueries(claim, self.parser).query))
                except ValidationError:
                    continue
        return found

    def _missing(self, rows):
        """Yield what the article counts and the rows lack: of each stated size, and unbounded of days without one."""
        undoubted = [row for row in rows if not row.is_doubtful]
        queries = [query for _claim, query in self.sizes]
        gaps = self._days_of_no_size()
        inside = [sum(self._is_in(row, place, queries, gaps) for row in undoubted) for place in range(len(queries))]
        for (claim, query), number in zip(self.sizes, inside, strict=True):
            most = intervals.printed(claim).high
            spans = periods(query)
            years = tuple(year for first, last in spans for year in range(first.year, last.year + 1))
            limits = (min(first for first, _ in spans), max(last for _, last in spans))
            facts = Facts(years=years, limits=limits)
            yield Missing(None if most is None else max(0, int(most) - number), facts)
        for first, last in gaps:
            yield Missing(None, Facts(years=tuple(range(first.year, last.year + 1)), limits=(first, last)))

    @staticmethod
    def _is_in(row, place, queries, gaps):
        """Return whether a tender is one of those of a size: certainly, or as it can be nowhere else."""
        ways = outcomes(row, queries)
        is_certain = all(way[place] for way in ways)
        only = any(way[place] for way in ways) and not any(any(way[:place] + way[place + 1 :]) for way in ways)
        return is_certain or (only and not gaps)

    def _days_of_no_size(self):
        first = day_span(self.article.from_date)[0] if self.article.from_date else EVER[0]
        last = day_span(self.article.to_date)[1] if self.article.to_date else EVER[1]
        gaps = [(first, last)]
        for _claim, query in self.sizes:
            for start, end in periods(query):
                gaps = [
                    part
                    for low, high in gaps
                    for part in ((low, min(high, start - DAY)), (max(low, end + DAY), high))
                    if part[0] <= part[1]
                ]
        return gaps
