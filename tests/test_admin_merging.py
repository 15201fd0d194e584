"""The admin's pages of possible duplicates: work queue, comparison, merging, and distinct pairs."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse

from bench.writing import Fields
from tenders import duplicate_pairs, duplicates, merging
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.models import (
    Change,
    Company,
    DistinctPair,
    Institution,
    PossibleDuplicate,
    RedirectedReference,
    Tender,
    VerdictChange,
)
from tenders.models.changes import change_set
from tests.factories import (
    cite_all,
    create_article,
    create_award,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_source,
    create_tender,
)

pytestmark = pytest.mark.django_db

MODELS = [Institution, Company, Tender]


@pytest.fixture
def editor_client(client):
    editor = User.objects.create_user("editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)
    return client


@pytest.fixture
def contributor_client(client):
    contributor = User.objects.create_user("contributor", is_staff=True)
    contributor.groups.add(Group.objects.get(name="Contributors"))
    client.force_login(contributor)
    return client


def address(model, page, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return reverse(f"admin:tenders_{model._meta.model_name}_{page}") + (query and f"?{query}")


def merge_address(keep, drop):
    return address(type(keep), "merge", keep=keep.reference, drop=drop.reference)


def create_duplicates(**fields):
    """Create three companies; return the two whose names are similar."""
    keep = create_company(name_en="Light Load Infinite (Beijing) Technology Co., Ltd.", **fields)
    drop = create_company(name_en="Light Load Infinite")
    create_company(name_en="Tencent Cloud")
    return keep, drop


def form_data(record, **fields):
    """Return the form data of a company."""
    prefixes = {"citations": [], **fields.pop("formsets", {})}
    data = {"name_en": record.name_en, "name_en_status": "sourced", **fields}
    for prefix in prefixes:
        counts = {"TOTAL": 0, "INITIAL": 0, "MIN_NUM": 0, "MAX_NUM": 1000}
        data |= {f"{prefix}-{name}_FORMS": number for name, number in counts.items()}
    return data


# Finding


def test_the_work_queue_shows_each_pair_with_its_reason(editor_client):
    keep, drop = create_duplicates()

    text = editor_client.get(address(Company, "duplicates")).text

    assert 'data-total="1"' in text
    assert "Names alike: 77 of 100" in text
    assert merge_address(keep, drop).replace("&", "&amp;") in text
    assert "Tencent" not in text


def test_a_pair_with_a_record_deleted_meanwhile_is_not_in_the_work_queue(editor_client, monkeypatch):
    one, other = create_duplicates()
    pairs = duplicate_pairs.pairs_at_once(Company)
    other.delete()
    monkeypatch.setattr("tenders.duplicate_pairs.pairs_at_once", lambda model: pairs)

    response = editor_client.get(address(Company, "duplicates"))

    assert response.status_code == 200
    assert merge_address(one, other).replace("&", "&amp;") not in response.text


def test_a_distinct_pair_is_saved_and_leaves_the_work_queue(editor_client):
    one, other = create_duplicates()

    response = editor_client.post(
        address(Company, "not_same"), {"keep": one.reference, "drop": other.reference, "reason": "Two firms."}
    )

    assert response.status_code == 302
    found = DistinctPair.objects.get()
    assert (found.one, found.other) == tuple(sorted([one.reference, other.reference]))
    assert (found.reason, found.found_by.username) == ("Two firms.", "editor")
    assert 'data-total="0"' in editor_client.get(address(Company, "duplicates")).text
    assert "Two firms." in editor_client.get(merge_address(one, other)).text


def test_a_distinct_pair_requires_a_reason(editor_client):
    one, other = create_duplicates()

    editor_client.post(address(Company, "not_same"), {"keep": one.reference, "drop": other.reference, "reason": " "})

    assert not DistinctPair.objects.exists()


def test_a_distinct_pair_can_be_taken_back(editor_client):
    one, other = create_duplicates()
    data = {"keep": one.reference, "drop": other.reference, "reason": "Two firms."}
    editor_client.post(address(Company, "not_same"), data)

    response = editor_client.post(merge_address(one, other), {"reason": "One firm.", "name_en": "keep"})
    assert "Undo the decision first" in response.text
    editor_client.post(address(Company, "not_same"), data | {"_take_back": "1"})

    assert not DistinctPair.objects.exists()
    assert duplicate_pairs.num_pairs(Company) == 1


def test_pairs_are_computed_again_only_when_a_name_changes(django_assert_max_num_queries, monkeypatch):
    one, other = create_duplicates()
    assert len(duplicate_pairs.pairs_at_once(Company)) == 1
    Company.objects.filter(pk=one.pk).update(notes="Another note.")
    monkeypatch.setattr(duplicates, "Index", None)

    with django_assert_max_num_queries(2):
        assert len(duplicate_pairs.pairs_at_once(Company)) == 1

    Company.objects.filter(pk=other.pk).update(name_en="Quite Another")
    with pytest.raises(TypeError):
        duplicate_pairs.pairs_at_once(Company)


@pytest.fixture
def stored(monkeypatch):
    """Let the pairs of any number of records be stored."""
    monkeypatch.setattr(duplicate_pairs, "AT_ONCE", 0)


def test_pairs_of_many_records_are_found_by_a_command(editor_client, stored):
    one, other = create_duplicates()
    assert merge_address(one, other).replace("&", "&amp;") not in editor_client.get(address(Company, "duplicates")).text

    call_command("find_duplicates", stdout=StringIO())
    response = editor_client.get(address(Company, "duplicates"))

    assert merge_address(one, other).replace("&", "&amp;") in response.text
    assert duplicate_pairs.num_pairs(Company) == 1


def test_a_stored_pair_that_is_alike_no_more_is_not_shown(editor_client, stored):
    one, other = create_duplicates()
    call_command("find_duplicates", stdout=StringIO())

    Company.objects.filter(pk=other.pk).update(name_en="Quite Another", name_zh="", name_zh_status="", aliases_en="")

    response = editor_client.get(address(Company, "duplicates"))
    assert merge_address(one, other).replace("&", "&amp;") not in response.text


def test_a_form_that_renames_a_record_stores_its_pairs(editor_client, stored):
    keep = create_company(name_en="Light Load Infinite")
    drop = create_company(name_en="Something Else", state=EditorialState.DRAFT)
    page = reverse("admin:tenders_company_change", args=[drop.pk])
    form = Fields(editor_client.get(page).text).values
    form |= {"name_en": "Light Load Infinite Ltd.", "change_reason": "As it says."}

    editor_client.post(page, form)

    assert list(PossibleDuplicate.objects.values_list("one", "other")) == [duplicates.pair_of(keep, drop)]


def test_saving_a_possible_duplicate_shows_a_warning(editor_client):
    keep = create_company(name_en="Light Load Infinite")

    response = editor_client.post(
        address(Company, "add"),
        form_data(Company(name_en="LIGHT LOAD INFINITE"), kind="", size=""),
        follow=True,
    )

    created = Company.objects.exclude(pk=keep.pk).get()
    assert "may be a duplicate of another record" in response.text
    assert merge_address(keep, created).replace("&", "&amp;") in response.text


def test_saving_without_a_new_name_shows_no_warning(editor_client):
    create_company(name_en="Light Load Infinite")
    other = create_company(name_en="LIGHT LOAD INFINITE", state=EditorialState.DRAFT)

    page = reverse("admin:tenders_company_change", args=[other.pk])
    response = editor_client.post(page, form_data(other, notes="A note."), follow=True)

    assert "may be the same" not in response.text


def test_the_action_for_two_selected_records_compares_them(editor_client):
    one, other = create_duplicates()
    selected = {"action": "merge_selected", "_selected_action": [one.pk, other.pk]}

    response = editor_client.post(address(Company, "changelist"), selected)

    assert response["Location"] == merge_address(one, other)
    selected["_selected_action"] = [one.pk]
    assert "Select exactly two" in editor_client.post(address(Company, "changelist"), selected, follow=True).text


# Merging


def test_two_records_are_shown_side_by_side(editor_client):
    keep, drop = create_duplicates(size="small")
    create_award(create_tender(), drop)
    source = create_source(slug="a-notice")
    create_citation(keep, Fact.SIZE, "small", source=source, is_chosen=True)

    text = editor_client.get(merge_address(keep, drop)).text

    assert text.count('type="radio"') == 4
    assert "a-notice" in text
    assert "Awards: 1" in text
    assert "Readers see it in the public history" in text
    assert "unknown" in text


def test_two_records_of_one_company_are_merged(editor_client):
    keep, drop = create_duplicates()
    tender = create_tender()
    create_award(tender, drop, amount=100)
    for record in (keep, drop, tender):
        cite_all(record)
    old = drop.get_absolute_url()
    num_changes = Change.objects.count()
    assert 'data-total="1"' in editor_client.get(address(Company, "duplicates")).text

    response = editor_client.post(
        merge_address(keep, drop), {"name_en": "keep", "reason": "Its short name."}, follow=True
    )

    assert f"{drop.reference} was merged into {keep.reference}." in response.text
    assert Change.objects.count() == num_changes + 1
    change = Change.objects.latest("pk")
    assert (change.kind, change.by.username, change.reason) == ("merged", "editor", "Its short name.")
    assert RedirectedReference.objects.get().redirects_to == keep.reference
    redirect = editor_client.get(old)
    assert (redirect.status_code, redirect["Location"]) == (301, keep.get_absolute_url())
    page = editor_client.get(keep.get_absolute_url()).text
    assert "Light Load Infinite" in page
    assert tender.reference in page
    keep.refresh_from_db()
    assert keep.aliases_en == "Light Load Infinite"
    assert keep.citations.filter(fact=Fact.NAME_EN).count() == 2
    assert 'data-total="1"' in editor_client.get(f"/tenders/?company={drop.reference}").text
    rows = editor_client.get(f"/tenders.csv?company={drop.reference}").getvalue().decode()
    assert tender.reference in rows
    assert drop.reference not in rows
    assert 'data-total="1"' in editor_client.get("/companies/").text
    assert 'data-total="0"' in editor_client.get(address(Company, "duplicates")).text


def test_a_merger_without_a_reason_is_refused_and_the_choice_shown_again(editor_client):
    keep, drop = create_duplicates()

    response = editor_client.post(merge_address(keep, drop), {"name_en": "drop", "reason": ""})

    assert "Nothing was merged" in response.text
    assert 'value="drop" ' in response.text.split("checked")[0][-80:]
    assert Company.objects.count() == 3


@pytest.mark.parametrize("place", [0, 1])
def test_conflicting_changes_are_shown_before_a_merger(editor_client, place):
    pair = create_duplicates()
    data = {"name_en": "keep", "reason": "One firm."}
    opened = editor_client.get(merge_address(*pair)).context["edit_started_at_change"]
    with change_set(ChangeKind.CHANGED):
        create_citation(pair[place], Fact.SIZE, "small")

    shown = editor_client.post(merge_address(*pair), data | {"_edit_started_at_change": opened})

    assert "Someone changed one of the two" in shown.text
    assert "One firm." in shown.text
    assert Company.objects.count() == 3
    editor_client.post(
        merge_address(*pair), data | {"_edit_started_at_change": shown.context["edit_started_at_change"]}
    )
    assert Company.objects.count() == 2


@pytest.mark.parametrize("opened", ["", "0", "x", "\0", "9" * 300])
def test_a_merge_form_with_an_invalid_start_of_the_edit_is_shown_again(editor_client, opened):
    pair = create_duplicates()

    shown = editor_client.post(
        merge_address(*pair), {"name_en": "keep", "reason": "One.", "_edit_started_at_change": opened}
    )

    assert "Someone changed one of the two" in shown.text
    assert f'name="_edit_started_at_change" value="{shown.context["edit_started_at_change"]}"' in shown.text


def test_verdicts_that_a_merger_changes_are_shown_first(editor_client):
    keep, drop = create_institution(name_en="Pengcheng Laboratory"), create_institution(name_en="Pengcheng Lab")
    text = create_source(slug="text", kind="study")
    article = create_article("pulse", sources=[text])
    for buyer in (keep, drop):
        create_citation(create_tender(buyer=buyer), Fact.EXISTENCE, "yes", source=text)
    create_claim(article, "count", code="A1", printed=2, query=f"institution={keep.reference}")
    data = {"name_en": "keep", "reason": "One laboratory."}

    shown = editor_client.post(merge_address(keep, drop), data)

    assert "Not merged yet" in shown.text
    assert Institution.objects.count() == 2
    assert not VerdictChange.objects.filter(cause="merged").exists()
    digest = shown.context["dry_run"].digest
    editor_client.post(merge_address(keep, drop), data | {"_confirmed_verdict_changes": digest})
    assert Institution.objects.count() == 1
    verdict_change = VerdictChange.objects.get(cause="merged")
    assert (verdict_change.subject, verdict_change.verdict) == (keep.reference, "agrees")
    assert drop.reference in verdict_change.details


def test_two_tenders_are_merged(editor_client):
    keep, drop = create_tender(title_en="A platform"), create_tender(title_en="A Platform")

    editor_client.post(merge_address(keep, drop), {"title_en": "keep", "reason": "Published twice."})

    assert list(Tender.objects.all()) == [keep]


# Permissions


@pytest.mark.parametrize("model", MODELS)
def test_a_contributor_can_neither_see_nor_merge_duplicates(contributor_client, model):
    create = {Institution: create_institution, Company: create_company, Tender: create_tender}[model]
    one, other = create(), create()
    both = {"keep": one.reference, "drop": other.reference, "reason": "So."}

    assert contributor_client.get(address(model, "duplicates")).status_code == 403
    assert contributor_client.get(merge_address(one, other)).status_code == 403
    assert contributor_client.post(merge_address(one, other), both).status_code == 403
    assert contributor_client.post(address(model, "not_same"), both).status_code == 403
    selected = {"action": "merge_selected", "_selected_action": [one.pk, other.pk]}
    contributor_client.post(address(model, "changelist"), selected)
    assert model.objects.count() == 2
    assert not DistinctPair.objects.exists()
    assert address(model, "duplicates") not in contributor_client.get(address(model, "changelist")).text


@pytest.mark.parametrize("page", ["duplicates", "merge", "not_same"])
def test_an_anonymous_visitor_is_redirected_to_the_login(client, page):
    response = client.get(address(Company, page))

    assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("admin:login"))


@pytest.mark.parametrize("keep", ["", "C-000000", "\0", "I-ILOU00", "9" * 500])
def test_merging_an_unknown_record_is_404(editor_client, keep):
    drop = create_company()

    response = editor_client.get(reverse("admin:tenders_company_merge"), {"keep": keep, "drop": drop.reference})

    assert response.status_code == 404


@pytest.mark.parametrize("page", ["merge", "not_same"])
def test_merging_a_record_deleted_meanwhile_is_404_with_a_message(editor_client, page):
    one, other = create_duplicates()
    both = {"keep": one.reference, "drop": other.reference}
    other.delete()

    response = editor_client.post(address(Company, page, **both), both | {"reason": "Two firms."})

    assert response.status_code == 404
    assert "One of the two records no longer exists" in response.text
    assert not DistinctPair.objects.exists()


def test_a_record_is_not_compared_with_itself(editor_client):
    company = create_company()

    assert editor_client.get(merge_address(company, company)).status_code == 404


@pytest.mark.parametrize("number", ["x", "0", "-1", "999", "9" * 300, "\0"])
def test_any_page_of_the_work_queue_opens(editor_client, number):
    create_duplicates()

    assert editor_client.get(address(Company, "duplicates"), {"page": number}).status_code == 200


def test_a_choice_between_statements_has_the_reason_that_the_form_asks_for(editor_client):
    keep, drop = create_company(size="small"), create_company(size="large")
    create_citation(keep, Fact.SIZE, "small", is_chosen=True)
    create_citation(drop, Fact.SIZE, "large", is_chosen=True)
    form = {difference.field: difference.default for difference in merging.differences(keep, drop)}

    refused = editor_client.post(merge_address(keep, drop), {**form, "reason": ""})
    editor_client.post(merge_address(keep, drop), {**form, "reason": "One company."})

    assert "Nothing was merged." in refused.text
    chosen = Company.objects.get().citations.get(fact=Fact.SIZE, is_chosen=True)
    assert (chosen.value, chosen.reason) == ("small", "One company.")
