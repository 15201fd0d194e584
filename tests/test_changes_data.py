"""The public changes as data: a copy that is kept with them is as the site, whatever was written meanwhile."""

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.exports.records import COLUMNS, for_data, record_data
from tenders.merging import merge
from tenders.models import Change
from tenders.models.changes import change_set
from tenders.undoing import undo
from tests import test_undoing
from tests.factories import cite_all, create_citation, create_institution, create_source, create_tender
from tests.test_undoing import SERIES, last, make_edit

pytestmark = pytest.mark.django_db
records = test_undoing.records  # the fixture


class Copy:
    """A copy of the records, kept by ``/changes.json``."""

    def __init__(self, client, limit=3):
        self.client, self.limit, self.since, self.records = client, limit, "", {}

    def update(self):
        """Read what is new; return the entries."""
        entries, named = [], set()
        address = f"/changes.json?limit={self.limit}" + (f"&since={self.since}" if self.since else "")
        while address:
            answer = self.client.get(address).json()
            entries += answer["results"]
            assert len(answer["results"]) <= self.limit
            address, self.since = answer["meta"]["next"], answer["meta"]["cursor"]
        for entry in entries:
            if entry["kind"] in ("withdrawn", "merged"):
                named.discard(entry["reference"])
                self.records.pop(entry["reference"], None)
            else:
                named.add(entry["reference"])
        self.records |= site(named)
        return entries


# What a record repeats of others, or counts: it changes with their entries.
OF_OTHERS = {"institution_name_en", "institution_name_zh", "company_names_en", "company_names_zh", "company_seats"}
OF_OTHERS |= {"same_region", "num_tenders", "same_body_as", "possibly_same_as"}


def own_part(record, public):
    """Return what is a record's own, of one as data; statements that name a record that is gone are without a value."""
    parts = [record["facts"], *(award["facts"] for award in record.get("awards", ()))]
    for statement in [one for facts in parts for fact in facts.values() for one in fact["statements"]]:
        named = [text for text in str(statement["value"]).split(",") if text[:2] in ("I-", "C-")]
        if not public.issuperset(named):
            statement["value"] = None
    columns = {name: value for name, value in record["columns"].items() if name not in OF_OTHERS}
    return [record["reference"], record["facts"], record.get("awards"), columns]


def own_parts(records):
    return {reference: own_part(record, set(records)) for reference, record in records.items()}


def site(references=None):
    """Return the public records as data, by reference: all, or some of them."""
    found = {}
    for model in COLUMNS:
        public = for_data(model.objects.published())
        for record in public if references is None else public.filter(reference__in=references):
            found[record.reference] = record_data(record)
    return found


@settings(max_examples=3)
@given(SERIES, st.lists(st.booleans(), min_size=7, max_size=7), st.integers(0, 7))
def test_a_copy_is_as_the_site_whatever_was_written(client, records, edits, looks, num_undone):
    with transaction.atomic():
        copy, changes = Copy(client), []
        for number, (edit, looked) in enumerate(zip(edits, looks, strict=False)):
            changes.append(make_edit(number, *edit))
            if looked:
                copy.update()
        for change in [change for change in reversed(changes) if change][:num_undone]:
            undo(change, reason="It was wrong.")
        begun_late = Copy(client, limit=1000)
        begun_late.update()

        copy.update()

        assert own_parts(copy.records) == own_parts(begun_late.records) == own_parts(site())
        assert copy.update() == []
        transaction.set_rollback(True)


def test_an_entry_has_what_the_history_of_its_page_shows_and_the_sources(client):
    tender = create_tender(title_en="A platform", city="Foshan")
    cite_all(tender)
    copy = Copy(client, limit=100)
    copy.update()
    with change_set(ChangeKind.CHANGED, reason="The notice says so."):
        tender.city = "Zhuhai"
        tender.save()
        create_citation(tender, Fact.CITY, "Zhuhai", source=create_source(slug="a-notice"))

    (entry,) = copy.update()

    assert (entry["reference"], entry["kind"], entry["action"]) == (tender.reference, "changed", "changed")
    assert entry["reason"] == "The notice says so."
    assert entry["data"] == f"http://testserver/tenders/{tender.reference}.json"
    assert entry["sources"] == ["a-notice"]
    city = {"of": "", "field": "City", "kind": "changed", "old": "Foshan", "new": "Zhuhai"}
    assert city in entry["entries"]
    assert any(found["of"].startswith("Citation: City") for found in entry["entries"])


def test_of_what_is_gone_there_is_its_reference_and_nothing_else(client):
    withdrawn, dropped, keep = (create_tender(title_en=f"A secret {n}", notes="A secret") for n in range(3))
    buyer = create_institution()
    with change_set(ChangeKind.CHANGED, reason="A secret"):
        withdrawn.city = "Secret City"
        withdrawn.save()
    actions.withdraw(withdrawn, reason="A secret")
    merge(keep=keep, drop=dropped, reason="One thing.")
    draft = create_tender(state=EditorialState.DRAFT, title_en="A draft")
    draft.delete()

    answer = client.get("/changes.json")

    entries = answer.json()["results"]
    assert [entry["reference"] for entry in entries if entry["kind"] == "published"] == [
        keep.reference,
        buyer.reference,
    ]
    assert [entry for entry in entries if entry["kind"] not in ("published", "changed")] == [
        {"reference": withdrawn.reference, "kind": "withdrawn"},
        {"reference": dropped.reference, "kind": "merged", "leads_to": keep.reference},
    ]
    assert draft.reference not in answer.text
    assert "Secret City" not in answer.text


def test_what_is_published_again_is_published(client):
    tender = create_tender(title_en="A platform")
    cite_all(tender)
    actions.withdraw(tender, reason="It was wrong.")
    copy = Copy(client)
    copy.update()
    assert copy.records == {}

    actions.publish(tender, reason="It was right.")

    assert [entry["kind"] for entry in copy.update()] == ["published"]
    assert tender.reference in copy.records


def test_since_a_moment_are_the_changes_made_then_and_later(client):
    create_tender()
    moment = timezone.now()
    later = create_tender()

    found = client.get("/changes.json", {"since": moment.isoformat()}).json()

    assert [entry["reference"] for entry in found["results"]] == [later.reference]
    assert client.get("/changes.json?since=2001").json()["results"][1:] == found["results"]
    assert client.get("/changes.json?since=2999-01-01").json()["results"] == []


def test_an_answer_names_the_next_one_as_long_as_there_is_more(client):
    for _number in range(3):
        create_institution()

    first = client.get("/changes.json?limit=2")
    second = client.get(first.json()["meta"]["next"])

    assert f'<{first.json()["meta"]["next"]}>; rel="next"' in first["Link"]
    assert second.json()["meta"]["next"] is None
    assert [len(answer.json()["results"]) for answer in (first, second)] == [2, 1]
    assert client.get("/changes.json", {"since": second.json()["meta"]["cursor"]}).json()["results"] == []


def test_a_cursor_of_another_history_is_refused(client):
    create_tender()
    cursor = client.get("/changes.json").json()["meta"]["cursor"]
    Change.objects.update(made_at=timezone.now())  # as another history has it, by the same number

    response = client.get("/changes.json", {"since": cursor})

    assert response.status_code == 400
    assert "Start again" in response.json()["detail"]
    assert response.json()["type"].endswith("/data/api/#cursor")


@pytest.mark.parametrize(
    "query",
    [
        "since=x",
        "since=W10",
        "since=bnVsbA",
        "limit=0",
        "limit=1001",
        "sinc=2026",
        "since=2026-02-30",
        "since=a&since=b",
    ],
)
def test_a_parameter_that_cannot_be_read_is_an_error(client, query):
    response = client.get(f"/changes.json?{query}")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time anyway")
def test_numbers_of_changes_are_in_the_order_in_which_they_are_committed(committed):
    """A writer that began later waits, before it draws a number, until the one before has committed."""
    from django.db.utils import OperationalError

    first, second = connections["default"], connections["default"].copy()
    try:
        with transaction.atomic():
            create_tender()
            with second.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                with pytest.raises(OperationalError):
                    cursor.execute("INSERT INTO tenders_change (made_at, kind, reason) VALUES (now(), 'changed', '')")
            number = last().pk
        with second.cursor() as cursor:
            cursor.execute("INSERT INTO tenders_change (made_at, kind, reason) VALUES (now(), 'changed', '')")
    finally:
        second.close()
    assert first is connections["default"]
    assert last().pk > number
