"""Writes in the admin are dry runs until they are confirmed: what stays of them, what is shown, what is confirmed."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages

from tenders.admin.verdict_review import ConfirmationRequired, DryRun, roll_back, write_or_dry_run
from tenders.choices import Cause, ChangeKind, EditorialState, Fact, Verdict
from tenders.claims.verdict_history import record_verdict_changes
from tenders.models import Change, Tender, VerdictChange
from tenders.models.changes import change_set
from tests.factories import create_article, create_citation, create_claim, create_source, create_tender
from tests.test_admin import address, posted, tender_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender():
    """A tender of 2019, not public, that an article counts: it states that there is none."""
    source = create_source(slug="a-study")
    article = create_article("a-study", sources=[source])
    create_claim(article, "count", code="A01", printed=0, query="year=2019")
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)
    create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
    record_verdict_changes(Cause.CHECKED)
    return tender


def publish(client, tender, **data):
    """Post the form of a tender with the button that publishes it."""
    citations = [posted(citation) for citation in tender.citations.all()]
    form = tender_form(citations=citations, initial_citations=len(citations), _publish="x", **data)
    return client.post(address(Tender, "change", tender.pk), form)


def stored():
    """Return all that a write leaves."""
    return [
        list(queryset.order_by("pk").values_list())
        for queryset in (
            Tender.objects.all(),
            Tender.history.all(),
            Change.objects.all(),
            VerdictChange.objects.all(),
            LogEntry.objects.all(),
        )
    ]


def test_a_dry_run_leaves_nothing_but_what_it_shows(admin_client, tender):
    before = stored()

    response = publish(admin_client, tender, notes="Typed at length.")

    assert stored() == before
    assert list(get_messages(response.wsgi_request)) == []
    ((change, _reason),) = response.context["dry_run"].verdict_changes
    assert (change.claim.code, change.evaluation.verdict) == ("A01", Verdict.CONTRADICTED)
    assert "Typed at length." in response.text


def test_what_is_confirmed_is_one_change(admin_client, tender):
    digest = publish(admin_client, tender).context["dry_run"].digest
    num_changes = Change.objects.count()

    publish(admin_client, tender, _confirmed_verdict_changes=digest)

    tender.refresh_from_db()
    assert tender.is_published
    assert Change.objects.count() == num_changes + 1
    assert VerdictChange.objects.filter(cause=Cause.PUBLISHED).count() == 1


@pytest.mark.parametrize("digest", ["", "x", DryRun().digest])
def test_only_the_digest_of_what_was_shown_confirms(admin_client, tender, digest):
    publish(admin_client, tender, _confirmed_verdict_changes=digest)

    tender.refresh_from_db()
    assert tender.state == EditorialState.DRAFT


def test_a_form_that_is_only_shown_again_is_not_saved(admin_client, tender):
    before = stored()

    response = publish(admin_client, tender, _redisplay="on")

    assert response.status_code == 200
    assert stored() == before


def test_changes_of_others_are_shown_and_then_counted_as_seen(admin_client, tender):
    page = address(Tender, "change", tender.pk)
    started = admin_client.get(page).context["edit_started_at_change"]
    with change_set(ChangeKind.CHANGED, reason="By another."):
        Tender.objects.get(pk=tender.pk).save()

    response = publish(admin_client, tender, _edit_started_at_change=started)

    shown = response.context
    assert [change.reason for change in shown["dry_run"].conflicting_changes] == ["By another."]
    assert shown["dry_run"].verdict_changes == ()
    assert shown["edit_started_at_change"] == shown["dry_run"].conflicting_changes[0].number
    response = publish(admin_client, tender, _edit_started_at_change=shown["edit_started_at_change"])
    assert response.context["dry_run"].conflicting_changes == ()
    assert response.context["dry_run"].verdict_changes


def test_a_write_that_is_not_rolled_back_stays(rf):
    response, dry_run = write_or_dry_run(rf.post("/"), lambda: create_tender(title_en="A platform"))

    assert dry_run is None
    assert list(Tender.objects.all()) == [response]


def test_rolling_back_outside_of_a_write_of_the_admin_is_an_error():
    with pytest.raises(ConfirmationRequired):
        roll_back(DryRun(problems=("It cannot stay.",)))
