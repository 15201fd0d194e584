"""Differences between two moments: what the history says, field by field, and nothing that is hidden."""

import json
import re

import pytest
from django.urls import reverse

from tenders.audit.comparison import ADDED, CHANGED, MERGED, REMOVED, STATED, STATED_OTHERWISE, Comparison
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.merging import merge
from tenders.models import Change, Company, Tender
from tenders.models.changes import change_set
from tests.factories import (
    create_award,
    create_citation,
    create_company,
    create_institution,
    create_source,
    create_tender,
)


@pytest.fixture
def tender(db):
    with change_set(ChangeKind.ADDED):
        tender = create_tender(title_en="A walrus platform", buyer=create_institution(name_en="Walrus Office"))
        create_award(tender, create_company(name_en="Walrus Ltd"), amount=1_000_000)
        create_tender(title_en="Another", city="Dalian")
    return tender


def last():
    return Change.objects.order_by("pk").last().pk


def edit(record, **values):
    with change_set(ChangeKind.CHANGED):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def since(start, model=Tender, references=None):
    return Comparison(model, start, last(), references)


def test_a_changed_amount_has_old_new_and_source(tender):
    start, award, source = last(), tender.awards.get(), create_source(slug="notice")
    with change_set(ChangeKind.CHANGED):
        create_citation(tender, Fact.AWARD_AMOUNT, "1250000.5", award=award, source=source, is_chosen=True)
        edit(award, amount="1250000.50")

    changed, stated = since(start).all

    assert (changed.kind, changed.reference, changed.award, changed.field) == (CHANGED, tender.reference, 1, "amount")
    assert (str(changed.old), str(changed.new), changed.sources) == ("1000000.00", "1250000.50", ("notice",))
    assert (stated.kind, stated.field, stated.new, stated.sources) == (STATED, "award_amount", "1250000.5", ("notice",))


def test_what_was_changed_back_is_no_difference(tender):
    start = last()
    edit(tender, title_en="A wallaby platform")
    edit(tender, title_en="A walrus platform")

    assert since(start).all == []


def test_a_changed_statement_says_what_of_it(tender):
    citation = create_citation(tender, Fact.EXISTENCE, "yes", source=create_source(slug="notice"), place="page 1")
    start = last()
    edit(citation, place="page 2")

    (found,) = since(start).all

    assert (found.kind, found.field, found.detail) == (STATED_OTHERWISE, "existence", "place")
    assert (found.old, found.new) == ("page 1", "page 2")


def test_published_and_withdrawn_records_are_added_and_removed(tender):
    start, other = last(), Tender.objects.get(title_en="Another")
    new = create_tender(title_en="New")
    edit(other, state=EditorialState.WITHDRAWN)

    compared = since(start)

    assert [(found.kind, found.reference, found.title) for found in compared.all] == [
        (ADDED, new.reference, "New"),
        (REMOVED, other.reference, ""),
    ]
    assert compared.num_after == compared.num_before + 1 - 1


def test_a_merged_record_leads_to_the_other(tender):
    start, keep = last(), Company.objects.get()
    drop = create_company(name_en="Walrus Limited")
    start = last()
    merge(keep=keep, drop=drop, by=None)

    assert [(found.kind, found.reference, found.merged_into) for found in since(start, Company).whole] == [
        (MERGED, drop.reference, keep.reference)
    ]


def test_a_hidden_record_is_in_no_value(tender):
    start, hidden = last(), create_company(name_en="Hidden Ltd", state=EditorialState.DRAFT)
    with change_set(ChangeKind.CHANGED):
        tender.awards.get().suppliers.add(hidden)
        tender.awards.get().save()
        tender.buyer.state = EditorialState.WITHDRAWN
        tender.buyer.save()
    edit(tender, buyer=None, title_en="Renamed")

    found = since(start).all

    assert [one.field for one in found] == ["title_en"]
    assert not any(text in repr(found) for text in ("Hidden", hidden.reference, "Walrus Office"))


def test_only_records_of_a_list_are_compared(tender):
    start, other = last(), Tender.objects.get(title_en="Another")
    edit(tender, title_en="One")
    edit(other, title_en="Two")

    compared = since(start, references={other.reference})

    assert [found.new for found in compared.all] == ["Two"]
    assert (compared.num_before, compared.num_after) == (1, 1)


def test_the_numbers_fit_after_any_changes(tender):
    start, tenders = last(), list(Tender.objects.all())
    for number in range(12):
        new = create_tender(state=EditorialState.PUBLISHED if number % 3 else EditorialState.DRAFT)
        tenders.append(new)
        edit(tenders[number // 2], state=EditorialState.WITHDRAWN if number % 2 else EditorialState.PUBLISHED)
    changes = list(Change.objects.filter(pk__gte=start).order_by("pk").values_list("pk", flat=True))

    for first in changes[::5]:
        for second in changes:
            if second >= first:
                compared = Comparison(Tender, first, second)
                kinds = [found.kind for found in compared.whole]
                assert compared.num_after == compared.num_before + kinds.count(ADDED) - kinds.count(REMOVED)
    assert compared.num_after == Tender.objects.published().count()


def asked(client, form="json", **query):
    response = client.get(reverse("compare-data", args=[form]), query)
    return response, b"".join(response.streaming_content).decode() if response.streaming else response.text


def test_the_page_and_both_files_have_the_same_differences(client, tender):
    moment = Change.objects.order_by("pk").last().made_at.isoformat()
    edit(tender, title_en="A new title")

    page = client.get(reverse("compare"), {"from": moment})
    _response, text = asked(client, **{"from": moment})
    _response, table = asked(client, "csv", **{"from": moment})

    query = json.loads(text)["meta"]["address"].partition("?")[2]
    for form in ("json", "csv"):
        assert f"</data/compare.{form}?{query}>" in page["Link"].replace("http://testserver", "")
    (row,) = json.loads(text)["results"]
    assert (row["field"], row["old"], row["new"]) == ("title_en", "A walrus platform", "A new title")
    assert json.loads(text)["meta"]["counts"]["changed"] == json.loads(text)["meta"]["total"] == 1
    assert re.search("<del>.*A walrus platform.*</del>", page.text)
    assert table.splitlines()[1] == f"changed,{tender.reference},,,title_en,,A walrus platform,A new title,"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({}, "from"),
        ({"from": "soon"}, "from"),
        ({"from": "2001"}, "from"),
        ({"from": "2026.7"}, "from"),
        ({"from": "2100"}, "from"),
        ({"from": "now", "list": "persons"}, "list"),
        ({"from": "2026", "yaer": "2019"}, "yaer"),
        ({"from": "2026", "year": "last"}, "year"),
    ],
)
def test_what_cannot_be_compared_is_said(client, tender, query, parameter):
    response, text = asked(client, **query)

    assert response.status_code == 400
    assert parameter in [error["parameter"] for error in json.loads(text)["errors"]]
    assert parameter == "yaer" or not query or client.get(reverse("compare"), query).status_code == 400
