"""Undoing changes: what a change wrote is taken back by a new one, and what came later stays unless it is chosen."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions, audit
from tenders.choices import Cause, ChangeKind, EditorialState, Fact
from tenders.claims.verdict_history import record_verdict_changes
from tenders.integrity import uncited_facts
from tenders.merging import merge
from tenders.models import Award, Change, Citation, Claim, Company, DistinctPair, Institution, Source, Tender
from tenders.models.changes import change_set, record_changed_history, tracked_models
from tenders.undoing import plan_undo, undo
from tenders.undoing.plans import MAX_SHOWN_RECORDS
from tests.factories import (
    cite_all,
    create_article,
    create_award,
    create_category,
    create_claim,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)
from tests.test_imports import csv_of, imported, problems_of

pytestmark = pytest.mark.django_db


def rows():
    """Return all rows of what has a history, with their lists, but for what is derived."""
    found = {}
    for model in tracked_models():
        columns = [field.attname for field in model._meta.concrete_fields]
        lists = [field.name for field in model._meta.many_to_many]
        for obj in model._base_manager.all():
            values = [getattr(obj, name) for name in columns]
            found[model.__name__, obj.pk] = values, [sorted(m.pk for m in getattr(obj, name).all()) for name in lists]
    return found


def pages(client, addresses):
    """Return the public pages without what they tell of the history, of time and of the request."""
    found = {}
    for address in addresses:
        response = client.get(address)
        text = response.text.replace(response["X-Request-ID"], "")
        text = re.sub(r'(?s)<section[^>]*aria-labelledby="history".*?</section>', "", text)
        found[address] = re.sub(r"<time.*?</time>", "", text)
    return found


def last():
    """Return the newest change."""
    return Change.objects.order_by("pk").last()


# Any series of edits. Each takes the number of the edit and two numbers that choose objects, and is one change.


def nth(objects, number):
    found = list(objects.order_by("pk"))
    return found[number % len(found)]


def state_fact(record, fact, value, number, award=None):
    """Let a record follow what a new source states, as the form does."""
    source = nth(Source.objects, number)
    key = {record._meta.model_name: record, "award": award, "fact": fact, "source": source, "value": value}
    citation, _is_new = Citation.objects.get_or_create(**key, defaults={"reason": f"Edit {number}"})
    actions.choose(citation, reason=f"Edit {number}")


def edit_city(number, one, two):
    state_fact(nth(Tender.objects, one), Fact.CITY, f"City {two}", number)


def edit_budget(number, one, two):
    state_fact(nth(Tender.objects, one), Fact.BUDGET, str(1000 + two), number)


def edit_buyer(number, one, two):
    buyer = nth(Institution.objects.published(), two)
    state_fact(nth(Tender.objects, one), Fact.INSTITUTION, buyer.reference, number)


def edit_suppliers(number, one, two):
    award, company = nth(Award.objects, one), nth(Company.objects.published(), two)
    state_fact(award.tender, Fact.SUPPLIER, company.reference, number, award)


def edit_amount(number, one, two):
    award = nth(Award.objects, one)
    state_fact(award.tender, Fact.AWARD_AMOUNT, str(two + 1), number, award)


def edit_notes(number, one, two):
    record = nth([Tender, Institution, Company][two % 3].objects, one)
    record.notes = f"Note {number}"
    record.save()


def edit_links(number, one, two):
    tender, other = nth(Tender.objects, one), nth(Tender.objects, two)
    if tender != other:
        before = set(tender.possibly_same_as.all())
        tender.possibly_same_as.set(before ^ {other})
        record_changed_history([other])
        tender.suggested_categories.add(create_category(f"category-{number}-{one}-{two}"))


def edit_source(number, one, two):
    source = nth(Source.objects, one)
    source.title = f"Title {number}"
    source.save()


def add_award(number, one, two):
    tender = nth(Tender.objects, one)
    award = create_award(tender, nth(Company.objects.published(), two), number=tender.awards.count() + 10 + number)
    actions.cite_uncited_facts(tender, uncited_facts(tender), source=nth(Source.objects, two), reason="It says so.")
    award.notes = "A second write in one change."
    award.save()


def delete_award(number, one, two):
    nth(Award.objects, one).delete()


def delete_citation(number, one, two):
    citation = nth(Citation.objects.filter(is_chosen=False), one)
    citation.delete()


def add_tender(number, one, two):
    buyer = create_institution(name_en=f"Bureau {number}", state=EditorialState.DRAFT)
    tender = create_tender(title_en=f"Tender {number}", buyer=buyer, state=EditorialState.DRAFT)
    for record in (tender, buyer):
        actions.cite_uncited_facts(record, uncited_facts(record), source=nth(Source.objects, one), reason="It says so.")


def publish(number, one, two):
    actions.publish(nth(Tender.objects.exclude(state=EditorialState.PUBLISHED), one), reason="Ready.")


def withdraw(number, one, two):
    actions.withdraw(nth([Tender, Company][two % 2].objects.published(), one), reason="Wrong.")


def merge_two(number, one, two):
    records = [Tender, Institution, Company][number % 3].objects
    merge(keep=nth(records.published(), one), drop=nth(records, two), reason="One thing.")


def delete_draft(number, one, two):
    nth(Tender.objects.filter(state=EditorialState.DRAFT), one).delete()


EDITS = [
    edit_city, edit_budget, edit_buyer, edit_suppliers, edit_amount, edit_notes, edit_links, edit_source,
    add_award, delete_award, delete_citation, add_tender, publish, withdraw, merge_two, merge_two, delete_draft,
]  # fmt: skip


def make_edit(number, edit, one, two):
    """Make an edit in a change of its own, and return the change; None where there is nothing to edit."""
    before = last()
    try:
        with transaction.atomic(), change_set(ChangeKind.CHANGED, reason=f"Edit {number}"):
            edit(number, one, two)
    except (ValidationError, ZeroDivisionError):
        return None
    return last() if last() != before else None


@pytest.fixture
def records(db):
    """Create public records whose facts are cited, an article that counts them, and a claim."""
    source = create_source(slug="a-notice")
    create_source(slug="another")
    article = create_article("a-study", sources=[source])
    for number in range(3):
        region = create_region(["CN-BJ", "CN-GD", "CN-SH"][number])
        tender = create_tender(title_en=f"Platform {number}", buyer=create_institution(region=region), region=region)
        create_award(tender, create_company(region=region), amount=100 + number)
        create_award(tender, create_company(), number=2)
        cite_all(tender, source=source)
    for party in [*Institution.objects.all(), *Company.objects.all()]:
        cite_all(party, source=source)
    create_claim(article, "count", code="A1", printed=3, query="year=2019")
    record_verdict_changes(Cause.CHECKED)


SERIES = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=7)


def check_series(edits, look):
    """Make edits, undo all from the last to the first, and undo that; ``look`` returns what must be as before."""
    with transaction.atomic():
        before = look()
        changes = [make_edit(number, *edit) for number, edit in enumerate(edits)]
        after = look()

        undone = []
        for change in reversed([change for change in changes if change]):
            undo(change, reason="It was wrong.")
            undone.append(last())
        assert look() == before

        for change in reversed(undone):
            undo(change, reason="It was right.")
        assert look() == after
        transaction.set_rollback(True)


@settings(max_examples=8)
@given(SERIES)
def test_any_series_of_edits_undone_one_after_the_other_gives_the_same_records(records, edits):
    check_series(edits, rows)


@settings(max_examples=2)
@given(SERIES)
def test_any_series_of_edits_undone_one_after_the_other_gives_the_same_pages(client, records, edits):
    addresses = ["/tenders/", "/institutions/", "/companies/", "/articles/a-study/claims/A1/"]
    check_series(
        edits, lambda: pages(client, addresses + [tender.get_absolute_url() for tender in Tender.objects.all()])
    )


# One change.


def change(obj, **values):
    """Change an object in a change of its own, and return that change."""
    with change_set(ChangeKind.CHANGED, reason="A letter says so."):
        for name, value in values.items():
            setattr(obj, name, value)
        obj.save()
    return last()


def test_an_undo_is_a_new_change_with_its_reason_and_says_what_it_undoes(django_user_model):
    editor = django_user_model.objects.create_user("editor")
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen")

    undo(changed, by=editor, reason="The letter was another one.")

    tender.refresh_from_db()
    newest, before, *_rest = audit.history_of(tender)
    assert tender.city == "Foshan"
    assert (newest.kind, newest.reason, newest.undoes, newest.who) == (
        "undone",
        "The letter was another one.",
        changed,
        "editor",
    )
    assert [(entry.old, entry.new) for entry in newest.entries] == [("Shenzhen", "Foshan")]
    assert before.number == changed.pk


def test_what_was_changed_since_is_named_and_stays():
    tender = create_tender(city="Foshan", notes="", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen", notes="A note.")
    change(tender, city="Zhuhai")

    (_name, items), *_rest = plan_undo(changed).described()
    undo(changed, reason="It was wrong.")

    tender.refresh_from_db()
    assert (tender.city, tender.notes) == ("Zhuhai", "")
    assert [[(e.field, e.old, e.new) for e in item.since] for item in items] == [[("City", "Shenzhen", "Zhuhai")], []]


def test_what_was_changed_since_is_taken_back_if_that_is_chosen():
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen")
    change(tender, city="Zhuhai")
    (item,) = plan_undo(changed).items

    undo(changed, reason="It was wrong.", also=[item.key])

    tender.refresh_from_db()
    assert tender.city == "Foshan"


def test_a_later_choice_of_another_statement_gives_way_to_the_one_that_is_taken_back():
    tender = create_tender(budget_amount=1)
    cite_all(tender)
    with change_set(ChangeKind.CHANGED):
        state_fact(tender, Fact.BUDGET, "2", 0)
    changed = last()
    with change_set(ChangeKind.CHANGED):
        state_fact(tender, Fact.BUDGET, "3", 0)
    (item,) = plan_undo(changed).items

    undo(changed, reason="It was wrong.", also=[item.key])

    tender.refresh_from_db()
    assert tender.budget_amount == 1
    assert list(tender.citations.filter(fact=Fact.BUDGET, is_chosen=True).values_list("value", flat=True)) == ["1"]


def test_a_fact_is_taken_back_with_its_citations_and_alone_if_the_others_are_left_out():
    tender = create_tender(budget_amount=1, city="Foshan")
    cite_all(tender)
    with change_set(ChangeKind.CHANGED):
        state_fact(tender, Fact.BUDGET, "2", 0)
        state_fact(tender, Fact.CITY, "Shenzhen", 0)
    plan = plan_undo(last())
    keys = {item.key for item in plan.items}

    undo(last(), reason="Only the budget.", without=keys - {f"tender-{tender.pk}-budget_amount"})

    tender.refresh_from_db()
    assert keys == {f"tender-{tender.pk}-budget_amount", f"tender-{tender.pk}-city"}
    assert (tender.budget_amount, tender.city) == (1, "Shenzhen")


def test_what_refers_to_a_created_object_and_came_later_keeps_it():
    with change_set(ChangeKind.ADDED):
        buyer = create_institution(state=EditorialState.DRAFT)
    added = last()
    tender = create_tender(buyer=buyer, state=EditorialState.DRAFT)

    (item,) = plan_undo(added).items

    assert item.has_later_changes
    assert plan_undo(added).described()[0][1][0].later == [tender]
    with pytest.raises(ValidationError, match=f"still needed by {tender.reference}"):
        undo(added, reason="It was wrong.", also=[item.key])


def test_a_party_stays_with_the_created_tender_that_was_changed_since():
    with change_set(ChangeKind.IMPORTED):
        tender = create_tender(buyer=create_institution(state=EditorialState.DRAFT), state=EditorialState.DRAFT)
        other = create_tender(state=EditorialState.DRAFT)
    imported = last()
    change(tender, city="Foshan")

    undo(imported, reason="The wrong file.")

    assert set(Tender.objects.all()) == {tender}
    assert tender.buyer == Institution.objects.get()
    assert not Tender.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("create", [create_tender, create_institution, create_company])
def test_an_undone_merge_gives_back_both_records_and_their_addresses(client, create):
    keep, drop, third = create(), create(), create()
    for record in (keep, drop):
        cite_all(record)
    first, second = sorted([drop.reference, third.reference])
    DistinctPair.objects.create(one=first, other=second, reason="Two things.")
    create_claim(create_article(), "count", printed=1, **{drop._meta.model_name: drop})
    before = rows()
    merge(keep=keep, drop=drop, reason="One thing.")
    merged = last()
    assert client.get(drop.get_absolute_url()).status_code == 301

    undo(merged, reason="They are two.")

    assert rows() == before
    assert client.get(drop.get_absolute_url()).status_code == 200
    entries = [entry.field for entry in audit.history_of(keep)[1].entries]
    assert "Merged record" in entries


def test_a_merged_record_is_not_given_back_without_the_former_reference_and_the_rest_of_it():
    keep, drop = create_company(), create_company(city="Foshan")
    cite_all(keep)
    cite_all(drop)
    merge(keep=keep, drop=drop, reason="One thing.")

    keys = {item.key for item in plan_undo(last()).items}

    assert f"company-{drop.pk}" in keys
    assert not any("redirected" in key or "citation" in key for key in keys)


def test_a_deleted_record_comes_back_with_its_parts_and_lists():
    tender = create_tender(state=EditorialState.DRAFT, title_en="A platform")
    tender.suggested_categories.add(create_category("finance"))
    create_award(tender, create_company(), amount=5)
    cite_all(tender)
    before = rows()
    with change_set(ChangeKind.DELETED):
        tender.delete()

    undo(last(), reason="It is one after all.")

    assert rows() == before


def test_a_source_a_page_of_the_site_and_a_claim_are_undone_too():
    source, claim = create_source(), create_claim(create_article(), "count", printed=1)
    before = rows()
    with change_set(ChangeKind.CHANGED):
        source.title = "Another"
        source.save()
        claim.delete()
        category = create_category("finance")

    undo(last(), reason="It was wrong.")

    assert rows() == before
    assert not type(category).objects.exists()
    assert Claim.objects.exists()


def test_an_undone_import_takes_back_new_and_changed_tenders_with_all_they_brought():
    source = create_source()
    changed = create_tender(city="Foshan", budget_amount=5, title_en="A platform")
    cite_all(changed)
    before = rows()
    new = {"year": "2020", "certainty": "high", "institution_name_zh": "某局", "award_companies": "甲公司"}
    new |= {"award_amounts": "7", "award_amount_qualifiers": "exact", "city": "Zhuhai"}
    old = {"reference": changed.reference, "year": "2019", "certainty": "high", "city": "Shenzhen"}
    assert not problems_of(csv_of(old, new), source)
    imported(csv_of(old, new), source)
    assert Tender.objects.count() == 2

    undo(last(), reason="The wrong file.")

    assert rows() == before


# Refused


def test_a_public_fact_without_a_source_is_refused():
    tender = create_tender(city="Foshan")
    changed = change(tender, city="")
    cite_all(tender)

    with pytest.raises(ValidationError, match="“City” was changed from unknown to Foshan: cite a source for it"):
        undo(changed, reason="It was right.")
    tender.refresh_from_db()
    assert tender.city == ""


def test_a_public_tender_with_a_hidden_party_is_refused():
    old = create_institution()
    tender = create_tender(buyer=old)
    cite_all(tender)
    with change_set(ChangeKind.CHANGED):
        state_fact(tender, Fact.INSTITUTION, create_institution().reference, 0)
    changed = last()
    actions.withdraw(old, reason="It was wrong.")

    with pytest.raises(ValidationError, match=f"{tender.reference} would be public without them .{old.reference}"):
        undo(changed, reason="It was right.")


def test_a_party_that_a_public_tender_needs_does_not_become_a_draft_again():
    buyer = create_institution(state=EditorialState.DRAFT)
    actions.publish(buyer)
    published = last()
    tender = create_tender(buyer=buyer)

    with pytest.raises(ValidationError, match=f"{tender.reference} would be public"):
        undo(published, reason="Too early.")


def test_a_broken_constraint_is_refused_in_its_own_words():
    one, other = create_company(credit_code="91350100M000100Y43"), create_company()
    changed = change(one, credit_code="")
    change(other, credit_code="91350100M000100Y43")

    with pytest.raises(ValidationError, match="Another record already has this unified social credit code"):
        undo(changed, reason="It was right.")


def test_what_belongs_to_a_deleted_record_does_not_come_back_alone():
    award = create_award(create_tender(state=EditorialState.DRAFT), amount=5)
    with change_set(ChangeKind.DELETED):
        award.delete()
    deleted = last()
    award.tender.delete()

    with pytest.raises(ValidationError, match="no longer exists"):
        undo(deleted, reason="It was right.")


def test_a_mark_of_no_claim_is_refused():
    article = create_article()
    with change_set(ChangeKind.ADDED):
        create_claim(article, "count", code="A1", printed=1)
    added = last()
    change(article, text_en="It prints [[A1]].")

    with pytest.raises(ValidationError, match="its text marks A1"):
        undo(added, reason="It was wrong.")


def test_an_undo_needs_a_reason_something_selected_and_a_change_of_something():
    changed = change(create_tender(state=EditorialState.DRAFT), city="Foshan")
    keys = [item.key for item in plan_undo(changed).items]

    with pytest.raises(ValidationError, match="Give a reason"):
        undo(changed, reason=" ")
    with pytest.raises(ValidationError, match="Select what to undo"):
        undo(changed, reason="Nothing.", without=keys)
    audit.backfill_history()
    with pytest.raises(ValidationError, match="nothing to undo"):
        undo(Change.objects.filter(kind=ChangeKind.BASELINE).first() or Change(kind="begun"), reason="All.")


def test_what_has_no_recorded_state_before_stays():
    source = create_source()
    Source.history.all().delete()
    changed = change(source, title="Another")

    plan = plan_undo(changed)

    assert (plan.items, plan.num_unrecorded) == ([], 1)


# In the admin


@pytest.fixture
def editor_client(client, django_user_model):
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)
    return client


def undo_address(number):
    return reverse("admin:tenders_change_undo", args=[number])


def sent(page, **fields):
    """Return what the form of an undo sends, as it is shown, with a reason."""
    hidden = dict(re.findall(r'<input type="hidden" name="(digest|_confirmed_verdict_changes)" value="([^"]*)"', page))
    shown = re.findall(r'name="shown" value="([^"]*)"', page)
    ticked = re.findall(r'name="item" value="([^"]*)" checked', page)
    return {**hidden, "shown": shown, "item": ticked, "reason": "It was wrong.", **fields}


def test_undoing_an_edit_takes_two_clicks_and_a_reason(editor_client):
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen")
    history = editor_client.get(reverse("admin:tenders_tender_history", args=[tender.pk])).text
    assert f'<a href="{undo_address(changed.pk)}">Undo this change…</a>' in history

    page = editor_client.get(undo_address(changed.pk)).text
    response = editor_client.post(undo_address(changed.pk), sent(page))

    tender.refresh_from_db()
    assert tender.city == "Foshan"
    assert response.url == reverse("admin:tenders_tender_history", args=[tender.pk])
    assert "Undoes: Changed" in editor_client.get(response.url).text


def test_the_preview_shows_old_and_new_values_and_writes_nothing(editor_client):
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen", notes="A note.")
    change(tender, city="Zhuhai")
    before = rows(), Change.objects.count()

    text = editor_client.get(undo_address(changed.pk)).text

    assert (rows(), Change.objects.count()) == before
    assert re.search(r"(?s)<del>.*A note.*</del>.*<ins>|<del>.*A note", text)
    assert text.index("Changed since: undo this too") < text.index("Shenzhen")
    assert len(re.findall('name="item" value="[^"]*" checked', text)) == 1


def test_a_verdict_that_would_change_is_shown_and_confirmed_with_the_reason(editor_client):
    source = create_source()
    tender = create_tender(year=2018)
    cite_all(tender, source=source)
    article = create_article(sources=[source])
    create_claim(article, "count", code="A1", printed=1, query="year=2019")
    record_verdict_changes(Cause.CHECKED)
    with change_set(ChangeKind.CHANGED):
        state_fact(tender, Fact.YEAR, "2019", 0)
    changed = last()
    record_verdict_changes(Cause.CHECKED)

    page = editor_client.get(undo_address(changed.pk)).text
    refused = editor_client.post(undo_address(changed.pk), sent(page, _confirmed_verdict_changes=""))
    assert "Verdicts this would change" in page
    assert refused.status_code == 200
    editor_client.post(undo_address(changed.pk), sent(page))

    tender.refresh_from_db()
    assert tender.year == 2018
    verdict = article.claims.get().verdict_changes.order_by("changed_at").last()
    assert (verdict.cause, verdict.subject) == ("undone", tender.reference)


def test_without_a_reason_nothing_is_undone_and_the_ticks_stay(editor_client):
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen", notes="A note.")
    page = editor_client.get(undo_address(changed.pk)).text
    key = f"tender-{tender.pk}-city"

    text = editor_client.post(undo_address(changed.pk), sent(page, reason="", item=[key])).text

    assert last() == changed
    assert "Nothing has been undone yet" in text
    assert re.findall('name="item" value="([^"]*)" checked', text) == [key]


def test_what_is_not_ticked_stays(editor_client):
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen", notes="A note.")
    page = editor_client.get(undo_address(changed.pk)).text

    editor_client.post(undo_address(changed.pk), sent(page, item=[f"tender-{tender.pk}-city"]))

    tender.refresh_from_db()
    assert (tender.city, tender.notes) == ("Foshan", "A note.")


def test_an_undo_of_records_that_somebody_has_changed_meanwhile_is_shown_again(editor_client):
    tender = create_tender(city="Foshan", state=EditorialState.DRAFT)
    changed = change(tender, city="Shenzhen")
    page = editor_client.get(undo_address(changed.pk)).text
    change(tender, city="Zhuhai")

    text = editor_client.post(undo_address(changed.pk), sent(page)).text

    tender.refresh_from_db()
    assert tender.city == "Zhuhai"
    assert "someone changed one of these records" in text


def test_an_undone_change_of_many_records_shows_the_first_and_undoes_all(editor_client):
    with change_set(ChangeKind.IMPORTED):
        tenders = [create_tender(state=EditorialState.DRAFT) for _number in range(MAX_SHOWN_RECORDS + 2)]
    imported = last()
    change(tenders[-1], city="Foshan")

    page = editor_client.get(undo_address(imported.pk)).text
    editor_client.post(undo_address(imported.pk), sent(page))

    assert f'data-total="{MAX_SHOWN_RECORDS + 2}"' in page
    assert page.count('name="shown"') == MAX_SHOWN_RECORDS
    assert list(Tender.objects.all()) == [tenders[-1]]


def test_bulk_actions_and_deletions_of_the_admin_are_undone(editor_client):
    tenders = [create_tender(state=EditorialState.DRAFT, buyer=create_institution()) for _number in range(3)]
    for tender in tenders:
        cite_all(tender)
    with change_set(ChangeKind.CHANGED):
        tenders[0].possibly_same_as.add(tenders[1])
        record_changed_history([tenders[1]])
    address, before = reverse("admin:tenders_tender_changelist"), rows()
    data = {"_selected_action": [tender.pk for tender in tenders], "reason": "Ready.", "post": "yes"}

    editor_client.post(address, {**data, "action": "publish_selected"})
    published, shown = last(), rows()
    assert shown != before
    undo(published, reason="Too early.")
    assert rows() == before
    editor_client.post(address, {**data, "action": "delete_selected", "_selected_action": [tenders[0].pk]})
    assert Tender.objects.count() == 2
    undo(last(), reason="A slip.")
    assert rows() == before


def test_a_problem_is_shown_before_anything_is_sent(editor_client):
    tender = create_tender(city="Foshan")
    changed = change(tender, city="")

    text = editor_client.get(undo_address(changed.pk)).text

    assert "was changed from unknown to Foshan: cite a source for it" in text


def test_a_change_that_only_recorded_what_there_was_offers_no_undo(editor_client):
    source = create_source()
    Source.history.all().delete()
    audit.backfill_history()

    text = editor_client.get(reverse("admin:tenders_source_history", args=[source.pk])).text

    assert "Undo this change" not in text
    assert editor_client.get(undo_address(last().pk)).status_code == 404


def test_the_list_of_changes_leads_to_the_undo_of_a_deletion(editor_client):
    tender = create_tender(state=EditorialState.DRAFT)
    with change_set(ChangeKind.DELETED, reason="A mistake."):
        tender.delete()
    deleted = last()

    text = editor_client.get(reverse("admin:tenders_change_changelist") + "?kind=deleted").text
    page = editor_client.get(undo_address(deleted.pk)).text
    editor_client.post(undo_address(deleted.pk), sent(page))

    assert undo_address(deleted.pk) in text
    assert Tender.objects.get().reference == tender.reference
