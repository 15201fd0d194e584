"""The history of a record: for editors all changes, for the public those of the time when it was public."""

from io import StringIO

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions, audit
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.models import Change, Page, Tender
from tenders.models.changes import change_set, is_history, tracked_models
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


def entries_of(changes):
    """Return the entries of the newest change as (of, field, old, new)."""
    return [(entry.of, entry.field, entry.old, entry.new) for entry in changes[0].entries]


@pytest.fixture
def tender():
    with change_set(ChangeKind.ADDED):
        return create_tender(title_en="A platform", year=2018, buyer=create_institution(name_en="The bureau"))


def test_changes_of_fields_have_labels_and_display_values(tender):
    with change_set(ChangeKind.CHANGED, reason="The notice says so."):
        tender.region = create_region("CN-GD", name_en="Guangdong")
        tender.status = "complete"
        tender.budget_amount = 1_500_000
        tender.is_main_subject = True
        tender.save()

    changes = audit.history_of(Tender.objects.get())

    assert changes[0].reason == "The notice says so."
    assert entries_of(changes) == [
        ("", "Region of the purchase", "", "Guangdong"),
        ("", "Status", "", "Complete: awarded"),
        ("", "Budget (yuan)", "", "1,500,000"),
        ("", "Blockchain is the main subject", "", "Yes"),
    ]


def test_several_writes_in_one_change_set_give_one_entry(tender):
    with change_set(ChangeKind.CHANGED):
        for year in (2019, 2020, 2021):
            tender.year = year
            tender.save()

    assert entries_of(audit.history_of(tender)) == [("", "Year", "2018", "2021")]


def test_a_value_restored_in_the_same_change_set_gives_no_entry(tender):
    with change_set(ChangeKind.CHANGED):
        for year in (2019, 2018):
            tender.year = year
            tender.save()

    assert entries_of(audit.history_of(tender)) == []


def test_entries_of_awards_and_citations_name_their_subject(tender):
    with change_set(ChangeKind.CHANGED):
        award = create_award(tender, create_company(name_en="The winner"), amount=500)
        source = create_source(slug="a-notice")
        create_citation(tender, Fact.YEAR, "2018", source=source)
        create_citation(tender, Fact.AWARD_AMOUNT, "500", award=award, source=source, is_chosen=True)

    assert entries_of(audit.history_of(tender)) == [
        ("Award 1", "", "", "Amount (yuan): 500; Amount is stated: exactly; Companies: The winner"),
        ("Citation: Year (a-notice)", "", "", "Value in database form: 2018"),
        ("Citation: Award amount of award 1 (a-notice)", "", "", "Value in database form: 500; Used: Yes"),
    ]


def test_a_deletion_has_an_entry(tender):
    award = create_award(tender, amount=500)

    with change_set(ChangeKind.CHANGED):
        award.delete()

    (entry,) = audit.history_of(tender)[0].entries
    assert (entry.of, entry.kind, entry.old, entry.new) == (
        "Award 1",
        "deleted",
        "Amount (yuan): 500; Amount is stated: exactly",
        "",
    )


def test_a_moved_citation_is_deleted_from_one_record_and_added_to_the_other():
    drop, keep = create_company(), create_company()
    citation = create_citation(drop, Fact.CITY, "Foshan", source=create_source(slug="a-notice"))

    with change_set(ChangeKind.MERGED):
        citation.company = keep
        citation.save()

    assert [entry.kind for entry in audit.history_of(drop)[0].entries] == ["deleted"]
    assert [entry.kind for entry in audit.history_of(keep)[0].entries] == ["added"]


def test_the_entry_of_a_long_text_has_the_part_that_differs(tender):
    text = "Words about nothing. " * 50
    tender.notes = f"{text}One thing. {text}"
    tender.save()
    tender.notes = f"{text}Another thing. {text}"
    tender.save()

    ((_of, _field, old, new),) = entries_of(audit.history_of(tender))
    assert "One thing" in old
    assert "Another thing" in new
    assert len(old) < 120


def test_a_public_history_begins_with_the_publication():
    tender = create_tender(state=EditorialState.DRAFT, title_en="A secret")
    cite_all(tender)
    actions.publish(tender, reason="It is ready.")
    with change_set(ChangeKind.CHANGED):
        tender.city = "Foshan"
        tender.save()

    changes = audit.public_history_of(tender)

    assert [(change.kind, change.reason) for change in changes] == [("changed", ""), ("published", "It is ready.")]
    assert entries_of(changes) == [("", "City", "", "Foshan")]
    assert changes[1].entries == ()
    assert len(audit.history_of(tender)) > 2


def test_a_public_history_has_no_writes_of_the_time_of_a_withdrawal():
    tender = create_tender()
    cite_all(tender)
    actions.withdraw(tender, reason="It was wrong.")
    assert audit.public_history_of(tender) == []
    tender.city = "Foshan"
    tender.save()
    actions.publish(tender)

    changes = audit.public_history_of(tender)

    assert [change.kind for change in changes][:3] == ["published", "withdrawn", "added"]
    assert changes[0].entries == ()
    assert "Foshan" not in str(changes)


def test_the_author_of_a_change_is_a_full_name_or_an_editor_or_a_program(tender):
    users = get_user_model().objects
    named = users.create_user("secret-1", "secret-1@example.org", first_name="Wang", last_name="Fang")
    for number, user in enumerate((None, users.create_user("secret-2", "secret-2@example.org"), named)):
        with change_set(ChangeKind.CHANGED, by=user):
            tender.city = f"City {number}"
            tender.save()

    assert [change.who for change in audit.public_history_of(tender)] == [
        "Wang Fang",
        "an editor",
        "",
        "",
    ]
    assert [change.who for change in audit.history_of(tender)][:2] == ["Wang Fang (secret-1)", "secret-2"]
    assert "secret" not in str(audit.public_history_of(tender))


def test_a_public_history_names_no_unpublished_record(tender):
    old, new = tender.buyer, create_institution(name_en="The other bureau")
    with change_set(ChangeKind.CHANGED):
        tender.buyer = new
        tender.save()
    with change_set(ChangeKind.CHANGED):
        create_citation(tender, Fact.INSTITUTION, old.reference, source=create_source(slug="a-notice"))
    actions.withdraw(old, reason="It was wrong.")

    cited, changed, *_rest = audit.public_history_of(tender)

    assert entries_of([changed]) == [("", "Institution", "a record that is not public", "The other bureau")]
    assert cited.entries[0].new == "Value in database form: a record that is not public"
    assert "The bureau" in str(audit.history_of(tender))


def test_a_deleted_record_is_shown_as_no_longer_there(tender):
    drop = create_institution(name_en="A second spelling")
    with change_set(ChangeKind.CHANGED):
        tender.buyer = drop
        tender.save()
    with change_set(ChangeKind.MERGED):
        tender.buyer = create_institution(name_en="The bureau")
        tender.save()
        drop.delete()

    assert entries_of(audit.public_history_of(tender)) == [
        ("", "Institution", "a record that no longer exists", "The bureau")
    ]


def test_a_reference_to_a_hidden_record_that_no_page_shows_is_no_public_change(tender):
    company, article = create_company(), create_article()
    claim = create_claim(article, "count", printed=1)
    records = [tender, company, article]
    before = [audit.public_history_of(record) for record in records]

    hidden = create_tender(state=EditorialState.DRAFT, title_en="Hidden")
    tender.possibly_same_as.add(hidden)
    company.institution = create_institution(state=EditorialState.IN_REVIEW)
    company.save()
    article.inclusions.create(tender=hidden, reason="It must be.")
    claim.tender = hidden
    claim.save()

    assert [audit.public_history_of(record) for record in records] == before
    assert "Hidden" in str(audit.history_of(tender))
    assert "Hidden" in str(audit.history_of(article))


def test_saving_without_changes_is_no_public_change(tender):
    before = audit.public_history_of(tender)

    tender.save()

    assert audit.public_history_of(tender) == before


@pytest.mark.parametrize("history_of", [audit.history_of, audit.public_history_of])
def test_a_history_takes_as_many_queries_for_many_changes_as_for_few(tender, history_of, django_assert_num_queries):
    def write(number):
        with change_set(ChangeKind.CHANGED):
            tender.buyer, tender.year = create_institution(), 1990 + number
            tender.region = create_region(f"CN-{'AB'[number % 2]}J")
            tender.save()
            tender.possibly_same_as.set([create_tender(buyer=create_institution())])
            award = create_award(tender, create_company(), number=number)
            create_citation(tender, Fact.AWARD_AMOUNT, str(number), award=award)
            create_citation(tender, Fact.INSTITUTION, tender.buyer.reference)
            create_citation(tender, Fact.SUPPLIER, create_company().reference, award=award)

    write(1)
    with CaptureQueriesContext(connection) as few:
        history_of(tender)
    for number in range(2, 12):
        write(number)

    with django_assert_num_queries(len(few)):
        assert len(history_of(tender)) >= 12


FIELDS = {"city": "City", "year": "Year", "notes": "Notes", "lot": "Lot", "state": "State"}
VALUES = {
    "city": st.sampled_from(["", "Foshan", "Kunming"]),
    "year": st.integers(2016, 2019),
    "notes": st.sampled_from(["", "Note.", "Another."]),
    "lot": st.sampled_from(["", "A", "B"]),
    "state": st.sampled_from(EditorialState),
}
WRITES = st.sampled_from(list(FIELDS)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name]))


@settings(max_examples=25)
@given(edits=st.lists(st.lists(WRITES, min_size=1, max_size=4), max_size=6))
def test_replayed_edits_give_the_history(edits):
    """The expected entries are computed in Python from the values before and after."""
    tender = create_tender(state=EditorialState.DRAFT)
    award = create_award(tender)

    def displayed():
        state = EditorialState(tender.state)
        return {"City": tender.city, "Year": str(tender.year), "Notes": tender.notes, "Lot": award.lot}, state

    expected, expected_public = [], []
    for writes in edits:
        (before, was), kind = displayed(), ChangeKind.CHANGED
        with change_set(kind):
            for name, value in writes:
                target = award if name == "lot" else tender
                setattr(target, name, value)
                target.save()
        after, now = displayed()
        differ = {field: (before[field], after[field]) for field in after if before[field] != after[field]}
        expected.append(differ | ({"State": (was.label, now.label)} if was != now else {}))
        if (was, now) == ("published", "published") and differ:
            expected_public.append(("changed", differ))
        elif was != now and "published" in (was, now):
            expected_public.append(("published" if now == "published" else "withdrawn", {}))

    def entries(change):
        return {entry.field: (entry.old, entry.new) for entry in change.entries}

    found = [entries(change) for change in reversed(audit.history_of(tender)) if change.kind == "changed"]
    # The creation of the tender and its award are other changes.
    assert found == expected
    if tender.is_published:
        public = [(change.kind, entries(change)) for change in reversed(audit.public_history_of(tender))]
        assert public == expected_public


def test_backfill_writes_the_first_history_of_records_without_one(all_data):
    create_company()

    assert audit.backfill_history() == sum(model.objects.count() for model in tracked_models()) - 1
    for model in tracked_models():
        assert set(model.history.filter(history_type="+").values_list("id", flat=True)) == set(
            model.objects.values_list("pk", flat=True)
        )
    assert audit.backfill_history() == 0
    assert Change.objects.filter(kind="begun").count() == 1


def test_a_backfilled_history_has_the_old_values_of_later_changes(all_data):
    audit.backfill_history()
    tender = Tender.objects.filter(possibly_same_as__isnull=False, awards__suppliers__isnull=False).first()
    tender = tender or Tender.objects.filter(awards__suppliers__isnull=False).first()
    assert [change.kind for change in audit.public_history_of(tender)] == ["begun"]
    award = tender.awards.first()
    names = "; ".join(str(company) for company in award.suppliers.order_by("pk"))

    with change_set(ChangeKind.CHANGED):
        award.suppliers.clear()

    assert entries_of(audit.public_history_of(tender)) == [("Award 1", "Companies", names, "")]


def test_loading_into_an_empty_database_writes_one_baseline_change(db):
    call_command("loaddata_if_empty", "regions", "categories", "blockchain_2018_2019", stdout=StringIO())

    assert list(Change.objects.values_list("kind")) == [("begun",)]
    before = {model: model.history.count() for model in tracked_models()}
    call_command("begin_history", stdout=(out := StringIO()))
    assert "started for 0 records" in out.getvalue()
    assert {model: model.history.count() for model in tracked_models()} == before
    for tender in Tender.objects.all():
        assert [change.kind for change in audit.public_history_of(tender)] == ["begun"]


@pytest.mark.parametrize("make", [create_tender, create_institution, create_company, create_article])
def test_the_admin_shows_all_changes_of_a_record_drafts_included(client, make):
    editor = get_user_model().objects.create_superuser("editor", first_name="Wang", last_name="Fang")
    client.force_login(editor)
    record = make(state=EditorialState.DRAFT)
    with change_set(ChangeKind.CHANGED, by=editor, reason="The notice says so."):
        setattr(record, "publisher" if make is create_article else "city", "Foshan")
        record.save()
    address = reverse(f"admin:tenders_{record._meta.model_name}_history", args=[record.pk])

    text = client.get(address).text

    for words in ("Wang Fang (editor)", "The notice says so.", "Foshan", "Added"):
        assert words in text
    for page in ("x", "-1", "99", "%00", "9" * 3000):
        assert client.get(f"{address}?p={page}").status_code == 200


@pytest.mark.parametrize("key", ["0", "x", "%00", "9" * 30])
def test_the_admin_has_no_history_of_a_missing_record(client, key):
    client.force_login(get_user_model().objects.create_superuser("editor"))

    assert client.get(f"/admin/tenders/tender/{key}/history/").status_code in {302, 400}


def test_a_history_needs_the_permission_to_view_the_record(client, tender):
    user = get_user_model().objects.create_user("viewer")
    user.user_permissions.add(Permission.objects.get(codename="view_page"))
    client.force_login(user)

    assert client.get(reverse("admin:tenders_tender_history", args=[tender.pk])).status_code == 403


def test_the_admin_shows_the_history_of_a_claim_and_of_a_page(client):
    client.force_login(get_user_model().objects.create_superuser("editor"))
    claim = create_claim(create_article(), "count", printed=1)

    assert "Added" in client.get(reverse("admin:tenders_claim_history", args=[claim.pk])).text
    page = Page.objects.first()
    form = {"title_en": page.title_en, "title_zh": page.title_zh, "text_en": "New.", "text_zh": "新。", "position": 1}
    client.post(reverse("admin:tenders_page_change", args=[page.pk]), {**form, "change_reason": "Said more plainly."})
    text = client.get(reverse("admin:tenders_page_history", args=[page.pk])).text
    assert "Said more plainly." in text
    assert "<td>editor</td>" in text


@pytest.mark.parametrize("kind", [ChangeKind.BASELINE, ChangeKind.ADDED, ChangeKind.IMPORTED, ChangeKind.CHANGED])
def test_the_fast_path_for_one_change_gives_the_full_public_history(db, kind):
    with change_set(kind, reason="To see."):
        records = [create_tender(), create_institution(), create_company(), create_article()]
        cite_all(records[0])
    Tender.history.filter(id=create_tender().pk).update(history_type="~")
    records += [create_tender(state=EditorialState.DRAFT), Tender.objects.latest("pk")]

    for record in records:
        whole = audit.records.changes_by_record(type(record), [record.pk], is_public=True)[record.pk]
        assert audit.public_history_of(record) == whole, record


# Models without a history, and why.
UNTRACKED = {
    "Change": "the history itself",
    "AwardSupplier": "a list of its award, with whose history it is stored",
    "VerdictChange": "a history of its own",
    "TenderFigures": "computed by the database",
    "DatasetVersion": "computed by the database",
    "PossibleDuplicate": "found by a program, which finds it again",
    "Upload": "a file that awaits its import",
    "NoticeIntake": "what a program proposed, and what was saved first",
    "Report": "what a reader sent, whose address is erased; who answered stands in it",
    "ReportSender": "kept for an hour",
    "Alert": "what a reader follows, with a mail address that goes when it ends",
    "AddressCheck": "what a program found, and no statement of an editor",
}


def test_every_model_has_a_history_or_a_reason_for_none():
    models = {model for model in apps.get_app_config("tenders").get_models() if not is_history(model)}
    models |= {Change}

    assert {model.__name__ for model in models - {*tracked_models()}} == set(UNTRACKED)


def test_every_list_of_a_tracked_model_is_tracked():
    for model in tracked_models():
        assert set(model.history.model._history_m2m_fields) == set(model._meta.many_to_many)


def test_every_tracked_model_with_an_admin_page_shows_its_history():
    assert {model for model in tracked_models() if admin.site.is_registered(model)} <= set(audit.records.PARTS)


@pytest.mark.parametrize("make", [create_source, create_region, lambda: create_category("supply-chain")])
def test_a_history_begun_late_has_the_old_value_of_what_is_corrected_then(make):
    audit.backfill_history()
    obj = make()
    type(obj).history.all().delete()
    assert audit.backfill_history() == 1
    name = "title" if hasattr(obj, "title") else "name_zh"
    old = getattr(obj, name)

    setattr(obj, name, "Corrected")
    obj.save()

    ((_of, _field, was, now),) = entries_of(audit.history_of(obj))
    assert (was, now) == (old, "Corrected")


def test_deleting_a_source_records_the_articles_that_had_it(client, admin_user):
    client.force_login(admin_user)
    source = create_source()
    article = create_article(sources=[source])

    client.post(reverse("admin:tenders_source_delete", args=[source.pk]), {"post": "yes"})

    change = audit.history_of(article)[0]
    assert (change.kind, [entry.field for entry in change.entries]) == ("deleted", ["Sources with its text"])
