"""The import: the way back from the downloads, what it refuses and in which words, and that it is all or nothing."""

import csv
import datetime
import io
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings as site
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions, integrity
from tenders.choices import Cause, Certainty, EditorialState, Fact, SourceKind
from tenders.claims.verdict_history import record_verdict_changes
from tenders.exports.cells import cell_text
from tenders.imports import cells, columns
from tenders.imports.classifying import RowStatus
from tenders.imports.loading import ImportRejected, PlanChanged, load
from tenders.imports.plans import Planner
from tenders.imports.readers import Unreadable, open_table
from tenders.kinds import Money, PartialDate
from tenders.merging import merge
from tenders.models import (
    Award,
    AwardSupplier,
    Change,
    Citation,
    Company,
    DatasetVersion,
    Institution,
    RedirectedReference,
    Region,
    Tender,
)
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

LONG_TEXTS = {"notes", "notes_zh", "award_notes", "award_notes_zh"}  # columns without a limit
NEW = {"year": "2019", "certainty": "high", "title_zh": "某区块链平台", "title_zh_status": "sourced"}


def csv_of(*rows, encoding="utf-8-sig"):
    """Return a file of rows that need not have the same columns."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(*rows):
    workbook = openpyxl.Workbook()
    names = list(dict.fromkeys(name for row in rows for name in row))
    workbook.active.append(names)
    for row in rows:
        workbook.active.append([row.get(name) for name in names])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def planned(data, source=None):
    """Return the planner, the plan and the rows of a file."""
    planner, rows = Planner(open_table(io.BytesIO(data)), source), []
    return planner, planner.check(rows.append), rows


def imported(data, source=None, accepted_duplicates=(), reason=None):
    planner, plan, _rows = planned(data, source)
    return load(planner, plan, accepted_duplicates=accepted_duplicates, reason=reason)


def download(client, form="csv"):
    return client.get(f"/tenders.{form}").getvalue()


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def problems_of(data, source=None):
    _planner, plan, rows = planned(data, source)
    return [*plan.problems, *(problem for row in rows for problem in row.problems)]


def everything():
    """Return all rows of all records, but for their history."""
    models = [Tender, Institution, Company, Award, AwardSupplier, Citation]
    models += [Tender.suggested_categories.through, Tender.possibly_same_as.through]
    return {model.__name__: {row["id"]: row for row in model._base_manager.values()} for model in models}


# In and out are inverse


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_downloaded_is_the_same_again(client, tender_data, form):
    _planner, plan, _rows = planned(download(client, form))

    assert plan.counts == {RowStatus.SAME: Tender.objects.count()}
    assert plan.problems == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_importing_a_download_writes_nothing(client, tender_data, form):
    before, version = everything(), DatasetVersion.current()

    loaded = imported(download(client, form), create_source())

    assert (loaded.num_new, loaded.num_changed) == (0, 0)
    assert everything() == before
    assert not Change.objects.filter(kind="imported").exists()
    assert version


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_download_fills_an_empty_database_with_the_same(client, tender_data, form):
    data, before = download(client, form), rows_of(download(client))
    for model in (Citation, Tender, Company, Institution):
        model.objects.all().delete()

    loaded = imported(data, create_source())
    states = set(Tender.objects.values_list("state", flat=True))
    for tender in Tender.objects.all():
        actions.publish(tender)

    after = {row["reference"]: row for row in rows_of(download(client))}
    assert loaded.num_new == len(before)
    assert states == {EditorialState.DRAFT}
    # Whether sources disagree is known by citations, which no download holds, a seat by the company's own record.
    elsewhere = dict.fromkeys(["disputed", "company_seats", "same_region"], "")
    for row in before:
        assert after[row["reference"]] | elsewhere == row | elsewhere


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_importing_new_rows_twice_adds_them_once(db, make):
    data = make(
        {**NEW, "institution_name_zh": "某市大数据局", "award_companies": "甲公司; 乙公司", "award_amounts": "1万元"}
        | {"award_amount_qualifiers": "exact"},
        {"year": "2018", "certainty": "low", "institution_name_zh": "某市大数据局"},
    )

    imported(data)
    before = everything()
    again = imported(data)

    assert (again.num_new, again.num_changed) == (0, 0)
    assert everything() == before
    assert (Tender.objects.count(), Institution.objects.count(), Company.objects.count()) == (2, 1, 2)


# One cell is one fact


def values_of(column, row):
    """Return texts that a cell may be changed to."""
    amounts = st.decimals(0, 10**9, places=2).map(str)
    texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
    dates = st.dates().map(str)
    codes = {
        "region": Region.objects.values_list("code", flat=True),
        "institution": Institution.objects.values_list("reference", flat=True),
        "certainty": Certainty.values,
        "status": ["planned", "active", "complete", "unknown"],
        "method": ["open", "direct", "unknown"],
        "main_subject": ["yes", "no", "unknown"],
        "year": ["2016", "2020"],
    }
    num_awards = row["award_numbers"].count("|") + 1
    strategies = {
        "notes": texts.map(cell_text),
        "city": texts.map(cell_text) | st.just("unknown"),
        "notice_date": dates.map(lambda day: day[:7]) | st.just("unknown"),
        "budget_amount": amounts | st.just("unknown"),
        "award_dates": st.lists(dates, min_size=num_awards, max_size=num_awards).map(" | ".join),
        "award_statuses": st.lists(
            st.sampled_from(["active", "unknown"]), min_size=num_awards, max_size=num_awards
        ).map(" | ".join),
    }
    return strategies[column] if column in strategies else st.sampled_from(sorted(codes[column]))


CHANGED = ["notes", "city", "notice_date", "budget_amount", "region", "institution", "certainty", "status", "method"]
CHANGED += ["main_subject", "year", "award_dates", "award_statuses"]
ATTRIBUTES = {
    **{column: columns.OF_TENDER[column].name for column in CHANGED if column in columns.OF_TENDER},
    **{column: columns.OF_AWARD[column].name for column in CHANGED if column in columns.OF_AWARD},
}
OWN = {"search_text", "pinyin_text", "sort_en", "sort_zh"}


@given(data=st.data())
@settings(max_examples=12)
def test_changed_cells_change_those_facts_and_nothing_else(client, tender_data, data):
    rows = rows_of(download(client))
    places = st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(CHANGED))
    wanted = set()
    for place, column in data.draw(st.lists(places, min_size=1, max_size=5, unique=True)):
        row = rows[place]
        if column.startswith("award") and not row["award_numbers"]:
            continue
        text = data.draw(values_of(column, row))
        if text != row[column]:
            row[column] = text
            wanted.add((row["reference"], column))
    with transaction.atomic():
        before = everything()
        loaded = imported(csv_of(*rows), create_source())
        after = everything()
        references = dict(Tender.objects.values_list("pk", "reference"))
        problems = [text for text in integrity.find_problems() if "cited" in text or "citation we use" in text]
        # What was downloaded of other columns, before there was a history, is not what follows from the record now.
        imported_columns = [{name: row[name] for name in row if name not in columns.COMPUTED} for row in rows]
        again = imported(csv_of(*imported_columns))
        transaction.set_rollback(True)

    changed = {
        (references[row.get("tender_id") or row["id"]], name)
        for model in ("Tender", "Award")
        for pk, row in after[model].items()
        for name, value in row.items()
        if value != before[model][pk][name] and name not in OWN
    }
    assert changed == {(reference, attribute(column)) for reference, column in wanted}
    assert loaded.num_changed == len({reference for reference, _column in wanted})
    assert again.num_changed == 0
    assert problems == []
    for model in set(after) - {"Tender", "Award", "Citation"}:
        assert after[model] == before[model]
    for pk, row in before["Citation"].items():
        assert after["Citation"][pk] | {"is_chosen": None} == row | {"is_chosen": None}


def attribute(column):
    return {"buyer": "buyer_id", "region": "region_id"}.get(ATTRIBUTES[column], ATTRIBUTES[column])


# Files


@pytest.mark.parametrize(
    ("encoding", "form"),
    [("utf-8", "CSV, UTF-8"), ("utf-8-sig", "CSV, UTF-8"), ("gb18030", "CSV, GB18030"), ("gbk", "CSV, GB18030")],
)
def test_encodings_of_office_programs_are_read(db, encoding, form):
    table = open_table(io.BytesIO(csv_of(NEW, encoding=encoding)))

    assert table.form == form
    assert next(table.rows()) == (2, NEW)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_stands_between_cells_is_found_out(delimiter):
    data = delimiter.join(["year", "notes"]) + "\n" + delimiter.join(["2019", '"a, b; c"']) + "\n"

    assert list(open_table(io.BytesIO(data.encode())).rows()) == [(2, {"year": "2019", "notes": "a, b; c"})]


def xlsx_with(**members):
    """Return a workbook with some more parts."""
    file = io.BytesIO(xlsx_of(NEW))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def damaged_xlsx():
    return xlsx_of(NEW)[:-200]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (csv_of(NEW).decode("utf-8-sig").encode("utf-16-le"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format"),
        (b"year\n\xff\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (b"", "in the first row; it is empty"),
        (b"\n2019", "in the first row; it is empty"),
        (damaged_xlsx(), "damaged"),
        (b"PK\x03\x04nothing", "damaged"),
        (b'year\n"' + b"1" * 200_000, "can’t be read as CSV"),
        (b",".join([b"year"] * 201) + b"\n2019", "the file has 201, the limit is 200"),
        (xlsx_with(**{"xl/sharedStrings.xml": b" " * 20_000_001}), "too large: at most 500 MB, of which texts 20 MB"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(data, words):
    with pytest.raises(Unreadable, match=words):
        list(open_table(io.BytesIO(data)).rows())


def test_of_the_cells_beyond_the_header_the_first_is_reported(db):
    data = b"year\n2019" + b",x" * 100_000 + b"\n2020,,y,z"

    (first, second) = open_table(io.BytesIO(data)).rows()

    assert first == (2, {"year": "2019", "column B": "x"})
    assert second == (3, {"year": "2020", "column C": "y"})


def test_a_workbook_may_hold_numbers_dates_and_flags(db):
    row = {**NEW, "year": 2019, "budget_amount": 1234567.5, "main_subject": True}
    row["notice_date"] = datetime.date(2019, 6, 19)

    imported(xlsx_of(row))

    tender = Tender.objects.get()
    assert (tender.year, tender.budget_amount, tender.is_main_subject) == (2019, Decimal("1234567.50"), True)
    assert tender.notice_date == "2019-06-19"


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
@pytest.mark.parametrize("column", ["budget_amount", "notes", "institution_name_en", "award_companies", "award_notes"])
def test_formulas_are_refused(db, make, column):
    (problem,) = [one for one in problems_of(make({**NEW, column: "=1+1"})) if one.value == "=1+1"]

    assert problem.column == column
    assert "formula" in problem.message


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", " =1", "@SUM(A1)", "+1+1", "-2+3", "-"])
def test_csv_is_refused_what_a_spreadsheet_would_compute_unless_an_apostrophe_stands_before_it(db, text):
    (problem,) = problems_of(csv_of({**NEW, "notes": text}))

    assert (problem.column, problem.value) == ("notes", text)
    assert problems_of(csv_of({**NEW, "notes": f"'{text}"})) == []
    assert problems_of(csv_of({**NEW, "notes": "-12.5"})) == []


# Cells


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("8995000", "8995000"),
        ("8,995,000.50", "8995000.50"),
        ("899.5万元", "8995000"),
        ("８９９．５万", "8995000"),
        ("0.5亿元", "50000000"),
        ("￥1，000", "1000"),
        ("人民币 12 元整", "12"),
        ("0", "0"),
    ],
)
def test_amounts_are_read_as_people_write_them(text, yuan):
    assert Money().parse(text) == Decimal(yuan)


@pytest.mark.parametrize("text", ["-1", "约300万", "1,00", "1.234", "9" * 400, "1e5", "10000000000000", "NaN", "\0"])
def test_what_is_no_amount_of_yuan_is_refused(text):
    with pytest.raises(ValidationError):
        Money().parse(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [("2019/6/9", "2019-06-09"), ("2019年6月", "2019-06"), ("２０１９", "2019"), ("2019.10.25", "2019-10-25")],
)
def test_dates_are_read_as_people_write_them(text, date):
    assert PartialDate().parse(text) == date


@given(st.lists(st.text(st.sampled_from("ab;| "), max_size=4).map(str.strip), max_size=4))
def test_what_separates_values_may_stand_in_them(values):
    for separator in ("; ", " | "):
        text = cell_text(values, (separator,))
        assert cells.split(text, separator.strip()) == (values if text.strip() else [])


def test_how_a_cell_was_read_is_reported_where_it_was_not_written_so(db):
    _planner, _plan, (row,) = planned(csv_of({**NEW, "year": "２０１９", "budget_amount": "30万元"}))

    assert [(reading.column, reading.written, reading.read) for reading in row.parsed.readings] == [
        ("year", "２０１９", "2019"),
        ("budget_amount", "30万元", "300000"),
    ]


@given(
    st.dictionaries(
        st.sampled_from(sorted(columns.IMPORTED)), st.text(st.characters(codec="utf-8"), max_size=30), min_size=1
    )
)
@settings(max_examples=60)
def test_whatever_stands_in_the_cells_is_answered_in_words(db, cells_):
    with transaction.atomic():
        with suppress(ValidationError):
            imported(csv_of(NEW | cells_), create_source())
        transaction.set_rollback(True)


@pytest.mark.parametrize("text", ["\0", "a\0b", "9" * 33_000, "字" * 33_000, "\x01", "TW-000000\0"])
@pytest.mark.parametrize("column", sorted(columns.IMPORTED - LONG_TEXTS))
def test_nonsense_in_a_cell_is_an_error_of_that_cell(db, column, text):
    assert column in {problem.column for problem in problems_of(csv_of({**NEW, column: text}))}


# Errors


def test_all_errors_are_reported_at_once_with_row_column_value_and_what_would_be_right(db):
    create_region("CN-BJ")
    good = [{**NEW, "title_zh": f"第{number}个区块链项目"} for number in range(1, 31)]
    good[3]["budget_amount"] = "about 3"
    good[7]["region"] = "CN-BB"
    good[11]["year"] = "19"
    good[12]["certainty"] = ""
    good[20]["notice_date"] = "2019-02-30"
    good[28]["institution"] = "I-000000"

    problems = []
    _planner, plan, rows = planned(csv_of(*good))
    for row in rows:
        problems += [(row.number, problem.column, problem.value) for problem in row.problems]

    assert problems == [
        (5, "budget_amount", "about 3"),
        (9, "region", "CN-BB"),
        (13, "year", "19"),
        (14, "certainty", ""),
        (22, "notice_date", "2019-02-30"),
        (30, "institution", "I-000000"),
    ]
    assert plan.is_wrong
    with pytest.raises(ImportRejected):
        imported(csv_of(*good))
    assert not Tender.objects.exists()


def test_a_misspelt_column_is_an_error_with_the_right_name(db):
    (problem,) = problems_of(csv_of({**NEW, "regoin": "CN-BJ"}))[:1]

    assert problem.column == "regoin"
    assert "Did you mean “region”?" in problem.message


def test_a_column_that_stands_twice_is_an_error(db):
    assert "twice" in problems_of(b"year,certainty,year\n2019,high,2019\n")[0].message


def test_a_reference_in_two_rows_is_an_error_of_both(db):
    tender = create_tender()

    problems = problems_of(csv_of(*[{"reference": tender.reference, "notes": note} for note in "ab"]))

    assert [problem.message for problem in problems] == ["Several rows have this reference: 2, 3."] * 2


def test_constraints_of_the_database_are_reported_with_their_messages(db):
    row = {**NEW, "title_zh_status": "", "award_amounts": "5", "category_basis": "stated"}

    assert {(problem.column, problem.message) for problem in problems_of(csv_of(row))} == {
        ("title_zh_status", "Enter a name or title together with its basis, or neither."),
        ("category_basis", "Choose whether the category is stated or implied; without a category, choose neither."),
        (
            "award_amount_qualifiers",
            "Enter an amount (not negative) and choose exactly, about or at least; or leave both empty.",
        ),
    }


def test_values_of_awards_are_as_many_as_the_awards(db):
    row = {**NEW, "award_numbers": "1 | 2", "award_dates": "2019 | 2019 | 2019"}

    assert [problem.column for problem in problems_of(csv_of(row))] == ["award_dates"]


def test_no_award_is_deleted(db):
    tender = create_tender(state=EditorialState.DRAFT)
    create_award(tender)

    (problem,) = problems_of(csv_of({"reference": tender.reference, "award_numbers": ""}))

    assert "an import can’t delete awards" in problem.message


# Doubles


def test_a_row_like_a_tender_that_there_is_is_a_probable_duplicate(db):
    buyer = create_institution(name_zh="某市大数据局", name_zh_status="sourced")
    tender = create_tender(title_zh="区块链平台", title_zh_status="sourced", buyer=buyer, budget_amount=5)
    row = {**NEW, "title_zh": "区块链平台", "institution_name_zh": "某市大数据局", "budget_amount": "6"}

    _planner, plan, (found,) = planned(csv_of(row))
    imported(csv_of(row))
    not_written = Tender.objects.count()
    imported(csv_of(row), accepted_duplicates=[2])

    assert (found.status, found.candidates) == (RowStatus.DUPLICATE, [tender])
    assert (not_written, Tender.objects.count()) == (1, 2)
    assert plan.rows[RowStatus.DUPLICATE] == {2}


def test_a_row_that_repeats_another_one_of_the_file_is_a_probable_duplicate(db):
    rows = planned(csv_of(NEW, {**NEW, "city": "Hefei"}))[2]

    assert [(row.status, row.similar_rows) for row in rows] == [(RowStatus.NEW, ()), (RowStatus.DUPLICATE, (2,))]


def test_an_organisation_with_a_name_like_an_existing_one_makes_a_probable_duplicate(db):
    company = create_company(name_zh="杭州趣链科技有限公司", name_zh_status="sourced")

    (row,) = planned(csv_of({**NEW, "award_companies": "杭州趣链科技公司"}))[2]

    assert (row.status, row.candidates) == (RowStatus.DUPLICATE, [company])


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("institution_name_en", ["Hefei Data Resources Bureau", "Hefei Bureau of Data Resources"]),
        ("award_companies", ["杭州趣链科技有限公司", "杭州趣链科技有限责任公司"]),
    ],
)
def test_an_organisation_with_a_name_like_one_that_a_row_before_names_makes_a_probable_duplicate(db, column, names):
    data = csv_of(*[{**NEW, "title_zh": title, column: name} for title, name in zip("票医", names, strict=True)])

    rows = planned(data)[2]
    imported(data)
    not_written = Institution.objects.count() + Company.objects.count()
    imported(data, accepted_duplicates=[3])

    assert [(row.status, row.similar_names) for row in rows] == [
        (RowStatus.NEW, []),
        (RowStatus.DUPLICATE, [(names[0], 2)]),
    ]
    assert (not_written, Institution.objects.count() + Company.objects.count()) == (1, 2)


def test_organisations_of_one_file_with_references_of_their_own_are_two(db):
    names = ["Hefei Data Resources Bureau", "Hefei Bureau of Data Resources"]
    rows = [
        {**NEW, "title_zh": title, "institution": f"I-00000{number}", "institution_name_en": names[number]}
        for number, title in enumerate("票医")
    ]

    assert [row.status for row in planned(csv_of(*rows))[2]] == [RowStatus.NEW, RowStatus.NEW]


def test_organisations_are_found_by_name_and_alias_and_added_once(db):
    buyer = create_institution(aliases_zh="某市大数据局")
    rows = [
        {**NEW, "institution_name_zh": "某市大数据局", "award_companies": "字节链公司"},
        {
            **NEW,
            "title_zh": "税务票据系统",
            "institution_name_zh": "某省税务局",
            "award_companies": "字节链公司",
        },
        {**NEW, "title_zh": "医保云", "institution_name_zh": "某省税务局"},
    ]

    imported(csv_of(*rows))

    added = Institution.objects.get(name_zh="某省税务局")
    assert list(Tender.objects.order_by("pk").values_list("buyer", flat=True)) == [buyer.pk, added.pk, added.pk]
    assert Company.objects.get().awards.count() == 2
    assert {added.state, Company.objects.get().state} == {EditorialState.DRAFT}


def test_two_organisations_of_one_name_are_an_error_that_names_both(db):
    one, other = (create_company(aliases_zh="甲公司") for _ in range(2))

    (problem,) = problems_of(csv_of({**NEW, "award_companies": "甲公司"}))

    assert one.reference in problem.message
    assert other.reference in problem.message


# Merged records


def test_references_of_merged_organisations_redirect(client, db):
    kept, dropped = (create_institution(name_en=name) for name in ("Tax Office", "Bureau"))
    company, double = (create_company(name_en=name) for name in ("Chain Ltd", "Links"))
    create_award(create_tender(title_en="A platform", buyer=dropped), double)
    data = download(client)
    merge(keep=kept, drop=dropped)
    merge(keep=company, drop=double)

    loaded = imported(data)

    assert (loaded.num_new, loaded.num_changed) == (0, 0)
    assert (Institution.objects.get(), Company.objects.get()) == (kept, company)


def test_a_row_of_a_merged_tender_is_an_error_with_the_reference_to_write(client, db):
    kept, dropped = (create_tender(title_en=title) for title in ("A platform", "A chain of blocks"))
    data = download(client)
    merge(keep=kept, drop=dropped)

    (problem,) = problems_of(data)

    assert (problem.column, problem.value) == ("reference", dropped.reference)
    assert problem.message == f"Use the reference {kept.reference}: {dropped.reference} was merged into it."


@pytest.mark.parametrize("title", ["A platform", "Land registry"])
def test_possible_repeats_that_were_merged_redirect(client, db, title):
    kept, dropped, _other = (create_tender(title_en=name) for name in ("A platform", "Invoices", "Land registry"))
    dropped.possibly_same_as.add(Tender.objects.get(title_en=title))
    row = next(row for row in rows_of(download(client)) if row["title_en"] == title)
    merge(keep=kept, drop=dropped)

    _planner, plan, _rows = planned(csv_of(row))

    assert plan.counts == {RowStatus.SAME: 1}


def test_a_former_reference_of_a_record_that_is_gone_is_not_given_again(db):
    RedirectedReference.objects.create(reference="I-000001", redirects_to="I-000002")

    (problem,) = problems_of(csv_of({**NEW, "institution": "I-000001", "institution_name_en": "Tax Office"}))

    assert "I-000001 was merged into I-000002" in problem.message


# Sources


@pytest.fixture
def published(db):
    """A published tender of which all is cited."""
    tender = create_tender(title_en="A platform", budget_amount=100)
    create_award(tender, create_company(), amount=90)
    cite_all(tender, source=create_source(slug="first"))
    return tender


def test_a_published_fact_is_not_changed_without_a_source(published):
    row = {"reference": published.reference, "budget_amount": "200", "notes": "New"}

    (problem,) = problems_of(csv_of(row))

    assert (problem.column, problem.value) == ("budget_amount", "200")
    assert "choose the source" in problem.message
    assert problems_of(csv_of({"reference": published.reference, "notes": "New"})) == []


@pytest.mark.parametrize("change", [{"award_amount_qualifiers": "at-least"}, {"award_numbers": "1 | 2"}])
def test_public_values_of_an_award_are_not_changed_without_a_source(published, change):
    row = {"reference": published.reference} | change

    (problem,) = problems_of(csv_of(row))

    assert [problem.column] == [*change]
    assert "choose the source" in problem.message
    assert problems_of(csv_of(row), create_source(slug="file")) == []


def test_how_exact_an_amount_is_belongs_to_its_chosen_statement(published):
    row = {"reference": published.reference, "award_amount_qualifiers": "at-least"}

    imported(csv_of(row), create_source(slug="file"))

    chosen = published.citations.get(fact=Fact.AWARD_AMOUNT, is_chosen=True)
    assert (chosen.source.slug, chosen.value) == ("file", "90")
    assert Award.objects.get().amount_qualifier == "at-least"
    assert list(integrity.citation_problems(Tender.objects.get())) == []


def test_what_is_changed_is_cited_and_what_was_chosen_stays(published):
    source = create_source(slug="file")

    imported(csv_of({"reference": published.reference, "budget_amount": "200", "award_amounts": "95"}), source)

    statements = {
        fact: list(
            published.citations.filter(fact=fact)
            .order_by("is_chosen")
            .values_list("source__slug", "value", "is_chosen")
        )
        for fact in (Fact.BUDGET, Fact.AWARD_AMOUNT)
    }
    assert statements == {
        Fact.BUDGET: [("first", "100", False), ("file", "200", True)],
        Fact.AWARD_AMOUNT: [("first", "90", False), ("file", "95", True)],
    }
    assert list(integrity.citation_problems(Tender.objects.get())) == []


def test_a_fact_that_becomes_unknown_has_no_chosen_citation(published):
    imported(csv_of({"reference": published.reference, "budget_amount": "unknown"}), create_source())

    assert not published.citations.filter(fact=Fact.BUDGET, is_chosen=True).exists()
    assert published.citations.filter(fact=Fact.BUDGET).count() == 1


def test_what_the_source_states_already_is_chosen_again(published):
    source = create_source(slug="file")
    create_citation(published, Fact.BUDGET, "200", source=source)

    imported(csv_of({"reference": published.reference, "budget_amount": "200"}), source)

    assert published.citations.get(source=source).is_chosen


def test_a_published_tender_gets_no_party_that_is_not_public(published):
    row = {"reference": published.reference, "award_companies": "新公司"}

    (problem,) = problems_of(csv_of(row), create_source())

    assert "Publish this first" in problem.message


def test_new_drafts_are_cited_from_a_source_that_is_named(db):
    source = create_source()

    imported(csv_of({**NEW, "institution_name_zh": "某局", "award_companies": "甲公司; 乙公司"}), source)

    tender = Tender.objects.get()
    assert list(integrity.citation_problems(tender)) == []
    assert list(integrity.citation_problems(tender.buyer)) == []
    assert set(tender.citations.values_list("fact", flat=True)) == {
        "existence",
        "title_zh",
        "year",
        "institution",
        "supplier",
        "is_joint",
    }


def test_what_is_no_document_shows_no_tender(db):
    imported(csv_of(NEW), create_source(kind=SourceKind.COMMON_KNOWLEDGE))

    assert not Citation.objects.filter(fact=Fact.EXISTENCE).exists()


# Lists


def test_tenders_that_may_be_the_same_are_bound_both_ways_wherever_they_stand_in_the_file(db):
    rows = [
        {**NEW, "reference": "TW-000001", "possibly_same_as": "TW-000002"},
        {**NEW, "reference": "TW-000002", "title_zh": "其他系统"},
    ]

    imported(csv_of(*rows))

    one, other = Tender.objects.order_by("reference")
    assert (list(one.possibly_same_as.all()), list(other.possibly_same_as.all())) == ([other], [one])


def test_a_tender_that_may_be_the_same_must_be_there_or_in_the_file(db):
    assert [problem.column for problem in problems_of(csv_of({**NEW, "possibly_same_as": "TW-000002"}))] == [
        "possibly_same_as"
    ]


def test_what_a_download_leaves_out_stays(db):
    public, hidden = create_tender(title_en="One"), create_tender(title_en="Two", state=EditorialState.DRAFT)
    tender = create_tender(title_en="Three")
    tender.possibly_same_as.add(public, hidden)

    imported(csv_of({"reference": tender.reference, "possibly_same_as": ""}))

    assert list(tender.possibly_same_as.all()) == [hidden]


def test_categories_and_companies_are_taken_and_given(db):
    one, other = create_category("one"), create_category("two")
    first, second = create_company(), create_company()
    tender = create_tender(state=EditorialState.DRAFT, title_en="A")
    tender.suggested_categories.add(one)
    award = create_award(tender, first)

    row = {"reference": tender.reference, "suggested_categories": "two", "award_companies": second.reference}
    imported(csv_of(row))

    assert list(tender.suggested_categories.all()) == [other]
    assert list(award.suppliers.all()) == [second]


# All or nothing


def test_an_import_is_one_change_with_the_history_of_each_record(db):
    tender = create_tender(state=EditorialState.DRAFT, title_en="A")

    imported(
        csv_of(
            {"reference": tender.reference, "year": "2019", "certainty": "high", "budget_amount": "5"},
            {**NEW, "institution_name_zh": "某局", "award_companies": "甲公司"},
        ),
        create_source(),
    )

    (change,) = Change.objects.filter(kind="imported")
    added = Tender.objects.exclude(pk=tender.pk).get()
    assert tender.history.get(change=change).budget_amount == 5
    assert [(row.history_type, row.change) for row in added.history.all()] == [("+", change)]
    for record in (added.buyer, added.awards.get(), Company.objects.get(), *added.citations.all()):
        assert record.history.get().change == change, record


@pytest.mark.parametrize(("reason", "public"), [(None, "From: notices"), ("Typos", "Typos")])
def test_the_public_reason_of_an_import_is_the_one_given_or_its_source(db, reason, public):
    printed, tender = create_source(), create_tender(title_en="A")
    claim = create_claim(create_article(sources=[printed]), "count", code="A1", printed=1, query="year=2019")
    cite_all(tender, source=printed)
    record_verdict_changes(Cause.CHECKED)

    imported(csv_of({"reference": tender.reference, "year": "2018"}), create_source(slug="notices"), reason=reason)

    verdict_change = claim.verdict_changes.latest("pk")
    assert Change.objects.get(kind="imported").reason == public
    assert (verdict_change.cause, verdict_change.subject, verdict_change.details) == (Cause.IMPORTED, "notices", public)


def test_an_import_without_a_source_and_a_reason_has_no_public_reason(db):
    imported(csv_of(NEW))

    assert Change.objects.get(kind="imported").reason == ""


@pytest.mark.parametrize("is_chosen", [True, False])
def test_a_file_that_contradicts_a_statement_is_not_imported_without_a_reason(published, is_chosen):
    published.citations.filter(fact=Fact.BUDGET).update(is_chosen=is_chosen)
    row = {"reference": published.reference, "budget_amount": "200"}

    with pytest.raises(ImportRejected, match="sources disagree on “Budget”"):
        imported(csv_of(row), create_source(), reason=" ")
    imported(csv_of(row), create_source(slug="notices"))

    assert published.citations.get(fact=Fact.BUDGET, is_chosen=True).reason == "From: notices"
    assert list(integrity.citation_problems(Tender.objects.get())) == []


OWN_TITLE = {"title_en": "Some platform", "title_en_status": "unverified-translation"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [("unverified-translation", SourceKind.EDITORS_TRANSLATION), ("common-knowledge", SourceKind.COMMON_KNOWLEDGE)],
)
@pytest.mark.parametrize("has_source", [True, False])
def test_a_title_of_ours_is_cited_from_its_own_source(db, status, kind, has_source):
    source = create_source(language="zh") if has_source else None

    imported(csv_of({**NEW, **OWN_TITLE, "title_en_status": status}), source)

    tender = Tender.objects.get()
    assert tender.citations.get(fact=Fact.TITLE_EN).source.kind == kind
    assert [citation.source for citation in tender.citations.filter(fact=Fact.TITLE_ZH)] == ([source] if source else [])


def test_a_public_title_that_becomes_a_translation_is_no_longer_cited_from_a_document(published):
    row = {"reference": published.reference, "title_en_status": "unverified-translation"}

    imported(csv_of(row))

    chosen = published.citations.get(fact=Fact.TITLE_EN, is_chosen=True)
    assert chosen.source.kind == SourceKind.EDITORS_TRANSLATION
    assert list(integrity.citation_problems(Tender.objects.get())) == []


def test_a_title_in_another_language_than_the_source_is_not_cited_from_it(published):
    source, row = create_source(language="zh"), {"title_en": "Our platform", "title_en_status": "sourced"}

    imported(csv_of({**NEW, **row}), source)
    (problem,) = problems_of(csv_of({**row, "reference": published.reference}), source)

    added = Tender.objects.get(title_zh=NEW["title_zh"])
    assert not added.citations.filter(fact=Fact.TITLE_EN).exists()
    assert (problem.column, "in another language" in problem.message) == ("title_en", True)


@pytest.mark.parametrize(
    "fields", [{"title_zh_status": "sourced-corrected"}, {"title_zh_status": "", "is_title_descriptive": "yes"}]
)
def test_a_title_whose_words_are_ours_is_not_cited_by_an_import(db, fields):
    imported(csv_of({**NEW, **fields}), create_source(language="zh"))

    assert not Citation.objects.filter(fact=Fact.TITLE_ZH).exists()


PARTY_NAMES = {"institution_name_en": "Some bureau", "institution_name_zh": "某局"}


@pytest.mark.parametrize(
    ("language", "fact_of_document", "other"),
    [("zh", Fact.NAME_ZH, Fact.NAME_EN), ("en", Fact.NAME_EN, Fact.NAME_ZH), ("", Fact.NAME_ZH, Fact.NAME_EN)],
)
def test_a_new_party_has_one_name_of_the_source_and_one_of_ours(db, language, fact_of_document, other):
    source = create_source(language=language)

    imported(csv_of({**NEW, **PARTY_NAMES}), source)

    institution = Institution.objects.get()
    assert institution.status_of(fact_of_document) == "sourced"
    assert institution.citations.get(fact=fact_of_document).source == source
    assert institution.status_of(other) == "unverified-translation"
    assert institution.citations.get(fact=other).source.kind == SourceKind.EDITORS_TRANSLATION


def test_the_only_name_of_a_new_company_is_ours_if_the_source_is_in_another_language(db):
    imported(csv_of({**NEW, "award_companies": "Some company"}), create_source(language="zh"))

    company = Company.objects.get()
    assert company.citations.get().source.kind == SourceKind.EDITORS_TRANSLATION
    assert list(integrity.citation_problems(company)) == []


def test_a_plan_that_is_not_right_any_longer_is_not_carried_out(db):
    tender = create_tender(state=EditorialState.DRAFT, title_en="A")
    planner, plan, _rows = planned(csv_of({"reference": tender.reference, "city": "Hefei"}))
    Tender.objects.update(city="Wuhu")

    with pytest.raises(PlanChanged):
        load(planner, plan)

    assert Tender.objects.get().city == "Wuhu"


def test_other_writes_in_between_do_not_matter(db):
    tender, other = (create_tender(state=EditorialState.DRAFT, title_en=title) for title in "AB")
    planner, plan, _rows = planned(csv_of({"reference": tender.reference, "city": "Hefei"}))
    Tender.objects.filter(pk=other.pk).update(city="Wuhu")

    load(planner, plan)

    assert Tender.objects.get(pk=tender.pk).city == "Hefei"


CHILD = """
import sys, time
import django
django.setup()
from tenders.imports import plans, loading
from tenders.imports.readers import open_table
plans.CHUNK = 10
planner = plans.Planner(open_table(open(sys.argv[1], "rb")))
def wait(number):
    from tenders.models import Tender
    print(Tender.objects.count(), flush=True)
    time.sleep(600)
loading.load(planner, planner.check(), progress=wait)
"""


def test_an_import_that_is_killed_leaves_nothing(db, tmp_path):
    database, file = tmp_path / "db.sqlite3", tmp_path / "file.csv"
    file.write_bytes(csv_of(*[{**NEW, "title_zh": f"第{number}个项目"} for number in range(1, 31)]))
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "tenderwatch.settings",
    }
    root = Path(site.BASE_DIR)

    def run(*arguments):
        return subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=root,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )

    if connection.vendor == "sqlite":
        database.write_bytes(connection.connection.serialize())  # as the tests' own is migrated already
    else:
        run("migrate", "-v0")
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", CHILD, str(file)], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        written = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)

    def counts():
        with closing(sqlite3.connect(database)) as reading:
            tables = ("tenders_tender", "tenders_change")
            return [reading.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608

    assert written == 10
    assert counts() == [0, 0]
    assert "30 new" in run("import_tenders", str(file)).stdout
    assert counts() == [30, 1]


# The command


def test_the_command_reports_what_it_would_do_and_does_it(db, tmp_path, capsys):
    file = tmp_path / "file.csv"
    file.write_bytes(csv_of({**NEW, "budget_amount": "3万"}))

    call_command("import_tenders", file, "--dry-run")
    dry = capsys.readouterr().out
    number = Tender.objects.count()
    call_command("import_tenders", file, "--reason", "From the gazette")

    assert Change.objects.get(kind="imported").reason == "From the gazette"
    assert "budget_amount:  → 30000" in dry
    assert "“3万” is read as 30000" in dry
    assert (number, Tender.objects.count()) == (0, 1)
    assert "Imported: 1 new, 0 changed." in capsys.readouterr().out


def test_the_command_stops_at_errors_and_at_duplicates(db, tmp_path, capsys):
    file = tmp_path / "file.csv"
    file.write_bytes(csv_of(NEW, {**NEW, "city": "Hefei"}))

    with pytest.raises(CommandError, match="--accept-duplicates"):
        call_command("import_tenders", file)
    call_command("import_tenders", file, "--accept-duplicates", "3")

    assert "Row 3: it may be the same as row 2." in capsys.readouterr().out
    assert Tender.objects.count() == 2
    for path, words in ((tmp_path / "none.csv", "Can't read"), (tmp_path, "Can't read")):
        with pytest.raises(CommandError, match=words):
            call_command("import_tenders", path)
    with pytest.raises(CommandError, match="There is no source named"):
        call_command("import_tenders", file, "--source", "nothing")


def test_the_command_says_what_was_read_and_takes_an_encoding(db, capsys):
    samples = Path(__file__).parent / "imports_samples"

    with pytest.raises(CommandError, match="Choose the encoding of the file"):
        call_command("import_tenders", samples / "big5.csv")
    call_command("import_tenders", samples / "big5.csv", "--encoding", "Big5", "--dry-run")
    call_command("import_tenders", samples / "two-sheets.xlsx", "--dry-run")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_tenders", samples / "number-format-units.xlsx")

    out = capsys.readouterr().out
    assert "Read as CSV, Big5." in out
    assert "Read as XLSX. The sheet “Sheet” was read. Not read: “2018”." in out
    assert "Row 7: budget_amount: “USD 120,000”" in out
