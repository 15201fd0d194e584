"""The history of verdicts: which changes are recorded with which cause, and the output of ``check_claims``."""

import json
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from tenders import actions
from tenders.choices import Cause, EditorialState, Fact
from tenders.claims.verdict_history import MAX_STORED_NUMBER, record_verdict_changes, track_verdicts
from tenders.models import Tender, VerdictChange
from tests.factories import (
    create_article,
    create_award,
    create_citation,
    create_claim,
    create_company,
    create_region,
    create_source,
    create_tender,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return create_source(slug="text", kind="study")


@pytest.fixture
def claim(text):
    """The claim that there are two tenders of 2019, of which one is recorded."""
    article = create_article("pulse", sources=[text])
    create_citation(create_tender(), Fact.EXISTENCE, "yes", source=text)
    return create_claim(article, "count", code="A1", printed=2, query="year=2019")


@pytest.fixture
def draft(text):
    """The second tender, not yet published."""
    tender = create_tender(state=EditorialState.DRAFT)
    create_citation(tender, Fact.EXISTENCE, "yes", source=text)
    return tender


def verdict_changes():
    """Return the recorded changes, oldest first."""
    columns = ("claim__code", "verdict", "cause", "subject")
    return list(VerdictChange.objects.order_by("changed_at").values_list(*columns))


FIRST_CHANGE = ("A1", "undecided", "first", "")


def test_the_first_verdict_of_a_claim_has_the_cause_first(claim):
    found = record_verdict_changes(Cause.CHANGED, "TW-ABCDEF", "year")

    assert [(changed.claim, changed.before, changed.evaluation.verdict) for changed in found] == [
        (claim, None, "undecided")
    ]
    assert verdict_changes() == [FIRST_CHANGE]


def test_nothing_is_recorded_while_no_verdict_changes(claim):
    record_verdict_changes(Cause.CHECKED)

    assert record_verdict_changes(Cause.CHECKED) == []
    create_tender()
    assert record_verdict_changes(Cause.CHANGED, "TW-ABCDEF") == []
    assert verdict_changes() == [FIRST_CHANGE]


def test_publishing_a_tender_that_changes_a_verdict_is_its_cause(claim, draft):
    actions.publish(draft)

    assert verdict_changes() == [FIRST_CHANGE, ("A1", "agrees", "published", draft.reference)]
    verdict_change = VerdictChange.objects.latest("changed_at")
    assert (verdict_change.recorded, verdict_change.low, verdict_change.high) == (2, 2, None)


def test_withdrawing_a_tender_changes_the_verdict_back(claim, draft):
    actions.publish(draft)
    actions.withdraw(draft, reason="It was a test.")

    assert verdict_changes()[2:] == [("A1", "undecided", "withdrawn", draft.reference)]


def test_publishing_a_tender_that_changes_no_verdict_records_nothing(claim):
    record_verdict_changes(Cause.CHECKED)
    other = create_tender(state=EditorialState.DRAFT)
    create_citation(other, Fact.EXISTENCE, "yes")

    actions.publish(other)

    assert verdict_changes() == [FIRST_CHANGE]


def test_publishing_an_article_records_the_first_verdicts_of_its_claims(claim):
    claim.article.state = EditorialState.DRAFT
    claim.article.save()
    record_verdict_changes(Cause.CHECKED)
    before = verdict_changes()

    actions.publish(claim.article)

    assert (before, verdict_changes()) == ([], [FIRST_CHANGE])


def test_only_the_verdicts_that_a_publication_changes_are_recorded(claim, draft):
    create_claim(claim.article, "count", code="A2", printed=1, query="year=2019")
    create_claim(claim.article, "count", code="A3", printed=0, query="year=2018")
    record_verdict_changes(Cause.CHECKED)

    actions.publish(draft)

    assert sorted(verdict_changes()[3:]) == [
        ("A1", "agrees", "published", draft.reference),
        ("A2", "contradicted", "published", draft.reference),
    ]


def test_an_earlier_untracked_change_has_the_cause_checked(claim, draft):
    record_verdict_changes(Cause.CHECKED)
    Tender.objects.filter(pk=draft.pk).update(state=EditorialState.PUBLISHED)
    third = create_tender(state=EditorialState.DRAFT)
    create_citation(third, Fact.EXISTENCE, "yes", source=claim.article.sources.get())

    actions.publish(third)

    assert verdict_changes() == [
        FIRST_CHANGE,
        ("A1", "agrees", "checked", ""),
        ("A1", "contradicted", "published", third.reference),
    ]


def test_a_write_that_is_rolled_back_records_nothing(claim, draft):
    record_verdict_changes(Cause.CHECKED)

    with transaction.atomic():
        actions.publish(draft)
        transaction.set_rollback(True)

    assert verdict_changes() == [FIRST_CHANGE]
    assert record_verdict_changes(Cause.CHECKED) == []


def test_a_write_that_fails_records_nothing(claim, draft):
    record_verdict_changes(Cause.CHECKED)

    with pytest.raises(IntegrityError), track_verdicts(Cause.CHANGED, draft.reference):
        Tender.objects.filter(pk=draft.pk).update(state=EditorialState.PUBLISHED, year=0)

    assert verdict_changes() == [FIRST_CHANGE]


def test_a_refused_publication_evaluates_nothing(claim):
    with pytest.raises(ValidationError):
        actions.publish(create_tender(state=EditorialState.DRAFT))

    assert verdict_changes() == []


def test_details_are_truncated_to_the_length_of_the_column(claim, draft):
    record_verdict_changes(Cause.CHECKED)

    with track_verdicts(Cause.CHANGED, draft.reference, "x" * 600):
        Tender.objects.filter(pk=draft.pk).update(state=EditorialState.PUBLISHED)

    assert VerdictChange.objects.latest("changed_at").details == "x" * 500


def test_numbers_are_limited_to_the_range_of_the_column(claim, text):
    for _ in range(2):
        tender = create_tender(year=2018)
        create_award(tender, amount=MAX_STORED_NUMBER)
        create_citation(tender, Fact.EXISTENCE, "yes", source=text)
    create_claim(claim.article, "sum-award", code="A2", printed=1, unit="yuan", query="year=2018")

    record_verdict_changes(Cause.CHECKED)

    verdict_change = VerdictChange.objects.get(claim__code="A2")
    assert (verdict_change.recorded, verdict_change.low, verdict_change.high) == (
        MAX_STORED_NUMBER,
        MAX_STORED_NUMBER,
        None,
    )


def test_only_the_given_articles_are_evaluated(claim):
    create_claim(create_article(), "count", printed=1)

    record_verdict_changes(Cause.CHECKED, articles=[claim.article])

    assert verdict_changes() == [FIRST_CHANGE]


# The command.


def check(*arguments):
    """Return the output of ``check_claims``, and its error output if it fails."""
    out, error_output = StringIO(), StringIO()
    try:
        call_command("check_claims", *arguments, stdout=out, stderr=error_output)
    except CommandError as error:
        return out.getvalue(), f"{error_output.getvalue()}{error}"
    return out.getvalue(), ""


def test_the_first_check_finds_no_changed_verdict(claim):
    out, error_output = check()

    assert out.startswith("pulse A1 undecided: The article counts 2; our records have 1")
    assert error_output == ""
    assert verdict_changes() == [FIRST_CHANGE]


def test_a_changed_verdict_fails_the_check_once(claim, draft):
    check()
    Tender.objects.filter(pk=draft.pk).update(state=EditorialState.PUBLISHED)

    error_output = [check()[1], check()[1]]

    assert error_output == ["pulse A1: undecided → agrees\n1 verdict has changed.", ""]
    assert verdict_changes() == [FIRST_CHANGE, ("A1", "agrees", "checked", "")]


def test_an_unknown_article_is_an_error_with_exit_code_1(claim):
    with pytest.raises(CommandError) as caught:
        call_command("check_claims", "--article", "nobody")

    assert caught.value.returncode == 1
    assert str(caught.value) == "There is no published article “nobody”. Published: pulse."


def test_an_article_that_is_not_public_is_not_checked(claim):
    create_claim(create_article("later", state=EditorialState.DRAFT), "count", printed=1)

    assert check()[0].count("\n") == 1
    assert "There is no published article “later”" in check("--article", "later")[1]


def test_a_check_of_one_article_records_only_its_claims(claim):
    create_claim(create_article("other"), "count", code="B1", printed=0)

    out, _error_output = check("--article", "other")

    assert out.startswith("other B1 ")
    assert [code for code, *_ in verdict_changes()] == ["B1"]


KEYS = ["article", "code", "measure", "query", "base_query", "printed", "printed_as", "printed_low", "printed_high"]
KEYS += ["unit", "recorded", "low", "high", "verdict", "reason"]


def rows():
    return {row["code"]: row for row in json.loads(check("--format", "json")[0])}


def test_json_has_a_row_for_each_claim_with_its_numbers_and_verdict(claim):
    row = rows()["A1"]

    assert list(row) == KEYS
    assert row.pop("reason").startswith("The article counts 2; our records have 1, and there is no upper limit")
    assert row == {
        "article": "pulse",
        "code": "A1",
        "measure": "count",
        "query": "year=2019",
        "base_query": "",
        "printed": 2,
        "printed_as": "exactly",
        "printed_low": 2,
        "printed_high": 2,
        "unit": "tenders",
        "recorded": 1,
        "low": 1,
        "high": None,
        "verdict": "undecided",
    }


def test_json_is_written_also_when_a_verdict_has_changed(claim, draft):
    check()
    Tender.objects.filter(pk=draft.pk).update(state=EditorialState.PUBLISHED)

    out, error_output = check("--format", "json")

    assert json.loads(out)[0]["verdict"] == "agrees"
    assert "1 verdict has changed." in error_output


@pytest.mark.parametrize(
    ("fields", "printed"),
    [
        ({"printed_as": "between", "printed_low": 3, "printed_high": 4}, [3, 4]),
        ({"printed_as": "about", "printed_low": 3, "printed_high": 4}, 3.5),
        ({"printed_as": "at-least", "printed_low": 3}, 3),
        ({"printed_as": "less-than", "printed_high": 4}, 4),
        ({"printed_as": "cut-off", "printed_low": "54.54", "printed_high": "54.55"}, 54.54),
        ({}, None),
    ],
)
def test_the_printed_value_is_one_number_or_two(claim, fields, printed):
    create_claim(claim.article, "count", code="A2", **fields)

    assert rows()["A2"]["printed"] == printed


def test_shares_are_in_percent(claim, text):
    for region in ("CN-BJ", "CN-SH", "CN-SH"):
        tender = create_tender(year=2018, region=create_region(region))
        create_citation(tender, Fact.EXISTENCE, "yes", source=text)
    create_claim(claim.article, "count", printed=3, is_set_size=True, query="year=2018")
    create_claim(
        claim.article,
        "share",
        code="A3",
        printed=50,
        unit="percent",
        query="region=CN-BJ&year=2018",
        base_query="year=2018",
    )

    row = rows()["A3"]

    assert (row["recorded"], row["low"], row["high"]) == (33.333333, 33.333333, 33.333333)
    assert row["base_query"] == "year=2018"


def test_verdicts_in_json_are_codes(claim):
    create_claim(claim.article, "none", code="A2")

    assert rows()["A2"]["verdict"] == "not-checkable"
    assert rows()["A2"]["reason"] == "No figure is printed."


def test_a_claim_about_a_withdrawn_company_is_still_checked(claim):
    company = create_company(founded_year=2016)
    create_claim(claim.article, "fact", code="A2", printed=2016, company=company, arguments={"fact": "founded"})
    check()

    actions.withdraw(company, reason="It was a test.")

    assert verdict_changes()[2:] == [("A2", "undecided", "withdrawn", company.reference)]
    assert rows()["A2"]["recorded"] is None
