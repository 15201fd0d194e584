"""Publishing and withdrawing many records: what publishing one by one does, as one change and in one message."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions
from tenders.bulk_actions import publish_many, withdraw_many
from tenders.choices import EditorialState, Fact, NameStatus, SourceKind
from tenders.models import Change, Company, Institution, Tender
from tenders.undoing.writing import undo
from tests.factories import (
    create_award,
    create_citation,
    create_company,
    create_institution,
    create_source,
    create_tender,
)

RECORDS = (Institution, Company, Tender)


def create_draft(source=None, buyer=None, **fields):
    """Return a draft tender that a document supports."""
    tender = create_tender(state=EditorialState.DRAFT, buyer=buyer, **fields)
    create_citation(tender, Fact.EXISTENCE, "yes", source=source or create_source(), is_chosen=True)
    return tender


def states():
    return {record.reference: record.state for model in RECORDS for record in model.objects.all()}


def last_history():
    """Return the last row of history of each record, without keys and times."""
    rows = {}
    for model in RECORDS:
        for row in model.history.order_by("history_id"):
            values = {field.attname: getattr(row, field.attname) for field in model.history.model.tracked_fields}
            rows[row.reference] = (row.history_type, row.change.kind, row.change.reason, values)
    return rows


# What may be wrong with a tender or a party of it.
def without_source(tender):
    tender.citations.all().delete()


def from_no_document(tender):
    tender.citations.update(source=create_source(kind=SourceKind.COMMON_KNOWLEDGE))


def disputed_year(tender):
    create_citation(tender, Fact.YEAR, "2019", is_chosen=True)
    create_citation(tender, Fact.YEAR, "2018")


def disputed_year_with_a_reason(tender):
    create_citation(tender, Fact.YEAR, "2019", is_chosen=True, reason="It is printed.")
    create_citation(tender, Fact.YEAR, "2018")


def disputed_award(tender):
    award = create_award(tender, amount=100)
    create_citation(tender, Fact.AWARD_AMOUNT, "100", award=award, is_chosen=True)
    create_citation(tender, Fact.AWARD_AMOUNT, "200", award=award)


def amounts_of_two_awards(tender):
    for number, amount in ((1, 100), (2, 200)):
        award = create_award(tender, number=number, amount=amount)
        create_citation(tender, Fact.AWARD_AMOUNT, str(amount), award=award, is_chosen=True)


def our_title_from_a_document(tender):
    Tender.objects.filter(pk=tender.pk).update(title_en="A platform", title_en_status=NameStatus.UNVERIFIED)
    create_citation(tender, Fact.TITLE_EN, "A platform", is_chosen=True)


def corrected_title_without_words(tender):
    Tender.objects.filter(pk=tender.pk).update(title_en="A platform", title_en_status=NameStatus.CORRECTED)
    create_citation(tender, Fact.TITLE_EN, "A platform", is_chosen=True)


def untrue_name_of_a_company(tender):
    company = create_company(state=EditorialState.DRAFT)
    Company.objects.filter(pk=company.pk).update(name_en_status=NameStatus.UNVERIFIED)
    create_citation(company, Fact.NAME_EN, company.name_en, is_chosen=True)
    create_award(tender, company)


def published_already(tender):
    Tender.objects.filter(pk=tender.pk).update(state=EditorialState.PUBLISHED)


def withdrawn_before(tender):
    Tender.objects.filter(pk=tender.pk).update(state=EditorialState.WITHDRAWN)


def joint_award(tender):
    create_award(tender, create_company(state=EditorialState.DRAFT), create_company())


CASES = [
    *(without_source, from_no_document, disputed_year, disputed_year_with_a_reason, disputed_award),
    *(amounts_of_two_awards, our_title_from_a_document, corrected_title_without_words, untrue_name_of_a_company),
    *(published_already, withdrawn_before, joint_award),
]


@pytest.mark.django_db
@given(data=st.data())
@settings(max_examples=12)
def test_publishing_many_is_publishing_one_by_one(data):
    found = []
    with transaction.atomic():
        buyers = [create_institution(state=EditorialState.DRAFT) for _ in range(2)]
        tenders = []
        for _ in range(data.draw(st.integers(1, 5))):
            tender = create_draft(buyer=data.draw(st.sampled_from([*buyers, None])))
            for case in data.draw(st.lists(st.sampled_from(CASES), max_size=1)):
                case(tender)
            tenders.append(tender)
        for publish in (one_by_one, publish_many):
            savepoint = transaction.savepoint()
            publish(Tender, [tender.pk for tender in tenders], reason="They were awarded.")
            found.append((states(), last_history()))
            transaction.savepoint_rollback(savepoint)
        transaction.set_rollback(True)

    assert found[0] == found[1]


def one_by_one(model, keys, *, reason):
    for key in keys:
        try:
            actions.publish(model.objects.get(pk=key), reason=reason)
        except ValidationError:
            continue


@pytest.mark.django_db
def test_publishing_many_is_one_change_that_can_be_undone():
    buyer = create_institution(state=EditorialState.DRAFT)
    tenders = [create_draft(buyer=buyer) for _ in range(3)]
    before = states()

    outcome = publish_many(Tender, [tender.pk for tender in tenders], reason="They were awarded.")
    change = Change.objects.latest("pk")
    published = states()
    undo(change, reason="It was a test.")

    assert (outcome.num_moved, change.kind, change.reason) == (4, "published", "They were awarded.")
    assert set(published.values()) == {EditorialState.PUBLISHED}
    assert states() == before


@pytest.mark.django_db
def test_publishing_many_takes_as_many_queries_for_many_as_for_few(django_assert_max_num_queries):
    buyer = create_institution(state=EditorialState.DRAFT)
    tenders = [create_draft(buyer=buyer) for _ in range(60)]

    with django_assert_max_num_queries(60):
        outcome = publish_many(Tender, [tender.pk for tender in tenders])

    assert outcome.num_moved == 61


@pytest.mark.django_db
def test_what_cannot_be_published_is_reported_by_why():
    tenders = [create_draft() for _ in range(9)]
    for tender in tenders[:7]:
        without_source(tender)
    our_title_from_a_document(tenders[7])

    sentences = list(publish_many(Tender, [tender.pk for tender in tenders]).sentences("Published"))

    assert sentences[0] == "Published: 1 tender."
    assert sentences[1].startswith("7 without a source: cite at least one document (TW-")
    assert sentences[1].endswith(" and 2 more).")
    assert f"1 with citations to correct ({tenders[7].reference})." in sentences
    assert "is our translation" in sentences[-1]


@pytest.mark.django_db
def test_a_party_that_a_published_tender_needs_is_not_withdrawn_with_many():
    buyers = [create_institution() for _ in range(3)]
    create_tender(buyer=buyers[0])

    outcome = withdraw_many(Institution, [buyer.pk for buyer in buyers], reason="A test.")

    assert outcome.moved == {Institution: {buyers[1].pk, buyers[2].pk}}
    assert list(outcome.refused.values()) == [[buyers[0].reference]]
    with pytest.raises(ValidationError, match="Give a reason"):
        withdraw_many(Institution, [buyers[0].pk], reason=" ")
    assert Institution.objects.get(pk=buyers[0].pk).is_published


# The admin


@pytest.mark.django_db
def test_the_action_of_a_list_publishes_many_with_one_message(admin_client):
    buyer = create_institution(state=EditorialState.DRAFT)
    tenders = [create_draft(buyer=buyer) for _ in range(25)]
    without_source(tenders[0])
    address = reverse("admin:tenders_tender_changelist")
    data = {"action": "publish_selected", "_selected_action": [tenders[0].pk], "select_across": "1", "reason": "Read."}

    response = admin_client.post(address, data, follow=True)
    withdrawn = admin_client.post(address, {**data, "action": "withdraw_selected"}, follow=True)

    (message,) = map(str, response.context["messages"])
    assert message.startswith("Published: 1 institution, 24 tenders. 1 without a source")
    assert Change.objects.filter(kind="published").count() == 1
    assert "Withdrawn: 24 tenders. 1 that aren’t published" in withdrawn.text
    assert Tender.objects.filter(state=EditorialState.WITHDRAWN).count() == 24


# The command


@pytest.mark.django_db
def test_the_command_publishes_by_reference_by_file_by_change_and_by_filter(tmp_path, capsys):
    one, two, three, four = (create_draft(year=2016 + n) for n in range(4))
    file = tmp_path / "references.txt"
    file.write_text(f"Row 2: {two.reference.lower()}\nand others", encoding="utf-8")
    change = three.history.get(history_type="+").change_id

    call_command("publish_tenders", one.reference)
    call_command("publish_tenders", "--file", file, "--reason", "Read.")
    call_command("publish_tenders", "--change", change)
    published = Tender.objects.published().count()
    call_command("publish_tenders", "--filter", "year=2019")

    assert (published, Tender.objects.published().count()) == (3, 4)
    assert "Published: 1 tender." in capsys.readouterr().out
    assert four.history.latest().change.kind == "published"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_as", "message"),
    [
        ([], "Give references, or one of"),
        (["TW-000000"], "There is no tender TW-000000"),
        (["--file", "nothing.txt"], "can't read nothing.txt"),
        (["--change", "99"], "There is no change 99"),
        (["--filter", "yaer=2019"], "can't read “yaer=2019”"),
        (["--filter", "year=then"], "can't read “year=then”"),
        (["--filter", ""], "can't read “”"),
    ],
)
def test_the_command_refuses_what_it_cannot_read(given_as, message):
    with pytest.raises(CommandError, match=message):
        call_command("publish_tenders", *given_as)


@pytest.mark.django_db
def test_the_command_fails_if_something_was_not_published():
    draft = create_draft()
    without_source(draft)

    with pytest.raises(CommandError, match="Some tenders were not published"):
        call_command("publish_tenders", draft.reference)
