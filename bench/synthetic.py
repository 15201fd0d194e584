"""
Synthetic records for the benchmark: the same size and seed give the same database.

Their distributions are as skewed as real ones: few institutions buy much and few companies win much (Zipf's law),
most tenders are of big provinces and late years, amounts are log-normal and often unknown. Every value that the schema
lets be unknown is unknown for some records; every fact has one or two sources, and some sources disagree.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import accumulate
from random import Random

from django.core.management.color import no_style
from django.db import connection, transaction

from bench import words
from tenders.choices import EditorialState, Fact, NameStatus, SourceKind
from tenders.credit_codes import check_character
from tenders.kinds import canonical
from tenders.models import Award, AwardSupplier, Category, Citation, Company, Institution, Region, Source, Tender
from tenders.references import ALPHABET, LENGTH

CHUNK = 20_000  # records held in memory before they are saved

# Regions in the order of their number of tenders, the largest first.
REGIONS = "GD SH JS ZJ SD BJ HA SC HB HN HE AH FJ SN CQ LN JX SX YN GX GZ HL TJ NM XJ JL GS HI NX QH XZ"

# Weights of values; an empty value is unknown.
YEARS = {year: 4 + number for number, year in enumerate(range(2016, 2026))}
STATES = {EditorialState.PUBLISHED: 96, EditorialState.DRAFT: 2, EditorialState.IN_REVIEW: 1, "withdrawn": 1}
CERTAINTY = {"high": 80, "medium": 14, "low": 6}
STATUS = {"complete": 60, "active": 10, "planning": 2, "planned": 2, "cancelled": 4, "unsuccessful": 5, "": 17}
METHOD = {"open": 48, "selective": 10, "limited": 9, "direct": 8, "": 25}
BASIS = {"stated": 2, "implied": 1}
YES_NO = {True: 5, False: 2, None: 3}
LEVEL = {"central": 8, "provincial": 20, "municipal": 32, "county": 10, "local": 5, "": 25}
SIZE = {"micro": 8, "small": 20, "small-or-micro": 7, "medium": 25, "large": 15, "": 25}
QUALIFIER = {"exact": 85, "about": 10, "at-least": 5}
AWARD_STATUS = {"active": 70, "pending": 5, "cancelled": 2, "unsuccessful": 3, "": 20}
NUM_AWARDS = {1: 84, 2: 11, 3: 5}
NUM_SUPPLIERS = {0: 3, 1: 89, 2: 6, 3: 2}
NAME_LANGUAGES = {"en zh": 80, "en": 5, "zh": 15}
TITLE_LANGUAGES = {"en zh": 60, "en": 19, "zh": 19, "": 2}
NAME_STATUS = {
    "en": {NameStatus.UNVERIFIED: 60, NameStatus.SOURCED: 30, NameStatus.COMMON_KNOWLEDGE: 10},
    "zh": {NameStatus.SOURCED: 90, NameStatus.COMMON_KNOWLEDGE: 10},
}
DOCUMENTS = {
    SourceKind.OFFICIAL_NOTICE: 35,
    SourceKind.AWARD_NOTICE: 25,
    SourceKind.CONTRACT: 8,
    SourceKind.UNOFFICIAL_COPY: 12,
    SourceKind.NEWS: 12,
    SourceKind.STUDY: 4,
    SourceKind.OFFICIAL_SITE: 4,
    SourceKind.OPEN_DATA: 0,
}


def fill(size, seed):
    """Fill a database that holds the regions and categories, and no records, with ``size`` tenders."""
    Synthesis(size, seed).run()


def reference(prefix, number):
    """Return the reference of the ``number``-th record: unique, and spread over all possible references."""
    number = number * 0x2545F491 % len(ALPHABET) ** LENGTH  # an odd factor makes this a bijection
    digits = [number // len(ALPHABET) ** place % len(ALPHABET) for place in range(LENGTH)]
    return f"{prefix}-{''.join(ALPHABET[digit] for digit in digits)}"


class Chance(Random):
    """A generator of random choices."""

    def happens(self, probability):
        return self.random() < probability

    def weighted(self, weights):
        """Return a key of a dict, with its value as its weight."""
        return self.choices(list(weights), weights.values())[0]

    def amount(self):
        """Return a sum in yuan, log-normal around a million."""
        return Decimal(str(round(self.lognormvariate(13.8, 1.4), self.choice((0, 0, 2))))).quantize(Decimal("0.01"))

    def partial_date(self, year):
        """Return a date of that year as day, month or year, or an empty text."""
        month, day = self.randint(1, 12), self.randint(1, 28)
        return self.weighted(
            {f"{year}-{month:02}-{day:02}": 50, f"{year}-{month:02}": 15, str(year): 10, "": 25},
        )

    def place(self):
        """Return the name of a place in English and in Chinese."""
        first, last = self.choice(words.PLACE_PREFIXES), self.choice(words.PLACE_SUFFIXES)
        return first[0] + last[0], first[1] + last[1]


class Zipf:
    """A random choice by Zipf's law: the item of rank n is chosen n to the power of ``exponent`` times less often."""

    def __init__(self, chance, items, exponent=1.0):
        self.chance, self.items = chance, items
        self.weights = list(accumulate(1 / rank**exponent for rank in range(1, len(items) + 1)))

    def pick(self, number=1):
        """Return up to ``number`` different items."""
        return list(dict.fromkeys(self.chance.choices(self.items, cum_weights=self.weights, k=number)))


class Synthesis:
    """One run; records get their primary keys when they are made, so that others can refer to them before saving."""

    def __init__(self, size, seed):
        self.size, self.chance = size, Chance(seed)
        self.numbers, self.unsaved = Counter(), defaultdict(list)
        regions = {region.code: region for region in Region.objects.all()}
        self.regions = Zipf(self.chance, [regions[f"CN-{code}"] for code in REGIONS.split()], 0.5)
        self.categories = Zipf(self.chance, list(Category.objects.order_by("slug")), 0.8)
        self.items = Zipf(self.chance, words.ITEMS)

    def run(self):
        self.make_sources()
        institutions = [self.institution() for _ in range(max(10, self.size * 3 // 100))]
        self.institutions = Zipf(self.chance, institutions, 0.9)
        companies = [self.company(institutions) for _ in range(max(20, self.size // 10))]
        self.companies = Zipf(self.chance, companies)
        for _ in range(self.size):
            self.tender()
        self.save()

    def add(self, model, **fields):
        """Make a record to be saved later; it may refer to records made before."""
        if sum(map(len, self.unsaved.values())) >= CHUNK:
            self.save()
        self.numbers[model] += 1
        record = model(pk=self.numbers[model], **fields)
        self.unsaved[model].append(record)
        return record

    def save(self):
        """Save all unsaved records."""
        with transaction.atomic():
            for model, records in self.unsaved.items():
                model._base_manager.bulk_create(records)
            with connection.cursor() as cursor:  # records added later get unused primary keys
                for statement in connection.ops.sequence_reset_sql(no_style(), list(self.unsaved)):
                    cursor.execute(statement)
        self.unsaved.clear()

    # Sources and citations

    def make_sources(self):
        self.translation = self.source(SourceKind.EDITORS_TRANSLATION)
        self.knowledge = self.source(SourceKind.COMMON_KNOWLEDGE)
        self.documents = []
        for _ in range(max(10, self.size // 4)):
            original = self.chance.choice(self.documents) if self.documents and self.chance.happens(0.05) else None
            published_date = self.chance.partial_date(self.chance.weighted(YEARS))
            kind = self.chance.weighted(DOCUMENTS)
            self.documents.append(self.source(kind, published_date=published_date, version_of=original))

    def source(self, kind, **fields):
        number = self.numbers[Source] + 1
        return self.add(Source, slug=f"source-{number}", kind=kind, title=f"[{kind.label} {number}]", **fields)

    def cite(self, record, documents, award=None, **relations):
        """
        Cite every known fact of a record, or of an award, from the first document, and one in ten from the second too.

        ``relations`` are values that an unsaved award cannot provide.
        """
        target, first, second = award or record, *documents
        no_document = {NameStatus.UNVERIFIED: self.translation, NameStatus.COMMON_KNOWLEDGE: self.knowledge}
        for fact, attribute in target.FACTS.items():
            value = canonical(relations[attribute.name]) if attribute.name in relations else attribute.canonical(target)
            if value:
                source = no_document.get(getattr(target, f"{attribute.name}_status", ""), first)
                self.citation(record, fact, value, source, award, is_chosen=True)
                if self.chance.happens(0.1):
                    self.citation(record, fact, value, second, award)

    def citation(self, record, fact, value, source, award=None, is_chosen=False):
        # Sources may disagree on the year, and a choice among them needs a reason.
        reason = "Nearer to the event." if is_chosen and fact == Fact.YEAR else ""
        statement = {"fact": fact, "value": value, "source": source, "is_chosen": is_chosen, "reason": reason}
        self.add(Citation, **{record._meta.model_name: record}, award=award, **statement)

    def two_documents(self):
        first = self.chance.randrange(len(self.documents))
        return self.documents[first], self.documents[first - 1]

    # Parties

    def region(self):
        return self.regions.pick()[0] if self.chance.happens(0.9) else None

    def party(self, model, name_en, name_zh, **fields):
        """Make an institution or a company."""
        number = self.numbers[model] + 1
        if self.chance.happens(0.3):
            first = f"91{self.chance.randint(110000, 659999)}{number:09}"
            fields["credit_code"] = first + check_character(first)
        return self.add(
            model,
            reference=reference(model.REFERENCE_PREFIX, number),
            state=EditorialState.PUBLISHED,
            region=self.region(),
            **self.named("name", NAME_LANGUAGES, name_en, name_zh),
            aliases_zh=f"{name_zh}（曾用名）" if self.chance.happens(0.1) else "",
            **fields,
        )

    def named(self, column, languages, en, zh):
        """Return the columns of a name and of its status, in the languages in which it is known."""
        known, columns = self.chance.weighted(languages), {}
        for language, text in (("en", en), ("zh", zh)):
            if language in known:
                status = self.chance.weighted(NAME_STATUS[language])
                columns |= {f"{column}_{language}": text, f"{column}_{language}_status": status}
        return columns

    def institution(self):
        place_en, place_zh = self.chance.place()
        suffix_en, suffix_zh, kind = self.chance.choice(words.ORGANISATIONS)
        number = self.numbers[Institution] + 1
        institution = self.party(
            Institution,
            f"{place_en} {suffix_en} No. {number}",
            f"{place_zh}第{number}{suffix_zh}",
            city=place_en if self.chance.happens(0.6) else "",
            kind=kind if self.chance.happens(0.88) else "",
            level=self.chance.weighted(LEVEL),
        )
        self.cite(institution, self.two_documents())
        return institution

    def company(self, institutions):
        """Make a company; the first are organisations that are institutions too, one for fifty institutions."""
        place_en, place_zh = self.chance.place()
        (first_en, first_zh), (last_en, last_zh) = self.chance.choices(words.FIRM_SYLLABLES, k=2)
        trade_en, trade_zh = self.chance.choice(words.FIRM_TRADES)
        number = self.numbers[Company]
        has_group = self.chance.happens(0.05)
        company = self.party(
            Company,
            f"{place_en} {first_en}{last_en.lower()} {trade_en} Co., Ltd. {number + 1}",
            f"{place_zh}{first_zh}{last_zh}{trade_zh}有限公司{number + 1}",
            kind=self.chance.weighted({"company": 90, "public-institution": 3, "": 7}),
            size=self.chance.weighted(SIZE),
            founded_year=self.chance.randint(1990, 2020) if self.chance.happens(0.6) else None,
            group_name=f"{first_en}{last_en.lower()} Group" if has_group else "",
            group_region=self.region() if has_group else None,
            institution=institutions[-number - 1] if number < len(institutions) // 50 else None,
        )
        self.cite(company, self.two_documents())
        return company

    # Tenders

    def tender(self):
        buyer = self.institutions.pick()[0] if self.chance.happens(0.95) else None
        region, notes = self.region_for(buyer)
        category = self.categories.pick()[0] if self.chance.happens(0.85) else None
        year = self.chance.weighted(YEARS)
        status = self.chance.weighted(STATUS)
        number = self.numbers[Tender] + 1
        tender = self.add(
            Tender,
            reference=reference(Tender.REFERENCE_PREFIX, number),
            state=self.chance.weighted(STATES),
            notes=notes,
            **self.title(year),
            buyer=buyer,
            region=region,
            city=buyer.city if buyer and region == buyer.region else "",
            category=category,
            category_basis=self.chance.weighted(BASIS) if category else "",
            year=year,
            notice_date=self.chance.partial_date(year),
            status=status,
            procurement_method=self.chance.weighted(METHOD),
            budget_amount=self.chance.amount() if self.chance.happens(0.45) else None,
            is_main_subject=self.chance.weighted(YES_NO),
            certainty=self.chance.weighted(CERTAINTY),
        )
        documents = self.two_documents()
        self.cite(tender, documents)
        if self.chance.happens({"complete": 1, "": 0.5}.get(status, 0)):
            for award_number in range(1, self.chance.weighted(NUM_AWARDS) + 1):
                self.award(tender, award_number, documents)
        if self.chance.happens(0.03):
            self.citation(tender, Fact.YEAR, str(year - 1), documents[1])
        if self.chance.happens(0.02):
            self.suggest(tender)
        if number > 1 and self.chance.happens(0.01):
            self.add_possible_duplicate(number, number - 1)

    def region_for(self, buyer):
        """Return the region of a purchase, mostly that of the buyer, and a note if it is another."""
        if buyer and buyer.region and self.chance.happens(0.97):
            return (buyer.region if self.chance.happens(0.93) else None), ""
        region = self.region()
        return region, "Bought for a branch elsewhere." if buyer and buyer.region and region else ""

    def title(self, year):
        """Return the columns of a tender's title."""
        (item_en, item_zh), (quality_en, quality_zh) = self.items.pick()[0], self.chance.choice(words.QUALITIES)
        (action_en, action_zh), (place_en, place_zh) = self.chance.choice(words.ACTIONS), self.chance.place()
        title = self.named(
            "title",
            TITLE_LANGUAGES,
            f"{place_en}: {quality_en} blockchain {item_en}, {action_en} {year}",
            f"{place_zh}{quality_zh}区块链{item_zh}{action_zh}项目（{year}年）",
        )
        return {**title, "is_title_descriptive": bool(title) and self.chance.happens(0.04)}

    def award(self, tender, number, documents):
        amount = self.chance.amount() if self.chance.happens(0.7) else None
        award = self.add(
            Award,
            tender=tender,
            number=number,
            lot=f"Lot {number}" if self.chance.happens(0.1) else "",
            amount=amount,
            amount_qualifier=self.chance.weighted(QUALIFIER) if amount is not None else "",
            award_date=self.chance.partial_date(tender.year),
            contract_date=self.chance.partial_date(tender.year) if self.chance.happens(0.3) else "",
            status=self.chance.weighted(AWARD_STATUS),
        )
        suppliers = self.companies.pick(self.chance.weighted(NUM_SUPPLIERS))
        for company in suppliers:
            self.add(AwardSupplier, award=award, company=company)
        is_joint = True if len(suppliers) > 1 else None
        self.cite(tender, documents[::-1], award, suppliers=suppliers, is_joint=is_joint)

    def suggest(self, tender):
        self.add(
            Tender.suggested_categories.through,
            tender_id=tender.pk,
            category_id=self.chance.choice(self.categories.items).pk,
        )

    def add_possible_duplicate(self, one, other):
        """Mark two tenders, given by primary key, as possibly the same."""
        through = Tender.possibly_same_as.through
        self.add(through, from_tender_id=one, to_tender_id=other)
        self.add(through, from_tender_id=other, to_tender_id=one)
