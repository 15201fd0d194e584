"""The history of a tender as releases: one for each visible change; merged, they give what is so today."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenders import ocds
from tenders.actions import publish, withdraw
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.models import Award, Change, Citation, Tender
from tenders.models.changes import change_set, tracked_models
from tests.factories import (
    cite_all,
    create_award,
    create_category,
    create_citation,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)
from tests.ocds_schema import errors_of, merged
from tests.test_ocds import MOMENT, members


def record_of(tender):
    return ocds.record(tender, site="http://site.example")


def content_now(tender):
    """Return what a release says of a tender if nothing but its present state is known."""
    with transaction.atomic():
        for model in tracked_models():
            model.history.model.objects.all().delete()
        (release,) = record_of(tender)["releases"]
        transaction.set_rollback(True)
    return without_names(release)


def without_names(release):
    return {name: value for name, value in release.items() if name not in ("id", "date", "tag")}


def check(tender):
    """Check a record, and return its releases."""
    record = record_of(tender)
    releases, compiled = record["releases"], record["compiledRelease"]

    assert merged(releases) == compiled
    assert without_names(compiled) == content_now(tender)
    assert [release for release in releases if not release["tag"]] == []
    assert all(re.fullmatch(MOMENT, release["date"]) for release in releases)
    assert all(one["date"] < other["date"] for one, other in pairwise(releases))
    assert [where for where, value in members(releases[0]) if value is None] == []
    assert all(value not in ("", [], {}) for release in releases for _where, value in members(release))
    site = {"version": "1.1", "publishedDate": releases[-1]["date"], "publisher": {"name": "Us"}}
    assert errors_of("record", {"uri": "http://site.example/", **site, "records": [record]}) == []
    return releases


@pytest.fixture
def tender(db):
    """A tender of which much is known, with an award and the citations of all facts."""
    region = create_region("CN-BJ")
    with change_set(ChangeKind.ADDED):
        buyer = create_institution(region=region)
        tender = create_tender(
            title_en="A platform",
            buyer=buyer,
            region=region,
            city="Beijing",
            category=create_category("finance"),
            category_basis="stated",
            notice_date="2019-05-04",
            status="complete",
            budget_amount=900,
        )
        create_award(tender, create_company(), amount=800, contract_date="2019-06-19")
        cite_all(tender)
    return tender


def change(tender, **fields):
    with change_set(ChangeKind.CHANGED):
        for name, value in fields.items():
            setattr(tender, name, value)
        tender.save()


def change_award(tender, **fields):
    award = tender.awards.first()
    if award is None:
        return
    with change_set(ChangeKind.CHANGED):
        suppliers = fields.pop("suppliers", None)
        for name, value in fields.items():
            setattr(award, name, value)
        award.save()
        if suppliers is not None:
            award.suppliers.set(suppliers)


def test_a_first_release_has_the_tags_of_what_it_has(tender):
    (release,) = check(tender)

    assert release["tag"] == ["tender", "award", "contract"]


def test_a_change_of_a_value_is_a_release_and_one_that_nobody_sees_is_none(tender):
    change(tender, status="unsuccessful")
    change(tender)
    tender.buyer.save()

    first, second = check(tender)

    assert (first["tender"]["status"], second["tender"]["status"]) == ("complete", "unsuccessful")
    assert second["tag"] == ["tenderUpdate"]


def test_what_becomes_unknown_is_null_once(tender):
    change(tender, status="", city="")
    change(tender, certainty="low")

    _first, second, third = check(tender)

    assert second["tender"]["status"] is second["tender"]["purchaseLocality"] is None
    assert "status" not in third["tender"]


def test_a_changed_amount_and_supplier_are_an_update_of_the_award(tender):
    change_award(tender, amount=850)
    change_award(tender, amount=None, amount_qualifier="")
    change_award(tender, suppliers=[create_company()])

    releases = check(tender)

    # That the amount is unknown, and who the parties are, is said beside the award.
    tags = [["awardUpdate"], ["tenderUpdate", "awardUpdate"], ["tenderUpdate", "awardUpdate"]]
    assert [release["tag"] for release in releases[1:]] == tags
    assert len(releases[-1]["awards"][0]["suppliers"]) == 1


def test_the_first_award_and_contract_have_tags_of_their_own(db):
    with change_set(ChangeKind.ADDED):
        tender = create_tender()
    with change_set(ChangeKind.CHANGED):
        award = create_award(tender, create_company())
    change_award(tender, contract_date="2019")

    first, second, third = check(tender)

    assert first["tag"] == ["tender"]
    assert "award" in second["tag"]
    assert "contract" in third["tag"]
    assert third["contracts"] == [
        {"id": f"{tender.reference}-{award.number}", "awardID": second["awards"][0]["id"], "dateSignedPartial": "2019"}
    ]


@pytest.mark.parametrize("what", ["award", "buyer", "category"])
def test_a_list_or_an_object_that_is_taken_back_begins_the_record_anew(tender, what):
    (before,) = check(tender)
    if what == "award":
        with change_set(ChangeKind.CHANGED):
            Citation.objects.filter(award__isnull=False).delete()
            tender.awards.first().delete()
    elif what == "buyer":
        change(tender, buyer=None)
    else:
        change(tender, category=None, category_basis="")

    (release,) = check(tender)

    assert release["tag"][0] == "tender"
    assert ocds.release(tender, before["id"], site="http://site.example") == before


def test_what_is_withdrawn_and_published_again_has_a_release_only_if_it_says_something_else(tender):
    for status in ("complete", "unsuccessful"):
        withdraw(tender, reason="We are not sure.")
        change(tender, status=status)
        publish(tender, reason="We are sure.")

    first, second = check(tender)

    assert (first["tender"]["status"], second["tender"]["status"]) == ("complete", "unsuccessful")
    assert list(ocds.releases(Tender.objects.published())) != []


def test_a_tender_that_is_not_public_any_more_has_no_record(tender):
    withdraw(tender, reason="We are not sure.")

    assert record_of(tender) is None
    assert list(ocds.records(Tender.objects.all())) == []


def test_changes_of_parties_citations_and_sources_are_changes_of_the_tender(tender):
    steps = []

    def save(record, **fields):
        with change_set(ChangeKind.CHANGED):
            for name, value in fields.items():
                setattr(record, name, value)
            record.save()
        steps.append(record)

    citation = tender.citations.get(fact=Fact.YEAR)
    save(tender.buyer, name_en="Another name")
    save(tender.awards.first().suppliers.first(), size="small")
    save(citation, stated="in 2019")
    save(citation.source, title="Another title")
    save(tender.region, name_en="Peking")
    save(tender.category, name_en="Money")

    releases = check(tender)

    assert len(releases) == 1 + len(steps)
    assert releases[1]["buyer"]["name"] == "Another name"
    assert releases[-1]["tender"]["classification"]["description"] == "Money"
    assert releases[0]["tender"]["classification"]["description"] == "Finance"


def test_what_a_draft_said_is_in_no_release(db):
    with change_set(ChangeKind.ADDED):
        tender = create_tender(state=EditorialState.DRAFT, title_en="A walrus platform")
    cite_all(tender)
    change(tender, title_en="A platform", state=EditorialState.PUBLISHED)

    (release,) = check(tender)

    assert release["tender"]["title"] == "A platform"


def test_a_clock_that_goes_back_changes_no_order(tender, monkeypatch):
    Change.objects.update(made_at=timezone.now() + timedelta(days=1))
    change(tender, status="active")
    change(tender, status="planned")

    releases = check(tender)

    assert [release["tender"]["status"] for release in releases] == ["complete", "active", "planned"]


def test_what_was_written_without_history_is_a_release_too(tender):
    Tender.objects.filter(pk=tender.pk).update(status="planned")
    Award.objects.update(notes="Loaded.")

    first, second = check(tender)

    assert (first["tender"]["status"], second["tender"]["status"]) == ("complete", "planned")
    assert second["awards"][0]["description"] == "Loaded."


EDITS = {
    "amount": lambda tender, n: change_award(tender, amount=n * 100, amount_qualifier=("exact", "about")[n % 2]),
    "bound": lambda tender, n: change_award(tender, amount=n * 100, amount_qualifier="at-least"),
    "no amount": lambda tender, n: change_award(tender, amount=None, amount_qualifier=""),
    "award date": lambda tender, n: change_award(tender, award_date=("", "2019", "2019-06", "2019-06-19")[n]),
    "contract date": lambda tender, n: change_award(tender, contract_date=("", "2019-06-19")[n % 2]),
    "suppliers": lambda tender, n: change_award(tender, suppliers=[create_company() for _ in range(n)]),
    "another award": lambda tender, n: create_award(tender, number=2 + Award.objects.count()),
    "no award": lambda tender, n: tender.awards.exists() and tender.awards.last().delete(),
    "buyer": lambda tender, n: change(tender, buyer=create_institution(name_en=f"Buyer {n}") if n else None),
    "buyer's name": lambda tender, n: tender.buyer and change(tender.buyer, name_zh="局", name_zh_status="sourced"),
    "title": lambda tender, n: change(tender, title_zh="平台", title_zh_status="sourced"),
    "no title": lambda tender, n: change(tender, title_en="", title_en_status=""),
    "unknown": lambda tender, n: change(tender, city="", status="", notice_date="", region=None),
    "known": lambda tender, n: change(tender, city="Beijing", status="active", notice_date="2019-05"),
    "budget": lambda tender, n: change(tender, budget_amount=n or None),
    "category": lambda tender, n: change(tender, category=None, category_basis=""),
    "citation": lambda tender, n: create_citation(tender, Fact.YEAR, str(2010 + n), source=create_source()),
    "no citation": lambda tender, n: tender.citations.exists() and tender.citations.order_by("-pk").first().delete(),
    "withdrawn": lambda tender, n: change(tender, state=EditorialState.WITHDRAWN),
    "published": lambda tender, n: change(tender, state=EditorialState.PUBLISHED),
    "related": lambda tender, n: tender.possibly_same_as.set([create_tender() for _ in range(n % 2)]),
}


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 3)), min_size=1, max_size=8))
@example([("amount", 1), ("no amount", 0), ("amount", 2), ("award date", 1), ("suppliers", 1), ("suppliers", 2)])
@example([("buyer's name", 0), ("no citation", 0), ("unknown", 0), ("no award", 0), ("withdrawn", 0), ("published", 0)])
@example([("buyer", 0), ("buyer", 1), ("contract date", 0), ("related", 1), ("related", 0), ("no title", 0)])
def test_after_any_edits_the_releases_merge_to_what_is_so_today(tender, edits):
    with transaction.atomic():
        for name, number in edits:
            EDITS[name](Tender.objects.get(pk=tender.pk), number)
        change(Tender.objects.get(pk=tender.pk), state=EditorialState.PUBLISHED)
        check(tender)
        transaction.set_rollback(True)


def test_what_was_there_before_the_history_began_is_no_news_when_it_is_written(tender):
    for model in tracked_models():
        model.history.model.objects.all().delete()
    before = check(tender)

    change(tender)

    assert check(tender) == before
