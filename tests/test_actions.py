import pytest
from django.core.exceptions import ValidationError

from tenders import actions
from tenders.choices import EditorialState, Fact, SourceKind
from tenders.models import Citation, Institution, Tender
from tests.factories import (
    create_award,
    create_citation,
    create_company,
    create_institution,
    create_source,
    create_tender,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    tender = create_tender(
        state=EditorialState.DRAFT, title_en="A platform", buyer=create_institution(state=EditorialState.DRAFT)
    )
    create_award(tender, create_company(state=EditorialState.DRAFT), create_company(), amount=100)
    return tender


def test_publishing_a_tender_publishes_its_parties(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")

    published = actions.publish(draft)

    draft.refresh_from_db()
    assert len(published) == 3
    assert all(record.is_published for record in (draft, draft.buyer, *draft.suppliers))


def test_a_tender_without_a_source_is_not_published(draft):
    with pytest.raises(ValidationError, match="has no source"):
        actions.publish(draft)

    draft.refresh_from_db()
    assert draft.state == EditorialState.DRAFT
    assert draft.buyer.state == EditorialState.DRAFT


def test_what_no_document_supports_is_not_published(draft):
    create_citation(draft, Fact.YEAR, "2019", source=create_source(kind=SourceKind.EDITORS_TRANSLATION))

    with pytest.raises(ValidationError, match="Cite at least one document"):
        actions.publish(draft)


def test_publishing_sees_what_was_withdrawn_meanwhile(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)
    actions.withdraw(draft, reason="It was a test.")
    seen = Tender.objects.select_related("buyer").get(pk=draft.pk)
    actions.withdraw(Institution.objects.get(pk=draft.buyer.pk), reason="It was a test.")

    actions.publish(seen)

    assert Institution.objects.get(pk=draft.buyer.pk).is_published


def test_publishing_twice_is_publishing_once(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)

    assert actions.publish(draft) == []


def test_a_party_that_a_published_tender_needs_is_not_withdrawn(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)

    for party in (draft.buyer, *draft.suppliers):
        with pytest.raises(ValidationError, match=f"needed by published tenders: {draft.reference}"):
            actions.withdraw(party, reason="It was a test.")


def test_what_is_not_needed_is_withdrawn(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)

    actions.withdraw(draft, reason="It was a test.")
    actions.withdraw(draft.buyer, reason="It was a test.")

    draft.refresh_from_db()
    assert draft.state == draft.buyer.state == EditorialState.WITHDRAWN


def test_only_what_is_published_is_withdrawn(draft):
    with pytest.raises(ValidationError, match="not published"):
        actions.withdraw(draft, reason="It was a test.")


def test_citing_the_rest_cites_what_is_known_and_not_cited(draft):
    create_citation(draft, Fact.TITLE_EN, "A platform", is_chosen=True)
    source = create_source()

    actions.cite_uncited_facts(draft, source=source, place="page 1")
    again = actions.cite_uncited_facts(draft, source=source, place="page 1")

    cited = Citation.objects.filter(source=source, place="page 1", is_chosen=True)
    assert set(cited.values_list("fact", flat=True)) == {
        Fact.EXISTENCE,
        Fact.YEAR,
        Fact.INSTITUTION,
        Fact.SUPPLIER,
        Fact.AWARD_AMOUNT,
        Fact.IS_JOINT,
    }
    assert again == []


def test_citing_the_rest_chooses_a_statement_that_stands_there_already(draft):
    source = create_source()
    citation = create_citation(draft, Fact.YEAR, "2019", source=source, stated="in 2019")

    actions.cite_uncited_facts(draft, source=source)

    citation.refresh_from_db()
    assert citation.is_chosen
    assert citation.stated == "in 2019"
