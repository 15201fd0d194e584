"""Work queues on the admin's front page: every count equals the length of the linked list."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from django.utils import timezone

from tenders.admin.base import BaseAdmin
from tenders.choices import AddressStatus, Cause, ChangeKind, EditorialState, Fact, NameStatus, ReportState, Verdict
from tenders.integrity import uncited_facts
from tenders.models import (
    AddressCheck,
    Article,
    Award,
    Change,
    Claim,
    Company,
    Institution,
    Report,
    Source,
    Tender,
    VerdictChange,
)
from tenders.models.changes import change_set
from tenders.work_queues import OWN_PARTS, QUEUED_MODELS, WORK_QUEUES, queue_counts
from tests.factories import (
    create_article,
    create_award,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_source,
    create_tender,
)

DRAFT, IN_REVIEW, WITHDRAWN = EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN
COUNT = re.compile(r'<a href="([^"]+)" data-count="(\d+)"')


@pytest.fixture
def users(db):
    """Create a user of each role."""
    contributor, editor = (User.objects.create_user(name) for name in ("contributor", "editor"))
    contributor.groups.add(Group.objects.get(name="Contributors"))
    editor.groups.add(Group.objects.get(name="Editors"))
    return {"contributor": contributor, "editor": editor, "superuser": User.objects.create_superuser("superuser")}


@pytest.fixture
def work(users):
    """Create records of all kinds in all states, by each of the users."""
    source, *sources = (create_source() for _ in range(3))
    for user in users.values():
        for state in EditorialState:
            with change_set(ChangeKind.ADDED, by=user):
                tender = create_tender(state=state, certainty="low")
                create_tender(state=state, title_zh="平台", title_zh_status=NameStatus.UNVERIFIED)
                parties = [create_institution(state=state), create_company(state=state)]
                create_institution(state=state, name_zh="乙", name_zh_status=NameStatus.UNVERIFIED)
                create_company(state=state, name_en="A", name_zh="甲", name_zh_status=NameStatus.UNVERIFIED)
                create_article(state=state)
                create_article(state=state, sources=[source])
                create_award(tender, amount=100)
                for record in (tender, *parties):
                    for value, stating in zip(("CN-BJ", "CN-SH"), sources, strict=True):
                        create_citation(record, Fact.REGION, value, source=stating)
    for status in AddressStatus:
        for archived_url in ("", "https://archive.example/"):
            create_checked_source(status, archived_url=archived_url)
    create_checked_source(AddressStatus.GONE, checked="https://former.example/")
    for article in (create_article(), create_article(state=DRAFT)):
        for age, verdicts in ((1, "agrees contradicted"), (40, "contradicted"), (2, "contradicted agrees")):
            claim = create_claim(article, "count", printed=3)
            add_verdict_changes(claim, *verdicts.split(), age=timedelta(days=age))

    settled = {"answer": "No.", "answered_at": timezone.now()}
    for state in ReportState.values:
        change = Change.objects.latest("pk") if state == "corrected" else None
        more = {} if state in ("open", "accepted") else settled
        for email in ("", "reader@example.org"):
            Report.objects.create(about="/", text="x", language="en", state=state, change=change, email=email, **more)


def create_checked_source(status, *, checked="https://a.example/", **fields):
    source = create_source(url="https://a.example/", **fields)
    AddressCheck.objects.create(source=source, url=checked, checked_at=timezone.now(), status=status)


def add_verdict_changes(claim, *verdicts, age, cause=Cause.CHANGED):
    for number, verdict in enumerate(verdicts):
        at = timezone.now() - age + timedelta(minutes=number)
        VerdictChange.objects.create(claim=claim, changed_at=at, verdict=verdict, cause=cause)


def front_page(client, user):
    client.force_login(user)
    response = client.get("/admin/")
    return [(address, int(number)) for address, number in COUNT.findall(response.text)]


@pytest.fixture
def without_facets(monkeypatch):
    """Count no options of the filters beside a list, which takes longer than the list does."""
    monkeypatch.setattr(BaseAdmin, "show_facets", admin.ShowFacets.NEVER)


@pytest.mark.parametrize("role", ["contributor", "editor", "superuser"])
def test_every_count_links_to_a_list_of_that_length(client, users, work, role):
    links = front_page(client, users[role])

    kinds_of_pairs = 2 if role != "contributor" else 0
    assert all(queue_counts(kind, users[role]) for kind in QUEUED_MODELS if kind not in (Claim, Source, Report))
    assert len(links) == sum(len(queue_counts(kind, users[role])) for kind in QUEUED_MODELS) + kinds_of_pairs
    for address, number in links:
        response = client.get(address)
        assert response.status_code == 200, address
        is_of_pairs = "/duplicates/" in address
        page = response.context["page" if is_of_pairs else "cl"]
        assert (page.paginator.count if is_of_pairs else page.result_count) == number > 0, address


def test_an_editor_has_all_queues(client, users, work):
    everything = {
        (f"/admin/tenders/{kind._meta.model_name}/", queue.name) for queue in WORK_QUEUES for kind in queue.models
    }

    for role in ("editor", "superuser"):
        links = {tuple(address.split("?todo=")) for address, _number in front_page(client, users[role])}
        assert {link for link in links if "/duplicates/" not in link[0]} == everything


def test_a_contributor_sees_first_what_they_may_change(client, users, work, without_facets):
    client.force_login(users["contributor"])
    (_yours, _note, own), (_others, note, others) = client.get("/admin/").context["todo"]
    labels = ["No source", "Uncited facts", "Unverified translation"]
    labels += ["No amount", "Sources disagree", "Doubtful"]

    assert [label for label, _links in own] == ["My drafts", "My submissions awaiting review", *labels]
    assert [label for label, _links in others] == labels
    assert "tell an editor" in note
    may_change = {}
    for label, links in own:
        for number, _text, address in links:
            changelist = client.get(address).context["cl"]
            assert changelist.result_count == number > 0, address
            for record in changelist.queryset:
                expected = label != "My submissions awaiting review"
                assert may_change.setdefault(record, expected) == expected
    for record, expected in may_change.items():
        assert record.history.earliest().change.by == users["contributor"]
        page = client.get(reverse(f"admin:tenders_{record._meta.model_name}_change", args=[record.pk]))
        assert page.context["has_change_permission"] == expected


def test_what_a_contributor_may_change_is_a_part_of_the_whole(users, work):
    for model in (Tender, Institution, Company, Article):
        numbers = {queue.name: n for queue, n in queue_counts(model, users["contributor"])}
        whole = {queue.name: n for queue, n in queue_counts(model, users["editor"])}

        for queue in OWN_PARTS:
            if model in queue.models:
                name = queue.name.removeprefix("my-")
                assert 0 < numbers[queue.name] < numbers[name] == whole[name], (model, name)


def test_an_editor_sees_one_table_of_queues(client, users, work):
    client.force_login(users["editor"])

    ((caption, note, rows),) = client.get("/admin/").context["todo"]

    assert (caption, note) == ("To do", "")
    assert [label for label, _links in rows] == [*(queue.label for queue in WORK_QUEUES), "Possible duplicates"]


def test_a_user_without_permissions_has_no_queues(client, users, work):
    user = User.objects.create_user("nobody")
    user.user_permissions.add(Permission.objects.get(codename="view_page"))

    assert front_page(client, user) == []
    assert "To do" not in client.get("/admin/").text


def test_empty_queues_are_shown_as_none(client, users):
    assert front_page(client, users["editor"]) == []
    assert client.get("/admin/").text.split().count("none") == len(WORK_QUEUES) + 1  # and no pairs


def test_drafts_belong_to_the_user_who_added_them(client, users):
    with change_set(ChangeKind.ADDED, by=users["editor"]):
        tender = create_tender(state=DRAFT)
    with change_set(ChangeKind.CHANGED, by=users["superuser"]):
        tender.save()

    assert number(Tender, users["editor"], "my-drafts") == 1
    assert number(Tender, users["superuser"], "my-drafts") == 0


def number(model, user, name):
    return {queue.name: n for queue, n in queue_counts(model, user)}[name]


def is_open(record):
    return record.state != WITHDRAWN


def is_unverified(record):
    names = ("title_en", "title_zh") if isinstance(record, Tender) else ("name_en", "name_zh")
    return NameStatus.UNVERIFIED in {getattr(record, f"{name}_status") for name in names}


def has_uncited_fact(record):
    awards = record.awards.all() if isinstance(record, Tender) else []
    targets = [(None, record), *((award.pk, award) for award in awards)]
    chosen = {(citation.award_id, citation.fact) for citation in record.citations.all() if citation.is_chosen}
    return any((award_id, fact) not in chosen for award_id, target in targets for fact in target.known_facts())


def has_conflict(record):
    stated = [(c.award_id, c.fact, c.value) for c in record.citations.all() if c.fact not in {"name", "title"}]
    return len({(award_id, fact) for award_id, fact, _value in stated}) < len(set(stated))


def verdicts_of(claim):
    return [change.verdict for change in sorted(claim.verdict_changes.all(), key=lambda change: change.changed_at)]


def is_found(source, *statuses):
    return source.last_check is not None and source.last_check.status in statuses


ORACLES = {
    "no-answer": lambda source: is_found(source, "gone", "unreachable") and not source.archived_url,
    "moved": lambda source: is_found(source, "moved"),
    "other-content": lambda source: is_found(source, "other-content"),
    "reports": lambda report: report.answered_at is None or report.email != "",
    "waiting": lambda record: record.state == IN_REVIEW,
    "no-source": lambda record: (
        is_open(record) and not (record.sources if isinstance(record, Article) else record.citations).exists()
    ),
    "uncited": lambda record: is_open(record) and has_uncited_fact(record),
    "unverified": lambda record: is_open(record) and is_unverified(record),
    "no-amount": lambda record: (
        is_open(record) and (None in (amounts := [award.amount for award in record.awards.all()]) or not amounts)
    ),
    "disputed": lambda record: is_open(record) and has_conflict(record),
    "doubtful": lambda record: is_open(record) and record.certainty == "low",
    "contradicted": lambda claim: claim.article.is_published and verdicts_of(claim)[-1:] == [Verdict.CONTRADICTED],
    "turned": lambda claim: (
        claim.article.is_published
        and any(
            change.cause != Cause.FIRST and change.changed_at > timezone.now() - timedelta(days=30)
            for change in claim.verdict_changes.all()
        )
    ),
}


def test_a_queue_has_the_records_that_its_oracle_selects(users, work):
    for queue in WORK_QUEUES:
        for model in queue.models if not queue.is_own else ():
            found = set(model.objects.filter(queue.condition(model, users["editor"])))

            assert found == {record for record in model.objects.all() if ORACLES[queue.name](record)}, queue
            assert found, queue


@pytest.mark.parametrize("model", [Tender, Institution, Company])
def test_each_known_fact_without_a_chosen_citation_is_found(users, all_data, model):
    record = max(model.objects.all(), key=lambda record: record.citations.filter(is_chosen=True).count())
    model.objects.exclude(pk=record.pk).update(state=WITHDRAWN)
    cite_all_uncited(record)
    assert number(model, users["editor"], "uncited") == 0

    for citation in record.citations.filter(is_chosen=True):
        citation.is_chosen = False
        citation.save()
        assert number(model, users["editor"], "uncited") == 1, citation.fact
        citation.is_chosen = True
        citation.save()


def cite_all_uncited(record):
    for target, fact in uncited_facts(record):
        award = target if isinstance(target, Award) else None
        create_citation(record, fact, target.canonical(fact), award=award, is_chosen=True)


def test_a_first_verdict_is_no_change(users):
    claim = create_claim(create_article(), "count", printed=3)
    add_verdict_changes(claim, Verdict.CONTRADICTED, age=timedelta(days=1), cause=Cause.FIRST)

    assert number(Claim, users["editor"], "turned") == 0
    assert number(Claim, users["editor"], "contradicted") == 1


@pytest.mark.parametrize("value", ["nonsense", "", "%00", "no-amount"])
def test_an_unknown_queue_is_refused(client, users, work, value):
    client.force_login(users["editor"])

    response = client.get(f"{reverse('admin:tenders_company_changelist')}?todo={value}")

    assert response.status_code == 302
    assert response.url.endswith("?e=1")


def test_a_contributor_cannot_open_a_queue_of_editors(client, users, work):
    client.force_login(users["contributor"])

    assert client.get(f"{reverse('admin:tenders_tender_changelist')}?todo=waiting").status_code == 302


def test_the_front_page_takes_as_many_queries_for_many_records_as_for_few(
    client, users, work, django_assert_num_queries, django_assert_max_num_queries
):
    front_page(client, users["editor"])
    with django_assert_max_num_queries(22) as few:
        client.get("/admin/")
    statements = len(few.captured_queries)
    for model in (Tender, Institution, Company):
        model.objects.all().update(state=IN_REVIEW)
    for _ in range(30):
        create_tender(state=DRAFT)
        create_company(state=DRAFT)
    front_page(client, users["editor"])  # pairs are compared once

    with django_assert_num_queries(statements):
        client.get("/admin/")
