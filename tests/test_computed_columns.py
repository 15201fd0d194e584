"""Cells of columns that are not imported: one that says something new is refused, and told where to change it."""

import pytest

from tenders.exports.columns import TENDERS
from tenders.imports.columns import ATTRIBUTES, COMPUTED, IMPORTED
from tests.factories import (
    create_award,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)
from tests.test_imports import NEW, csv_of, download, problems_of, rows_of, xlsx_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(client):
    """The download of a tender of which all is known."""
    region, other = create_region("CN-BJ"), create_region("CN-GD")
    buyer = create_institution(name_en="Some Bureau", name_zh="某局", name_zh_status="sourced", aliases_en="The Bureau")
    tender = create_tender(title_en="A platform", buyer=buyer, region=region)
    create_award(tender, create_company(name_en="One"), create_company(name_en="Two", region=other), amount=100)
    create_award(tender, create_company(name_en="Three", region=region), number=2, amount="0.5")
    (row,) = rows_of(download(client))
    return row


def columns_refused(row, make=csv_of):
    return {problem.column: problem.message for problem in problems_of(make(row), create_source())}


def test_every_exported_column_is_imported_or_checked():
    assert {column.name for column in TENDERS} == IMPORTED | set(COMPUTED)
    assert IMPORTED.isdisjoint(COMPUTED)


@pytest.mark.parametrize("column", sorted(COMPUTED))
def test_a_change_of_a_column_that_is_not_imported_is_refused_with_the_place(row, column):
    changed = {"award_amount": "999", "same_region": "no", "disputed": "yes", "company_seats": "CN-GD; CN-GD"}

    refused = columns_refused(row | {column: changed.get(column, "TW-000000 Something else")})

    assert set(refused) == {column}
    assert all(other in refused[column] for other in COMPUTED[column].follows_from)


@pytest.mark.parametrize("column", sorted(COMPUTED))
def test_an_empty_cell_of_such_a_column_says_nothing(row, column):
    assert columns_refused(row | {column: ""}) == columns_refused(row | {column: "unknown"}) == {}


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_a_cell_may_follow_from_what_its_row_changes(row, make):
    new = row | {"region": "CN-GD", "award_amounts": "200 | 0.5"}

    assert columns_refused(new, make) == {}  # it still repeats the record
    assert columns_refused(new | {"region_name_en": "Region CN-GD", "award_amount": "200.50"}, make) == {}
    assert set(columns_refused(new | {"region_name_en": "Beijing", "award_amount": "300"}, make)) == {
        "region_name_en",
        "award_amount",
    }


def test_the_form_of_a_repeated_cell_is_of_no_account(row):
    same = {"region_name_en": " region  cn-bj", "award_amount": "100.50元", "same_region": "是"}
    reordered = {"companies": "; ".join(reversed(row["companies"].split("; "))).lower()}

    assert columns_refused(row | same | reordered | {"institution_name_en": "The Bureau"}) == {}


def test_a_region_by_its_name_alone_is_refused():
    create_region("CN-BJ", name_zh="北京")

    assert columns_refused(NEW | {"region_name_zh": "北京"}) == {
        "region_name_zh": "Change this in region, from which it follows (Chinese name of the region)."
    }
    assert columns_refused(NEW | {"region_name_zh": "北京", "region": "CN-BJ"}) == {}


def test_no_column_is_refused_twice(row):
    assert set(columns_refused(row | {"region": "CN-QQ", "region_name_en": "Elsewhere"})) == {"region"}
    assert ATTRIBUTES.keys() & COMPUTED.keys() == set()
