"""Whether a tender matches when not all is known of it: against the tender list, before and after all is known."""

from collections import namedtuple
from decimal import Decimal

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.claims.facts import UNKNOWN_WINNERS, AwardFacts, Facts
from tenders.claims.matching import ParsedQuery, is_listed, outcomes
from tenders.claims.queries import QueryParser
from tenders.claims.sets import ArticleSet
from tenders.filters import TenderFilter
from tenders.models import Category, Company, Inclusion, Institution, Region, Tender
from tests.factories import (
    create_article,
    create_award,
    create_category,
    create_company,
    create_institution,
    create_region,
    create_tender,
)
from tests.test_measures import FILTERS, known

YES, MAYBE, NO = {(True,)}, {(True,), (False,)}, {(False,)}
OPTIONS = ["year", "region", "category", "institution", "institution_kind", "level", "company", "company_size"]
OPTIONS += ["supplier_region", "same_region", "amount", "status", "method", "main_subject"]
BOUNDS = {
    "date_from": ["2018-07", "2019", "2019-02-10"],
    "date_to": ["2018", "2019-02", "2019-02-09"],
    "amount_min": ["0", "6", "1000000"],
    "amount_max": ["6", "999999.99", "1000000"],
}

SOME = st.none() | st.integers(0, 1)
STATED = st.just((None, "")) | st.tuples(
    st.sampled_from([5, 999_999, 1_000_000]), st.sampled_from(["exact", "at-least", "about"])
)
TENDERS = st.lists(
    st.fixed_dictionaries(
        {
            "year": st.sampled_from([2018, 2019]),
            "notice_date": st.sampled_from(["", "", "2018", "2018-07", "2019-02", "2019-02-10"]),
            "region": SOME,
            "buyer": st.none() | st.integers(0, 2),
            "category": st.none() | st.integers(0, 2),
            "status": st.sampled_from(["", "complete", "active"]),
            "procurement_method": st.sampled_from(["", "open"]),
            "is_main_subject": st.sampled_from([None, True, False]),
            "certainty": st.sampled_from(["high", "high", "low"]),
            "awards": st.lists(st.tuples(STATED, st.sets(st.integers(0, 4), max_size=2)), max_size=2),
        }
    ),
    min_size=1,
    max_size=5,
)


def create_market(drawn):
    """Make the records of some drawn tenders, with few parties and places; return an article that counts all."""
    regions = [create_region("CN-BJ"), create_region("CN-SH")]
    top = create_category("application")
    categories = [top, create_category("courts", parent=top), create_category("platform")]
    buyers = [
        create_institution(kind="hospital", level="central"),
        create_institution(kind="customs"),
        create_institution(),
    ]
    companies = [
        create_company(size="large", region=regions[0]),
        create_company(size="small-or-micro", region=regions[1]),
        create_company(size="small"),
        create_company(region=regions[0]),
        create_company(),
    ]
    article = create_article()
    for drawn_tender in drawn:
        places = {"region": regions, "buyer": buyers, "category": categories}
        fields = {name: value for name, value in drawn_tender.items() if name not in {*places, "awards"}}
        fields |= {
            name: None if drawn_tender[name] is None else those[drawn_tender[name]] for name, those in places.items()
        }
        tender = create_tender(**fields, category_basis="stated" if fields["category"] else "")
        for number, ((amount, qualifier), suppliers) in enumerate(drawn_tender["awards"], start=1):
            winners = (companies[place] for place in suppliers)
            create_award(tender, *winners, number=number, amount=amount, amount_qualifier=qualifier)
        Inclusion.objects.create(article=article, tender=tender, reason="It is one of those it counts.")
    return article


def in_order(records):
    """Order records as they were made: their references, which order them else, are random and differ in each run."""
    return records.objects.order_by("pk")


def draw_query(data):
    """Draw a query over all parameters that speak of the world, of which some record has each value."""
    options = {
        "institution": in_order(Institution).values_list("reference", flat=True),
        "company": in_order(Company).values_list("reference", flat=True),
    }
    query = QueryDict(mutable=True)
    for name in data.draw(st.lists(st.sampled_from([*OPTIONS, *BOUNDS]), min_size=1, max_size=3, unique=True)):
        if name in BOUNDS:
            query[name] = data.draw(st.sampled_from(BOUNDS[name]))
            continue
        values = options.get(name) or sorted(value for value, _label in TenderFilter().filters[name].options)
        values = [value for value in values if value not in ("unknown", "known")]
        query.setlist(name, data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)))
    return query


Found = namedtuple("Found", "listed certain possible")


def match(article, query):
    """Return the references of the tenders that are listed, that surely match, and that may (or surely do)."""
    parsed = QueryParser(article).parse(query.urlencode())
    rows = ArticleSet(article).recorded.rows
    return Found(
        {row.reference for row in rows if is_listed(row, parsed)},
        {row.reference for row in rows if outcomes(row, [parsed]) == YES},
        {row.reference for row in rows if outcomes(row, [parsed]) != NO},
    )


def references(query):
    return set(TenderFilter(query).qs.values_list("reference", flat=True))


@given(drawn=TENDERS, data=st.data())
@settings(max_examples=30)
def test_what_surely_matches_is_listed_and_what_is_listed_may_match(db, drawn, data):
    with transaction.atomic():
        article = create_market(drawn)
        query = draw_query(data)

        found = match(article, query)

        assert found.listed == references(query), query
        assert found.certain <= found.listed <= found.possible, query
        transaction.set_rollback(True)


@given(drawn=TENDERS, data=st.data())
@settings(max_examples=30)
def test_what_surely_matches_still_does_when_all_is_known_and_what_may_not_never_does(db, drawn, data):
    with transaction.atomic():
        article = create_market(drawn)
        query = draw_query(data)
        before = match(article, query)

        # "Small or micro" is a code of its own, which a company that turns out to be small would lose.
        complete(data, splits_sizes="small-or-micro" not in query.getlist("company_size"))

        assert before.certain <= references(query) <= before.possible, query
        transaction.set_rollback(True)


def complete(data, *, splits_sizes):
    """Give every unknown value some value."""

    def one_of(values):
        return data.draw(st.sampled_from(list(values)))

    def any_of(model):
        return one_of(in_order(model))

    for company in in_order(Company):
        may_be = {"": ["small", "micro", "medium"]} | ({"small-or-micro": ["small", "micro"]} if splits_sizes else {})
        company.size = one_of(may_be.get(company.size, [company.size]))
        company.region = company.region or any_of(Region)
        company.save()
    for buyer in in_order(Institution):
        buyer.kind, buyer.level = (
            buyer.kind or one_of(["hospital", "company"]),
            buyer.level or one_of(["central", "local"]),
        )
        buyer.save()
    for tender in in_order(Tender):
        tender.buyer = tender.buyer or any_of(Institution)
        tender.region = tender.region or any_of(Region)
        tender.status = tender.status or one_of(["complete", "cancelled"])
        tender.procurement_method = tender.procurement_method or one_of(["open", "direct"])
        if tender.is_main_subject is None:
            tender.is_main_subject = data.draw(st.booleans())
        below = in_order(Category)
        if tender.category:
            below = below.filter(parent=tender.category)
        if below:
            tender.category = one_of([*below, *filter(None, [tender.category])])
        tender.category_basis = "stated"
        tender.notice_date = day_in(tender.notice_date or str(tender.year), data)
        tender.save()
        if not tender.awards.exists() and data.draw(st.booleans()):
            create_award(tender)
        for award in tender.awards.all():
            least = {"exact": award.amount, "at-least": award.amount}.get(award.amount_qualifier, 0)
            if award.amount_qualifier != "exact":
                award.amount = one_of([least, least + 1, least + 999_994, 7_000_000])
                award.amount_qualifier = "exact"
                award.save()
            if not award.suppliers.exists():
                award.suppliers.set(
                    data.draw(st.sets(st.sampled_from(list(in_order(Company))), min_size=1, max_size=2))
                )


def day_in(date, data):
    """Return some day of a partial date."""
    for part in data.draw(st.sampled_from(["07 10", "02 09", "02 10", "12 28"])).split()[date.count("-") :]:
        date = f"{date}-{part}"
    return date


def test_purchase_and_winner_may_be_in_one_region_while_the_winner_of_a_lot_is_unknown(db):
    beijing, shanghai = create_region("CN-BJ"), create_region("CN-SH")
    tender = create_tender(region=beijing)
    create_award(tender, create_company(region=shanghai))
    create_award(tender, number=2)
    article = create_article()
    Inclusion.objects.create(article=article, tender=tender, reason="It is one of those it counts.")

    for answer in ("yes", "no"):
        query = QueryDict(f"same_region={answer}")
        assert match(article, query) == (references(query), set(), {tender.reference})
        assert not references(query)


# One tender, one query: what filters return of what is half known.


def awarded(*awards):
    return Facts(awards=tuple(AwardFacts(*award) for award in awards))


def won_by(*winners):
    return awarded((None, "", winners))


ANSWERS = [
    ("known at its place", known(category="courts"), {"category": ["courts"]}, YES),
    ("known below", known(category="courts"), {"category": ["application"]}, YES),
    ("known above", known(category="application"), {"category": ["courts"]}, MAYBE),
    ("known beside", known(category="taxes"), {"category": ["courts"]}, NO),
    ("known elsewhere", known(category="platform"), {"category": ["courts", "taxes"]}, NO),
    ("one of several", known(region="CN-SH"), {"region": ["CN-BJ", "CN-SH"]}, YES),
    ("unknown", Facts(), {"region": ["CN-BJ"]}, MAYBE),
    ("no beats maybe", known(region="CN-SH"), {"region": ["CN-BJ"], "category": ["courts"]}, NO),
    ("maybe beats yes", known(region="CN-BJ"), {"region": ["CN-BJ"], "category": ["courts"]}, MAYBE),
    ("no buyer known, no kind", Facts(), {"institution_kind": ["hospital"]}, MAYBE),
    ("buyer known, its region not", known(institution="I-A"), {"region": ["CN-BJ"]}, MAYBE),
    ("a month asked for its day", known(notice_date="2018-07"), {"date_from": "2018-07-15"}, MAYBE),
    ("a month asked for itself", known(notice_date="2018-07"), {"date_from": "2018-07", "date_to": "2018-07"}, YES),
    ("a month asked for the next", known(notice_date="2018-07"), {"date_from": "2018-08"}, NO),
    ("days between which it cannot be", known(notice_date="2018-07"), {"date_from": "2018-08", "date_to": "2018"}, NO),
    ("an unknown date of a known year", known(years=(2018,)), {"date_from": "2019-10"}, NO),
    ("an unknown date of the year asked", known(years=(2018,)), {"date_from": "2018"}, MAYBE),
    ("an unknown year", Facts(), {"year": ["2018"]}, MAYBE),
    ("one of two years", known(years=(2018, 2019)), {"year": ["2018"]}, MAYBE),
    ("one of two years, both asked", known(years=(2018, 2019)), {"year": ["2018", "2019"]}, YES),
    ("small or micro, asked for small", won_by({"company_size": "small-or-micro"}), {"company_size": ["small"]}, MAYBE),
    (
        "small or micro, asked for itself",
        won_by({"company_size": "small-or-micro"}),
        {"company_size": ["small-or-micro"]},
        YES,
    ),
    ("small or micro, asked for large", won_by({"company_size": "small-or-micro"}), {"company_size": ["large"]}, NO),
    ("any of several", won_by({"company_size": "large"}, {"company_size": "small"}), {"company_size": ["small"]}, YES),
    ("none of several", won_by({"company_size": "large"}, {"company_size": "small"}), {"company_size": ["medium"]}, NO),
    ("one of several unknown", won_by({"company_size": "large"}, {}), {"company_size": ["small"]}, MAYBE),
    ("several unknown, one enough", won_by({"company_size": "large"}, {}), {"company_size": ["large"]}, YES),
    ("no winner known of a lot", awarded((None, "", UNKNOWN_WINNERS)), {"supplier_region": ["CN-BJ"]}, MAYBE),
    ("not awarded, as far as is known", Facts(), {"company": ["C-A"]}, MAYBE),
    ("exactly enough", awarded((Decimal(6), "exact")), {"amount_min": Decimal(6)}, YES),
    ("a cent too little", awarded((Decimal("5.99"), "exact")), {"amount_min": Decimal(6)}, NO),
    ("at least enough", awarded((Decimal(6), "at-least")), {"amount_min": Decimal(6)}, YES),
    ("at least too little", awarded((Decimal(5), "at-least")), {"amount_min": Decimal(6)}, MAYBE),
    ("at least too much", awarded((Decimal(6), "at-least")), {"amount_max": Decimal(5)}, NO),
    ("about enough", awarded((Decimal(6), "about")), {"amount_min": Decimal(6)}, MAYBE),
    ("a part surely enough", awarded((Decimal(6), "exact"), (None, "")), {"amount_max": Decimal(5)}, NO),
    ("below a band", awarded((Decimal(999_999), "exact")), {"amount": ["1m-5m"]}, NO),
    ("at the lower end of a band", awarded((Decimal(1_000_000), "exact")), {"amount": ["1m-5m"]}, YES),
    ("at least the end of a band", awarded((Decimal(5_000_000), "at-least")), {"amount": ["1m-5m"]}, NO),
    ("in either of two bands", awarded((Decimal(5_000_000), "at-least")), {"amount": ["5m-10m", "10m-"]}, YES),
]


@pytest.mark.parametrize(
    ("facts", "asked", "answer"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS]
)
def test_what_is_half_known(facts, asked, answer):
    assert outcomes(facts, [ParsedQuery(FILTERS, asked)]) == answer


def test_bounds_of_one_value_hold_together_or_not_at_all():
    below = ParsedQuery(FILTERS, {"amount_max": Decimal(5)})
    above = ParsedQuery(FILTERS, {"amount_min": Decimal("5.01")})

    assert outcomes(Facts(), [below, above]) == {(True, False), (False, True), (False, False)}


def test_what_lies_between_two_bounds_meets_neither():
    early, late = ParsedQuery(FILTERS, {"date_to": "2018-07-10"}), ParsedQuery(FILTERS, {"date_from": "2018-07-12"})

    assert outcomes(known(notice_date="2018-07"), [early, late]) == {(True, False), (False, True), (False, False)}
    assert outcomes(known(notice_date="2018-07-11"), [early, late]) == {(False, False)}


def test_two_queries_hold_of_an_unknown_winner_together_as_there_may_be_two():
    large, small = (ParsedQuery(FILTERS, {"company_size": [size]}) for size in ("large", "small"))

    assert (True, True) in outcomes(Facts(), [large, small])
    assert (True, True) not in outcomes(won_by({"supplier_region": "CN-BJ"}), [large, small])
