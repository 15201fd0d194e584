"""Merging two records of one thing: everything moves, nothing is lost, and the old address redirects."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection

from tenders import audit, integrity, merging
from tenders.choices import EditorialState, Fact, Verdict
from tenders.claims.evaluation import evaluate_article
from tenders.claims.verdict_history import track_verdicts
from tenders.filters import TenderFilter
from tenders.models import (
    AwardSupplier,
    Change,
    Citation,
    Company,
    DistinctPair,
    Inclusion,
    Institution,
    RedirectedReference,
    Tender,
    VerdictChange,
)
from tenders.models.changes import change_set, is_history
from tests.factories import (
    cite_all,
    create_article,
    create_award,
    create_category,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)

pytestmark = pytest.mark.django_db


def merge(keep, drop, **choices):
    return merging.merge(keep=keep, drop=drop, choices=choices, reason="Two records of one thing.")


def create_distinct_pair(one, other):
    first, second = sorted([one.reference, other.reference])
    return DistinctPair.objects.create(one=first, other=second, reason="Two institutions.")


def relations_to(record):
    """Return the foreign keys, of any model, that point to a record."""
    relations = [
        field
        for model in apps.get_app_config("tenders").get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is type(record) and not is_history(model)
    ]
    return [field for field in relations if field.model._base_manager.filter(**{field.name: record.pk}).exists()]


def create_pair(create):
    """Return two records with every kind of object that may point to them, all published and cited."""
    keep, drop = create(), create()
    source = create_source()
    article = create_article()
    for record in (keep, drop):
        kind = record._meta.model_name
        if kind == "tender":
            tender = record
        elif kind == "institution":
            tender = create_tender(buyer=record)
        else:
            tender = create_tender()
            create_award(tender, record, number=2)
        create_award(tender, create_company(), amount=100)
        Inclusion.objects.create(article=article, tender=tender, reason="It must be.")
        tender.possibly_same_as.add(create_tender())
        tender.suggested_categories.add(create_category(f"category-{record.pk}-{kind}"))
        create_claim(article, "count", **{kind: record}, printed=1)
        cite_all(tender, source=source)
        if tender != record:
            cite_all(record, source=source)
        RedirectedReference.objects.create(
            reference=f"{record.REFERENCE_PREFIX}-00000{record.pk % 10}", redirects_to=record.reference
        )
        create_distinct_pair(record, create())
    if isinstance(drop, Institution):
        create_company(institution=drop)
    for party in [*Institution.objects.all(), *Company.objects.all(), *Tender.objects.all()]:
        if not party.citations.exists():
            cite_all(party, source=source)
    return keep, drop


CREATE = [create_institution, create_company, create_tender]


@pytest.mark.parametrize("create", CREATE)
def test_a_merger_moves_all_that_points_to_the_dropped_record(create):
    keep, drop = create_pair(create)
    assert relations_to(drop)
    num_records = {model: model.objects.count() for model in (Institution, Company, Tender)}
    num_citations = Citation.objects.count()

    merge(keep, drop)

    assert not relations_to(drop)
    assert not type(drop).objects.filter(pk=drop.pk).exists()
    connection.check_constraints()
    num_records[type(drop)] -= 1
    assert {model: model.objects.count() for model in num_records} == num_records
    assert Citation.objects.count() in range(num_citations - 8, num_citations + 1)  # equal citations of both become one
    assert not list(integrity.find_problems())


@pytest.mark.parametrize("create", CREATE)
def test_a_merger_is_one_change_with_its_reason(create):
    keep, drop = create_pair(create)
    num_changes = Change.objects.count()

    merge(keep, drop)

    assert Change.objects.count() == num_changes + 1
    change = Change.objects.latest("pk")
    assert (change.kind, change.reason) == ("merged", "Two records of one thing.")
    assert type(drop).history.filter(reference=drop.reference, history_type="-", change=change).count() == 1


@pytest.mark.parametrize("create", CREATE)
def test_the_latest_history_equals_the_records_after_a_merger(create):
    keep, drop = create_pair(create)

    merge(keep, drop)

    for model in (Institution, Company, Tender, Citation):
        for record in model.objects.all():
            last = record.history.latest()
            for field in last.tracked_fields:
                assert getattr(last, field.attname) == getattr(record, field.attname), (record, field)


@pytest.mark.parametrize("create", CREATE)
def test_a_merged_reference_redirects_and_is_never_assigned_again(create, client, monkeypatch):
    keep, drop = create(), create()
    old, older = drop.get_absolute_url(), f"{drop.REFERENCE_PREFIX}-000000"
    RedirectedReference.objects.create(reference=older, redirects_to=drop.reference, is_public=True)

    merge(keep, drop)

    for address in (old, old.replace(drop.reference, older), f"/zh-hans{old}", f"{old}?a=1"):
        response = client.get(address)
        assert response.status_code == 301
        expected = address.replace(drop.reference, keep.reference).replace(older, keep.reference)
        assert response["Location"] == expected
    free = iter([drop.reference, older, f"{drop.REFERENCE_PREFIX}-ZZZZZZ"])
    monkeypatch.setattr("tenders.models.records.new_reference", lambda prefix: next(free))
    assert create().reference == f"{drop.REFERENCE_PREFIX}-ZZZZZZ"


def test_the_address_of_a_merged_draft_does_not_redirect(client):
    keep, drop = (create_company(state=EditorialState.DRAFT) for _ in range(2))
    address = drop.get_absolute_url()

    merge(keep, drop)

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("create", CREATE)
def test_a_merged_record_that_exists_again_can_be_merged_again(create, client):
    keep, drop, other = create(), create(), create()
    RedirectedReference.objects.create(reference=drop.reference, redirects_to=other.reference)
    RedirectedReference.objects.create(reference=keep.reference, redirects_to=drop.reference)

    merge(keep, drop)

    assert list(RedirectedReference.objects.values_list("reference", "redirects_to")) == [
        (drop.reference, keep.reference)
    ]
    assert client.get(drop.get_absolute_url())["Location"] == keep.get_absolute_url()


@pytest.mark.parametrize("create", CREATE)
@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.IN_REVIEW])
def test_a_merged_reference_that_was_never_public_gets_the_response_of_an_unknown_one(create, state, client):
    keep, drop = create(), create(state=state)
    cite_all(drop)
    name = {"tender": "reference"}.get(drop._meta.model_name, drop._meta.model_name)
    unknown = f"{drop.REFERENCE_PREFIX}-000000"
    addresses = [drop.get_absolute_url(), f"/tenders/?{name}={drop.reference}", f"/tenders.csv?{name}={drop.reference}"]

    merge(keep, drop)

    assert RedirectedReference.objects.resolve([drop.reference]) == {drop.reference: keep.reference}
    for address in addresses:
        response = client.get(address)
        other = client.get(address.replace(drop.reference, unknown))
        text = response.text.replace(drop.reference, unknown).replace(response["X-Request-ID"], other["X-Request-ID"])
        assert (response.status_code, text) == (other.status_code, other.text)
    assert [client.get(address).status_code for address in addresses] == [404, 400, 400]


@pytest.mark.parametrize("create", CREATE)
def test_the_reference_of_a_merged_record_that_was_withdrawn_redirects(create, client):
    keep, drop = create(), create(state=EditorialState.WITHDRAWN)
    cite_all(drop)

    merge(keep, drop)

    assert client.get(drop.get_absolute_url())["Location"] == keep.get_absolute_url()


def test_the_reference_of_a_merged_party_is_resolved_in_parameters(client):
    keep, drop = create_institution(), create_institution()
    tenders = [create_tender(buyer=keep), create_tender(buyer=drop)]
    other = create_tender(buyer=create_institution())

    merge(keep, drop)

    for name in ("tenders.csv", "tenders/", "institutions/"):
        response = client.get(f"/{name}?institution={drop.reference}")
        assert response.status_code == 200
    text = client.get(f"/tenders.csv?institution={drop.reference}").getvalue().decode()
    assert all(tender.reference in text for tender in tenders)
    assert other.reference not in text
    assert 'data-total="2"' in client.get(f"/tenders/?institution={drop.reference}").text


def test_the_reference_of_a_merged_tender_is_resolved_in_parameters(client):
    keep, drop = create_tender(), create_tender()

    merge(keep, drop)

    assert 'data-total="1"' in client.get(f"/tenders/?reference={drop.reference}&reference={keep.reference}").text


def test_a_facet_counts_the_tenders_of_both_merged_parties():
    keep, drop = create_company(), create_company()
    for company in (keep, drop):
        create_award(create_tender(), company)

    merge(keep, drop)

    facets = {facet.name: facet for facet in TenderFilter().facets()}
    counts = {option.value: option.number for option in facets["company"].options if option.number}
    assert counts == {keep.reference: 2}


def test_a_claim_that_names_a_merged_party_counts_the_remaining_one():
    keep, drop = create_institution(), create_institution()
    text = create_source(slug="text", kind="study")
    article = create_article("pulse", sources=[text])
    for buyer in (keep, drop):
        create_citation(create_tender(buyer=buyer), Fact.EXISTENCE, "yes", source=text)
    create_claim(article, "count", code="A1", printed=2, query=f"institution={drop.reference}")

    merge(keep, drop)

    last = VerdictChange.objects.latest("changed_at")
    assert (last.claim.code, last.verdict, last.recorded) == ("A1", "agrees", 2)
    assert (last.cause, last.subject) == ("merged", keep.reference)
    assert drop.reference in last.details


@pytest.mark.parametrize(("state", "is_named"), [("published", True), ("withdrawn", True), ("draft", False)])
def test_a_merged_draft_is_named_to_editors_only(state, is_named):
    with change_set("added"):
        keep, drop = create_institution(), create_institution(state=state)

    with track_verdicts("changed") as written:
        merge(keep, drop)

    named = ("Merged record", drop.reference, keep.reference)
    entries, public_entries = (
        [(entry.field, entry.old, entry.new) for change in changes for entry in change.entries]
        for changes in (audit.history_of(keep), audit.public_history_of(keep))
    )
    assert named in entries
    assert (named in public_entries, drop.reference in written.details) == (is_named, is_named)


def test_merging_tenders_adds_no_merged_record_to_the_history_of_their_article():
    keep, drop = create_tender(), create_tender()
    article = create_article("pulse")
    Inclusion.objects.create(article=article, tender=drop, reason="It is named.")

    merge(keep, drop)

    last = audit.history_of(article)[0]
    assert last.kind == "merged"
    assert "Merged record" not in {entry.field for entry in last.entries}


@pytest.mark.parametrize("is_among_given", [False, True])
def test_the_rank_of_a_merged_party_is_that_of_the_remaining_one(is_among_given):
    keep, drop, other = create_institution(), create_institution(), create_institution()
    text = create_source(slug="text", kind="study")
    article = create_article("pulse", sources=[text])
    for buyer in (keep, drop, drop, other, other):
        create_citation(create_tender(buyer=buyer), Fact.EXISTENCE, "yes", source=text)
    arguments = {"facet": "institution", "value": drop.reference}
    if is_among_given:
        arguments["among"] = [buyer.reference for buyer in (other, drop, keep)]
    claim = create_claim(article, "rank", printed=1, arguments=arguments)

    merge(keep, drop)

    evaluation = evaluate_article(article)[claim.code]
    assert (evaluation.recorded, evaluation.verdict) == (1, Verdict.AGREES)


def test_groups_that_share_a_party_after_a_merger_cannot_be_ranked():
    keep, drop, other = create_institution(), create_institution(), create_institution()
    among = [[keep.reference, other.reference], drop.reference]
    arguments = {"facet": "institution", "value": drop.reference, "among": among}
    article = create_article("pulse")
    claim = create_claim(article, "rank", printed=1, arguments=arguments)

    merge(keep, drop)

    assert evaluate_article(article)[claim.code].recorded is None


# Names and other fields


def test_names_of_the_dropped_record_become_aliases():
    keep = create_company(name_en="Hyperchain", aliases_en="Qulian")
    chinese = {"name_zh": "趣链", "name_zh_status": "sourced"}
    drop = create_company(name_en="Hangzhou Hyperchain", aliases_en="QULIAN\nHC", **chinese)

    merged = merge(keep, drop, name_zh="keep")

    assert (merged.name_en, merged.name_zh) == ("Hyperchain", "")
    assert merged.aliases_en.splitlines() == ["Qulian", "Hangzhou Hyperchain", "HC"]
    assert merged.aliases_zh == "趣链"
    merged.refresh_from_db()
    assert "趣链" in merged.name_text


def test_the_name_that_is_not_chosen_becomes_an_alias():
    keep, drop = create_company(name_en="Hyperchain"), create_company(name_en="Qulian")
    cite_all(drop)

    merged = merge(keep, drop, name_en="drop")

    assert (merged.name_en, merged.aliases_en) == ("Qulian", "Hyperchain")


def test_the_citation_of_the_chosen_side_is_the_chosen_one():
    keep, drop = create_company(size="small"), create_company(size="large")
    for company in (keep, drop):
        cite_all(company)

    merged = merge(keep, drop, size="drop")

    assert merged.size == "large"
    stated = merged.citations.filter(fact=Fact.SIZE).order_by("value")
    assert list(stated.values_list("value", "is_chosen")) == [("large", True), ("small", False)]


def test_a_choice_between_the_statements_of_two_records_has_the_reason_of_the_merger():
    keep, drop = create_company(size="small"), create_company(size="large")
    create_citation(keep, Fact.SIZE, "small", is_chosen=True)
    create_citation(drop, Fact.SIZE, "large", is_chosen=True)

    with pytest.raises(ValidationError, match="sources disagree on “Size class”, and there is no reason for following"):
        merging.merge(keep=keep, drop=drop, choices={"size": "drop"})
    merge(keep, drop, size="drop")

    chosen = Company.objects.get().citations.get(fact=Fact.SIZE, is_chosen=True)
    assert (chosen.value, chosen.reason) == ("large", "Two records of one thing.")


def test_a_merger_leaves_the_choices_alone_that_it_does_not_touch():
    keep, drop = create_institution(level="central"), create_institution(kind="hospital")
    create_citation(keep, Fact.LEVEL, "central", is_chosen=True)
    create_citation(keep, Fact.LEVEL, "local")
    create_citation(drop, Fact.KIND, "hospital", is_chosen=True)

    merge(keep, drop)

    assert {citation.reason for citation in Institution.objects.get().citations.all()} == {""}


def test_statements_of_equal_awards_that_disagree_have_the_reason_of_the_merger():
    keep, drop, company = create_tender(), create_tender(), create_company()
    for tender, date in ((keep, "2019-05"), (drop, "2019-06")):
        award = create_award(tender, company, amount=100, award_date="2019-05")
        create_citation(tender, Fact.AWARD_DATE, date, award=award, is_chosen=tender == keep)

    merge(keep, drop)

    chosen = Citation.objects.get(fact=Fact.AWARD_DATE, is_chosen=True)
    assert (chosen.value, chosen.reason) == ("2019-05", "Two records of one thing.")


def test_a_translation_that_is_cited_from_a_document_is_not_merged():
    keep, drop = create_company(name_en="One"), create_company(name_en="Two")
    Company.objects.filter(pk=drop.pk).update(name_en_status="unverified-translation")
    create_citation(drop, Fact.NAME_EN, "Two", is_chosen=True)
    drop.refresh_from_db()

    assert "“English name” is our translation, but cited from a document" in refusal(keep, drop, name_en="drop")


def test_a_value_of_only_one_record_is_taken_with_its_citation():
    keep, drop = create_company(), create_company(founded_year=2016)
    cite_all(drop)

    merged = merge(keep, drop)

    assert merged.founded_year == 2016
    assert merged.citations.get(fact=Fact.FOUNDED).is_chosen


def test_equal_citations_of_both_records_become_one():
    source = create_source()
    keep, drop = create_company(size="small"), create_company(size="small")
    create_citation(keep, Fact.SIZE, "small", source=source)
    create_citation(drop, Fact.SIZE, "small", source=source, is_chosen=True, stated="小型")

    merged = merge(keep, drop)

    citation = merged.citations.get(fact=Fact.SIZE)
    assert (citation.is_chosen, citation.stated) == (True, "小型")


def test_a_unified_social_credit_code_moves_although_it_is_unique():
    keep, drop = create_institution(), create_institution(credit_code="91110000600037341L")
    cite_all(drop)

    assert merge(keep, drop).credit_code == "91110000600037341L"


# What points to a party


def test_statements_name_the_remaining_party():
    keep, drop = create_institution(), create_institution()
    tender = create_tender(buyer=drop)
    cite_all(tender)

    merge(keep, drop)

    assert tender.citations.get(fact=Fact.INSTITUTION).value == keep.reference
    tender.refresh_from_db()
    assert tender.buyer == keep


def test_an_award_to_two_merged_suppliers_is_no_longer_joint():
    keep, drop, other = create_company(), create_company(), create_company()
    both, three = create_tender(), create_tender()
    create_award(both, keep, drop)
    create_award(three, keep, drop, other)
    for record in (both, three):
        cite_all(record)

    merge(keep, drop)

    assert sorted(AwardSupplier.objects.values_list("award__tender", "company")) == sorted(
        [(both.pk, keep.pk), (three.pk, keep.pk), (three.pk, other.pk)]
    )
    assert both.citations.get(fact=Fact.SUPPLIER).value == keep.reference
    assert three.citations.get(fact=Fact.SUPPLIER).value == "|".join(sorted([keep.reference, other.reference]))
    assert [both.citations.get(fact=Fact.IS_JOINT).is_chosen, three.citations.get(fact=Fact.IS_JOINT).is_chosen] == [
        False,
        True,
    ]
    assert both.awards.get().history.latest().suppliers.count() == 1


def test_statements_that_named_two_merged_institutions_are_no_longer_disputed():
    keep, drop = create_institution(), create_institution()
    tender, source = create_tender(buyer=keep), create_source()
    create_citation(tender, Fact.INSTITUTION, keep.reference, source=source)
    create_citation(tender, Fact.INSTITUTION, drop.reference, source=source, is_chosen=True)

    merge(keep, drop)

    citation = tender.citations.get(fact=Fact.INSTITUTION)
    assert (citation.value, citation.is_chosen) == (keep.reference, True)
    assert not Tender.objects.with_figures().get(pk=tender.pk).is_disputed


def test_the_company_of_a_dropped_institution_moves_to_the_remaining_one():
    keep, drop = create_institution(), create_institution()
    company = create_company(institution=drop)

    merge(keep, drop)

    company.refresh_from_db()
    assert company.institution == keep


# Tenders


def test_equal_awards_become_one_and_others_get_the_next_numbers():
    company = create_company()
    keep, drop = create_tender(), create_tender()
    create_award(keep, company, amount=100)
    create_award(drop, company, amount=100, notes="A note.")
    create_award(drop, company, number=2, amount=200)
    for record in (keep, drop):
        cite_all(record)

    merged = merge(keep, drop)

    assert [(award.number, award.amount, award.notes) for award in merged.awards.order_by("number")] == [
        (1, 100, "A note."),
        (2, 200, ""),
    ]
    assert merged.citations.filter(award__number=2, fact=Fact.AWARD_AMOUNT).get().is_chosen
    assert merged.citations.filter(award__number=1, fact=Fact.AWARD_AMOUNT, is_chosen=True).count() == 1
    assert merged.citations.filter(award__number=1, fact=Fact.AWARD_AMOUNT).count() == 2


def test_a_merged_tender_is_no_possible_duplicate_of_itself():
    keep, drop, other = create_tender(), create_tender(), create_tender()
    keep.possibly_same_as.add(drop)
    drop.possibly_same_as.add(other)

    merged = merge(keep, drop)

    assert list(merged.possibly_same_as.all()) == [other]


def test_an_article_counts_a_merged_tender_once():
    article, region = create_article(), create_region()
    keep, drop = create_tender(region=region), create_tender()
    for tender in (keep, drop):
        Inclusion.objects.create(article=article, tender=tender, reason="It must be.")

    merged = merge(keep, drop)

    assert merged.inclusions.count() == 1


# Refusals


def refusal(keep, drop, **choices):
    records = list(Institution.objects.values()), list(Company.objects.values()), list(Tender.objects.values())
    with pytest.raises(ValidationError) as error:
        merge(keep, drop, **choices)
    assert records == (
        list(Institution.objects.values()),
        list(Company.objects.values()),
        list(Tender.objects.values()),
    )
    return " ".join(error.value.messages)


def test_records_that_cannot_be_merged_are_refused_with_a_message():
    one, other = create_company(), create_company()
    draft = create_company(state=EditorialState.DRAFT)
    withdrawn = create_company(state=EditorialState.WITHDRAWN)

    assert "itself" in refusal(one, one)
    assert "same kind" in refusal(one, create_institution())
    assert "has been public" in refusal(draft, one)
    assert "has been public" in refusal(draft, withdrawn)
    assert "is withdrawn" in refusal(withdrawn, one)
    assert "which value" in refusal(one, other, name_en="both")


def test_a_distinct_pair_is_not_merged_until_that_is_taken_back():
    one, other = create_company(), create_company()
    found = create_distinct_pair(one, other)

    assert "are different: “Two institutions.”" in refusal(one, other)
    found.delete()
    assert merge(one, other) == one


def test_two_institutions_with_two_companies_are_not_merged():
    one, other = create_institution(), create_institution()
    companies = [create_company(institution=institution) for institution in (one, other)]

    message = refusal(one, other)

    assert all(company.reference in message for company in companies)


def test_a_public_fact_is_not_changed_without_a_source():
    keep, drop = create_company(size="small"), create_company(size="large", state=EditorialState.DRAFT)

    assert "Cite a source" in refusal(keep, drop, size="drop")


def test_a_public_tender_gets_no_hidden_party():
    keep, drop = create_tender(), create_tender(state=EditorialState.DRAFT)
    hidden = create_company(state=EditorialState.DRAFT)
    create_award(drop, hidden)

    assert hidden.reference in refusal(keep, drop)


def test_a_public_tender_gets_no_award_without_a_source():
    keep, drop = create_tender(), create_tender(state=EditorialState.DRAFT)
    create_award(drop, create_company(), amount=100)
    cite_all(drop)
    drop.citations.filter(fact=Fact.AWARD_AMOUNT).update(is_chosen=False)

    assert f"award 1 of {drop.reference}" in refusal(keep, drop)

    drop.citations.filter(fact=Fact.AWARD_AMOUNT).update(is_chosen=True)
    assert not integrity.uncited_facts(merge(keep, drop).awards.get().tender)


def test_an_award_that_is_public_already_needs_no_other_source():
    keep, drop, company = create_tender(), create_tender(state=EditorialState.DRAFT), create_company()
    for tender in (keep, drop):
        create_award(tender, company, amount=100)

    assert merge(keep, drop).awards.count() == 1


def test_a_public_fact_is_not_changed_to_a_value_that_its_source_does_not_state():
    keep, drop = create_company(size="small"), create_company(size="large", state=EditorialState.DRAFT)
    create_citation(drop, Fact.SIZE, "medium", is_chosen=True)

    assert "Cite a source" in refusal(keep, drop, size="drop")


@pytest.mark.parametrize("side", [merging.KEEP, merging.DROP])
def test_a_text_of_editors_is_taken_in_both_languages(side):
    sides = {merging.KEEP: create_tender(notes="One.", notes_zh="一。"), merging.DROP: create_tender(notes="Two.")}

    merged = merge(sides[merging.KEEP], sides[merging.DROP], notes=side)

    assert (merged.notes, merged.notes_zh) == (sides[side].notes, sides[side].notes_zh)


def test_a_citation_that_both_records_have_keeps_what_either_says_in_chinese():
    keep, drop, source = create_tender(), create_tender(), create_source()
    create_citation(keep, Fact.YEAR, "2019", source=source, place="annex", reason="as printed")
    create_citation(drop, Fact.YEAR, "2019", source=source, place="annex", place_zh="附件", reason_zh="照录原文")

    citation = merge(keep, drop).citations.get()

    assert (citation.place_zh, citation.reason, citation.reason_zh) == ("附件", "as printed", "照录原文")
