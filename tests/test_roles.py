"""Permissions in the admin: every role with every page, button and bulk action."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from tenders.choices import EditorialState, Fact
from tenders.models import Article, Change, Claim, Company, Institution, Source, Tender
from tenders.models.changes import change_set
from tests.factories import (
    create_article,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_source,
    create_tender,
)
from tests.test_admin import address, formset, tender_form
from tests.test_admin_articles import article_form, claim_form

EDITORIAL = [Tender, Institution, Company, Article]
STATES = EditorialState.values
ROLES = ["Contributors", "Editors", "nobody"]
OPENED, SAVED, REFUSED = 200, 302, 403


@pytest.fixture
def users(django_user_model, db):
    """A user for each role, and a second contributor; "nobody" may see the site's own pages and nothing else."""

    def create(name, *groups):
        user = django_user_model.objects.create_user(name)
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    nobody = create("nobody")
    nobody.user_permissions.add(Permission.objects.get(codename="view_page"))
    return {
        "Contributors": create("con", "Contributors"),
        "other": create("other", "Contributors"),
        "Editors": create("ed", "Editors"),
        "nobody": nobody,
    }


@pytest.fixture
def login(client, users):
    def login(role):
        client.force_login(users[role])
        return client

    return login


def create_record(model, state, by=None):
    create = {
        Tender: lambda: create_tender(state=state, title_en="A platform"),
        Institution: lambda: create_institution(state=state),
        Company: lambda: create_company(state=state),
        Article: lambda: create_article(state=state),
    }
    with change_set("added", by=by):
        record = create[model]()
    if model is Tender:
        create_citation(record, Fact.EXISTENCE, "yes", is_chosen=True)
    return record


def form_of(record, **fields):
    if isinstance(record, Tender):
        return tender_form(**{"notes": "Changed.", **fields})
    if isinstance(record, Article):
        return article_form(**{"publisher": "Changed.", **fields})
    names = {"name_en": record.name_en, "name_en_status": "sourced", "notes": "Changed.", "change_reason": "To see."}
    return {**names, **formset("citations"), **fields}


def is_changed(record):
    record.refresh_from_db()
    return "Changed." in (getattr(record, "notes", ""), getattr(record, "publisher", ""))


# Pages by role.

PAGES = {
    "changelist": {"Contributors": OPENED, "Editors": OPENED, "nobody": REFUSED},
    "add": {"Contributors": OPENED, "Editors": OPENED, "nobody": REFUSED},
    "change": {"Contributors": OPENED, "Editors": OPENED, "nobody": REFUSED},
    "history": {"Contributors": OPENED, "Editors": OPENED, "nobody": REFUSED},
    "delete": {"Contributors": REFUSED, "Editors": OPENED, "nobody": REFUSED},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", EDITORIAL)
def test_admin_pages_open_for_roles_with_permission(login, model, page, role):
    record = create_record(model, EditorialState.DRAFT)
    path = address(model, page, *([] if page in {"changelist", "add"} else [record.pk]))

    assert login(role).get(path).status_code == PAGES[page][role]


EDITORS_ONLY = [
    *(
        f"admin:tenders_{model}_{page}"
        for model in ("tender", "institution", "company")
        for page in ("duplicates", "merge", "not_same")
    ),
    "admin:tenders_tender_import",
]


@pytest.mark.parametrize("role", ["Contributors", "nobody"])
@pytest.mark.parametrize("name", EDITORS_ONLY)
def test_merging_and_importing_are_forbidden_to_contributors(login, name, role):
    assert login(role).get(reverse(name)).status_code == REFUSED
    assert login(role).post(reverse(name), {"keep": "C-000000", "drop": "C-000001"}).status_code == REFUSED


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", ["auth/user/", "auth/group/", "auth/user/add/", "tenders/region/add/"])
def test_accounts_and_regions_are_forbidden_to_all_roles(login, role, path):
    assert login(role).get(f"/admin/{path}").status_code in {REFUSED, 404}
    assert login(role).post(f"/admin/{path}", {"username": "me", "is_superuser": "on"}).status_code in {REFUSED, 404}


@pytest.mark.parametrize("model", [Source, Claim])
@pytest.mark.parametrize("role", ROLES)
def test_sources_and_claims_are_changed_and_deleted_by_editors_only(login, model, role):
    record = create_source() if model is Source else create_claim(create_article(), "count", printed=1)
    path = address(model, "change", record.pk)
    form = (
        {"title": "Changed.", "kind": "news", "slug": record.slug} if model is Source else claim_form(note="Changed.")
    )

    expected = SAVED if role == "Editors" else REFUSED
    assert login(role).post(path, form).status_code == expected
    assert login(role).post(address(model, "delete", record.pk), {"post": "yes"}).status_code == expected


# Changes of content and of state by role.


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("whose", ["Contributors", "other", None])
@pytest.mark.parametrize("model", EDITORIAL)
def test_contributors_change_only_their_own_drafts(login, users, model, whose, state):
    record = create_record(model, state, by=users.get(whose))
    may = whose == "Contributors" and state == EditorialState.DRAFT

    response = login("Contributors").post(address(model, "change", record.pk), form_of(record))

    assert response.status_code == (SAVED if may else REFUSED)
    assert is_changed(record) == may


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("model", EDITORIAL)
def test_editors_change_records_of_every_state(login, model, state):
    record = create_record(model, state)
    citations = list(record.citations.all()) if model is Tender else []
    chosen = {"fact": "existence", "value": "yes", "is_chosen": "on"}
    rows = [{"id": citation.pk, "source": citation.source.slug, **chosen} for citation in citations]
    rows = {"citations": rows, "initial_citations": len(rows)} if rows else {}

    login("Editors").post(address(model, "change", record.pk), form_of(record, **rows))

    assert is_changed(record)


BUTTONS = ["_submit", "_return", "_publish", "_withdraw"]
ACTIONS = ["submit_selected", "return_selected", "publish_selected", "withdraw_selected", "delete_selected"]
# State after an action of a contributor on an own record.
OWN_TRANSITIONS = {
    (EditorialState.DRAFT, "submit_selected"): "in-review",
    (EditorialState.IN_REVIEW, "return_selected"): "draft",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("model", EDITORIAL)
def test_no_button_lets_a_contributor_publish_or_withdraw(login, users, model, button, state):
    record = create_record(model, state, by=users["Contributors"])
    may = button == "_submit" and state == EditorialState.DRAFT

    response = login("Contributors").post(address(model, "change", record.pk), form_of(record, **{button: "x"}))

    record.refresh_from_db()
    assert record.state == (EditorialState.IN_REVIEW if may else state)
    # A record that is no draft is not changed at all; of a draft, only the change of state is refused.
    assert is_changed(record) == may or (button, state) == ("_return", EditorialState.DRAFT)
    assert may or response.status_code == (SAVED if is_changed(record) else REFUSED)


@pytest.mark.parametrize("button", ["_publish", "_withdraw", "_return"])
@pytest.mark.parametrize("model", EDITORIAL)
def test_a_record_added_by_a_contributor_is_a_draft(login, model, button):
    fields = {"state": "published", "reference": "TW-AAAAAA", button: "x"}
    client, before = login("Contributors"), set(model.objects.values_list("pk", flat=True))

    record = model(name_en="A name") if model in {Institution, Company} else model()
    client.post(address(model, "add"), form_of(record, **fields))

    assert set(model.objects.exclude(pk__in=before).values_list("state", flat=True)) <= {EditorialState.DRAFT}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("whose", ["Contributors", "other"])
@pytest.mark.parametrize("action", ACTIONS)
def test_bulk_actions_let_a_contributor_only_submit_and_take_back_own_records(login, users, action, whose, state):
    record = create_record(Tender, state, by=users[whose])
    data = {"action": action, "_selected_action": [record.pk], "reason": "To see.", "post": "yes"}

    login("Contributors").post(address(Tender, "changelist"), data)

    new_state = OWN_TRANSITIONS.get((state, action)) if whose == "Contributors" else None
    assert Tender.objects.get(pk=record.pk).state == (new_state or state)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["Editors", "nobody"])
def test_bulk_actions_change_the_state_for_editors_only(login, action, state, role):
    record = create_record(Tender, state)
    data = {"action": action, "_selected_action": [record.pk], "reason": "To see.", "post": "yes"}
    transitions = {
        ("draft", "submit_selected"): "in-review",
        ("in-review", "return_selected"): "draft",
        **{(before, "publish_selected"): "published" for before in STATES},
        ("published", "withdraw_selected"): "withdrawn",
        ("draft", "delete_selected"): None,
        ("in-review", "delete_selected"): None,
    }

    login(role).post(address(Tender, "changelist"), data)

    expected = transitions.get((state, action), state) if role == "Editors" else state
    assert Tender.objects.filter(pk=record.pk).values_list("state", flat=True).first() == expected


def test_withdrawing_in_bulk_requires_a_reason(login):
    record = create_record(Tender, EditorialState.PUBLISHED)
    data = {"action": "withdraw_selected", "_selected_action": [record.pk], "reason": "  "}

    text = login("Editors").post(address(Tender, "changelist"), data, follow=True).text

    record.refresh_from_db()
    assert record.is_published
    assert f"Give a reason for taking {record.reference} back" in text


def test_a_contributor_changes_claims_of_own_draft_articles_only(login, users):
    own = create_record(Article, EditorialState.DRAFT, by=users["Contributors"])
    public = create_article()

    client = login("Contributors")
    assert client.post(address(Claim, "add"), claim_form(own)).status_code == SAVED
    refused = client.post(address(Claim, "add"), claim_form(public, note="Typed at length."))
    assert "Select a valid choice" in refused.context["adminform"].form.errors["article"][0]
    assert "Typed at length." in refused.text
    assert not Claim.objects.filter(article=public).exists()
    claim = own.claims.get()
    assert client.post(address(Claim, "change", claim.pk), claim_form(note="Changed.")).status_code == SAVED
    Article.objects.filter(pk=own.pk).update(state=EditorialState.IN_REVIEW)
    assert client.post(address(Claim, "change", claim.pk), claim_form(note="Again.")).status_code == REFUSED
    assert client.post(address(Claim, "delete", claim.pk), {"post": "yes"}).status_code == REFUSED
    assert own.claims.get().note == "Changed."


def test_after_submitting_the_message_does_not_offer_to_edit_again(login, users):
    own = create_record(Tender, EditorialState.DRAFT, by=users["Contributors"])

    response = login("Contributors").post(address(Tender, "change", own.pk), form_of(own, _submit="x"), follow=True)

    assert f"{own.reference} was submitted for review." in response.text
    assert "edit it again" not in response.text
    assert response.request["PATH_INFO"] == address(Tender, "change", own.pk)


def test_a_contributor_may_take_back_an_own_submission_on_its_page(login, users):
    own = create_record(Tender, EditorialState.IN_REVIEW, by=users["Contributors"])
    client = login("Contributors")
    page = client.get(address(Tender, "change", own.pk)).text
    sent = {"action": "return_selected", "_selected_action": own.pk, "reason": "The year is wrong."}

    assert all(f'name="{name}"' in page for name in sent)
    assert f'formaction="{address(Tender, "changelist")}"' in page
    client.post(address(Tender, "changelist"), sent)

    own.refresh_from_db()
    assert own.state == EditorialState.DRAFT
    assert "Take back" not in login("other").get(address(Tender, "change", own.pk)).text


# Undoing. By (model, state, whose, kind of change): may a contributor undo it?
OWN, OTHER = "Contributors", "other"
UNDONE = {
    (Tender, "draft", OWN, "changed"): True,
    (Tender, "draft", OTHER, "changed"): False,
    (Tender, "in-review", OWN, "changed"): False,
    (Tender, "published", OWN, "changed"): False,
    (Tender, "withdrawn", OWN, "changed"): False,
    (Article, "draft", OWN, "changed"): True,
    (Company, "draft", OWN, "changed"): True,
    (Company, "published", OTHER, "changed"): False,
    (Tender, "draft", OWN, "added"): False,  # that would delete it
    (Tender, "draft", OWN, "deleted"): False,
    (Tender, "draft", OWN, "moved"): False,  # that would publish it again
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", UNDONE)
def test_only_who_may_write_by_hand_what_an_undo_writes_may_undo(login, users, role, case):
    model, state, whose, kind = case
    record = create_record(model, "published" if kind == "moved" else state, by=users[whose])
    if kind in {"changed", "moved"}:
        with change_set(kind="changed", by=users[whose]):
            setattr(record, "publisher" if model is Article else "city", "Changed.")
            record.state = state
            record.save()
    elif kind == "deleted":
        with change_set(kind="deleted", by=users[whose]):
            record.delete()
    may = role == "Editors" or (role == "Contributors" and UNDONE[case])
    number = Change.objects.latest("pk").pk
    if kind == "added":
        number = Change.objects.get(kind="added", by=users[whose]).pk
    path = reverse("admin:tenders_change_undo", args=[number])

    client = login(role)
    assert client.get(path).status_code == (OPENED if may else REFUSED)
    assert client.post(path, {"reason": ""}).status_code == (OPENED if may else REFUSED)
    assert client.post(path, {"reason": "It was wrong."}).status_code in ({OPENED, SAVED} if may else {REFUSED})


@pytest.mark.parametrize("role", ROLES)
def test_the_list_of_changes_is_for_those_who_see_the_history(login, role):
    path = reverse("admin:tenders_change_changelist")

    assert login(role).get(path).status_code == (REFUSED if role == "nobody" else OPENED)
    assert login(role).get(reverse("admin:tenders_change_add")).status_code == REFUSED
