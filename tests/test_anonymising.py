"""Removing personal data: nothing of it is left in records, history and logs, and all else goes on as before."""

import json

import pytest
from axes.models import AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import PasswordResetRequest, Session
from tenders import audit
from tenders.anonymising import MARK, remove_account, remove_words
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.models import Change, Citation, DistinctPair, Tender, Upload
from tenders.models.changes import change_set
from tenders.undoing import plan_undo, undo
from tests.accounts import set_up
from tests.factories import create_citation, create_company, create_tender

pytestmark = pytest.mark.django_db
NAME = "Zhang San"
REASON = "A person asked for it."


@pytest.fixture
def editor():
    return get_user_model().objects.create_user("zhang", first_name="San", last_name="Zhang", email="z@example.org")


@pytest.fixture
def administrator():
    return get_user_model().objects.create_superuser("admin")


@pytest.fixture
def tender(editor):
    """Return a published tender in whose notes, former notes, citation and history a person is named."""
    with change_set(ChangeKind.ADDED, by=editor, reason=f"From {NAME}"):
        tender = create_tender(title_en="A platform", notes=f"Ask {NAME}.")
    with change_set(ChangeKind.CHANGED, by=editor):
        citation = create_citation(tender, Fact.YEAR, "2019", place=f"signed by {NAME}")
    with change_set(ChangeKind.CHANGED, by=editor, reason="Shorter"):
        tender.notes = "Ask nobody."
        tender.save()
    with change_set(ChangeKind.DELETED, by=editor):
        citation.delete()
    return tender


def dumped(tmp_path):
    call_command("dumpdata", output=tmp_path / "dump.json", verbosity=0)
    return (tmp_path / "dump.json").read_text(encoding="utf-8")


def test_words_are_removed_from_records_history_and_logs(tender, editor, tmp_path):
    company = create_company(name_en=f"{NAME} Ltd", notes=NAME)
    DistinctPair.objects.create(one="I-000000", other="I-000001", reason=NAME)
    LogEntry.objects.create(user=editor, object_repr=f"{NAME} Ltd", action_flag=2, change_message=json.dumps([NAME]))

    remove_words(NAME, reason=REASON)

    assert NAME not in dumped(tmp_path)
    company.refresh_from_db()
    assert company.name_en == f"{MARK} Ltd"
    assert company.search_text == type(company).objects.only("name_en").get(pk=company.pk).search_text
    assert not type(company).objects.filter(search_text__contains="zhang").exists()


def test_other_words_stay(tender):
    other = create_tender(notes="Ask zhang san, or Zhang S.")

    remove_words(NAME, reason=REASON)

    assert Tender.objects.get(pk=other.pk).notes == "Ask zhang san, or Zhang S."
    assert Change.objects.get(reason="Shorter").kind == ChangeKind.CHANGED


def test_the_history_says_that_something_was_removed_when_and_why(client, tender):
    remove_words(NAME, reason=REASON)

    change = audit.public_history_of(tender)[0]
    text = client.get(tender.get_absolute_url()).text

    assert (change.kind, change.reason, change.entries) == (ChangeKind.ERASED, REASON, ())
    assert "Personal data removed" in text
    assert REASON in text
    assert NAME not in text
    assert "Personal data removed" in client.get(reverse("changes")).text


def test_a_removal_from_what_was_deleted_is_recorded_too():
    with change_set(ChangeKind.ADDED):
        company = create_company(notes=NAME)
    with change_set(ChangeKind.DELETED):
        company.delete()

    remove_words(NAME, reason=REASON)

    assert Change.objects.get(kind=ChangeKind.ERASED).reason == REASON


def test_changes_are_undone_as_before(tender):
    remove_words(NAME, reason=REASON)

    undo(Change.objects.get(kind=ChangeKind.DELETED), reason="It was right.")
    undo(Change.objects.get(reason="Shorter"), reason="It was right.")

    assert Tender.objects.get(pk=tender.pk).notes == f"Ask {MARK}."
    assert Citation.objects.get().place == f"signed by {MARK}"


def test_the_removal_is_not_undone(admin_client, tender):
    remove_words(NAME, reason=REASON)
    change = Change.objects.get(kind=ChangeKind.ERASED)

    with pytest.raises(ValidationError, match="for good"):
        plan_undo(change)
    assert admin_client.get(reverse("admin:tenders_change_undo", args=[change.pk])).status_code == 404


def test_files_that_await_an_import_are_deleted(tender, editor):
    Upload.objects.create(name="a.csv", content=b"", by=editor)

    remove_words(NAME, reason=REASON)

    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("words", "reason", "message"),
    [
        ("nowhere to be found", REASON, "was not found"),
        (" a ", REASON, "at least 2 characters"),
        (NAME, " ", "Give a reason"),
        (NAME, f"{NAME} asked for it", "repeat"),
    ],
)
def test_what_cannot_be_removed_is_refused_in_words(tender, words, reason, message):
    with pytest.raises(CommandError, match=message):
        call_command("anonymise_history", text=words, reason=reason, interactive=False)
    assert not Change.objects.filter(kind=ChangeKind.ERASED).exists()


def test_a_constraint_is_told_in_words():
    tender = create_tender()
    source = create_citation(tender, Fact.YEAR, "2019", place=f"by {MARK}").source
    create_citation(tender, Fact.YEAR, "2019", place=f"by {NAME}", source=source)

    with pytest.raises(ValidationError, match="remove these words"):
        remove_words(NAME, reason=REASON)


def test_an_account_keeps_its_changes_but_no_name(client, administrator, tender, editor, tmp_path):
    AccessLog.objects.create(username="zhang")
    LogEntry.objects.create(
        user=administrator,
        content_type=ContentType.objects.get_for_model(editor),
        object_id=editor.pk,
        object_repr="zhang",
        action_flag=2,
    )
    client.force_login(editor)

    name = remove_account("zhang", reason=REASON)

    editor.refresh_from_db()
    assert name == editor.username == f"removed-account-{editor.pk}"
    assert (editor.is_active, editor.get_full_name(), editor.email) == (False, "", "")
    assert not editor.has_usable_password()
    assert '"zhang"' not in dumped(tmp_path)
    assert audit.history_of(tender)[-1].who == name
    assert client.get(reverse("admin:index")).status_code == 302
    assert Change.objects.get(kind=ChangeKind.ERASED).reason == REASON


def test_nothing_is_left_of_the_log_ins_of_an_account(client, administrator, editor):
    set_up(editor)
    client.force_login(editor)
    PasswordResetRequest.objects.create(user=editor, address="192.0.2.1")

    remove_account("zhang", reason=REASON)

    for model in (TOTPDevice, StaticDevice, StaticToken, Session, PasswordResetRequest):
        assert not model.objects.exists(), model


def test_the_last_administrator_stays(administrator):
    with pytest.raises(CommandError, match="Add another administrator"):
        call_command("anonymise_history", user="admin", reason=REASON, interactive=False)


def test_an_unknown_account_is_refused(administrator):
    with pytest.raises(CommandError, match="There is no account"):
        call_command("anonymise_history", user="nobody", reason=REASON, interactive=False)


@pytest.mark.parametrize("answer", ["no", EOFError()])
def test_nothing_is_removed_without_a_yes(tender, monkeypatch, answer):
    def ask(prompt):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("builtins.input", ask)

    with pytest.raises(CommandError, match=r"Nothing was removed\."):
        call_command("anonymise_history", text=NAME, reason=REASON)


def test_a_dry_run_says_where_the_words_stand(tender, capsys):
    call_command("anonymise_history", text=NAME, reason=REASON, dry_run=True)

    assert "historical tender: 1\n" in capsys.readouterr().out
    assert Tender.history.filter(notes__contains=NAME).count() == 1


def test_a_draft_is_cleaned_too():
    tender = create_tender(state=EditorialState.DRAFT, notes=NAME)

    remove_words(NAME, reason=REASON)

    assert Tender.objects.get(pk=tender.pk).notes == MARK
