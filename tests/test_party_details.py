"""What a row tells of an organisation beside its name: set for a new one, compared with that of an existing one."""

import pytest
from django.core.management import call_command

from tenders.choices import Fact
from tenders.models import Citation, Company, Institution
from tests.factories import create_company, create_region, create_source
from tests.test_imports import NEW, csv_of, imported, problems_of

pytestmark = pytest.mark.django_db

CODE, OTHER_CODE = "91350100M000100Y43", "91110000600037341L"
NAMED = {"name_en": "", "name_zh_status": "sourced"}


@pytest.fixture(autouse=True)
def regions():
    for code in ("CN-BJ", "CN-FJ"):
        create_region(code)


def test_a_new_institution_has_its_code_kind_and_seat_cited():
    row = {"institution": "某市某局", "institution_credit_code": CODE.lower(), "institution_seat": "CN-FJ"}

    imported(csv_of(NEW | row | {"institution_kind": "Government department"}), create_source(language="zh"))

    buyer = Institution.objects.get()
    assert (buyer.credit_code, buyer.region.code, buyer.kind) == (CODE, "CN-FJ", "government-department")
    assert set(Citation.objects.filter(institution=buyer).values_list("fact", flat=True)) == {
        *(Fact.NAME_ZH, Fact.CREDIT_CODE, Fact.REGION, Fact.KIND)
    }
    call_command("check_data")


def test_companies_have_theirs_by_their_places():
    row = {
        "award_companies": "甲公司; 乙公司 | 丙公司",
        "award_company_credit_codes": f"{CODE}; | {OTHER_CODE}",
        "award_company_seats": "CN-FJ; unknown |",
    }

    imported(csv_of(NEW | row))

    assert {company.name_zh: (company.credit_code, company.region) for company in Company.objects.all()} == {
        "甲公司": (CODE, create_region("CN-FJ")),
        "乙公司": ("", None),
        "丙公司": (OTHER_CODE, None),
    }


def test_a_later_row_completes_a_new_company_or_agrees_with_it():
    first = NEW | {"award_companies": "甲公司"}
    second = first | {"year": "2018", "award_company_seats": "CN-FJ"}

    (problem,) = problems_of(csv_of(first, second, second | {"year": "2017", "award_company_seats": "CN-BJ"}))
    imported(csv_of(first, second))

    assert "CN-FJ, not CN-BJ" in problem.message
    assert Company.objects.get().region.code == "CN-FJ"


def test_what_differs_from_an_existing_organisation_is_refused_with_the_place():
    company = create_company(name_zh="甲公司", credit_code=CODE, **NAMED)
    row = NEW | {"award_companies": "甲公司", "award_company_credit_codes": CODE}

    (differs,) = problems_of(csv_of(row | {"award_company_credit_codes": OTHER_CODE}))
    (adds,) = problems_of(csv_of(row | {"award_company_seats": "CN-FJ"}))

    assert problems_of(csv_of(row)) == []
    for problem, words in ((differs, f"{CODE}, not {OTHER_CODE}"), (adds, "unknown, not CN-FJ")):
        assert words in problem.message
        assert f"Change it in the form of {company.reference}" in problem.message


@pytest.mark.parametrize("cells", [{"award_company_credit_codes": OTHER_CODE}, {"award_company_seats": "CN-BJ"}])
def test_of_two_companies_with_one_name_the_code_or_the_seat_decides(cells):
    create_company(name_zh="同名公司", credit_code=CODE, region=create_region("CN-FJ"), **NAMED)
    meant = create_company(name_zh="同名公司", credit_code=OTHER_CODE, region=create_region("CN-BJ"), **NAMED)
    row = NEW | {"award_companies": "同名公司"}

    (problem,) = problems_of(csv_of(row))
    imported(csv_of(row | cells))

    assert "credit code or region" in problem.message
    assert list(meant.awards.values_list("number", flat=True)) == [1]


def test_the_code_of_another_organisation_is_refused():
    taken = create_company(name_zh="甲公司", credit_code=CODE, **NAMED)
    row = NEW | {"award_companies": "乙公司", "award_company_credit_codes": CODE}

    (problem,) = problems_of(csv_of(row))

    assert taken.reference in problem.message


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"award_company_credit_codes": CODE[:-1] + "0"}, "award_companies"),
        ({"award_companies": "甲公司; 乙公司", "award_company_seats": "CN-FJ"}, "award_company_seats"),
        ({"award_company_kinds": "tree"}, "award_company_kinds"),
        ({"institution_seat": "CN-FJ"}, "institution"),
    ],
)
def test_details_that_cannot_be_read_are_refused(cells, column):
    assert {problem.column for problem in problems_of(csv_of(NEW | {"award_companies": "甲公司"} | cells))} == {column}


def test_the_seats_of_a_download_are_those_of_new_companies():
    company = dict.fromkeys(["award_companies", "companies"], "C-9TR6WB") | {"company_names_zh": "甲公司"}

    imported(csv_of(NEW | company | {"company_seats": "CN-FJ"}))

    assert Company.objects.get().region.code == "CN-FJ"


@pytest.mark.parametrize("companies", ["甲公司; unknown", "甲公司;", "; 乙公司", "甲公司 | unknown; 乙公司"])
def test_a_company_without_a_name_among_others_is_refused(companies):
    (problem,) = problems_of(csv_of(NEW | {"award_companies": companies}))

    assert problem.column == "award_companies"
    assert "Name each company" in problem.message
