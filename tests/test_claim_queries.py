"""What a claim may ask: query strings that speak of the world, and the arguments of its measure."""

import pytest
from django.core.exceptions import ValidationError

from tenders.claims.measures.ranks import ranking_of
from tenders.claims.queries import ClaimQueries, QueryParser
from tenders.filters import TenderFilter
from tests.factories import (
    create_article,
    create_category,
    create_claim,
    create_company,
    create_institution,
    create_region,
    create_tender,
)

pytestmark = pytest.mark.django_db

SPEAKS_OF_RECORDS = ["q=chain", "certainty=high", "source_kind=news", "disputed=yes", "amount=known"]
IS_WRONG = ["colour=red", "regoin=CN-BJ", "region=Beijing", "year=19", "amount_min=-1", "institution=I-000000"]
HAS_UNKNOWN = [name for name, one in TenderFilter.base_filters.items() if getattr(one, "unknown", None) is not None]


@pytest.fixture
def article():
    create_region("CN-BJ")
    create_region("CN-SH")
    top = create_category("application")
    create_category("courts", parent=top)
    create_category("taxes", parent=top)
    create_category("platform")
    return create_article("pulse", title_en="Pulse")


def asks(article, measure, **fields):
    """Return what a claim asks, which is an error if it may not."""
    claim = create_claim(article, measure, **{"printed": 1, **fields})
    return ClaimQueries(claim, QueryParser(article, [claim]), list(article.claims.all()))


def assert_refused(name, article, measure, **fields):
    with pytest.raises(ValidationError) as caught:
        asks(article, measure, **fields)
    assert set(caught.value.message_dict) == {name}


# One query string.


@pytest.mark.parametrize("query", [*SPEAKS_OF_RECORDS, *(f"{name}=unknown" for name in HAS_UNKNOWN), *IS_WRONG])
def test_what_speaks_of_our_records_or_cannot_be_read_is_refused(article, query):
    name = query.partition("=")[0]

    with pytest.raises(ValidationError) as caught:
        QueryParser(article).parse(f"year=2018&{query}")

    assert all(message.startswith(f"{name}: ") for message in caught.value.messages)


def test_an_unknown_parameter_is_refused_with_a_suggestion(article):
    with pytest.raises(ValidationError, match="Did you mean “region”"):
        QueryParser(article).parse("regoin=CN-BJ")


def test_all_errors_of_a_query_are_reported_at_once(article):
    with pytest.raises(ValidationError) as caught:
        QueryParser(article).parse("colour=red&q=chain&year=19")

    assert [message.partition(":")[0] for message in caught.value.messages] == ["colour", "year", "q"]


def test_the_tenders_of_another_article_are_refused(article):
    create_article("other")

    with pytest.raises(ValidationError, match="“other”: a claim counts only the tenders of its own article"):
        QueryParser(article).parse("article=other&year=2018")


@pytest.mark.parametrize(
    "pasted",
    [
        "year=2018",
        "?year=2018",
        " year=2018 ",
        "/tenders/?year=2018&page=2&sort=-year#results",
        "https://tenders.example/tenders/?per_page=20&year=2018&region=",
        "article=pulse&year=2018",
    ],
)
def test_an_address_of_the_list_is_read_as_which_rows_it_has(article, pasted):
    parsed = QueryParser(article).parse(pasted)

    assert parsed.active_filters == {"year": ["2018"]}
    assert parsed.address == "article=pulse&year=2018"


def test_no_query_is_the_whole_set(article):
    parsed = QueryParser(article).parse("")

    assert parsed.active_filters == {}
    assert parsed.address == "article=pulse"


def test_a_record_that_was_withdrawn_can_no_longer_be_asked_for(article):
    buyer = create_institution()
    asks(article, "count", query=f"institution={buyer.reference}")

    buyer.state = "withdrawn"
    buyer.save()

    assert_refused("query", article, "count", query=f"institution={buyer.reference}")


def test_queries_are_looked_up_once_for_all_claims(article, django_assert_num_queries):
    buyers = [create_institution() for _ in range(3)]
    claims = [create_claim(article, "count", query=f"institution={buyer.reference}", printed=1) for buyer in buyers]
    parser = QueryParser(article, claims)

    with django_assert_num_queries(0):
        found = [ClaimQueries(claim, parser).query.active_filters for claim in claims]

    assert found == [{"institution": [buyer.reference]} for buyer in buyers]


# What the measures need.


@pytest.mark.parametrize(
    ("query", "base_query"),
    [
        ("region=CN-BJ", ""),
        ("region=CN-BJ", "region=CN-BJ&region=CN-SH"),
        ("region=CN-BJ", "year=2018"),
        ("category=courts", "category=application"),
        ("date_to=2018-06", "date_from=2018-06-30"),
        ("amount_max=5", "amount_min=5"),
        ("company_size=large", "company_size=small"),
    ],
)
def test_a_ratio_of_queries_that_a_tender_could_both_match_is_refused(article, query, base_query):
    assert_refused("base_query", article, "ratio", query=query, base_query=base_query)


@pytest.mark.parametrize(
    ("query", "base_query"),
    [
        ("region=CN-BJ", "region=CN-SH"),
        ("region=CN-BJ&year=2018", "region=CN-BJ&year=2019"),
        ("category=courts", "category=taxes&category=platform"),
        ("date_to=2018-06", "date_from=2018-07"),
        ("amount_max=5", "amount_min=5.01"),
    ],
)
def test_a_ratio_of_two_queries_that_no_tender_could_both_match(article, query, base_query):
    assert asks(article, "ratio", query=query, base_query=base_query).query.active_filters


def test_a_ratio_of_shares_needs_four_queries(article):
    four = {"to_query": "year=2018&region=CN-BJ", "to_base_query": "year=2018"}

    assert asks(article, "ratio-of-shares", arguments=four).by_name["to_base_query"].active_filters == {
        "year": ["2018"]
    }
    assert_refused("to_query", article, "ratio-of-shares", arguments={"to_base_query": "year=2018"})
    assert_refused("to_base_query", article, "ratio-of-shares", arguments=four | {"to_base_query": "q=x"})


@pytest.mark.parametrize("arguments", [{}, {"n": 0}, {"n": -1}, {"n": "2"}, {"n": True}, {"n": None}, [2]])
def test_which_award_is_a_number_from_1(article, arguments):
    assert_refused("n", article, "nth-award", arguments=arguments)


def test_the_third_award(article):
    assert asks(article, "nth-award", arguments={"n": 3}).argument("n", int) == 3


@pytest.mark.parametrize("query", ["", "year=2018", "year=2018&year=2019", "date_from=2018-06&date_to=2019-06"])
def test_the_size_of_a_set_is_that_of_years_or_of_a_period(article, query):
    assert asks(article, "count", is_set_size=True, query=query)


@pytest.mark.parametrize("query", ["region=CN-BJ", "year=2018&category=application", "year=2018&amount_min=5"])
def test_the_size_of_a_set_asks_nothing_but_time(article, query):
    assert_refused("query", article, "count", is_set_size=True, query=query)


def test_a_margin_is_the_number_of_one_year_and_one_category(article):
    assert asks(article, "count", is_margin=True, query="year=2018&category=application")
    for query in (
        "year=2018",
        "category=application",
        "year=2018&year=2019&category=application",
        "year=2018&category=application&region=CN-BJ",
    ):
        assert_refused("query", article, "count", is_margin=True, query=query)


def test_an_amount_is_that_of_a_tender_and_a_fact_one_that_the_record_has(article):
    tender, company = create_tender(), create_company()

    assert asks(article, "amount", tender=tender).record_key == ("tender", tender.pk)
    assert asks(article, "fact", company=company, arguments={"fact": "founded"}).argument("fact", str) == "founded"
    assert_refused("tender", article, "amount")
    assert_refused("tender", article, "amount", company=company)
    assert_refused("tender", article, "fact", arguments={"fact": "founded"})
    assert_refused("fact", article, "fact", tender=tender, arguments={"fact": "founded"})
    assert_refused("fact", article, "fact", tender=tender)


def test_claims_that_are_added_up_print_a_figure_in_the_same_article(article):
    create_claim(article, "count", code="A1", printed=3)
    create_claim(article, "none", code="A2")
    create_claim(create_article(), "count", code="A3", printed=3)

    queries = asks(article, "sum-of-claims", arguments={"claims": ["A1", "A1"]})

    assert queries.measure.evaluate(None, queries).recorded == 6
    for codes in (["A1", "A2"], ["A3"], ["A99"], [], "A1"):
        assert_refused("claims", article, "sum-of-claims", arguments={"claims": codes})


# A rank.


def groups_of(found):
    """Return the values that are ranked, those of a group together."""
    return [values for query in found.queries for values in query.active_filters.values()]


def ranking(article, **arguments):
    return ranking_of(asks(article, "rank", arguments=arguments))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("facet", {"value": "CN-BJ"}),
        ("facet", {"facet": "certainty", "value": "high"}),
        ("facet", {"facet": "year", "value": "2018"}),
        ("value", {"facet": "region"}),
        ("value", {"facet": "region", "value": 3}),
        ("among", {"facet": "region", "value": "Beijing"}),
        ("among", {"facet": "region", "value": "unknown"}),
        ("among", {"facet": "region", "value": "CN-BJ", "among": ["CN-SH"]}),
        ("among", {"facet": "region", "value": "CN-BJ", "among": ["CN-BJ", ["CN-SH", "CN-BJ"]]}),
        ("among", {"facet": "region", "value": "CN-BJ", "among": ["CN-BJ", "CN-XX"]}),
        ("among", {"facet": "region", "value": "CN-BJ", "among": "CN-BJ"}),
        ("among", {"facet": "region", "value": "CN-BJ", "among": []}),
        ("among", {"facet": "region", "value": "CN-BJ", "among": ["CN-BJ", "CN-BJ"]}),
        ("among", {"facet": "category", "value": "courts", "among": ["courts", "application"]}),
        ("among", {"facet": "category", "value": "platform", "among": ["platform", ["application", "courts"]]}),
    ],
)
def test_a_rank_of_what_cannot_be_ranked_is_refused(article, name, arguments):
    assert_refused(name, article, "rank", arguments=arguments)


def test_a_value_is_ranked_among_the_whole_codelist(article):
    found = ranking(article, facet="region", value="CN-SH")

    assert groups_of(found) == [["CN-BJ"], ["CN-SH"]]
    assert (found.place, found.is_open, found.has_several) == (1, False, False)


def test_a_category_is_ranked_among_those_beside_it(article):
    assert sorted(groups_of(ranking(article, facet="category", value="courts"))) == [["courts"], ["taxes"]]
    assert sorted(groups_of(ranking(article, facet="category", value="platform"))) == [["application"], ["platform"]]


def test_a_group_is_ranked_as_one(article):
    sizes = ["micro", "small", "small-or-micro"]

    found = ranking(article, facet="company_size", value=sizes, among=[sizes, "medium", ["large"]])

    assert groups_of(found) == [["micro", "small", "small-or-micro"], ["medium"], ["large"]]
    assert found.queries[0].active_filters == {"company_size": sizes}
    assert (found.place, found.has_several) == (0, True)


def test_of_a_facet_that_names_records_there_may_be_others(article):
    buyer, other = create_institution(), create_institution()

    alone = ranking(article, facet="institution", value=buyer.reference)
    both = ranking(article, facet="institution", value=buyer.reference, among=[buyer.reference, other.reference])

    assert (groups_of(alone), alone.is_open) == ([[buyer.reference]], True)
    assert (groups_of(both), both.is_open) == ([[buyer.reference], [other.reference]], False)
