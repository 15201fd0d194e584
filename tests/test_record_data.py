"""One record as data: every fact with all its statements, and all else that downloads have of it."""

import json

import pytest

from tenders.choices import Certainty, EditorialState, Fact
from tenders.exports.columns import TENDERS
from tenders.exports.records import COLUMNS, for_data, record_data
from tenders.exports.writers import json_text
from tenders.models import Award, Citation, Company, Institution, Tender
from tests.factories import create_award, create_citation, create_company, create_institution, create_tender

STATED = ("source", "place", "place_zh", "stated", "value", "chosen", "reason", "reason_zh")


def data_of(record):
    return record_data(for_data(type(record).objects.all()).get(pk=record.pk))


def statements_in(data):
    """Yield (reference, number of the award or 0, fact, what was stated) of each statement of a record."""
    parts = [(0, data["facts"]), *((award["number"], award["facts"]) for award in data.get("awards", ()))]
    for number, facts in parts:
        for fact, found in facts.items():
            for statement in found["statements"]:
                yield data["reference"], number, fact, *(statement[name] for name in STATED)


def test_every_fact_of_the_shipped_records_has_all_its_statements(all_data):
    recorded = [
        (
            citation.record.reference,
            citation.award.number if citation.award else 0,
            citation.fact,
            *(citation.source.slug, citation.place, citation.place_zh, citation.stated, citation.value),
            *(citation.is_chosen, citation.reason, citation.reason_zh),
        )
        for citation in Citation.objects.select_related("tender", "award", "institution", "company", "source")
    ]

    found = [record_data(record) for model in COLUMNS for record in for_data(model.objects.published())]

    assert sorted(row for data in found for row in statements_in(data)) == sorted(recorded)
    for data in found:
        named = {statement["source"] for facts in _facts(data) for fact in facts for statement in fact["statements"]}
        assert {source["source"] for source in data["sources"]} == named
        json.loads(json_text(data))


def _facts(data):
    return [part["facts"].values() for part in (data, *data.get("awards", ()))]


@pytest.mark.parametrize("model", COLUMNS)
def test_a_record_has_all_that_its_row_in_a_download_has(tender_data, model):
    """Of awards, the record has a list of its own."""
    of_awards = {attribute.column for attribute in Award.ATTRIBUTES} if model is Tender else set()
    row_of = {
        record.reference: {column.name: column.value(record) for column in COLUMNS[model]}
        for record in for_data(model.objects.published())
    }

    for record in for_data(model.objects.published()):
        data = record_data(record)
        facts = {fact["column"]: fact["value"] for fact in data["facts"].values() if fact["column"]}
        found = {"reference": data["reference"], "address": data["address"], **facts, **data["columns"]}

        assert found == {name: value for name, value in row_of[record.reference].items() if name not in of_awards}


def test_of_awards_a_record_has_what_the_columns_of_a_download_have(tender_data):
    columns = {column.name: column for column in TENDERS}
    named = {str(attribute.fact or attribute.name): attribute.column for attribute in Award.ATTRIBUTES}

    for tender in for_data(Tender.objects.published()):
        awards = record_data(tender)["awards"]
        for name, column in named.items():
            if column:
                values = [award["facts"][name]["value"] if name in award["facts"] else award[name] for award in awards]
                assert values == columns[column].value(tender)


def test_what_no_source_states_is_a_value(db):
    tender = create_tender(year=2019, certainty=Certainty.HIGH)
    create_award(tender)

    data = data_of(tender)

    unknown = {"value": None, "is": "unknown", "disputed": False, "statements": []}
    assert data["facts"]["budget"] == {"column": "budget_amount", **unknown}
    assert data["awards"][0]["facts"]["award_amount"] == {"column": "award_amounts", **unknown}
    assert data["awards"][0]["facts"]["lot"]["is"] == "none"
    assert data["facts"]["year"]["is"] == "known"


def test_disputed_is_said_beside_all_statements(db):
    tender = create_tender(budget_amount=8_995_000)
    create_citation(tender, Fact.BUDGET, "8995000", is_chosen=True, reason="It is the notice.")
    create_citation(tender, Fact.BUDGET, ">8500000")

    budget = data_of(tender)["facts"]["budget"]

    assert (budget["value"], budget["disputed"]) == (8_995_000, True)
    stated = [(statement["value"], statement["chosen"]) for statement in budget["statements"]]
    assert stated == [("8995000", True), (">8500000", False)]


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.WITHDRAWN])
def test_a_statement_names_no_record_that_is_not_public(db, state):
    buyer, winners = create_institution(state=state), [create_company(), create_company(state=state)]
    tender = create_tender(buyer=buyer)
    award = create_award(tender, *winners)
    create_citation(tender, Fact.INSTITUTION, buyer.reference)
    create_citation(tender, Fact.SUPPLIER, "|".join(sorted(winner.reference for winner in winners)), award=award)

    data = data_of(tender)

    assert data["facts"]["institution"]["statements"][0]["value"] is None
    supplier = data["awards"][0]["facts"]["supplier"]
    assert (supplier["value"], supplier["statements"][0]["value"]) == ([winners[0].reference], None)
    assert not {buyer.reference, winners[1].reference} & set(json_text(data).split('"'))


def test_a_party_has_no_awards(db):
    for model, create in ((Institution, create_institution), (Company, create_company)):
        assert "awards" not in record_data(for_data(model.objects.all()).get(pk=create().pk))
