"""
The interval of each measure against brute force: every completion of small random tables, in plain Python.

A completion (``tenders.claims.populations``) gives each unknown value some value, lets doubtful tenders stand or not,
and adds tenders up to the number that is missing. There are so few values that all completions can be gone through.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.choices import Measure
from tenders.claims.facts import UNKNOWN_WINNERS, AwardFacts, Facts
from tenders.claims.intervals import point
from tenders.claims.matching import ParsedQuery
from tenders.claims.measures import MEASURES
from tenders.claims.measures.ranks import Ranking, rank
from tenders.claims.populations import Missing, Population
from tenders.filters import TenderFilter

PATHS = {
    "application": ["application"],
    "courts": ["courts", "application"],
    "taxes": ["taxes", "application"],
    "platform": ["platform"],
    "museums": ["museums"],
}
# The last of the categories, regions, kinds and sizes stand for all others: nobody asks for them.
REGIONS = ["CN-BJ", "CN-SH", "CN-ZJ"]
KINDS = ["hospital", "company", "customs"]
BUYERS = {"I-A": "hospital", "I-B": "company"}
SIZES = ["small", "small-or-micro", "large", "medium"]
SAME_SIZE = {"small": ["small-or-micro"], "small-or-micro": ["small"]}
AMOUNTS = [5, 7]
BEYOND = 9  # more than any that is known
ANY_AMOUNT = [0, 1, *AMOUNTS, 6, BEYOND]

OF_AMOUNTS = ["amount_min", "amount_max"]
OF_SUPPLIERS = ["company_size", "supplier_region"]

FILTERS = TenderFilter().filters
FILTERS["category"].__dict__["_paths"] = PATHS  # as the database would give them
FILTERS["region"].__dict__["options"] = [(code, code) for code in REGIONS]


def known(*, years=None, awards=(), is_doubtful=False, pk=None, **values):
    """Return what is known of a tender, its values by parameter."""
    values = {name: value for name, value in values.items() if value is not None}
    return Facts(pk=pk, years=years, awards=awards, is_doubtful=is_doubtful, values=values)


# A completed tender is a dict; what a query asks of it. Any of several winners is enough.


def fits(tender, query):
    return all(FITS[name](tender, wanted) for name, wanted in query.items())


FITS = {
    "year": lambda tender, wanted: str(tender["year"]) in wanted,
    "region": lambda tender, wanted: tender["region"] in wanted,
    "category": lambda tender, wanted: any(slug in wanted for slug in PATHS[tender["category"]]),
    "institution_kind": lambda tender, wanted: tender["institution_kind"] in wanted,
    "company_size": lambda tender, wanted: not tender["sizes"].isdisjoint(wanted),
    "supplier_region": lambda tender, wanted: not tender["seats"].isdisjoint(wanted),
    "amount_min": lambda tender, wanted: tender["amounts"] != () and sum(tender["amounts"]) >= wanted,
    "amount_max": lambda tender, wanted: tender["amounts"] != () and sum(tender["amounts"]) <= wanted,
}


# All that a tender may turn out to be, as far as somebody asks.


def completions(facts, names, place):
    """Yield what a tender may be; of parameters that are not among the names, one value is as good as any."""
    choices = [ways(facts) if name in names else ways(facts)[:1] for name, ways in WAYS.items()]
    for values in product(*choices, buyer_choices(facts, names, place), award_choices(facts, names)):
        *plain, (institution, kind), (amounts, sizes, seats) = values
        yield dict(zip(WAYS, plain, strict=True)) | {
            "institution": institution,
            "institution_kind": kind,
            "amounts": amounts,
            "sizes": sizes,
            "seats": seats,
        }


WAYS = {
    "year": lambda facts: list(facts.years or (2018, 2019, 2020)),
    "region": lambda facts: [facts.values["region"]] if "region" in facts.values else REGIONS,
    "budget": lambda facts: [facts.values["budget"]] if "budget" in facts.values else ANY_AMOUNT,
    "category": lambda facts: [slug for slug, path in PATHS.items() if facts.values.get("category") in (None, *path)],
}


def buyer_choices(facts, names, place):
    institution, kind = facts.values.get("institution"), facts.values.get("institution_kind")
    kinds = [kind] if kind else KINDS
    if institution:
        choices = [(institution, kind) for kind in kinds]
    else:  # one of those known, or one that nobody else is
        choices = [*BUYERS.items(), *((f"I-{place}", kind) for kind in kinds)]
    return choices if {"institution", "institution_kind"} & names else choices[:1]


def award_choices(facts, names):
    """Return the amounts of all awards, and the sizes and the seats of all their winners."""
    nothing = ((), frozenset(), frozenset())
    reached = {nothing}
    if not {"awards", *OF_AMOUNTS, *OF_SUPPLIERS} & names:
        return reached
    for award in facts.awards or [AwardFacts()]:
        reached = {
            (tuple(sorted((*amounts, amount))), sizes | more_sizes, seats | more_seats)
            for amounts, sizes, seats in reached
            for amount in (amount_choices(award) if {"awards", *OF_AMOUNTS} & names else [0])
            for more_sizes, more_seats in supplier_choices(award, names)
        }
    return reached if facts.awards else reached | {nothing}


def amount_choices(award):
    if award.amount is None or award.qualifier == "about":
        return ANY_AMOUNT
    if award.qualifier == "at-least":
        return [amount for amount in ANY_AMOUNT if amount >= award.amount]
    return [int(award.amount)]


def supplier_choices(award, names):
    """Return what the winners may be together; those of whom nothing is known may be two."""
    choices = product(*(company_choices(winner, names) for winner in award.winners))
    return {
        (frozenset().union(*(sizes for sizes, _seat in one)), frozenset(seat for _sizes, seat in one))
        for one in choices
    }


def company_choices(winner, names):
    codes = [winner["company_size"]] if winner.get("company_size") else SIZES
    sizes = {frozenset({code, *also}) for code in codes for also in [(), *((one,) for one in SAME_SIZE.get(code, ()))]}
    seats = [winner["supplier_region"]] if winner.get("supplier_region") else REGIONS
    return list(
        product(
            sizes if "company_size" in names else [frozenset()],
            seats if "supplier_region" in names else seats[:1],
        )
    )


def tables(world, names, seen):
    """
    Return all completions, each as a sorted tuple of what is ``seen`` of its tenders.

    A doubtful tender that stands is one of those that its year counts.
    """
    standing = [_seen(row, names, seen, place) for place, row in enumerate(world.rows) if not row.is_doubtful]
    doubtful = [row for row in world.rows if row.is_doubtful]
    found = set()
    for number in range(len(doubtful) + 1):
        for some in combinations(doubtful, number):
            free = [missing.number - sum(row.years == missing.facts.years for row in some) for missing in world.missing]
            if min(free, default=0) < 0:
                continue
            places = standing + [_seen(row, names, seen, f"doubtful-{place}") for place, row in enumerate(some)]
            for missing, places_left in zip(world.missing, free, strict=True):
                places += [
                    {(), *_seen(missing.facts, names, seen, f"{missing.facts.years}-{place}")}
                    for place in range(places_left)
                ]
            reached = {()}
            for options in places:
                reached = {tuple(sorted([*one, *other])) for one in reached for other in options}
            found |= reached
    return found


def _seen(facts, names, seen, place):
    return {tuple(seen(tender)) for tender in completions(facts, names, place)}


# What may be recorded, and asked.

suppliers = st.fixed_dictionaries(
    {
        "company_size": st.sampled_from([None, *SIZES]),
        "supplier_region": st.sampled_from([None, "CN-BJ", "CN-SH"]),
    }
)
awards = st.builds(
    lambda stated, suppliers: AwardFacts(*stated, suppliers),
    st.just((None, ""))
    | st.tuples(st.sampled_from(AMOUNTS).map(Decimal), st.sampled_from(["exact", "at-least", "about"])),
    st.just(UNKNOWN_WINNERS) | st.lists(suppliers, min_size=1, max_size=2).map(tuple),
)
buyers = st.sampled_from([(None, None), ("I-A", "hospital"), ("I-A", None), ("I-B", "company")])


def facts_of(years, **fields):
    return st.builds(
        lambda buyer, **facts: known(institution=buyer[0], institution_kind=buyer[1], **facts),
        buyer=buyers,
        years=years,
        region=st.sampled_from([None, "CN-BJ", "CN-SH"]),
        category=st.sampled_from([None, *PATHS]),
        budget=st.sampled_from([None, *map(str, AMOUNTS)]),
        awards=st.lists(awards, max_size=2).map(tuple),
        **fields,
    )


ONE_YEAR = st.sampled_from([(2018,), (2019,)])
ROWS = facts_of(ONE_YEAR | st.sampled_from([None, (2018, 2019)]))
DOUBTFUL = facts_of(ONE_YEAR, is_doubtful=st.just(True)).filter(lambda facts: len(facts.awards) < 2)
KNOWN = st.builds(
    lambda buyer, award, **facts: known(
        institution=buyer[0],
        institution_kind=buyer[1],
        awards=(
            AwardFacts(
                Decimal(award[0]),
                "exact",
                ({"company": "C-A", "company_size": award[1], "supplier_region": award[2]},),
            ),
        ),
        **facts,
    ),
    buyer=st.sampled_from(list(BUYERS.items())),
    award=st.tuples(st.sampled_from(AMOUNTS), st.sampled_from(["medium", "large"]), st.sampled_from(REGIONS)),
    years=ONE_YEAR,
    region=st.sampled_from(REGIONS),
    category=st.sampled_from(["courts", "taxes", "platform"]),
    budget=st.sampled_from(AMOUNTS).map(str),
)


def world_of(rows, missing):
    return Population(
        tuple(Facts(**(vars(row) | {"pk": pk})) for pk, row in enumerate(rows)),
        tuple(Missing(number, Facts(years=(year,))) for year, number in zip((2018, 2019), missing, strict=True)),
    )


WORLDS = st.builds(
    lambda rows, doubtful, missing: world_of([*rows, *doubtful], missing),
    st.lists(ROWS, max_size=3),
    st.lists(DOUBTFUL, max_size=1),
    st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]),
)
KNOWN_WORLDS = st.lists(KNOWN, max_size=5).map(lambda rows: world_of(rows, (0, 0)))

some = st.lists
ASKED = {
    "year": ["2018", "2019"],
    "region": ["CN-BJ", "CN-SH"],
    "category": ["application", "courts", "platform"],
    "institution_kind": ["hospital", "company"],
    "company_size": SIZES[:-1],
    "supplier_region": ["CN-BJ", "CN-SH"],
}
FREE = ["year", "region", "category", "institution_kind"]  # that no two of a tender's facts bind together


@st.composite
def asked(draw, names=(*ASKED, *OF_AMOUNTS), most=2):
    names = draw(st.lists(st.sampled_from(list(names)), max_size=most, unique=True))
    return {
        name: Decimal(6)
        if name in OF_AMOUNTS
        else draw(st.lists(st.sampled_from(ASKED[name]), min_size=1, max_size=2, unique=True))
        for name in names
    }


def interval_of(measure, world, query=None, base_query=None, *, n=1, **more):
    """Return the result of a measure for queries that are written as dicts."""
    given = {"query": query or {}, "base_query": base_query or {}, **more}
    parsed = {name: ParsedQuery(FILTERS, values) for name, values in given.items()}
    queries = SimpleNamespace(record_key=None, argument=lambda name, kind: {"n": n}[name], by_name=parsed, **parsed)
    return MEASURES[measure].evaluate(world, queries)


BRUTE_FORCED = {}  # the tests that go through all completions, by measure


def brute_force(*measures):
    """Mark a test that compares measures with their values in all completions (``tests.test_complete_claims``)."""

    def register(test):
        BRUTE_FORCED.update(dict.fromkeys(measures, test.__name__))
        return test

    return register


def assert_all_lie_in(interval, values, context):
    """Assert that an interval has the value of each completion that has one; where none has, it is empty."""
    values = {value for value in values if value is not None}
    missed = {value for value in values if not interval.contains(value)}
    assert not missed, (interval, sorted(values), context)
    return values


# Each measure of one completed table.


def share_of(pairs):
    """The share of those in the part among those in the whole, of (is in part, is in whole) pairs."""
    whole = [in_part for in_part, in_whole in pairs if in_whole]
    return Fraction(100 * sum(whole), len(whole)) if whole else None


def nth(amounts, n):
    return sorted(amounts)[-n] if len(amounts) >= n else None


@brute_force(Measure.COUNT)
@given(world=WORLDS, query=asked())
@settings(max_examples=150)
def test_a_count_lies_between_its_ends_and_reaches_them(world, query):
    interval = interval_of(Measure.COUNT, world, query).interval

    found = tables(world, set(query), lambda tender: [1] if fits(tender, query) else [])
    numbers = assert_all_lie_in(interval, map(len, found), (world, query))
    if not set(OF_AMOUNTS) & set(
        query
    ):  # a sum of which a part is unknown is not listed, though it may be surely enough
        assert (interval.low, interval.high) == (min(numbers), max(numbers))


def nested(query, base):
    def seen(tender):
        in_whole = fits(tender, base)
        return [(fits(tender, query), in_whole)] if in_whole else []

    return seen


@brute_force(Measure.SHARE)
@pytest.mark.parametrize("names", [[*ASKED, *OF_AMOUNTS], OF_SUPPLIERS], ids=["of anything", "of suppliers"])
@given(world=WORLDS, data=st.data())
@settings(max_examples=100)
def test_a_share_lies_between_its_ends(names, world, data):
    query, base = data.draw(asked(names)), data.draw(asked(names))

    interval = interval_of(Measure.SHARE, world, query, base).interval

    found = tables(world, {*query, *base}, nested(query, base))
    assert_all_lie_in(interval, map(share_of, found), (world, query, base))


@given(world=WORLDS, query=asked(FREE), base=asked(FREE))
@settings(max_examples=150)
def test_both_ends_of_a_share_are_reached(world, query, base):
    interval = interval_of(Measure.SHARE, world, query, base).interval

    shares = set(map(share_of, tables(world, {*query, *base}, nested(query, base)))) - {None}
    assert interval.is_empty == (not shares)
    if shares:
        assert (interval.low, interval.high) == (min(shares), max(shares)), (world, query, base)


DISJOINT = [
    ({"region": ["CN-BJ"]}, {"region": ["CN-SH"]}),
    ({"category": ["courts"]}, {"category": ["taxes", "platform"]}),
    ({"institution_kind": ["hospital"], "region": ["CN-BJ"]}, {"institution_kind": ["company"]}),
    ({"year": ["2018"], "category": ["application"]}, {"year": ["2019"], "category": ["application"]}),
]


@brute_force(Measure.RATIO)
@given(world=WORLDS, queries=st.sampled_from(DISJOINT))
@settings(max_examples=100)
def test_the_ends_of_a_ratio_are_those_of_its_completions(world, queries):
    over, under = queries
    interval = interval_of(Measure.RATIO, world, over, under).interval

    def seen(tender):
        return [name for name, query in (("over", over), ("under", under)) if fits(tender, query)]

    found = tables(world, {*over, *under}, seen)
    ratios = {Fraction(one.count("over"), one.count("under")) for one in found if "under" in one}
    assert_all_lie_in(interval, ratios, (world, queries))
    if ratios:
        assert interval.low == min(ratios)
        is_unbounded = any("over" in one and "under" not in one for one in found)
        if interval.high is None:
            assert is_unbounded or not all("under" in one for one in found)
        else:
            assert interval.high == max(ratios)
    else:
        assert interval.is_empty


@brute_force(Measure.RATIO_OF_SHARES)
@given(world=WORLDS, queries=st.tuples(*[asked(FREE, most=1)] * 4))
@settings(max_examples=100)
def test_a_ratio_of_shares_lies_between_its_ends(world, queries):
    names = ("query", "base_query", "to_query", "to_base_query")
    interval = interval_of(Measure.RATIO_OF_SHARES, world, **dict(zip(names, queries, strict=True))).interval

    def seen(tender):
        return [tuple(fits(tender, query) for query in queries)]

    values = set()
    for found in tables(world, set().union(*queries), seen):
        over, under = share_of([one[:2] for one in found]), share_of([one[2:] for one in found])
        values.add(over / under if over is not None and under else None)
    assert_all_lie_in(interval, values, (world, queries))


@brute_force(Measure.COUNT_INSTITUTIONS, Measure.COUNT_REGIONS)
@given(world=WORLDS, query=asked())
@settings(max_examples=100)
def test_the_number_of_institutions_and_of_regions_lies_between_its_ends(world, query):
    for measure, name in ((Measure.COUNT_INSTITUTIONS, "institution"), (Measure.COUNT_REGIONS, "region")):
        interval = interval_of(measure, world, query).interval

        def seen(tender, name=name):
            return [tender[name]] if fits(tender, query) else []

        found = tables(world, {*query, name}, seen)
        numbers = assert_all_lie_in(interval, [len(set(one)) for one in found], (world, query))
        assert interval.low <= min(numbers)


AWARDED = {"awards"}


def amounts_seen(query):
    return lambda tender: tender["amounts"] if fits(tender, query) else ()


@brute_force(Measure.NTH_AWARD)
@given(world=WORLDS, query=asked(), n=st.integers(1, 3))
@settings(max_examples=150)
def test_the_nth_award_lies_between_its_ends(world, query, n):
    interval = interval_of(Measure.NTH_AWARD, world, query, n=n).interval

    found = tables(world, {*query, *AWARDED}, amounts_seen(query))
    assert_all_lie_in(interval, [nth(one, n) for one in found], (world, query))


def test_each_unknown_amount_may_be_larger_than_all_that_are_known():
    rows = [Facts(years=(2018,), awards=(AwardFacts(amount and Decimal(amount), "exact"),)) for amount in (5, 7, None)]

    intervals = [interval_of(Measure.NTH_AWARD, world_of(rows, (0, 0)), n=n).interval for n in (1, 2, 3, 4)]

    assert [(interval.low, interval.high) for interval in intervals[:3]] == [(7, None), (5, 7), (None, 5)]
    assert intervals[3].is_empty


@brute_force(Measure.LARGEST_AWARD)
@given(world=WORLDS, query=asked([*FREE, "company_size"]))
@settings(max_examples=150)
def test_both_ends_of_the_largest_award_are_reached(world, query):
    interval = interval_of(Measure.LARGEST_AWARD, world, query).interval

    largest = {max(one, default=None) for one in tables(world, {*query, *AWARDED}, amounts_seen(query))}
    values = assert_all_lie_in(interval, largest, (world, query))
    assert interval.is_empty == (not values)
    if values:
        assert max(values) == (BEYOND if interval.high is None else interval.high)
        if interval.low is None:  # nothing bounds it below: there may be no award, or one of nothing
            assert largest & {None, 0}
        else:
            assert None not in largest
            assert min(values) == interval.low


@brute_force(Measure.SUM_AWARD)
@given(world=WORLDS, query=asked())
@settings(max_examples=100)
def test_the_sum_of_the_awards_lies_between_its_ends(world, query):
    interval = interval_of(Measure.SUM_AWARD, world, query).interval

    found = tables(world, {*query, *AWARDED}, amounts_seen(query))
    sums = assert_all_lie_in(interval, map(sum, found), (world, query))
    if not set(OF_AMOUNTS) & set(query):
        assert min(sums) == interval.low
        assert (max(sums) >= BEYOND) if interval.high is None else (max(sums) == interval.high)


@brute_force(Measure.SUM_BUDGET)
@given(world=WORLDS, query=asked(FREE))
@settings(max_examples=100)
def test_the_sum_of_the_budgets_lies_between_its_ends_and_reaches_them(world, query):
    interval = interval_of(Measure.SUM_BUDGET, world, query).interval

    found = tables(world, {*query, "budget"}, lambda tender: [int(tender["budget"])] if fits(tender, query) else [])
    sums = assert_all_lie_in(interval, map(sum, found), (world, query))
    assert min(sums) == interval.low
    assert (max(sums) >= BEYOND) if interval.high is None else (max(sums) == interval.high)


@brute_force(Measure.EXISTS)
@given(world=WORLDS, query=asked())
@settings(max_examples=100)
def test_whether_there_is_such_a_tender_lies_between_its_ends(world, query):
    interval = interval_of(Measure.EXISTS, world, query).interval

    found = tables(world, set(query), lambda tender: [1] if fits(tender, query) else [])
    numbers = assert_all_lie_in(interval, [min(1, len(one)) for one in found], (world, query))
    if not set(OF_AMOUNTS) & set(query):
        assert (interval.low, interval.high) == (min(numbers), max(numbers))


# A rank: of a value among those of a facet.

SINGLE = {
    "region": [["CN-BJ"], ["CN-SH"], ["CN-ZJ"]],
    "category": [["courts"], ["taxes"]],
    "institution_kind": [["hospital"], ["company"]],
}
SEVERAL = {
    "company_size": [["small", "small-or-micro"], ["large"], ["medium"]],
    "supplier_region": [["CN-BJ"], ["CN-SH"], ["CN-ZJ"]],
}


def rank_in(world, base, facet, groups, own, **more):
    queries = [ParsedQuery(FILTERS, {facet: group}) for group in groups]
    ranking = Ranking(queries, own, FILTERS[facet].has_several, **{"is_open": False, **more})
    return rank(world, ParsedQuery(FILTERS, base), ranking)


def rank_of(place, numbers):
    return 1 + sum(number > numbers[place] for number in numbers) if numbers[place] else None


@brute_force(Measure.RANK)
@pytest.mark.parametrize("facets", [SINGLE, SEVERAL], ids=["one value a tender", "several values a tender"])
@given(world=WORLDS, base=asked(["year", "category"], most=1), data=st.data())
@settings(max_examples=100)
def test_a_rank_lies_between_its_ends(facets, world, base, data):
    facet = data.draw(st.sampled_from(sorted(facets)))
    groups = facets[facet]
    own = data.draw(st.integers(0, len(groups) - 1))
    interval = rank_in(world, base, facet, groups, own).interval

    def seen(tender):
        return (
            [place for place, group in enumerate(groups) if fits(tender, base | {facet: group})]
            if fits(tender, base)
            else []
        )

    found = tables(world, {*base, facet}, seen)
    ranks = {rank_of(own, [one.count(place) for place in range(len(groups))]) for one in found}
    assert_all_lie_in(interval, ranks, (world, base, facet, own))


@given(world=WORLDS, base=asked(["year", "region"], most=1), own=st.sampled_from(sorted(BUYERS)))
@settings(max_examples=100)
def test_a_buyer_may_be_outranked_by_one_whom_nobody_knows(world, base, own):
    buyers = sorted({row.values["institution"] for row in world.rows if "institution" in row.values} | {own})
    groups = [[reference] for reference in buyers]
    interval = rank_in(world, base, "institution", groups, buyers.index(own), is_open=True).interval

    found = tables(world, {*base, "institution"}, lambda tender: [tender["institution"]] if fits(tender, base) else [])
    ranks = set()
    for one in found:
        names = [own, *(set(one) - {own})]
        ranks.add(rank_of(0, [one.count(name) for name in names]))
    assert_all_lie_in(interval, ranks, (world, base, own))


def test_as_many_winners_as_one_likes_may_outrank_one_where_they_may_win_together():
    winner, nobody = won_by("C-A"), Facts(years=(2018,))

    def ends(*rows):
        interval = rank_in(world_of(rows, (0, 0)), {}, "company", [["C-A"]], 0, is_open=True).interval
        return interval.low, interval.high

    assert ends(winner) == (1, 1)
    assert ends(winner, nobody) == (1, 1)
    assert ends(winner, nobody, nobody) == (1, None)


def won_by(reference):
    return Facts(years=(2018,), awards=(AwardFacts(winners=({"company": reference},)),))


def test_a_rank_tells_the_ties_and_on_how_many_tenders_it_rests():
    rows = [known(years=(2018,), region=region) for region in ("CN-BJ", "CN-SH", "CN-SH", "CN-ZJ")]

    first, tied = (rank_in(world_of(rows, (0, 0)), {}, "region", SINGLE["region"], own) for own in (1, 2))

    assert (first.recorded, first.ties, first.rests_on) == (1, 0, 4)
    assert (tied.recorded, tied.ties, tied.rests_on) == (2, 1, 4)


def test_a_value_that_no_recorded_tender_has_has_no_rank():
    world = world_of([known(years=(2018,), region="CN-BJ")], (0, 0))

    result = rank_in(world, {}, "region", SINGLE["region"], 1)

    assert result.recorded is None
    assert result.interval.is_empty


# What needs no completion: all is known, or nothing bounds it.

QUERIES = {"query": asked(), "base_query": asked(), "to_query": asked(FREE), "to_base_query": asked(FREE)}
SUMS = [Measure.SUM_AWARD, Measure.SUM_BUDGET]
OF_QUERIES = [code for code, measure in MEASURES.items() if measure.queries and code != Measure.RANK]


@pytest.mark.parametrize("measure", OF_QUERIES)
@given(rows=st.lists(KNOWN, max_size=5), queries=st.fixed_dictionaries(QUERIES), n=st.integers(1, 3))
@settings(max_examples=30)
def test_where_all_is_known_the_recorded_value_is_the_only_possible_one(measure, rows, queries, n):
    result = interval_of(measure, world_of(rows, (0, 0)), **queries, n=n)

    if result.recorded is None:  # there is nothing to sum up, to rank or to divide by
        assert result.interval == point(0) if measure in SUMS else result.interval.is_empty
    else:
        assert (result.interval.low, result.interval.high) == (result.recorded, result.recorded)


@given(rows=st.lists(KNOWN, min_size=1, max_size=6), base=asked(FREE), data=st.data())
@settings(max_examples=60)
def test_where_all_is_known_so_is_the_rank(rows, base, data):
    facet, groups = data.draw(st.sampled_from(sorted((SINGLE | SEVERAL).items())))
    own = data.draw(st.integers(0, len(groups) - 1))

    result = rank_in(world_of(rows, (0, 0)), base, facet, groups, own)

    if result.recorded is None:
        assert result.interval.is_empty
    else:
        assert (result.interval.low, result.interval.high) == (result.recorded, result.recorded)


@pytest.mark.parametrize("measure", OF_QUERIES)
@given(world=WORLDS, queries=st.fixed_dictionaries(QUERIES), n=st.integers(1, 3))
@settings(max_examples=30)
def test_the_more_is_missing_the_more_is_possible(measure, world, queries, n):
    more = Population(world.rows, tuple(Missing(missing.number + 1, missing.facts) for missing in world.missing))
    unbounded = Population(world.rows, tuple(Missing(None, missing.facts) for missing in world.missing))

    intervals = [interval_of(measure, one, **queries, n=n).interval for one in (world, more, unbounded)]

    for narrow, wide in combinations(intervals, 2):
        assert narrow.is_empty or wide.covers(narrow), (narrow, wide)
