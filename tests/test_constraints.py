"""Constraints of the database: for every check, values it accepts and values it refuses."""

import json

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, ProtectedError
from django.urls import reverse
from django.utils import timezone

from tenders.choices import AddressStatus, Fact
from tenders.models import (
    AddressCheck,
    Change,
    Citation,
    Claim,
    Company,
    DistinctPair,
    Inclusion,
    Institution,
    NoticeIntake,
    PossibleDuplicate,
    RedirectedReference,
    Report,
    Source,
    SourceFile,
    Tender,
)
from tests.factories import (
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

CODE = "91110000600037341L"


def tender(**fields):
    return create_tender(**fields)


def award(**fields):
    return create_award(create_tender(), **fields)


def category_tender(**fields):
    return create_tender(category=create_category("judicial"), **fields)


def citation(record=None, fact=Fact.YEAR, value="2019", **fields):
    return create_citation(record or create_tender(), fact, value, **fields)


def inclusion(reason):
    return Inclusion.objects.create(article=create_article(), tender=create_tender(), reason=reason)


def redirected_reference(reference, redirects_to):
    return RedirectedReference.objects.create(reference=reference, redirects_to=redirects_to)


def distinct_pair(one, other, reason="Two cities."):
    return DistinctPair.objects.create(one=one, other=other, reason=reason)


def possible_duplicate(one, other):
    return PossibleDuplicate.objects.create(one=one, other=other, score=80)


def address_check(url="https://example.org/1", **fields):
    return AddressCheck.objects.create(
        source=create_source(), url=url, status=AddressStatus.ANSWERS, checked_at=timezone.now(), **fields
    )


def source_file(*, sha256="0f" * 32, **fields):
    return SourceFile.objects.create(source=create_source(), sha256=sha256, format="pdf", size=1, **fields)


def notice_intake(*, sha256="0f" * 32, **fields):
    return NoticeIntake.objects.create(by=get_user_model().objects.create(username="mei"), sha256=sha256, **fields)


def report(**fields):
    return Report.objects.create(about="/", text="It is wrong.", language="en", **fields)


def change():
    create_tender()
    return Change.objects.latest("pk")


def claim(measure="count", **fields):
    return create_claim(create_article(), measure, **fields)


def printed_claim(how, low=None, high=None, **fields):
    return claim(printed_as=how, printed_low=low, printed_high=high, **fields)


ACCEPTED = [
    report,
    lambda: report(state="corrected", change=change(), answer="Done.", answered_at=timezone.now()),
    lambda: report(state="declined", answer="No.", answered_at=timezone.now()),
    lambda: source_file(),
    lambda: source_file(is_publishable=True, publishable_reason="It is official."),
    lambda: source_file(erased_at=timezone.now(), erasure_reason="A name stands in it."),
    lambda: create_article(published_date="2019-12", from_date="2018", to_date=""),
    lambda: inclusion("Only one such tender is known."),
    lambda: redirected_reference("TW-000000", "TW-000001"),
    lambda: redirected_reference("C-000000", "C-000001"),
    lambda: distinct_pair("I-000000", "I-00000Z"),
    lambda: distinct_pair("TW-000000", "TW-000001"),
    lambda: claim(),
    lambda: claim("none", printed=9),
    lambda: claim(printed=14, is_set_size=True),
    lambda: claim(printed=8, is_margin=True),
    lambda: claim("amount", printed=4940000, tender=create_tender()),
    lambda: (one := create_article()) and create_claim(one, "count", reading_of=create_claim(one, "count")),
    lambda: printed_claim("at-least", 3),
    lambda: printed_claim("more-than", 50),
    lambda: printed_claim("at-most", None, 9),
    lambda: printed_claim("less-than", None, 9),
    lambda: printed_claim("between", 3, 4),
    lambda: printed_claim("about", "1.66", "1.68"),
    lambda: printed_claim("cut-off", "54.54", "54.55"),
    lambda: create_institution(name_en="", name_zh="清华大学", name_zh_status="sourced"),
    lambda: create_institution(credit_code=""),
    lambda: (create_institution(credit_code=CODE), create_company(credit_code=CODE)),
    lambda: create_company(founded_year=2005),
    lambda: create_company(founded_year=None),
    lambda: tender(title_en="", title_zh=""),
    lambda: tender(title_en="A topic", title_en_status="", is_title_descriptive=True),
    lambda: tender(title_zh="标题", title_zh_status="unverified-translation"),
    lambda: tender(official_number="〔2019〕001号"),
    lambda: tender(official_number="7"),
    lambda: tender(notice_date="2019"),
    lambda: tender(notice_date="2019-06"),
    lambda: tender(notice_date="2019-06-19"),
    lambda: tender(notice_date="2020-02-29"),
    lambda: tender(notice_date="2019-12-31"),
    lambda: tender(budget_amount=0),
    lambda: category_tender(category_basis="stated"),
    lambda: award(amount=None),
    lambda: award(amount=0),
    lambda: award(amount="8595000.55", amount_qualifier="about"),
    lambda: award(award_date="2021", contract_date="2021-01-31"),
    lambda: create_source(published_date="2019-12", seen_date="2026-11-22"),
    lambda: create_source(version_of=create_source()),
    lambda: create_source(url="https://example.org/1", archived_url="HTTP://archive.example/1"),
    lambda: address_check(moved_to="http://example.org/2"),
    lambda: notice_intake(url="http://example.org/2"),
    lambda: possible_duplicate("I-000000", "I-000001"),
    lambda: citation(create_company(), Fact.FOUNDED, "2013"),
    lambda: citation(create_institution(), Fact.LEVEL, "central"),
]
REFUSED = [
    ("redirected_reference_redirects", lambda: redirected_reference("I-000000", "I-000000")),
    ("redirected_reference_redirects", lambda: redirected_reference("I-000000", "C-000000")),
    ("redirected_reference_redirects", lambda: redirected_reference("I-1", "I-000000")),
    ("distinct_pair_in_order", lambda: distinct_pair("I-000001", "I-000000")),
    ("possible_duplicate_in_order", lambda: possible_duplicate("I-000001", "I-000000")),
    ("possible_duplicate_in_order", lambda: possible_duplicate("C-000000", "I-000000")),
    ("distinct_pair_in_order", lambda: distinct_pair("I-000000", "I-000000")),
    ("distinct_pair_in_order", lambda: distinct_pair("C-000000", "I-000000")),
    ("distinct_pair_has_reason", lambda: distinct_pair("I-000000", "I-000001", reason="")),
    (
        "institution_has_reference",
        lambda: Institution.objects.filter(pk=create_institution().pk).update(reference="I-1"),
    ),
    ("company_has_reference", lambda: Company.objects.filter(pk=create_company().pk).update(reference="")),
    ("tender_has_reference", lambda: Tender.objects.filter(pk=tender().pk).update(reference="TW-ILOUTW")),
    ("institution_has_name", lambda: create_institution(name_en="", name_zh="")),
    ("company_has_name", lambda: create_company(name_en="", name_zh="")),
    ("institution_name_en_status", lambda: Institution.objects.create(name_en="Named")),
    ("institution_name_zh_status", lambda: create_institution(name_zh_status="sourced")),
    ("company_name_en_status", lambda: Company.objects.create(name_en="Named")),
    ("company_name_zh_status", lambda: create_company(name_zh="公司")),
    ("company_founded_year_plausible", lambda: create_company(founded_year=1700)),
    ("company_founded_year_plausible", lambda: create_company(founded_year=2100)),
    ("tender_title_en_status", lambda: tender(title_en="A title", title_en_status="")),
    ("tender_title_en_status", lambda: tender(title_en_status="sourced")),
    ("tender_title_zh_status", lambda: tender(title_zh="标题")),
    ("tender_description_needs_title", lambda: tender(is_title_descriptive=True)),
    ("tender_year_plausible", lambda: tender(year=1900)),
    ("tender_year_plausible", lambda: tender(year=2100)),
    ("tender_has_certainty", lambda: tender(certainty="")),
    ("tender_official_number_printed", lambda: tender(official_number="详见附件")),
    ("tender_official_number_printed", lambda: tender(official_number="GZ 2019-001")),
    ("tender_notice_date_partial", lambda: tender(notice_date="June 2019")),
    ("tender_notice_date_partial", lambda: tender(notice_date="2019-6")),
    ("tender_notice_date_partial", lambda: tender(notice_date="2019-13")),
    ("tender_notice_date_partial", lambda: tender(notice_date="2019-02-30")),
    ("tender_notice_date_partial", lambda: tender(notice_date="2019-04-31")),
    ("tender_notice_date_partial", lambda: tender(notice_date="2019-06 ")),
    ("tender_budget_not_negative", lambda: tender(budget_amount=-1)),
    ("tender_category_has_basis", lambda: category_tender(category_basis="")),
    ("tender_category_has_basis", lambda: tender(category_basis="stated")),
    ("award_amount_has_qualifier", lambda: award(amount=1, amount_qualifier="")),
    ("award_amount_has_qualifier", lambda: award(amount=None, amount_qualifier="exact")),
    ("award_amount_has_qualifier", lambda: award(amount=-1)),
    ("award_number_from_1", lambda: award(number=0)),
    ("award_award_date_partial", lambda: award(award_date="soon")),
    ("award_contract_date_partial", lambda: award(contract_date="2019-1-1")),
    ("source_published_date_partial", lambda: create_source(published_date="yesterday")),
    ("source_seen_date_partial", lambda: create_source(seen_date="22 Nov")),
    ("source_url_web", lambda: create_source(url="javascript:alert(1)")),
    ("source_url_web", lambda: create_source(url="example.org")),
    ("source_archived_url_web", lambda: create_source(archived_url="data:text/html,https://example.org")),
    ("addresscheck_url_web", lambda: address_check(url="ftp://example.org")),
    ("addresscheck_moved_to_web", lambda: address_check(moved_to="javascript:alert(1)//https://")),
    ("source_not_version_of_itself", lambda: (one := create_source()) and Source.objects.update(version_of=one)),
    ("citation_has_value", lambda: citation(value="")),
    ("citation_has_one_target", lambda: Citation.objects.create(fact=Fact.YEAR, value="2019", source=create_source())),
    ("citation_has_one_target", lambda: citation(institution=create_institution())),
    ("citation_award_has_its_facts", lambda: citation(create_tender(), Fact.AWARD_AMOUNT, "1")),
    ("citation_award_has_its_facts", lambda: citation((one := create_tender()), award=create_award(one))),
    ("article_published_date_partial", lambda: create_article(published_date="Dec 2019")),
    ("article_from_date_partial", lambda: create_article(from_date="18")),
    ("article_slug_free", lambda: create_article("compare")),
    ("article_to_date_partial", lambda: create_article(to_date="2019-13")),
    ("inclusion_has_reason", lambda: inclusion("")),
    ("claim_about_one_record", lambda: claim(tender=create_tender(), company=create_company())),
    ("claim_about_one_record", lambda: claim(institution=create_institution(), company=create_company())),
    ("claim_about_one_record", lambda: claim(institution=create_institution(), tender=create_tender())),
    ("claim_printed_interval", lambda: printed_claim("", 3, not_checkable_reason="No figure.")),
    ("claim_printed_interval", lambda: printed_claim("exactly", 3)),
    ("claim_printed_interval", lambda: printed_claim("exactly", 3, 4)),
    ("claim_printed_interval", lambda: printed_claim("at-least", 3, 4)),
    ("claim_printed_interval", lambda: printed_claim("more-than")),
    ("claim_printed_interval", lambda: printed_claim("at-most", 3)),
    ("claim_printed_interval", lambda: printed_claim("between", 4, 3)),
    ("claim_printed_interval", lambda: printed_claim("about", None, 3)),
    ("claim_printed_interval", lambda: printed_claim("cut-off", 54)),
    ("claim_checkable_or_reason", lambda: claim(not_checkable_reason="")),
    ("claim_checkable_or_reason", lambda: claim("none", printed=9, not_checkable_reason="")),
    ("claim_sizes_are_counts", lambda: claim("share", printed=50, is_margin=True)),
    ("claim_sizes_are_counts", lambda: claim(is_set_size=True)),
    ("claim_set_size_or_margin", lambda: claim(printed=14, is_set_size=True, is_margin=True)),
    ("sourcefile_sha256", lambda: source_file(sha256="A" * 64)),
    ("noticeintake_sha256", lambda: notice_intake(sha256="A" * 64)),
    ("noticeintake_url_web", lambda: notice_intake(url="javascript:alert(1)")),
    ("sourcefile_publishable_with_reason", lambda: source_file(is_publishable=True)),
    ("sourcefile_publishable_with_reason", lambda: source_file(publishable_reason="It is official.")),
    (
        "sourcefile_publishable_with_reason",
        lambda: source_file(
            is_publishable=True, publishable_reason="So.", erased_at=timezone.now(), erasure_reason="So."
        ),
    ),
    ("report_corrected_by_change", lambda: report(state="corrected", answer="Done.", answered_at=timezone.now())),
    ("report_corrected_by_change", lambda: report(change=change())),
    ("report_settled_with_answer", lambda: report(state="declined", answered_at=timezone.now())),
    ("report_settled_with_answer", lambda: report(state="declined", answer="No.")),
    ("report_settled_with_answer", lambda: report(answered_at=timezone.now())),
    ("sourcefile_erased_with_reason", lambda: source_file(erased_at=timezone.now())),
    ("sourcefile_erased_with_reason", lambda: source_file(erasure_reason="A name stands in it.")),
    ("claim_not_reading_of_itself", lambda: (one := claim()) and Claim.objects.update(reading_of=one)),
]
CHECKS = {
    constraint.name
    for model in apps.get_app_config("tenders").get_models()
    for constraint in model._meta.constraints
    if isinstance(constraint, CheckConstraint)
}


def test_every_check_is_tested():
    assert {name for name, _make in REFUSED} == CHECKS


@pytest.mark.parametrize("make", ACCEPTED)
def test_accepted(make):
    make()


@pytest.mark.parametrize(("name", "make"), REFUSED)
def test_refused(name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


@pytest.mark.parametrize("create", [create_institution, create_company])
def test_a_credit_code_is_unique(create):
    create(credit_code=CODE)

    with pytest.raises(IntegrityError), transaction.atomic():
        create(credit_code=CODE)


def test_a_distinct_pair_is_unique():
    distinct_pair("I-000000", "I-000001")

    with pytest.raises(IntegrityError), transaction.atomic():
        distinct_pair("I-000000", "I-000001")


def test_a_tender_has_a_year():
    with pytest.raises(IntegrityError), transaction.atomic():
        tender(year=None)


def test_the_number_of_an_award_is_unique_within_its_tender():
    record = create_tender()
    create_award(record, number=1)
    create_award(record, number=2)

    with pytest.raises(IntegrityError), transaction.atomic():
        create_award(record, number=2)


def test_one_statement_of_a_fact_is_chosen_for_each_target():
    record = create_tender()
    first, second = create_award(record, number=1), create_award(record, number=2)
    create_citation(record, Fact.YEAR, "2018", is_chosen=True)
    create_citation(record, Fact.AWARD_AMOUNT, "1", award=first, is_chosen=True)
    create_citation(record, Fact.AWARD_AMOUNT, "1", award=second, is_chosen=True)
    create_citation(record, Fact.YEAR, "2019")

    with pytest.raises(IntegrityError), transaction.atomic():
        create_citation(record, Fact.YEAR, "2019", is_chosen=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        create_citation(record, Fact.AWARD_AMOUNT, "2", award=first, is_chosen=True)
    for party in (create_institution(), create_company()):
        create_citation(party, Fact.REGION, "CN-BJ", is_chosen=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            create_citation(party, Fact.REGION, "CN-GD", is_chosen=True)


@pytest.mark.parametrize("create", [create_tender, create_institution, create_company])
def test_a_citation_is_unique(create):
    record, source = create(), create_source()
    create_citation(record, Fact.REGION, "CN-SX", source=source)
    create_citation(record, Fact.REGION, "CN-SN", source=source)

    with pytest.raises(IntegrityError), transaction.atomic():
        create_citation(record, Fact.REGION, "CN-SN", source=source)


def test_a_citation_of_an_award_is_unique():
    record, source = create_tender(), create_source()
    award = create_award(record)
    create_citation(record, Fact.AWARD_AMOUNT, "1", award=award, source=source)

    with pytest.raises(IntegrityError), transaction.atomic():
        create_citation(record, Fact.AWARD_AMOUNT, "1", award=award, source=source)


def test_a_company_is_unique_within_an_award():
    company = create_company()
    award = create_award(create_tender(), company)

    with pytest.raises(IntegrityError), transaction.atomic():
        award.suppliers.through.objects.create(award=award, company=company)


def test_the_classification_has_three_levels_and_no_circles():
    top = create_category("application")
    middle = create_category("government", parent=top)
    leaf = create_category("judicial", parent=middle)

    leaf.full_clean()
    with pytest.raises(ValidationError, match="three levels"):
        create_category("courts", parent=leaf).full_clean()
    top.parent = create_category("everything")
    with pytest.raises(ValidationError, match="three levels"):
        top.full_clean()
    top.parent = leaf
    with pytest.raises(ValidationError, match="contain themselves"):
        top.full_clean()


def test_referenced_records_are_not_deleted():
    region = create_region()
    institution, company = create_institution(region=region), create_company()
    category = create_category("judicial")
    record = create_tender(buyer=institution, category=category, category_basis="stated")
    create_award(record, company)
    source = create_source()
    create_citation(record, Fact.YEAR, "2019", source=source)

    for needed in (region, institution, company, category, source):
        with pytest.raises(ProtectedError):
            needed.delete()
        with pytest.raises(ProtectedError):
            type(needed).objects.filter(pk=needed.pk).delete()


def test_deleting_a_tender_deletes_its_awards_and_citations():
    record = create_tender()
    create_citation(record, Fact.AWARD_AMOUNT, "1", award=create_award(record, create_company()))

    record.delete()

    assert not Citation.objects.exists()
    assert Company.objects.count() == 1
    assert Source.objects.count() == 1


def test_violated_constraints_have_messages_for_editors():
    with pytest.raises(ValidationError) as caught:
        Tender(year=2019, certainty="high", title_en="A title").full_clean()

    assert "Enter a name or title together with its basis, or neither." in caught.value.messages


def test_every_violated_check_has_its_message_but_for_those_of_excluded_fields():
    wrong = tender(notice_date="2019")
    wrong.notice_date, wrong.budget_amount, wrong.certainty = "June", -1, ""

    with pytest.raises(ValidationError) as caught:
        wrong.validate_constraints(exclude={"certainty"})

    assert sorted(caught.value.messages) == [
        "Enter a budget that isn’t negative.",
        "Write the date of notice as 2019, 2019-06 or 2019-06-19.",
    ]
    wrong.validate_constraints(exclude={"certainty", "notice_date", "budget_amount"})


def test_checks_that_hold_are_validated_in_one_statement(django_assert_num_queries):
    right = tender(notice_date="2019", budget_amount=3)

    with django_assert_num_queries(3):  # with the savepoint around it
        right.validate_constraints()
    right.budget_amount = -1
    with pytest.raises(ValidationError, match="Enter a budget that isn’t negative"):
        right.validate_constraints()


def test_a_fixture_with_a_script_for_an_address_is_refused(tmp_path):
    fixture = tmp_path / "sources.json"
    fields = {"slug": "a-script", "kind": "news", "title": "A script", "url": "javascript:alert(1)"}
    fixture.write_text(json.dumps([{"model": "tenders.source", "fields": fields}]))

    with pytest.raises(IntegrityError, match="source_url_web"):
        call_command("loaddata", fixture, verbosity=0)

    assert not Source.objects.filter(slug="a-script").exists()


def test_a_form_refuses_an_address_that_is_none_of_the_web(admin_client):
    form = {"slug": "a-notice", "kind": "news", "title": "A notice", "url": "ftp://example.org/notice"}

    response = admin_client.post(reverse("admin:tenders_source_add"), form)

    assert "begins with http:// or https://" in response.text
    assert not Source.objects.filter(slug="a-notice").exists()
