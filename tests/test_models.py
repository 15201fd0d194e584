from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.choices import Fact, SourceKind
from tenders.kinds import Money, canonical
from tenders.models import Award, AwardSupplier, Citation, Claim, Tender
from tenders.models.sources import ATTRIBUTES_BY_FACT
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

amounts = st.none() | st.decimals(0, 10**12, places=2)


def test_a_reference_is_set_at_the_first_save_and_does_not_change(db):
    tender = create_tender()
    reference = tender.reference

    tender.year = 2018
    tender.save()

    assert reference.startswith("TW-")
    assert Tender.objects.get(reference=reference).year == 2018


def test_a_reference_is_unique(db, monkeypatch):
    taken = create_tender().reference
    offers = iter([taken, taken, "TW-ZZZZZZ"])
    monkeypatch.setattr("tenders.models.records.new_reference", lambda prefix: next(offers))

    assert create_tender().reference == "TW-ZZZZZZ"


@given(st.lists(amounts, max_size=3))
@settings(max_examples=25)
def test_awarded_amount_is_the_sum_if_all_awards_are_known(db, stated):
    tender = create_tender()
    for number, amount in enumerate(stated, start=1):
        create_award(tender, number=number, amount=amount)

    found = Tender.objects.with_figures().get(pk=tender.pk).award_amount

    expected = sum(stated, Decimal(0)) if stated and None not in stated else None
    assert (found is None) == (expected is None)
    assert found == expected


def test_a_fact_is_disputed_when_two_statements_differ(db):
    agreed, disputed, worded = create_tender(), create_tender(), create_tender()
    for value in ("2019", "2019"):
        create_citation(agreed, Fact.YEAR, value)
    for value in ("2018", "2019"):
        create_citation(disputed, Fact.YEAR, value)
    for value in ("One title", "Another title"):
        create_citation(worded, Fact.TITLE_EN, value)

    found = Tender.objects.with_figures().filter(is_disputed=True)

    assert list(found) == [disputed]


def test_different_values_of_two_awards_are_no_dispute(db):
    tender = create_tender()
    for number, value in ((1, "100"), (2, "200")):
        create_citation(tender, Fact.AWARD_AMOUNT, value, award=create_award(tender, number=number))

    assert not Tender.objects.with_figures().get().is_disputed


def test_canonical_forms(db):
    region, category = create_region("CN-GD"), create_category("judicial")
    companies = sorted([create_company(), create_company()], key=lambda company: company.reference)
    tender = create_tender(
        region=region,
        category=category,
        category_basis="stated",
        budget_amount=Decimal("900000.50"),
        is_main_subject=False,
    )
    award = create_award(tender, *companies, amount=Decimal("8595000.00"))

    assert tender.canonical(Fact.REGION) == "CN-GD"
    assert tender.canonical(Fact.CATEGORY) == "judicial"
    assert tender.canonical(Fact.BUDGET) == "900000.5"
    assert tender.canonical(Fact.IS_MAIN_SUBJECT) == "no"
    assert tender.canonical(Fact.INSTITUTION) == ""
    assert award.canonical(Fact.AWARD_AMOUNT) == "8595000"
    assert award.canonical(Fact.SUPPLIER) == "|".join(company.reference for company in companies)
    assert award.canonical(Fact.IS_JOINT) == "yes"


@given(st.decimals(0, 10**12, places=2))
def test_the_canonical_form_of_an_amount_is_valid(amount):
    Money().validate(canonical(amount))
    Money().validate(">" + canonical(amount))

    assert Decimal(canonical(amount)) == amount


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (Fact.AWARD_AMOUNT, "8,595,000"),
        (Fact.AWARD_AMOUNT, "8595000.00"),
        (Fact.AWARD_AMOUNT, "NaN"),
        (Fact.AWARD_AMOUNT, "-1"),
        (Fact.NOTICE_DATE, "July 2018"),
        (Fact.YEAR, "19"),
        (Fact.REGION, "Beijing"),
        (Fact.IS_MAIN_SUBJECT, "true"),
        (Fact.INSTITUTION, "Tsinghua University"),
        (Fact.SUPPLIER, "C-1"),
        (Fact.SUPPLIER, "C-9TR6WB|C-4ZV366"),
        (Fact.SUPPLIER, "C-4ZV366|C-4ZV366"),
        (Fact.CATEGORY, "Housing provident fund"),
        (Fact.EXISTENCE, "perhaps"),
        (Fact.STATUS, "done"),
        (Fact.CREDIT_CODE, "123"),
    ],
)
def test_a_value_that_is_not_canonical_is_refused(fact, value):
    with pytest.raises(ValidationError):
        ATTRIBUTES_BY_FACT[fact][0].kind.validate(value)


def test_the_award_of_a_citation_belongs_to_its_tender(db):
    tender, other = create_tender(), create_tender()
    citation = create_citation(tender, Fact.AWARD_AMOUNT, "1", award=create_award(tender))
    citation.award = create_award(other)

    with pytest.raises(ValidationError, match="an award of this tender"):
        citation.full_clean()


@pytest.mark.parametrize(
    ("stated", "source", "message"),
    [
        ("Beijing", {"kind": SourceKind.COMMON_KNOWLEDGE}, "isn’t a document"),
        ("Beijing", {"kind": SourceKind.EDITORS_TRANSLATION}, "isn’t a document"),
        ("Beijing", {"language": "zh"}, "own Chinese words"),
        ("cn-bj", {"language": "en"}, "our own word"),
    ],
)
def test_what_is_stated_must_be_a_quotation(db, stated, source, message):
    create_region("CN-BJ")
    citation = create_citation(create_tender(), Fact.REGION, "CN-BJ", source=create_source(**source), stated=stated)

    with pytest.raises(ValidationError, match=message) as error:
        citation.full_clean()

    assert list(error.value.message_dict) == ["stated"]


def test_natural_keys_find_their_record(article_data):
    models = [model for model in apps.get_app_config("tenders").get_models() if hasattr(model, "natural_key")]
    records = [record for model in models if (record := model.objects.order_by("pk").last())]

    assert {Tender, Award, AwardSupplier, Citation, Claim} <= {type(record) for record in records}
    for record in records:
        assert type(record).objects.get_by_natural_key(*record.natural_key()) == record


def test_names_are_in_the_active_language(db):
    both = create_institution(name_en="Tsinghua University", name_zh="清华大学", name_zh_status="sourced")
    english = create_institution(name_en="Light Load")

    assert str(both) == "Tsinghua University"
    with override("zh-hans"):
        assert str(both) == "清华大学"
        assert str(english) == "Light Load"
