"""
The set of tenders that an article counts, as the records have it: who is in it, what is known of each, by whose word.

A claim is never its own evidence. Beside the set with all that is known stands the one that is left after striking out
every fact that only the article, or a text that repeats it, states; and the one that the article alone would give.
"""

import datetime
from collections import defaultdict
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import Q

from tenders.choices import Certainty, Fact
from tenders.claims import intervals
from tenders.claims.facts import EVER, NOBODY_KNOWN, AwardFacts, Facts, SupplierFacts
from tenders.claims.matching import outcomes
from tenders.claims.measures import NUMBERS
from tenders.claims.queries import Queries, Reader, claims_of, periods
from tenders.claims.scopes import Missing, World
from tenders.fields import day_span
from tenders.kinds import canonical
from tenders.models import AwardSupplier, Citation, Source, Tender

# The facts of a tender, by the names that parameters of the tender list have.
OF_TENDERS = {
    "year": Fact.YEAR,
    "region": Fact.REGION,
    "category": Fact.CATEGORY,
    "institution": Fact.INSTITUTION,
    "status": Fact.STATUS,
    "method": Fact.METHOD,
    "main_subject": Fact.IS_MAIN_SUBJECT,
    "notice_date": Fact.NOTICE_DATE,
    "budget": Fact.BUDGET,
}
OF_INSTITUTIONS = {"institution_kind": Fact.KIND, "level": Fact.LEVEL}
OF_COMPANIES = {"company_size": Fact.SIZE, "supplier_region": Fact.REGION}
DAY = datetime.timedelta(days=1)


class ArticleSet:
    """The tenders of one article with their facts and the sources of each, read once for all its claims."""

    def __init__(self, article):
        self.article = article
        self.claims = claims_of(article)
        self.reader = Reader(article, self.claims)
        self._load()

    # What is read.

    def _load(self):
        belongs = Q(figures__articles__contains=f",{self.article.slug},")
        named = Q(pk__in={claim.tender_id for claim in self.claims if claim.tender_id})
        self.tenders = list(
            Tender.objects.published()
            .filter(belongs | named)
            .select_related("buyer", "region", "category", "figures")
            .prefetch_related("awards")
            .order_by("reference")
        )
        suppliers = AwardSupplier.objects.filter(award__tender__in=self.tenders)
        self._suppliers = defaultdict(list)
        for supplier in suppliers.select_related("company__region").order_by("company__reference"):
            self._suppliers[supplier.award_id].append(supplier.company)
        self._parties = [
            record
            for claim in self.claims
            for record in (claim.institution, claim.company)
            if record and record.is_published
        ]
        self.sources = {source.pk: source for source in Source.objects.only("slug", "kind", "title", "version_of")}
        self._stated = self._statements()

    def _statements(self):
        """Return the sources that state the chosen value of each fact, by (kind, key, fact)."""
        chosen = {}
        for tender in self.tenders:
            _choose(chosen, "tender", tender, [Fact.EXISTENCE, *OF_TENDERS.values()])
            if tender.buyer:
                _choose(chosen, "institution", tender.buyer, OF_INSTITUTIONS.values())
            for award in tender.awards.all():
                chosen["award", award.pk, Fact.AWARD_AMOUNT] = award.canonical(Fact.AWARD_AMOUNT)
                chosen["award", award.pk, Fact.SUPPLIER] = canonical(self._suppliers[award.pk])
                for company in self._suppliers[award.pk]:
                    _choose(chosen, "company", company, OF_COMPANIES.values())
        for record in self._parties:
            _choose(chosen, record._meta.model_name, record, NUMBERS & set(record.FACTS))
        keys = {kind: {key for each, key, _fact in chosen if each == kind} for kind in ("institution", "company")}
        citations = Citation.objects.filter(
            Q(tender__in=self.tenders) | Q(institution__in=keys["institution"]) | Q(company__in=keys["company"])
        )
        stated = defaultdict(set)
        columns = ("award", "tender", "institution", "company", "fact", "value", "source")
        for *targets, fact, value, source in citations.values_list(*columns):
            kind, pk = next((kind, pk) for kind, pk in zip(columns, targets, strict=False) if pk)
            if chosen.get((kind, pk, fact)) == value:
                stated[kind, pk, Fact(fact)].add(source)
        return stated

    # By whose word.

    @cached_property
    def family(self):
        """The article's sources, those in which its figures were read, and whatever is a version of any of them."""
        kin = defaultdict(set)
        for source in self.sources.values():
            if source.version_of_id:
                kin[source.pk].add(source.version_of_id)
                kin[source.version_of_id].add(source.pk)
        found = {source.pk for source in self.article.sources.all()} if self.article.pk else set()
        found |= {source.pk for claim in self.claims for source in claim.sources.all()}
        waiting = list(found)
        while waiting:
            new = kin[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    def _others_state(self, kind, pk, fact):
        others = self._stated[kind, pk, fact] - self.family
        if fact == Fact.EXISTENCE:
            return any(self.sources[pk].is_document for pk in others)
        return bool(others)

    def _article_states(self, kind, pk, fact):
        return bool(self._stated[kind, pk, fact] & self.family)

    def witnesses(self, keys):
        """Return the sources beside the article's that state some facts, documents alone if there are any."""
        found = {pk for key in keys for pk in self._stated.get(key, ()) if pk not in self.family}
        sources = sorted((self.sources[pk] for pk in found), key=lambda source: source.slug)
        return [source for source in sources if source.is_document] or sources

    # What is known.

    @cached_property
    def recorded(self):
        """The set with all that is known."""
        return self._world(lambda kind, pk, fact: True)

    @cached_property
    def struck(self):
        """The set without what only the article states."""
        return self._world(self._others_state)

    @cached_property
    def own(self):
        """The set with nothing but what the article states."""
        return self._world(self._article_states)

    @cached_property
    def unidentified(self):
        """The set of which nothing is known but how many the article counts."""
        return self._world(lambda kind, pk, fact: False)

    def _world(self, states):
        about, rows, numbers = {}, [], {}
        for tender in self.tenders:
            if not states("tender", tender.pk, Fact.EXISTENCE):
                continue
            facts = self._facts(tender, states)
            about["tender", tender.pk] = facts
            if f",{self.article.slug}," in tender.figures.articles:
                rows.append(facts)
            for fact in NUMBERS & set(tender.FACTS):
                value = tender.FACTS[fact].value(tender)
                numbers["tender", tender.pk, fact] = value if states("tender", tender.pk, fact) else None
        for record in self._parties:
            kind = record._meta.model_name
            for fact in NUMBERS & set(record.FACTS):
                value = record.FACTS[fact].value(record)
                numbers[kind, record.pk, fact] = value if states(kind, record.pk, fact) else None
        return World(tuple(rows), tuple(self._missing(rows)), about, numbers)

    def _facts(self, tender, states):
        buyer = tender.buyer
        values = {
            "region": tender.region and tender.region.code,
            "category": tender.category and tender.category.slug,
            "institution": buyer and buyer.reference,
            "status": tender.status or None,
            "method": tender.procurement_method or None,
            "main_subject": {True: "yes", False: "no", None: None}[tender.is_main_subject],
            "budget": tender.budget_amount,
        }
        evidence = {"existence": [("tender", tender.pk, Fact.EXISTENCE)]}
        for name, fact in OF_TENDERS.items():
            evidence[name] = [("tender", tender.pk, fact)]
            if name in values and not states("tender", tender.pk, fact):
                values[name] = None
        for name, fact in OF_INSTITUTIONS.items():
            evidence[name] = [
                ("tender", tender.pk, Fact.INSTITUTION),
                *([("institution", buyer.pk, fact)] if buyer else []),
            ]
            is_known = values["institution"] and states("institution", buyer.pk, fact)
            values[name] = (buyer.canonical(fact) or None) if is_known else None
        awards = list(tender.awards.all())
        evidence["award_amount"] = [("award", award.pk, Fact.AWARD_AMOUNT) for award in awards]
        evidence["company"] = [("award", award.pk, Fact.SUPPLIER) for award in awards]
        companies = [company for award in awards for company in self._suppliers[award.pk]]
        for name, fact in OF_COMPANIES.items():
            evidence[name] = evidence["company"] + [("company", company.pk, fact) for company in companies]
        evidence["same_region"] = evidence["region"] + evidence["supplier_region"]
        return Facts(
            pk=tender.pk,
            reference=tender.reference,
            is_doubtful=tender.certainty == Certainty.LOW,
            years=(tender.year,) if states("tender", tender.pk, Fact.YEAR) else None,
            notice_date=tender.notice_date if states("tender", tender.pk, Fact.NOTICE_DATE) else "",
            awards=tuple(self._award(award, states) for award in awards),
            evidence=evidence,
            **values,
        )

    def _award(self, award, states):
        suppliers = tuple(
            SupplierFacts(
                company.reference,
                (company.size or None) if states("company", company.pk, Fact.SIZE) else None,
                company.region.code if company.region and states("company", company.pk, Fact.REGION) else None,
            )
            for company in self._suppliers[award.pk]
        )
        is_known = award.amount is not None and states("award", award.pk, Fact.AWARD_AMOUNT)
        return AwardFacts(
            award.amount if is_known else None,
            award.amount_qualifier if is_known else "",
            suppliers if suppliers and states("award", award.pk, Fact.SUPPLIER) else NOBODY_KNOWN,
        )

    # What is missing.

    @cached_property
    def sizes(self):
        """The claims that state the size of the set for years or a period, with the question of each."""
        found = []
        for claim in self.claims:
            if claim.is_set_size:
                try:
                    found.append((claim, Queries(claim, self.reader).query))
                except ValidationError:
                    continue
        return found

    def _missing(self, rows):
        """
        Yield what the article counts and the rows lack: for each stated size that number less the rows in it.

        Of days that it covers and states no size for, nothing bounds how many it counts.
        """
        settled = [row for row in rows if not row.is_doubtful]
        queries = [query for _claim, query in self.sizes]
        gaps = self._days_of_no_size()
        inside = [sum(self._is_in(row, place, queries, gaps) for row in settled) for place in range(len(queries))]
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
        """Tell whether a tender is one of those of a size: surely, or as it can be nowhere else."""
        ways = outcomes(row, queries)
        surely = all(way[place] for way in ways)
        only = any(way[place] for way in ways) and not any(any(way[:place] + way[place + 1 :]) for way in ways)
        return surely or (only and not gaps)

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


def _choose(chosen, kind, record, facts):
    for fact in facts:
        chosen[kind, record.pk, fact] = record.canonical(fact)
