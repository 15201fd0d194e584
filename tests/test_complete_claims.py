"""Filters and measures of claims are complete: what one of them does not say, or no test covers, fails here."""

from decimal import Decimal
from inspect import isfunction

import django_filters
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tenders.choices import Finding, Measure
from tenders.claims.evaluation import evaluate_article, over_all_tenders
from tenders.claims.facts import OF_TIME
from tenders.claims.measures import MEASURES, BaseMeasure
from tenders.claims.measures.ranks import RANKED
from tenders.claims.queries import QueryParser
from tenders.claims.sentences import STRENGTHS, reason, summary
from tenders.claims.sets import OF_AWARDS, OF_COMPANIES, OF_INSTITUTIONS, OF_TENDERS
from tenders.claims.wording import PHRASES, Names
from tenders.facets import NOT_EVALUABLE, OptionsFilter
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Inclusion
from tests.factories import (
    create_article,
    create_award,
    create_claim,
    create_company,
    create_institution,
    create_region,
    create_tender,
)
from tests.test_matching import BOUNDS, OPTIONS
from tests.test_measures import BRUTE_FORCED, FITS

FILTERS = [
    pytest.param(found, filter_class, id=f"{filter_class.__name__}.{name}")
    for filter_class in (TenderFilter, InstitutionFilter, CompanyFilter)
    for name, found in filter_class.base_filters.items()
]
EVALUABLE = {name: found for name, found in TenderFilter.base_filters.items() if found.attribute}
PARAMETERS = {*OF_TENDERS, *OF_INSTITUTIONS, *OF_AWARDS, *OF_COMPANIES}

# Evaluable filters that the brute force over completions need not try, as another one of the same code stands for them.
STANDS_FOR = {
    "institution": "institution_kind",
    "level": "institution_kind",
    "company": "supplier_region",
    "status": "region",
    "method": "region",
    "main_subject": "region",
    "same_region": "supplier_region",  # of its own: test_matching
    "amount": "amount_min",
    "date_from": "amount_min",
    "date_to": "amount_max",
}

# Measures that no completion can change: they are of one record, or of the text.
NO_COMPLETIONS = {
    Measure.AMOUNT: "the chosen value of one record",
    Measure.FACT: "the chosen value of one record",
    Measure.SUM_OF_CLAIMS: "arithmetic on printed figures",
}

# A claim of each measure about the market below, of which everything is known, and the value that it has.
CASES = {
    Measure.COUNT: ({"query": "year=2019"}, 3),
    Measure.COUNT_INSTITUTIONS: ({}, 2),
    Measure.COUNT_REGIONS: ({}, 2),
    Measure.SHARE: ({"query": "region=CN-BJ", "unit": "percent"}, 75),
    Measure.RATIO: ({"query": "region=CN-BJ", "base_query": "region=CN-SH", "unit": "times"}, 3),
    Measure.RATIO_OF_SHARES: (
        {
            "query": "year=2018",
            "base_query": "region=CN-BJ",
            "arguments": {"to_query": "year=2018", "to_base_query": "year=2018"},
            "unit": "times",
        },
        Decimal(1) / 3,
    ),
    Measure.RANK: ({"arguments": {"facet": "region", "value": "CN-SH"}, "unit": "rank"}, 2),
    Measure.LARGEST_AWARD: ({"unit": "yuan"}, 40),
    Measure.NTH_AWARD: ({"arguments": {"n": 3}, "unit": "yuan"}, 20),
    Measure.SUM_AWARD: ({"unit": "yuan"}, 100),
    Measure.SUM_BUDGET: ({"unit": "yuan"}, 1000),
    Measure.AMOUNT: ({"unit": "yuan"}, 10),
    Measure.FACT: ({"arguments": {"fact": "year"}, "unit": "year"}, 2018),
    Measure.EXISTS: ({}, 1),
    Measure.SUM_OF_CLAIMS: ({"arguments": {"claims": ["A1", "A1"]}}, 6),
}
NOT_OVER_ALL_TENDERS = {
    Measure.AMOUNT: "it is about one record",
    Measure.FACT: "it is about one record",
    Measure.EXISTS: "it is about the article’s set, or about one record",
    Measure.SUM_OF_CLAIMS: "it is about the text",
}


# Filters.


@pytest.mark.parametrize(("found", "filter_class"), FILTERS)
def test_a_filter_can_be_evaluated_by_claims_or_says_why_not(found, filter_class):
    why_not = filter_class.not_evaluable or found.not_evaluable
    assert bool(found.attribute) != bool(why_not), "declare its attribute, or why it is not_evaluable"


@pytest.mark.parametrize("name", EVALUABLE)
def test_a_filter_asks_for_attributes_that_claims_know(name):
    assert set(EVALUABLE[name].attributes) <= PARAMETERS, "declare the parameter in ATTRIBUTES of its model"


def test_evaluable_filters_are_compared_with_the_list_over_random_records():
    assert {*OPTIONS, *BOUNDS} == set(EVALUABLE), "add it to OPTIONS or BOUNDS of test_matching"


def test_evaluable_filters_are_in_the_brute_force_over_completions():
    assert set(FITS) | set(STANDS_FOR) == set(EVALUABLE), "add it to FITS of test_measures, or say what stands for it"
    assert set(STANDS_FOR.values()) <= set(FITS)


def test_ranked_filters_have_a_list_of_values():
    assert RANKED
    assert all(isinstance(EVALUABLE[name], OptionsFilter) for name in RANKED)


def test_evaluable_filters_have_words_in_the_sentence_of_a_claim():
    assert set(PHRASES) | OF_TIME == set(EVALUABLE), "add its words to PHRASES of tenders/claims/wording.py"


# Measures.


def test_every_finding_says_how_strong_its_evidence_is():
    assert set(STRENGTHS) == set(Finding)


def test_every_measure_says_in_a_sentence_what_is_recorded():
    assert [code for code, one in MEASURES.items() if type(one).summary == BaseMeasure.summary] == []


def test_every_measure_of_the_codelist_has_an_object():
    assert set(MEASURES) == set(Measure) - {Measure.NONE}, "register it in tenders/claims/measures"


def test_every_measure_is_in_a_brute_force_over_completions():
    assert set(BRUTE_FORCED) | set(NO_COMPLETIONS) == set(MEASURES), "mark its test in test_measures with @brute_force"


def test_every_measure_has_a_figure_over_all_tenders_or_a_reason_for_none():
    has_figure = {code for code, one in MEASURES.items() if type(one).over_all_tenders != BaseMeasure.over_all_tenders}

    assert has_figure == set(MEASURES) - set(NOT_OVER_ALL_TENDERS)


@pytest.mark.parametrize("code", MEASURES)
def test_a_measure_has_a_chinese_label(code):
    english = str(code.label)

    with translation.override("zh-hans"):
        assert str(code.label) != english


@pytest.fixture
def market(db):
    """An article that counts four tenders, which are all there are, and prints one figure."""
    beijing, shanghai = create_region("CN-BJ"), create_region("CN-SH")
    article, buyers = create_article("market", from_date="2018", to_date="2019"), [create_institution() for _ in "12"]
    for place, (region, year) in enumerate([(beijing, 2018), (beijing, 2019), (beijing, 2019), (shanghai, 2019)]):
        fields = {"region": region, "year": year, "buyer": buyers[place % 2], "budget_amount": 100 * (place + 1)}
        tender = create_tender(**fields)
        create_award(tender, create_company(), amount=10 * (place + 1))
        Inclusion.objects.create(article=article, tender=tender, reason="It is one of those it counts.")
    create_claim(article, "count", code="A1", printed=3, query="region=CN-BJ")
    return article


def test_every_measure_has_a_case_here():
    assert set(CASES) == set(MEASURES), "add a claim of it to CASES"


@pytest.mark.parametrize("code", MEASURES)
def test_a_measure_has_a_value_a_sentence_and_a_page(market, client, code):
    fields, value = CASES[code]
    if code in (Measure.AMOUNT, Measure.FACT):
        fields = {**fields, "tender": market.inclusions.order_by("pk").first().tender}
    claim = create_claim(market, code, code="B1", printed_as="at-least", printed_low=1, **fields)

    evaluation = evaluate_article(market)["B1"]

    assert not evaluation.problem
    assert float(evaluation.recorded) == pytest.approx(float(value))
    assert reason(claim, evaluation).endswith(".")
    sentences = set()
    for prefix, language in (("/zh-hans", "zh-hans"), ("", "en")):
        page = client.get(f"{prefix}{claim.get_absolute_url()}")
        assert page.status_code == 200
        assert page.context["figure"]["own_reason"]
        with translation.override(language):
            sentences.add(summary(claim, evaluation, Names([evaluation]))[0])
    assert len(sentences) == 2
    assert "" not in sentences
    found = over_all_tenders(claim)
    assert (found is None) == (code in NOT_OVER_ALL_TENDERS)
    assert found is None or found.recorded == evaluation.recorded


# One claim never breaks a page.

PAGES = ("/", "/articles/", "/articles/market/", "/articles/compare/", "/articles/market/claims/B1/")


@pytest.fixture
def adds_filter(monkeypatch):
    """Add a filter to the tender list, as somebody would who declares it in ``TenderFilter``."""

    def add(found, name="colour"):
        monkeypatch.setattr(TenderFilter, "base_filters", {**TenderFilter.base_filters, name: found})

    return add


def assert_says_what_is_wrong(article, client, problem):
    """Assert that the claim B1 cannot be checked and says why, and that all pages are there."""
    for prefix in ("/zh-hans", ""):
        assert [client.get(prefix + page).status_code for page in PAGES] == [200] * len(PAGES)
    evaluations = evaluate_article(article)
    assert evaluations["B1"].verdict == "not-checkable"
    assert problem in evaluations["B1"].problem
    assert not evaluations["A1"].problem
    assert "We can no longer read what this claim asks for" in client.get(PAGES[-1]).text


@pytest.mark.parametrize(
    "found",
    [
        lambda: OptionsFilter("city", label="Colour", choices=[("x", "X")]),
        lambda: django_filters.CharFilter("city", label="Colour"),
    ],
    ids=["a facet that says nothing", "a filter of another library"],
)
def test_a_new_filter_is_refused_in_words(market, client, adds_filter, found):
    adds_filter(found())
    create_claim(market, "count", code="B1", printed=1, query="colour=x")

    assert_says_what_is_wrong(market, client, f"colour: {NOT_EVALUABLE}")
    with pytest.raises(ValidationError, match="colour"):
        QueryParser(market).parse("colour=x")


def test_a_new_filter_of_an_attribute_that_claims_do_not_know_matches_maybe(market, client, adds_filter):
    adds_filter(OptionsFilter("city", label="Colour", choices=[("x", "X")], attribute="colour"))
    create_claim(market, "count", code="B1", printed=1, query="colour=x")

    assert {client.get(page).status_code for page in PAGES} == {200}
    assert (evaluate_article(market)["B1"].low, evaluate_article(market)["B1"].verdict) == (0, "undecided")


@pytest.mark.parametrize("method", ["values_for", "possible_options", "is_listed"])
def test_a_filter_that_fails_fails_for_its_claim_alone(market, client, adds_filter, monkeypatch, method):
    found = OptionsFilter("city", label="Colour", choices=[("x", "X")], attribute="colour")
    monkeypatch.setattr(OptionsFilter, method, failing_for("colour", getattr(OptionsFilter, method)))
    adds_filter(found)
    create_claim(market, "count", code="B1", printed=1, query="colour=x")

    assert_says_what_is_wrong(market, client, "a program error")


def failing_for(attribute, method):
    def fail(self, *args):
        if self.attribute == attribute:
            raise TypeError("There is a mistake in it.")
        return method(self, *args)

    return fail


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, TypeError, AttributeError, NotImplementedError])
@pytest.mark.parametrize("method", ["check", "evaluate", "num_unknown"])
def test_a_measure_that_fails_fails_for_its_claim_alone(market, client, monkeypatch, method, error):
    def fail(*args):
        raise error("There is a mistake in it.")

    monkeypatch.setattr(MEASURES[Measure.SUM_BUDGET], method, fail, raising=False)
    create_claim(market, "sum-budget", code="B1", printed=1)

    assert_says_what_is_wrong(market, client, "a program error")


@pytest.mark.parametrize("method", [name for name, value in vars(BaseMeasure).items() if isfunction(value)])
def test_no_method_of_a_measure_that_fails_breaks_a_page(market, client, monkeypatch, method):
    def fail(*args):
        raise LookupError("There is a mistake in it.")

    create_claim(market, "sum-budget", code="B1", printed=1, query="year=2018")
    for measure in (Measure.SUM_BUDGET, Measure.COUNT):
        monkeypatch.setattr(MEASURES[measure], method, fail, raising=False)

    assert [client.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    evaluations = evaluate_article(market)
    assert all(isinstance(reason(claim, evaluations[claim.code]), str) for claim in market.claims.all())


def test_a_claim_whose_figure_over_all_tenders_fails_has_none(market, client, monkeypatch):
    monkeypatch.setattr(MEASURES[Measure.COUNT], "over_all_tenders", lambda queries: 1 / 0)

    response = client.get("/articles/market/claims/A1/")

    assert response.status_code == 200
    assert response.context["over_all_tenders"] is None


@pytest.mark.parametrize(
    ("measure", "fields", "problem"),
    [
        ("guess", {}, "There is no measure “guess”."),
        ("ratio-of-shares", {"arguments": {"to_query": "&" * 10**5, "to_base_query": ""}}, "Shorten this"),
        ("ratio-of-shares", {"arguments": {"to_query": ["year=2018"], "to_base_query": ""}}, "Required"),
        ("rank", {"arguments": ["facet", "value", "among"]}, "Required"),
        ("rank", {"arguments": {"facet": "amount_min", "value": "1"}}, "Possible values"),
        ("rank", {"arguments": {"facet": "region", "value": {"CN-BJ": 1}, "among": 7}}, "Required"),
        ("nth-award", {"arguments": {"n": 10**400}}, "1 is the largest"),
        ("sum-of-claims", {"arguments": {"claims": ["B1", "A1", "Z9"]}}, "Z9"),
        ("fact", {"arguments": {"fact": "year"}}, "the record"),
        ("count", {"query": "amount_min=" + "9" * 400}, "amount_min"),
        ("count", {"query": "date_from=2019-02-30"}, "date_from"),
        ("count", {"query": "institution=I-000000"}, "There is no record with this reference"),
    ],
)
def test_an_unreadable_claim_reports_its_own_problem_alone(market, client, measure, fields, problem):
    create_claim(market, measure, code="B1", printed=1, **fields)

    assert_says_what_is_wrong(market, client, problem)


def test_the_largest_numbers_that_can_be_stored_are_evaluated(market, client):
    largest = Decimal("9999999999999.99")
    for inclusion in market.inclusions.all():
        inclusion.tender.awards.update(amount=largest)
    create_claim(market, "sum-award", code="B1", printed=largest, unit="yuan", query=f"amount_min={largest}")

    assert {client.get(page).status_code for page in PAGES} == {200}
    assert evaluate_article(market)["B1"].recorded == 4 * largest
