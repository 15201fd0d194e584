import pytest
from django.core.exceptions import ValidationError

from tenders import actions
from tenders.choices import EditorialState, Fact, NameStatus, SourceKind
from tenders.integrity import uncited_facts
from tenders.models import Award, Change, Citation, Company, Institution, Tender
from tests.factories import (
    create_award,
    create_category,
    create_citation,
    create_company,
    create_institution,
    create_region,
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


def test_a_tender_that_no_document_supports_is_not_published(draft):
    create_citation(draft, Fact.YEAR, "2019", source=create_source(kind=SourceKind.EDITORS_TRANSLATION))

    with pytest.raises(ValidationError, match="Cite at least one document"):
        actions.publish(draft)


def test_publishing_reads_the_current_state_of_the_parties(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)
    actions.withdraw(draft, reason="It was a test.")
    seen = Tender.objects.select_related("buyer").get(pk=draft.pk)
    actions.withdraw(Institution.objects.get(pk=draft.buyer.pk), reason="It was a test.")

    actions.publish(seen)

    assert Institution.objects.get(pk=draft.buyer.pk).is_published


def test_publishing_again_changes_nothing(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)

    assert actions.publish(draft) == []


def test_a_party_that_a_published_tender_needs_is_not_withdrawn(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)

    for party in (draft.buyer, *draft.suppliers):
        with pytest.raises(ValidationError, match=f"Published tenders refer to .*: {draft.reference}"):
            actions.withdraw(party, reason="It was a test.")


def test_a_party_is_withdrawn_once_no_published_tender_needs_it(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")
    actions.publish(draft)

    actions.withdraw(draft, reason="It was a test.")
    actions.withdraw(draft.buyer, reason="It was a test.")

    draft.refresh_from_db()
    assert draft.state == draft.buyer.state == EditorialState.WITHDRAWN


def test_only_published_records_are_withdrawn(draft):
    with pytest.raises(ValidationError, match="isn’t published"):
        actions.withdraw(draft, reason="It was a test.")


def cite_all_uncited(record, **options):
    return actions.cite_uncited_facts(record, uncited_facts(record), **options)


def test_cite_uncited_facts_cites_what_is_known_and_not_cited(draft):
    create_citation(draft, Fact.TITLE_EN, "A platform", is_chosen=True)
    source = create_source()

    cite_all_uncited(draft, source=source, place="page 1")
    again = cite_all_uncited(draft, source=source, place="page 1")

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


def test_cite_uncited_facts_cites_no_other_facts_than_it_is_given(draft):
    source, award = create_source(), draft.awards.get()
    create_citation(draft, Fact.YEAR, "2019", is_chosen=True)

    actions.cite_uncited_facts(draft, [(draft, Fact.YEAR), (award, Fact.AWARD_AMOUNT)], source=source)

    assert list(source.citations.values_list("fact", "award")) == [(Fact.AWARD_AMOUNT, award.pk)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (NameStatus.UNVERIFIED, SourceKind.EDITORS_TRANSLATION),
        (NameStatus.COMMON_KNOWLEDGE, SourceKind.COMMON_KNOWLEDGE),
    ],
)
@pytest.mark.parametrize("create", [create_institution, create_company])
def test_cite_uncited_facts_cites_a_name_of_ours_from_its_own_source(create, status, kind):
    party = create()
    party.name_en_status = status
    party.save()

    cite_all_uncited(party, source=create_source(), place="page 1")

    citation = party.citations.get()
    assert (citation.source.kind, citation.source.slug, citation.place) == (kind, kind, "")


def test_a_name_of_ours_is_cited_from_the_source_of_its_kind_that_there_is():
    own = create_source(slug="ours", kind=SourceKind.EDITORS_TRANSLATION)
    party = create_company()
    party.name_en_status = NameStatus.UNVERIFIED

    cite_all_uncited(party, source=None)

    assert party.citations.get().source == own


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (NameStatus.CORRECTED, SourceKind.NEWS, "is cited without its exact words"),
        (NameStatus.SOURCED, SourceKind.COMMON_KNOWLEDGE, "no document shows that it exists"),
    ],
)
def test_cite_uncited_facts_writes_nothing_that_is_not_true(draft, status, kind, message):
    draft.title_en_status = status
    draft.save()

    with pytest.raises(ValidationError, match=message):
        cite_all_uncited(draft, source=create_source(kind=kind))

    assert not draft.citations.exists()


def test_cite_uncited_facts_chooses_an_equal_citation_that_exists(draft):
    source = create_source()
    citation = create_citation(draft, Fact.YEAR, "2019", source=source, stated="in 2019")

    cite_all_uncited(draft, source=source)

    citation.refresh_from_db()
    assert citation.is_chosen
    assert citation.stated == "in 2019"


def test_a_draft_is_submitted_sent_back_and_submitted_again(draft, django_user_model):
    editor = django_user_model.objects.create_user("ed")

    actions.submit(draft, by=editor)
    actions.send_back(draft, by=editor, reason="The amount is missing.")
    actions.submit(draft)

    assert draft.state == Tender.objects.get(pk=draft.pk).state == EditorialState.IN_REVIEW
    history = [(row.change.kind, row.change.by, row.change.reason, row.state) for row in draft.history.all()[:3]]
    assert history == [
        ("submitted", None, "", "in-review"),
        ("returned", editor, "The amount is missing.", "draft"),
        ("submitted", editor, "", "in-review"),
    ]


@pytest.mark.parametrize("state", [EditorialState.IN_REVIEW, EditorialState.PUBLISHED, EditorialState.WITHDRAWN])
def test_only_drafts_are_submitted(state):
    with pytest.raises(ValidationError, match="isn’t a draft"):
        actions.submit(create_tender(state=state))


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.PUBLISHED, EditorialState.WITHDRAWN])
def test_only_records_in_review_are_sent_back(state):
    with pytest.raises(ValidationError, match="isn’t in review"):
        actions.send_back(create_tender(state=state), reason="To see.")


@pytest.mark.parametrize(
    ("state", "action"), [(EditorialState.IN_REVIEW, actions.send_back), (EditorialState.PUBLISHED, actions.withdraw)]
)
def test_sending_back_and_withdrawing_require_a_reason(state, action):
    tender = create_tender(state=state)

    with pytest.raises(ValidationError, match="Give a reason"):
        action(tender, reason=" ")

    assert Tender.objects.get(pk=tender.pk).state == state


def test_publishing_is_one_change_of_all_records_that_it_publishes(draft):
    create_citation(draft, Fact.EXISTENCE, "yes")

    actions.publish(draft, reason="It was awarded.")

    change = Change.objects.latest("pk")
    rows = [row for model in (Tender, Institution, Company) for row in model.history.filter(change=change)]
    assert (change.kind, change.reason) == ("published", "It was awarded.")
    assert [row.state for row in rows] == ["published"] * 3


# Choosing between statements.

STATEMENTS = [
    (Fact.YEAR, "2018"),
    (Fact.NOTICE_DATE, "2018-06"),
    (Fact.REGION, "CN-SH"),
    (Fact.CITY, "Shanghai"),
    (Fact.CATEGORY, "courts"),
    (Fact.STATUS, "cancelled"),
    (Fact.METHOD, "direct"),
    (Fact.BUDGET, "2500000.5"),
    (Fact.IS_MAIN_SUBJECT, "no"),
    (Fact.TITLE_EN, "Another platform"),
    (Fact.INSTITUTION, "I-7K3M9Q"),
]
AWARD_STATEMENTS = [
    (Fact.AWARD_AMOUNT, "8595000"),
    (Fact.AWARD_DATE, "2018-06-19"),
    (Fact.CONTRACT_DATE, "2018"),
    (Fact.AWARD_STATUS, "pending"),
    (Fact.LOT, "Lot 2"),
    (Fact.SUPPLIER, "C-7K3M9Q|C-9TR6WB"),
]


@pytest.mark.parametrize(("fact", "value"), STATEMENTS + AWARD_STATEMENTS)
def test_choosing_a_statement_sets_the_value_of_the_record(draft, fact, value):
    create_region("CN-SH")
    create_category("courts")
    create_institution(reference="I-7K3M9Q")
    create_company(reference="C-7K3M9Q")
    create_company(reference="C-9TR6WB")
    award = draft.awards.get() if fact in Award.FACTS else None
    before = create_citation(draft, fact, (award or draft).canonical(fact) or "x", award=award, is_chosen=True)
    citation = create_citation(draft, fact, value, award=award)

    actions.choose(citation, reason="It is the contract.")

    target = type(award or draft).objects.get(pk=(award or draft).pk)
    assert target.canonical(fact) == value
    citations = Citation.objects.filter(pk__in=[before.pk, citation.pk]).order_by("pk")
    assert list(citations.values_list("is_chosen", flat=True)) == [False, True]
    assert Citation.objects.get(pk=citation.pk).reason == "It is the contract."


def test_choosing_a_lower_bound_sets_the_qualifier_at_least(draft):
    award = draft.awards.get()

    actions.choose(create_citation(draft, Fact.AWARD_AMOUNT, ">8500000", award=award), reason="No other is known.")

    award.refresh_from_db()
    assert (award.amount, award.amount_qualifier) == (8500000, "at-least")


@pytest.mark.parametrize(
    ("fact", "value"), [(Fact.BUDGET, ">1"), (Fact.REGION, "CN-XX"), (Fact.INSTITUTION, "I-000000")]
)
def test_a_statement_that_no_column_can_store_is_not_chosen(draft, fact, value):
    citation = create_citation(draft, fact, value)

    with pytest.raises(ValidationError, match="can’t store it"):
        actions.choose(citation, reason="To see.")

    assert not Citation.objects.get(pk=citation.pk).is_chosen
    assert Tender.objects.get(pk=draft.pk).canonical(fact) == draft.canonical(fact)


def test_choosing_a_statement_requires_a_reason(draft):
    with pytest.raises(ValidationError, match="Give a reason"):
        actions.choose(create_citation(draft, Fact.YEAR, "2018"), reason="")


def test_a_changed_fact_is_cited_again_and_its_old_citation_is_not_deleted(draft):
    old = create_citation(draft, Fact.YEAR, "2018", is_chosen=True)

    with pytest.raises(ValidationError, match="sources disagree on “Year”, and there is no reason for following"):
        cite_all_uncited(draft, source=create_source(), place="title")
    cite_all_uncited(draft, source=create_source(), place="title", reason="It is printed.")

    old.refresh_from_db()
    chosen = draft.citations.get(fact=Fact.YEAR, is_chosen=True)
    assert not old.is_chosen
    assert (chosen.value, chosen.place, chosen.reason) == ("2019", "title", "It is printed.")


def test_a_translation_of_ours_does_not_follow_a_document(draft):
    Tender.objects.update(title_en_status=NameStatus.UNVERIFIED)
    citation = create_citation(Tender.objects.get(), Fact.TITLE_EN, "The platform")

    with pytest.raises(ValidationError, match="“English title” is our translation, but cited from a document"):
        actions.choose(citation, reason="It is printed.")

    assert Tender.objects.get().title_en == "A platform"


def contradict_the_year(draft):
    create_citation(draft, Fact.YEAR, "2019", is_chosen=True)
    create_citation(draft, Fact.YEAR, "2018")


def contradict_the_amount(draft):
    for value, is_chosen in (("100", True), ("200", False)):
        create_citation(draft, Fact.AWARD_AMOUNT, value, award=draft.awards.get(), is_chosen=is_chosen)


def contradict_the_level_of_the_institution(draft):
    Institution.objects.filter(pk=draft.buyer.pk).update(level="central")
    create_citation(draft.buyer, Fact.LEVEL, "central", is_chosen=True)
    create_citation(draft.buyer, Fact.LEVEL, "local")


def translate_the_name_of_a_company(draft):
    company = draft.suppliers[0]
    Company.objects.filter(pk=company.pk).update(name_en_status=NameStatus.UNVERIFIED, state=EditorialState.DRAFT)
    create_citation(company, Fact.NAME_EN, company.name_en, is_chosen=True)


@pytest.mark.parametrize(
    ("make_wrong", "message"),
    [
        (contradict_the_year, "sources disagree on “Year”, and there is no reason for following"),
        (contradict_the_amount, "award 1: sources disagree on “Award amount”"),
        (contradict_the_level_of_the_institution, "sources disagree on “Level”"),
        (translate_the_name_of_a_company, "“English name” is our translation, but cited from a document"),
    ],
)
def test_a_tender_with_a_false_citation_of_it_or_of_its_parties_is_not_published(draft, make_wrong, message):
    create_citation(draft, Fact.EXISTENCE, "yes", is_chosen=True)
    make_wrong(draft)

    with pytest.raises(ValidationError, match=message) as refused:
        actions.publish(Tender.objects.get())

    assert f"{draft.reference} was not published. Please fix:" in refused.value.messages[0]
    assert not Tender.objects.published().exists()
    assert not draft.buyer.is_published


def test_a_choice_gives_its_reason_in_both_languages_and_keeps_none_of_before(draft):
    award = draft.awards.get()
    citation = create_citation(draft, Fact.AWARD_AMOUNT, "2", award=award, reason="old", reason_zh="旧")

    actions.choose(citation, reason="new", reason_zh="新")
    both = (citation.reason, citation.reason_zh)
    actions.choose(citation, reason="newer")

    assert both == ("new", "新")
    assert (citation.reason, citation.reason_zh) == ("newer", "")


def test_a_reason_in_chinese_is_enough(draft):
    award = draft.awards.get()
    citation = create_citation(draft, Fact.AWARD_AMOUNT, "2", award=award)

    actions.choose(citation, reason="", reason_zh="合同为准")

    assert citation.shown_reason == "合同为准"


def test_a_city_that_follows_another_statement_loses_the_chinese_of_before(draft):
    Tender.objects.filter(pk=draft.pk).update(city="Foshan", city_zh="佛山")
    same, other = (create_citation(Tender.objects.get(), Fact.CITY, city) for city in ("Foshan", "Shenzhen"))

    actions.choose(same, reason="Stated.")
    kept = Tender.objects.get().city_zh
    actions.choose(Citation.objects.get(pk=other.pk), reason="Stated, too.")

    assert kept == "佛山"
    assert (Tender.objects.get().city, Tender.objects.get().city_zh) == ("Shenzhen", "")
