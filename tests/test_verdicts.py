"""Verdicts on small sets of tenders: what the records say of what an article printed, and which sources confirm it."""

from decimal import Decimal

import pytest

from tenders.choices import EditorialState, Fact, Verdict
from tenders.claims.evaluation import evaluate_article
from tenders.claims.sentences import label, reason
from tenders.models import Inclusion, Source
from tests.factories import (
    cite_all,
    create_article,
    create_award,
    create_category,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    """The source that is the article."""
    return create_source(slug="text", kind="study")


@pytest.fixture
def article(text):
    return create_article("pulse", sources=[text])


@pytest.fixture
def counted(text):
    """Make a tender that the article counts and of which it alone states all that is known."""

    def make(*, awards=(), **fields):
        tender = create_tender(**fields)
        for number, amount in enumerate(awards, start=1):
            create_award(tender, number=number, amount=amount)
        cite_all(tender, source=text)
        return tender

    return make


def states(source, tender, *facts):
    """Let a source state facts of a tender as they are recorded; of its awards by their own names."""
    for fact in facts:
        targets = tender.awards.all() if fact in {Fact.AWARD_AMOUNT, Fact.SUPPLIER} else [tender]
        for target in targets:
            award = None if target is tender else target
            create_citation(tender, fact, target.canonical(fact), award=award, source=source)


def size(article, number, query="year=2019"):
    """Print how many tenders the article counts."""
    return create_claim(article, "count", is_set_size=True, printed=number, query=query)


def evaluated(claim):
    return evaluate_article(claim.article)[claim.code]


def verdict(claim):
    return evaluated(claim).verdict


def sentence_of(claim):
    return label(evaluated(claim))


def ends(claim):
    evaluation = evaluated(claim)
    return evaluation.recorded, evaluation.low, evaluation.high


# Each verdict, and what readers see.


def test_what_agrees_while_more_could_be_matches_so_far(article, counted):
    counted()
    claim = create_claim(article, "count", printed=1)

    assert verdict(claim) == Verdict.AGREES
    assert sentence_of(claim) == "Matches so far"


def test_what_agrees_whatever_the_unknown_is_but_by_its_own_word_alone(article, counted):
    counted(region=create_region("CN-BJ"))
    size(article, 1)
    claim = create_claim(article, "count", printed=1, query="year=2019&region=CN-BJ")

    assert ends(claim) == (1, 1, 1)
    assert verdict(claim) == Verdict.AGREES
    assert sentence_of(claim) == "Only the article says so"
    assert "only the article says so" in reason(claim, evaluated(claim))


def test_what_another_source_states_too_is_confirmed(article, counted):
    tender, notice = counted(region=create_region("CN-BJ")), create_source(slug="a-notice", kind="official-notice")
    size(article, 1)
    claim = create_claim(article, "count", printed=1, query="year=2019&region=CN-BJ")

    states(notice, tender, Fact.EXISTENCE, Fact.YEAR, Fact.REGION)

    assert verdict(claim) == Verdict.CONFIRMED
    assert sentence_of(claim) == "Confirmed by another source"
    assert evaluated(claim).corroborating_sources == (Source.objects.get(slug="a-notice"),)
    assert "“a-notice” (official notice) states" in reason(claim, evaluated(claim))


@pytest.mark.parametrize("left_out", [Fact.EXISTENCE, Fact.YEAR, Fact.REGION])
def test_each_fact_that_the_query_asks_needs_another_source(article, counted, left_out):
    tender = counted(region=create_region("CN-BJ"))
    size(article, 1)
    claim = create_claim(article, "count", printed=1, query="year=2019&region=CN-BJ")

    states(create_source(), tender, *({Fact.EXISTENCE, Fact.YEAR, Fact.REGION} - {left_out}))

    assert verdict(claim) == Verdict.AGREES
    assert sentence_of(claim) == "Only the article says so"


def test_a_name_that_is_confirmed_confirms_no_tender(article, counted):
    buyer = create_institution()
    counted(buyer=buyer)
    cite_all(buyer)
    size(article, 1)
    claim = create_claim(article, "count", printed=1, query=f"year=2019&institution={buyer.reference}")

    assert verdict(claim) == Verdict.AGREES


def test_what_a_source_states_otherwise_confirms_nothing(article, counted):
    tender, other = counted(region=create_region("CN-BJ")), create_source()
    size(article, 1)
    claim = create_claim(article, "count", printed=1, query="year=2019&region=CN-BJ")

    states(other, tender, Fact.EXISTENCE, Fact.YEAR)
    create_citation(tender, Fact.REGION, "CN-SH", source=other)

    assert verdict(claim) == Verdict.AGREES


def test_some_completion_agrees_and_the_record_does_not(article, counted):
    counted()
    size(article, 3)
    claim = create_claim(article, "count", printed=2, query="year=2019")

    assert ends(claim) == (1, 1, 3)
    assert verdict(claim) == Verdict.UNDECIDED
    assert sentence_of(claim) == "Inconclusive"
    assert "our records have 1, and up to 2 more are possible: 2 are not identified" in reason(claim, evaluated(claim))


def test_nothing_on_record_is_undecided(article):
    claim = create_claim(article, "largest-award", printed=5)

    assert evaluated(claim).recorded is None
    assert verdict(claim) == Verdict.UNDECIDED


def test_no_completion_agrees_by_its_own_figures(article, counted):
    counted(region=create_region("CN-BJ"))
    size(article, 1)
    claim = create_claim(article, "count", printed=2, query="year=2019&region=CN-BJ")

    assert verdict(claim) == Verdict.CONTRADICTED
    assert evaluated(claim).contradicts_itself
    assert sentence_of(claim) == "Contradicted by the article’s own figures"
    assert "the figure must be exactly 1." in reason(claim, evaluated(claim))


def test_no_completion_agrees_by_the_word_of_another_source(article, counted, text):
    tender = counted(awards=[8_595_000])
    contract = create_source(slug="a-contract", kind="contract")
    tender.citations.filter(fact=Fact.AWARD_AMOUNT).delete()
    states(contract, tender, Fact.AWARD_AMOUNT)
    claim = create_claim(article, "amount", tender=tender, printed=8_995_000)

    assert verdict(claim) == Verdict.CONTRADICTED
    assert not evaluated(claim).contradicts_itself
    assert sentence_of(claim) == "Contradicted by another source"
    assert "“a-contract” (contract) states" in reason(claim, evaluated(claim))


@pytest.mark.parametrize("fields", [{"measure": "none", "printed": 3}, {"measure": "count"}])
def test_what_cannot_be_checked_says_why(article, counted, fields):
    counted()
    claim = create_claim(article, not_checkable_reason="It speaks of cases.", **fields)

    assert verdict(claim) == Verdict.NOT_CHECKABLE
    assert sentence_of(claim) == "Not checkable"
    assert reason(claim, evaluated(claim)).startswith("It speaks of cases.")


def test_what_cannot_be_checked_still_says_what_is_recorded(article, counted):
    counted()
    claim = create_claim(article, "count", not_checkable_reason="It prints “many”.")

    assert reason(claim, evaluated(claim)) == "It prints “many”. Our records: 1."


# Who may confirm: another document.


@pytest.fixture
def sure_claim(article, counted):
    """A claim on which only the article's own word is missing another's, and its tender."""
    tender = counted()
    size(article, 1)
    return create_claim(article, "count", printed=1, query="year=2019"), tender


def test_a_text_that_repeats_the_article_confirms_nothing(sure_claim, text):
    claim, tender = sure_claim
    translation = create_source(version_of=text)
    copy = create_source(version_of=translation)

    for source in (translation, copy):
        states(source, tender, Fact.EXISTENCE, Fact.YEAR)

    assert verdict(claim) == Verdict.AGREES


def test_what_the_article_repeats_confirms_nothing(sure_claim, text):
    claim, tender = sure_claim
    original = create_source()
    text.version_of = original
    text.save()

    states(original, tender, Fact.EXISTENCE, Fact.YEAR)

    assert verdict(claim) == Verdict.AGREES


def test_a_source_in_which_a_figure_was_read_confirms_nothing(sure_claim):
    claim, tender = sure_claim
    other = create_source()
    states(other, tender, Fact.EXISTENCE, Fact.YEAR)
    before = verdict(claim)

    claim.sources.add(other)

    assert (before, verdict(claim)) == (Verdict.CONFIRMED, Verdict.AGREES)


@pytest.mark.parametrize("kind", ["common-knowledge", "editors-translation"])
def test_what_is_no_document_confirms_no_existence(sure_claim, kind):
    claim, tender = sure_claim

    states(create_source(kind=kind), tender, Fact.EXISTENCE, Fact.YEAR)

    assert verdict(claim) == Verdict.AGREES


def test_what_is_no_document_may_state_other_facts_and_is_named_after_documents(sure_claim):
    claim, tender = sure_claim

    states(create_source(slug="notice"), tender, Fact.EXISTENCE)
    states(create_source(slug="known", kind="common-knowledge"), tender, Fact.YEAR)

    assert verdict(claim) == Verdict.CONFIRMED
    assert evaluated(claim).corroborating_sources == (Source.objects.get(slug="notice"),)


def test_one_witness_is_enough_for_at_least(article, counted):
    first, _second = counted(awards=[9_000_000]), counted(awards=[1_000])
    claim = create_claim(article, "largest-award", printed_as="more-than", printed_low=8_500_000)
    before = sentence_of(claim)

    states(create_source(), first, Fact.EXISTENCE, Fact.AWARD_AMOUNT)

    assert (before, sentence_of(claim)) == ("Only the article says so", "Confirmed by another source")


def test_what_was_printed_at_least_is_confirmed_by_as_many_as_were_printed(article, counted):
    tenders = [counted() for _ in range(3)]
    claim = create_claim(article, "count", printed_as="at-least", printed_low=2, query="year=2019")

    verdicts = []
    for tender in tenders:
        states(create_source(), tender, Fact.EXISTENCE, Fact.YEAR)
        verdicts.append(verdict(claim))

    assert verdicts == [Verdict.AGREES, Verdict.CONFIRMED, Verdict.CONFIRMED]


def test_a_fact_of_a_record_is_confirmed_by_another_source(article, text):
    company = create_company(founded_year=2016)
    claim = create_claim(article, "fact", company=company, printed=2016, unit="year", arguments={"fact": "founded"})
    create_citation(company, Fact.FOUNDED, "2016", source=text, is_chosen=True)
    before = sentence_of(claim)

    create_citation(company, Fact.FOUNDED, "2016", source=create_source())

    assert (before, sentence_of(claim)) == ("Only the article says so", "Confirmed by another source")


def test_an_amount_that_is_at_least_so_much_leaves_what_was_printed_open(article, counted, text):
    tender = create_tender()
    create_award(tender, amount=8_500_000, amount_qualifier="at-least")
    cite_all(tender, source=text)
    exactly = create_claim(article, "amount", tender=tender, printed=8_995_000)
    less = create_claim(article, "amount", tender=tender, printed=8_000_000)

    assert ends(exactly) == (8_500_000, 8_500_000, None)
    assert verdict(exactly) == Verdict.UNDECIDED
    assert verdict(less) == Verdict.CONTRADICTED


# The article's totals are its own word.


def test_what_follows_from_its_own_totals_alone_is_confirmed_by_nobody(article):
    size(article, 14)
    claim = create_claim(article, "count", printed_as="at-most", printed_high=14, query="year=2019")

    assert ends(claim) == (0, 0, 14)
    assert sentence_of(claim) == "Only the article says so"


def test_a_set_of_which_nothing_is_left_confirms_nothing(article, counted):
    counted(region=create_region("CN-BJ"), awards=[100])
    elsewhere = counted(region=create_region("CN-SH"), awards=[50])
    states(create_source(), elsewhere, Fact.EXISTENCE, Fact.YEAR, Fact.REGION, Fact.AWARD_AMOUNT)
    size(article, 1)
    claim = create_claim(article, "largest-award", printed=100, query="year=2019&region=CN-BJ")

    assert sentence_of(claim) == "Only the article says so"


# Sums of printed figures test the text alone.


def test_a_sum_of_printed_figures_is_never_more_than_adding_up(article, sure_claim):
    _claim, tender = sure_claim
    states(create_source(), tender, Fact.EXISTENCE, Fact.YEAR)
    create_claim(article, "count", code="A1", printed=14, query="year=2018")
    create_claim(article, "count", code="A2", printed=31, query="year=2019")
    total = create_claim(article, "sum-of-claims", printed=45, arguments={"claims": ["A1", "A2"]})

    assert verdict(total) == Verdict.AGREES
    assert sentence_of(total) == "Adds up"


def test_figures_that_do_not_add_up_contradict_each_other(article):
    create_claim(article, "count", code="A1", printed=14)
    total = create_claim(article, "sum-of-claims", printed=15, arguments={"claims": ["A1"]})

    assert verdict(total) == Verdict.CONTRADICTED
    assert sentence_of(total) == "Contradicted by the article’s own figures"


def test_a_sum_has_the_slack_of_what_was_cut_off(article):
    for code, low in (("A1", Decimal("54.54")), ("A2", Decimal("45.45"))):
        create_claim(
            article, "count", code=code, printed_as="cut-off", printed_low=low, printed_high=low + Decimal("0.01")
        )
    codes = {"claims": ["A1", "A2"]}

    assert verdict(create_claim(article, "sum-of-claims", printed=100, arguments=codes)) != Verdict.CONTRADICTED
    assert verdict(create_claim(article, "sum-of-claims", printed=101, arguments=codes)) == Verdict.CONTRADICTED


# What was printed is an interval too. Recorded and all that is possible are 12 of 22: 54.5454… %.

PRINTED = [
    ({"printed_as": "cut-off", "printed_low": Decimal("54.54"), "printed_high": Decimal("54.55")}, True),
    ({"printed_as": "cut-off", "printed_low": Decimal("54.53"), "printed_high": Decimal("54.54")}, False),
    ({"printed_as": "exactly", "printed_low": Decimal("54.55"), "printed_high": Decimal("54.55")}, False),
    ({"printed_as": "at-least", "printed_low": Decimal("54.54")}, True),
    ({"printed_as": "at-least", "printed_low": Decimal("54.55")}, False),
    ({"printed_as": "more-than", "printed_low": Decimal("50")}, True),
    ({"printed_as": "at-most", "printed_high": Decimal("54.55")}, True),
    ({"printed_as": "less-than", "printed_high": Decimal("54.54")}, False),
    ({"printed_as": "between", "printed_low": Decimal("54"), "printed_high": Decimal("55")}, True),
    ({"printed_as": "about", "printed_low": Decimal("50"), "printed_high": Decimal("54")}, False),
]


@pytest.mark.parametrize(("printed", "agrees"), PRINTED)
def test_a_share_against_how_it_was_printed(article, counted, printed, agrees):
    beijing, shanghai = create_region("CN-BJ"), create_region("CN-SH")
    for number in range(22):
        counted(region=beijing if number < 12 else shanghai)
    size(article, 22)
    claim = create_claim(
        article, "share", query="year=2019&region=CN-BJ", base_query="year=2019", unit="percent", **printed
    )

    assert verdict(claim) == (Verdict.AGREES if agrees else Verdict.CONTRADICTED)
    assert "12 of 22 (54.55" in reason(claim, evaluated(claim))


# All that is possible is 12.

ENDS = [
    ({"printed_as": "cut-off", "printed_low": 11, "printed_high": 12}, False),
    ({"printed_as": "cut-off", "printed_low": 12, "printed_high": 13}, True),
    ({"printed_as": "more-than", "printed_low": 12}, False),
    ({"printed_as": "at-least", "printed_low": 12}, True),
    ({"printed_as": "less-than", "printed_high": 12}, False),
    ({"printed_as": "at-most", "printed_high": 12}, True),
    ({"printed_as": "between", "printed_low": 12, "printed_high": 13}, True),
    ({"printed_as": "between", "printed_low": 11, "printed_high": 12}, True),
]


@pytest.mark.parametrize(("printed", "agrees"), ENDS)
def test_the_ends_of_what_was_printed(article, counted, printed, agrees):
    for _ in range(12):
        counted()
    size(article, 12)
    claim = create_claim(article, "count", query="year=2019", **printed)

    assert verdict(claim) == (Verdict.AGREES if agrees else Verdict.CONTRADICTED)


def test_a_share_that_rests_on_few_tenders_says_so(article, counted):
    for _ in range(3):
        counted(region=create_region("CN-BJ"))
    claim = create_claim(article, "share", query="region=CN-BJ", base_query="", printed=100, unit="percent")

    before = reason(claim, evaluated(claim))
    counted(region=create_region("CN-SH"))

    assert "Based on only 3 tenders." in before
    assert "Based on only" not in reason(claim, evaluated(claim))


# Which tenders are the article's.


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN])
def test_what_is_not_public_is_neither_counted_nor_known(article, counted, state):
    counted()
    counted(state=state)
    size(article, 2)
    claim = create_claim(article, "count", printed=2, query="year=2019")

    assert ends(claim) == (1, 1, 2)
    assert evaluated(claim).query_results[0].missing == 1


def test_a_tender_belongs_by_its_existence_or_by_an_editors_finding(article, text):
    cited, inferred, neither = create_tender(), create_tender(), create_tender()
    create_citation(cited, Fact.EXISTENCE, "yes", source=text)
    Inclusion.objects.create(article=article, tender=inferred, reason="It is named in the table.")
    create_citation(neither, Fact.YEAR, "2019", source=text)
    claim = create_claim(article, "count", printed=2)

    assert set(evaluated(claim).query_results[0].listed) == {cited.reference, inferred.reference}


def test_a_claim_that_asks_for_what_was_withdrawn_cannot_be_checked_and_says_why(article, counted):
    buyer = create_institution()
    counted(buyer=buyer)
    claim = create_claim(article, "count", printed=1, query=f"institution={buyer.reference}")

    buyer.state = EditorialState.WITHDRAWN
    buyer.save()

    assert verdict(claim) == Verdict.NOT_CHECKABLE
    assert reason(claim, evaluated(claim)).startswith("We can no longer read what this claim asks for")
    assert buyer.reference not in reason(claim, evaluated(claim))  # it is not public
    assert buyer.reference in evaluated(claim).problem


@pytest.mark.parametrize("measure", ["amount", "fact", "exists"])
def test_a_claim_about_a_record_that_is_not_public_is_undecided(article, counted, measure):
    tender = counted(awards=[5], state=EditorialState.WITHDRAWN)
    claim = create_claim(article, measure, tender=tender, printed=1, arguments={"fact": "year"})

    assert verdict(claim) == Verdict.UNDECIDED
    assert reason(claim, evaluated(claim))


def test_a_tender_that_is_named_need_not_be_one_of_those_counted(article):
    tender = create_tender()
    create_award(tender, amount=5)
    claim = create_claim(article, "amount", tender=tender, printed=5)

    assert verdict(claim) == Verdict.AGREES


def test_a_suggested_category_is_not_known(article, counted):
    category = create_category("courts")
    counted().suggested_categories.add(category)
    size(article, 1)

    assert ends(create_claim(article, "count", printed=1, query="year=2019&category=courts")) == (0, 0, 1)


# How many are missing.


def test_without_a_printed_total_nothing_bounds_what_is_missing(article, counted):
    counted()
    claim = create_claim(article, "count", printed=1)

    assert ends(claim) == (1, 1, None)
    assert "there is no upper limit" in reason(create_claim(article, "count", printed=2), evaluated(claim))


def test_each_year_bounds_its_own(article, counted):
    article.from_date, article.to_date = "2018", "2019"
    article.save()
    counted(year=2018)
    size(article, 3, "year=2018")
    size(article, 5, "year=2019")

    assert ends(create_claim(article, "count", printed=1, query="year=2018")) == (1, 1, 3)
    assert ends(create_claim(article, "count", printed=1, query="year=2019")) == (0, 0, 5)
    assert ends(create_claim(article, "count", printed=1)) == (1, 1, 8)


def test_a_year_whose_total_is_not_printed_is_not_bounded_by_another(article, counted):
    article.from_date, article.to_date = "2018", "2019"
    article.save()
    counted(year=2018)
    size(article, 1, "year=2018")

    assert ends(create_claim(article, "count", printed=1, query="year=2018")) == (1, 1, 1)
    assert ends(create_claim(article, "count", printed=1, query="year=2019")) == (0, 0, None)
    assert ends(create_claim(article, "count", printed=1)) == (1, 1, None)


def test_the_total_of_a_period_bounds_all_its_years(article, counted):
    article.from_date, article.to_date = "2018", "2019"
    article.save()
    counted(year=2018)
    size(article, 4, "year=2018&year=2019")

    assert ends(create_claim(article, "count", printed=1, query="year=2018")) == (1, 1, 4)
    assert ends(create_claim(article, "count", printed=1, query="year=2019")) == (0, 0, 3)
    assert ends(create_claim(article, "count", printed=1)) == (1, 1, 4)


def test_more_recorded_than_printed_leaves_nothing_missing(article, counted):
    counted()
    counted()
    size(article, 1)

    assert ends(create_claim(article, "count", printed=1, query="year=2019")) == (2, 2, 2)


@pytest.mark.parametrize(("covers_from", "found"), [("2019", Verdict.CONFIRMED), ("2018", Verdict.AGREES)])
def test_a_tender_whose_year_no_other_source_states_is_of_the_only_year_there_is(article, counted, covers_from, found):
    article.from_date, article.to_date = covers_from, "2019"
    article.save()
    tender = counted(region=create_region("CN-BJ"))
    states(create_source(), tender, Fact.EXISTENCE, Fact.REGION)
    create_region("CN-SH")
    size(article, 1)

    # If it is the one of 2019, there is none in Shanghai; if it may be of 2018, there may be one.
    assert verdict(create_claim(article, "count", printed=0, query="year=2019&region=CN-SH")) == found


@pytest.mark.parametrize(
    ("printed", "high"),
    [
        ({"printed_as": "between", "printed_low": 3, "printed_high": 4}, 4),
        ({"printed_as": "at-most", "printed_high": 4}, 4),
        ({"printed_as": "at-least", "printed_low": 3}, None),
    ],
)
def test_a_total_that_is_no_single_number_bounds_by_its_upper_end(article, counted, printed, high):
    counted()
    create_claim(article, "count", is_set_size=True, query="year=2019", **printed)

    assert ends(create_claim(article, "count", printed=1, query="year=2019")) == (1, 1, high)


def test_a_margin_bounds_nothing(article, counted):
    counted(category=create_category("courts"), category_basis="stated")
    create_claim(article, "count", is_margin=True, printed=1, query="year=2019&category=courts")

    assert ends(create_claim(article, "count", printed=1, query="year=2019&category=courts")) == (1, 1, None)


# Doubtful tenders are recorded, and among the missing.


def test_a_doubtful_tender_may_stand_or_not(article, counted):
    counted()
    counted(certainty="low")
    size(article, 2)
    claim = create_claim(article, "count", printed=2, query="year=2019")

    assert ends(claim) == (2, 1, 2)
    assert verdict(claim) == Verdict.AGREES
    assert sentence_of(claim) == "Matches so far"
    assert "1 recorded tender is doubtful." in reason(claim, evaluated(claim))


def test_a_doubtful_tender_is_no_evidence_that_there_is_one(article, counted):
    counted(certainty="low")
    claim = create_claim(article, "exists", printed=1, query="year=2019")

    assert ends(claim) == (1, 0, 1)
    assert verdict(claim) == Verdict.AGREES


def test_a_doubtful_tender_has_no_place_where_all_are_identified(article, counted):
    counted()
    counted(certainty="low")
    size(article, 1)
    claim = create_claim(article, "count", printed=2, query="year=2019")

    assert ends(claim) == (2, 1, 1)
    assert verdict(claim) == Verdict.CONTRADICTED
