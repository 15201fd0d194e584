"""The empty workbook for new tenders: it explains itself, and is imported when it is filled in."""

import io

import openpyxl
import pytest

from tenders.imports.columns import TEMPLATE
from tenders.imports.template import write_template
from tenders.models import Award, Source, Tender
from tests.factories import create_category, create_region
from tests.test_imports import imported, problems_of

pytestmark = pytest.mark.django_db

FILLED = {
    "year": "2019",
    "title_zh": "某区块链平台",
    "title_zh_status": "sourced",
    "official_number": "ZFCG2019-001",
    "institution": "某市某局",
    "region": "北京",
    "notice_date": "2019-10",
    "status": "中标",
    "certainty": "high",
    "award_companies": "甲公司; 乙公司 | 丙公司",
    "award_amounts": "899.5万元 | 100",
    "award_amount_qualifiers": "exact | exact",
    "award_company_seats": "CN-BJ; | unknown",
    "source_address": "https://example.org/1",
    "source_title": "某公告",
    "source_kind": "award-notice",
}


@pytest.fixture
def workbook():
    create_region("CN-BJ", name_zh="北京")
    create_category("finance")
    return openpyxl.load_workbook(io.BytesIO(b"".join(write_template())))


def test_a_filled_template_is_imported(workbook):
    sheet = workbook["tenders"]
    for cell in sheet[1]:
        sheet.cell(2, cell.column, FILLED.get(cell.value))
    file = io.BytesIO()
    workbook.save(file)

    assert problems_of(file.getvalue()) == []
    imported(file.getvalue())

    tender = Tender.objects.get()
    assert (tender.official_number, tender.notice_date, tender.status) == ("ZFCG2019-001", "2019-10", "complete")
    assert Award.objects.count() == 2
    assert Source.objects.filter(url="https://example.org/1").exists()


def test_all_columns_of_the_template_are_text_and_none_has_data(workbook):
    sheet = workbook["tenders"]

    assert [cell.value for cell in sheet[1]] == [column.name for column in TEMPLATE]
    assert {sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]} == {"@"}
    assert sheet.max_row == 1


def test_codes_are_offered(workbook):
    sheet, codes = workbook["tenders"], workbook["codes"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    offered = {str(one.sqref).partition("2:")[0]: one.formula1 for one in sheet.data_validations.dataValidation}

    for name, first in (
        ("region", "CN-BJ"),
        ("category", "finance"),
        ("status", "planning"),
        ("source_kind", "official-notice"),
    ):
        letter = letters[name]
        assert offered[letter].startswith(f"codes!${letter}$1:")
        assert codes[f"{letter}1"].value == first
    assert letters["title_zh"] not in offered
    assert codes.sheet_state == "hidden"


def test_each_column_is_explained_in_both_languages(workbook):
    header, *rows = workbook["columns"].iter_rows(values_only=True)

    assert [row[0] for row in rows] == [column.name for column in TEMPLATE]
    assert all(len(row) == len(header) and all(row[:3]) for row in rows)
