"""Downloads: the rows of the list page, equal in all formats; unknown differs from empty; no cell is a formula."""

import csv
import datetime
import io
import json
import re
import runpy
from datetime import timedelta
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore
from weakref import WeakSet

import openpyxl
import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import http_date
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from tenders.choices import ChangeKind, EditorialState, ValueType
from tenders.exports.cells import cell_text, escape, unescape
from tenders.exports.columns import COMPANIES, INSTITUTIONS, LIST, LIST_PER_AWARD, PER_AWARD, TENDERS
from tenders.facets import UNKNOWN
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.kinds import canonical
from tenders.models import Change, Company, Institution, Tender
from tenders.models.changes import change_set
from tenders.views import downloads
from tests.factories import (
    create_award,
    create_category,
    create_company,
    create_institution,
    create_region,
    create_tender,
)

LISTS = {
    "tenders": (TenderFilter, TENDERS),
    "institutions": (InstitutionFilter, INSTITUTIONS),
    "companies": (CompanyFilter, COMPANIES),
}
FORMS = ["csv", "xlsx", "json", "jsonl"]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


# Readers of the formats, independent of the writers


def rows_of_csv(response):
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rows_of_xlsx(response):
    workbook = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    header, *rows = workbook.worksheets[0].iter_rows()
    return [{name.value: cell for name, cell in zip(header, row, strict=True)} for row in rows]


def rows_of_json(response):
    return json.loads(response.getvalue(), parse_float=Decimal)["results"]


def rows_of_jsonl(response):
    return [json.loads(line, parse_float=Decimal) for line in response.getvalue().splitlines()]


READERS = {"jsonl": rows_of_jsonl, "csv": rows_of_csv, "xlsx": rows_of_xlsx, "json": rows_of_json}


def download(client, name, query="", form="json"):
    response = client.get(f"/{name}.{form}?{query}")
    assert response.status_code == 200, response.text
    return READERS[form](response)


def text_of_xlsx(cell):
    """Return the text of a workbook's cell in CSV."""
    if isinstance(cell.value, datetime.datetime):
        return cell.value.date().isoformat()
    if cell.data_type == "n" and cell.value is not None:
        return canonical(Decimal(repr(cell.value)))
    return cell.value or ""


def value_in(text, column_type, separators):
    """Return the value of a cell's text."""
    if separators and not (text == UNKNOWN and separators == LIST):
        separator, *inner = separators
        sign = separator.strip()
        parts = text.replace(2 * sign, "\0").split(separator) if text else []
        parts = [part.replace("｜｜", "｜") if sign == "|" else part for part in parts]  # the bar in full width
        return [value_in(part.replace("\0", sign), column_type, tuple(inner)) for part in parts]
    if text == UNKNOWN:
        return None
    readers = {ValueType.NUMBER: int, ValueType.MONEY: Decimal, ValueType.FLAG: {"yes": True, "no": False}.get}
    return readers.get(column_type, unescape)(text)


def without_json_distinctions(value, separators):
    """Return a JSON value as CSV can state it: CSV does not distinguish [null] from null, and [""] from []."""
    if separators == LIST and value == [None]:
        return None
    return [] if separators == PER_AWARD and value == [""] else value


def queries(filter_class):
    facets = [(facet.name, option.value) for facet in filter_class().facets() for option in facet.options]
    orders = [("sort", sign + name) for name in filter_class().filters["sort"].orders for sign in ("", "-")]
    return st.tuples(
        st.lists(st.sampled_from(facets), max_size=3, unique=True), st.lists(st.sampled_from(orders), max_size=1)
    ).map(lambda drawn: QueryDict("&".join(f"{name}={value}" for part in drawn for name, value in part)))


@given(data=st.data())
@settings(max_examples=10)
@pytest.mark.parametrize("name", LISTS)
def test_rows_and_order_are_those_of_the_list_in_all_formats(client, all_data, name, data):
    filter_class, columns = LISTS[name]
    query = data.draw(queries(filter_class))
    expected = [record.reference for record in filter_class(query).qs]

    in_csv, in_xlsx, in_json, in_jsonl = (download(client, name, query.urlencode(), form) for form in FORMS)

    assert [row["reference"] for row in in_json] == expected
    assert in_jsonl == in_json
    assert len(in_csv) == len(in_xlsx) == len(expected)
    for line, cells, values in zip(in_csv, in_xlsx, in_json, strict=True):
        assert list(line) == list(cells) == list(values) == [column.name for column in columns]
        for column in columns:
            text = line[column.name]
            assert text_of_xlsx(cells[column.name]) == text, column
            read = value_in(text, column.type, column.separators)
            assert read == without_json_distinctions(values[column.name], column.separators), column


def test_the_whole_list_is_downloaded_not_one_page(client, all_data):
    assert len(download(client, "tenders")) == Tender.objects.count() == 46
    assert len(download(client, "institutions")) == 33
    assert len(download(client, "companies")) == 10


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_is_a_header_and_no_rows(client, db, name):
    columns = [column.name for column in LISTS[name][1]]

    text = client.get(f"/{name}.csv").getvalue().decode()
    meta = json.loads(client.get(f"/{name}.json").getvalue())["meta"]

    assert text == "\N{BYTE ORDER MARK}" + ",".join(columns) + "\r\n"
    assert meta["total"] == 0
    assert download(client, name, form="json") == download(client, name, form="xlsx") == []


# The columns


def test_unknown_differs_from_empty(client, db):
    create_tender()

    for form in ("csv", "xlsx"):
        row = download(client, "tenders", form=form)[0]
        texts = {name: text_of_xlsx(cell) if form == "xlsx" else cell for name, cell in row.items()}
        assert {name for name, text in texts.items() if text == UNKNOWN} == {
            *("title_en", "title_zh", "official_number", "institution", "institution_name_en", "institution_name_zh"),
            *("region", "region_name_en", "region_name_zh", "city", "category", "category_name_en"),
            *("category_name_zh", "notice_date", "status", "method", "budget_amount", "main_subject"),
            *("companies", "company_names_en", "company_names_zh", "company_seats", "same_region", "award_amount"),
        }
        assert {name for name, text in texts.items() if text == ""} == {
            *("title_en_status", "title_zh_status", "category_basis", "suggested_categories", "possibly_same_as"),
            *("award_numbers", "award_lots", "award_companies", "award_amounts", "award_amount_qualifiers"),
            *(
                "award_dates",
                "contract_dates",
                "award_statuses",
                "award_notes",
                "award_notes_zh",
                "notes",
                "notes_zh",
                "city_zh",
            ),
        }
    row = download(client, "tenders")[0]
    assert {row[name] is None for name, text in texts.items() if text == UNKNOWN} == {True}
    assert all(row[name] in ("", []) for name, text in texts.items() if text == "")


def test_the_unknown_and_empty_columns_of_a_party(client, db):
    create_award(create_tender(buyer=create_institution()), create_company())

    institution, company = (download(client, name, form="csv")[0] for name in ("institutions", "companies"))

    both = {"name_zh", "kind", "seat", "seat_name_en", "seat_name_zh", "city", "credit_code"}
    assert {name for name, text in institution.items() if text == UNKNOWN} == both | {"level"}
    assert {name for name, text in company.items() if text == UNKNOWN} == both | {
        *("size", "founded_year", "group_name", "group_region")
    }
    empty = {"name_zh_status", "aliases_en", "aliases_zh", "same_body_as", "city_zh", "notes", "notes_zh"}
    assert {name for name, text in institution.items() if text == ""} == empty
    assert {name for name, text in company.items() if text == ""} == empty | {"group_name_zh"}


def test_columns_of_awards_have_a_segment_for_each_award(client, db):
    one, other = create_company(name_en="One"), create_company(name_en="", name_zh="二", name_zh_status="sourced")
    both = sorted([one.reference, other.reference])
    tender = create_tender(title_en="Two lots")
    create_award(tender, number=2, amount=Decimal("0.50"), amount_qualifier="about", lot="B | 2", notes="a\r\nb")
    create_award(tender, one, other, number=1, award_date="2019-06", status="active")

    row, line = download(client, "tenders")[0], download(client, "tenders", form="csv")[0]

    assert row["award_numbers"] == [1, 2]
    assert row["award_lots"] == ["", "B | 2"]
    assert line["award_lots"] == " | B || 2"
    assert row["award_companies"] == [both, None]
    assert line["award_companies"] == f"{both[0]}; {both[1]} | unknown"
    assert row["award_amounts"] == [None, Decimal("0.5")]
    assert line["award_amounts"] == "unknown | 0.5"
    assert row["award_amount_qualifiers"] == ["", "about"]
    assert row["award_dates"] == ["2019-06", None]
    assert row["contract_dates"] == [None, None]
    assert row["award_statuses"] == ["active", None]
    assert row["award_notes"] == ["", "a\nb"]
    assert row["award_amount"] is None
    assert line["award_amount"] == UNKNOWN
    assert row["companies"] == both
    assert {*zip(row["companies"], row["company_names_en"], row["company_names_zh"], strict=True)} == {
        (one.reference, "One", None),
        (other.reference, None, "二"),
    }


def test_a_row_has_the_regions_of_its_winners(client, db):
    guangdong, beijing = create_region("CN-GD"), create_region("CN-BJ")
    near, far, nowhere = create_company(region=guangdong), create_company(region=beijing), create_company()
    seats = {near.reference: "CN-GD", far.reference: "CN-BJ", nowhere.reference: None}
    expected = {}
    for suppliers, is_same in [([near, far], True), ([far], False), ([far, nowhere], None), ([], None)]:
        tender = create_tender(region=guangdong)
        create_award(tender, *suppliers)
        expected[tender.reference] = is_same, len(suppliers)

    for row in download(client, "tenders"):
        assert (row["same_region"], len(row["companies"] or [])) == expected.pop(row["reference"])
        assert row["company_seats"] == (row["companies"] and [seats[company] for company in row["companies"]])
    assert not expected


@pytest.mark.parametrize("name", LISTS)
def test_the_values_of_a_column_named_like_a_parameter_filter_its_rows(client, all_data, name):
    filter_class, columns = LISTS[name]
    rows = download(client, name, form="csv")

    for parameter in {column.name for column in columns} & filter_class.base_filters.keys():
        for value in {row[parameter] for row in rows}:
            found = filter_class(QueryDict(f"{parameter}={value}")).qs.values_list("reference", flat=True)
            assert {row["reference"] for row in rows if row[parameter] == value} <= set(found), (parameter, value)


def test_amounts_lose_no_digit(client, db):
    create_award(create_tender(budget_amount=Decimal("9999999999999.99")), amount=Decimal("1234567890123.45"))

    assert '"budget_amount": 9999999999999.99,' in client.get("/tenders.json").getvalue().decode()
    for form in FORMS:
        row = download(client, "tenders", form=form)[0]
        budget, award = (row[name] for name in ("budget_amount", "award_amount"))
        texts = [str(getattr(cell, "value", cell)) for cell in (budget, award)]
        assert texts == ["9999999999999.99", "1234567890123.45"]


def test_full_dates_are_dates_in_a_workbook_and_others_are_text(client, db):
    dates = ["2019-10-25", "2019-10", "2019", "1850-01-01", "0000-01-01", "2019-02-29", ""]
    for date in dates:
        create_tender(notice_date=date)

    rows = download(client, "tenders", "sort=reference", form="xlsx")

    read = {row["reference"].value: row["notice_date"] for row in rows}
    for tender in Tender.objects.all():
        cell = read[tender.reference]
        if tender.notice_date == "2019-10-25":
            assert (cell.is_date, cell.value) == (True, datetime.datetime(2019, 10, 25))
            assert cell.number_format == "yyyy-mm-dd"
        else:
            assert (cell.data_type, cell.value) == ("s", tender.notice_date or UNKNOWN)


HEADING = ("Column", "Meaning")


def test_a_workbook_has_a_sheet_with_its_metadata(client, article_data):
    response = client.get("/tenders.xlsx?year=2018")

    workbook = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    lines = list(workbook["About"].iter_rows(values_only=True))
    about, columns = (dict(part) for part in (lines[: lines.index(HEADING)], lines[lines.index(HEADING) + 1 :]))
    rows = workbook["tenders"]

    assert about["address"] == "http://testserver/tenders.xlsx?year=2018"
    assert about["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert about["total"] == 10
    assert "no source states it" in about["unknown"]
    assert columns == {column.name: column.description for column in TENDERS}
    assert rows.freeze_panes == "A2"
    assert all(cell.font.bold for cell in rows[1])
    assert rows.column_dimensions["C"].width == 40


# Protection against formulas


@given(st.text())
@settings(max_examples=300)
def test_neutralising_is_undone(text):
    assert unescape(escape(text)) == text


@given(st.sampled_from(["", " ", "  ", "\u3000"]), st.sampled_from("=+-@\t\r＝＋－＠"), st.text())
def test_no_cell_begins_like_a_formula(spaces, sign, rest):
    assert escape(spaces + sign + rest) == "'" + spaces + sign + rest


@pytest.mark.parametrize("text", ["Blockchain", "区块链 -", "2019-06", "a=b", "", "unknown buyer"])
def test_other_text_stays_as_it_is(text):
    assert escape(text) == unescape(text) == text


def test_an_apostrophe_that_an_editor_typed_stays():
    assert unescape("'Smart' city") == "'Smart' city"


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(st.lists(texts | st.sampled_from([UNKNOWN, ";", "|", "｜", "; ", " | ", "=1"]), min_size=1))
@pytest.mark.parametrize("separators", [LIST, PER_AWARD])
def test_lists_can_be_parsed(separators, values):
    read = value_in(cell_text(values, separators), ValueType.TEXT, separators)

    assert read == (values if values != [""] else [])


@pytest.mark.parametrize("values", [[["a"], None, ["b", "c"]], [None], [["a", "b"]]])
def test_lists_of_lists_can_be_parsed(values):
    text = cell_text(values, LIST_PER_AWARD)

    assert value_in(text, ValueType.REFERENCE, LIST_PER_AWARD) == values


@pytest.mark.parametrize("title", ["=1+1", '=HYPERLINK("x")', "@SUM(A1)", "＝1", "#N/A", "'quoted'", UNKNOWN, "-"])
def test_text_is_text_in_every_format(client, db, title):
    create_tender(title_en=title)

    cell = download(client, "tenders", form="xlsx")[0]["title_en"]
    text = download(client, "tenders", form="csv")[0]["title_en"]

    assert cell.data_type == "s"
    assert cell.value == text == escape(title)
    assert unescape(text) == download(client, "tenders")[0]["title_en"] == title


def test_no_character_breaks_a_file(client, db):
    everything = "".join(map(chr, [*range(1, 0x100), 0x2028, 0xFEFF, 0xFFFE, 0xFFFF, 0x1F600]))
    create_tender(title_en="x" + everything, notes="a\r\nb\rc\nd")

    for form in FORMS:
        row = download(client, "tenders", form=form)[0]
        title, notes = (getattr(row[name], "value", row[name]) for name in ("title_en", "notes"))
        assert title == "x" + re.sub("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", everything.replace("\r", "\n"))
        assert notes == "a\nb\nc\nd"


def test_csv_has_one_line_break_everywhere(client, article_data):
    text = client.get("/tenders.csv").getvalue().decode()

    assert text.startswith("\N{BYTE ORDER MARK}reference,year,title_en,")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 35


# Errors


REFUSED = [
    ("year=2018&colour=red", "colour", "There is no such parameter."),
    ("regoin=CN-BJ", "regoin", "Did you mean “region”?"),
    ("page=2", "page", "There is no such parameter."),
    ("per_page=10", "per_page", "There is no such parameter."),
    ("year=19", "year", "“19” isn’t a year"),
    ("institution=I-000000", "institution", "There is no record with this reference: I-000000."),
    ("sort=price", "sort", "You can’t sort by “price”."),
    ("amount_min=1&amount_min=2", "amount_min", "Use this parameter only once."),
]


@pytest.mark.parametrize(("query", "parameter", "words"), REFUSED)
@pytest.mark.parametrize("name", LISTS)
def test_a_query_that_would_widen_the_list_is_refused(client, article_data, name, query, parameter, words):
    for form in FORMS:
        response = client.get(f"/{name}.{form}?{query}")
        problem = json.loads(response.content)

        assert response.status_code == problem["status"] == 400
        assert response["Content-Type"] == "application/problem+json"
        assert {"type", "title", "detail"} < problem.keys()
        assert problem["instance"] == f"/{name}.{form}?{query}"
        assert [error["parameter"] for error in problem["errors"]] == [parameter]
        assert words in problem["errors"][0]["detail"]
        assert words in problem["detail"]


def test_a_browser_gets_errors_as_html(client, article_data):
    response = client.get("/tenders.csv?colour=red&year=19", headers={"accept": BROWSER})

    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
    assert "<li><code>colour</code>: There is no such parameter.</li>" in response.text
    assert "<li><code>year</code>: “19” isn’t a year" in response.text


wild = st.text(max_size=12) | st.sampled_from(["2018", "CN-BJ", UNKNOWN, "yes", "-year", "9" * 25, "\0"])
parameters = st.sampled_from([*sorted(CompanyFilter().parameters | InstitutionFilter().parameters), "page"])


@given(
    given_query=st.lists(st.tuples(parameters | st.text(max_size=8), wild), max_size=4),
    name=st.sampled_from(sorted(LISTS)),
    form=st.sampled_from(FORMS),
    accept=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=20),
)
@settings(max_examples=80)
def test_no_query_makes_a_500_or_a_wider_list(client, article_data, given_query, name, form, accept):
    query = QueryDict(mutable=True)
    for parameter, value in given_query:
        query.appendlist(parameter, value)
    filterset = LISTS[name][0](query)

    response = client.get(f"/{name}.{form}?{query.urlencode()}", headers={"accept": accept})

    assert response.status_code == (200 if filterset.is_valid() and not filterset.unknown_parameters else 400)


def test_other_formats_are_refused(client, db):
    assert client.get("/tenders.pdf").status_code == 404
    assert client.get("/zh-hans/tenders.csv").status_code == 404


# Unpublished records


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN])
def test_unpublished_records_are_in_no_download(client, db, state):
    institution, company = create_institution(), create_company()
    tender = create_tender(buyer=institution)
    award = create_award(tender, company, amount=5)
    before = {name: download(client, name) for name in LISTS}

    hidden_company = create_company(state=state)
    hidden_institution = create_institution(state=state)
    hidden = create_tender(state=state, buyer=institution)
    create_award(hidden, company, amount=7)
    tender.possibly_same_as.add(hidden)
    award.suppliers.add(hidden_company)
    Company.objects.filter(pk=company.pk).update(institution=hidden_institution)
    Company.objects.filter(pk=hidden_company.pk).update(institution=institution)

    assert {name: download(client, name) for name in LISTS} == before
    Institution.objects.filter(pk=institution.pk).update(state=state)
    row = download(client, "tenders")[0]
    assert (row["institution"], row["institution_name_en"]) == (None, None)


# Streams and headers


def test_a_long_list_takes_as_many_queries_as_a_short_one(client, db):
    addresses = [f"/{name}.{form}" for name in LISTS for form in FORMS]
    region, category = create_region(), create_category("taxes")

    def statements(number):
        for _number in range(number):
            institution = create_institution(region=region)
            company = create_company(region=region, group_region=region, institution=institution)
            tender = create_tender(buyer=institution, region=region, category=category, category_basis="stated")
            tender.suggested_categories.add(category)
            tender.possibly_same_as.set(Tender.objects.exclude(pk=tender.pk)[:2])
            create_award(tender, company, create_company(), amount=1)
        return {address: statements_of(address) for address in addresses}

    def statements_of(address):
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
            assert response.streaming
            response.getvalue()
        return len(queries)

    few, many = statements(3), statements(12)

    assert few == many
    assert max(many.values()) <= 8 + 25  # which find the last public change, once in a version


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_first_bytes_come_before_the_rows(client, article_data, form):
    response = client.get(f"/tenders.{form}")

    with CaptureQueriesContext(connection) as queries:
        first = next(iter(response))

    assert b"reference" in first or b"meta" in first
    assert not [query for query in queries if "ORDER BY" in query["sql"]]


@pytest.mark.parametrize("form", FORMS)
def test_headers_have_file_name_links_and_type(client, article_data, form, caplog):
    response = client.get(f"/tenders.{form}?year=2019&region=CN-BJ&year=2018&status=")
    head = client.head(f"/tenders.{form}?year=2019&region=CN-BJ&year=2018&status=")
    assert not caplog.records

    assert response["Content-Disposition"] == f'attachment; filename="tenders.{form}"'
    query = "region=CN-BJ&year=2018&year=2019"
    own, licence, page = response["Link"].split(", ")
    assert own == f'<http://testserver/tenders.{form}?{query}>; rel="self"'
    assert licence == '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    assert page == f'<http://testserver/tenders/?{query}>; rel="alternate"; type="text/html"'
    assert head.status_code == 200
    assert head["Content-Type"] == response["Content-Type"]
    assert head.getvalue() == b""


@pytest.mark.parametrize("form", FORMS)
def test_a_file_has_the_date_of_the_last_public_change(client, db, clock, form):
    """And so the same bytes as long as nothing public changes."""
    with change_set(ChangeKind.CHANGED, None, "Corrected."):
        tender = create_tender(state="published", title_en="A platform")
    made_at = timezone.localtime() - timedelta(days=2)
    Change.objects.update(made_at=made_at)
    response = client.get(f"/tenders.{form}")
    content = response.getvalue()
    clock.time += timedelta(days=2)
    with change_set(ChangeKind.CHANGED, None, "A draft of somebody."):
        create_tender(state="draft", title_en="Another platform")
    again = client.get(f"/tenders.{form}")

    assert again.getvalue() == content
    assert f'datetime="{made_at.isoformat(timespec="seconds")}"' in response["Link"]
    assert f'filename="tenders-{made_at.date()}.{form}"' in response["Content-Disposition"]
    assert response["Last-Modified"] == again["Last-Modified"] == http_date(made_at.timestamp())
    with change_set(ChangeKind.CHANGED, None, "Corrected again."):
        tender.title_en = "Another platform"
        tender.save()
    assert client.get(f"/tenders.{form}")["Last-Modified"] != response["Last-Modified"]


def test_json_has_its_metadata(client, article_data):
    text = client.get("/tenders.json?year=2018").getvalue().decode()
    answer = json.loads(text)

    assert answer["meta"].keys() == {"address", "page", "date", "licence", "total", "unknown"}
    assert answer["meta"]["total"] == len(answer["results"]) == 10
    assert answer["meta"]["page"] == "http://testserver/tenders/?year=2018"
    assert "北京" in text


def test_addresses_of_records_open_their_pages_in_english(client, article_data):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"

    for name in LISTS:
        address = download(client, name, form="csv")[0]["address"]
        assert address.startswith(f"http://testserver/{name}/")
        assert client.get(address.removeprefix("http://testserver")).status_code == 200


# Links to downloads


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_a_list_links_to_its_downloads(client, article_data, name, prefix):
    text = client.get(f"{prefix}/{name}/?year=2019&utm_source=x&per_page=1&sort=-reference").text

    for form in FORMS:
        assert f'<a href="/{name}.{form}?sort=-reference&amp;year=2019" rel="nofollow">' in text
    if not prefix:
        assert f'<a href="/{name}.csv" rel="nofollow">' in client.get(f"/{name}/").text


def test_a_party_links_to_the_download_of_its_tenders(client, article_data):
    for record, parameter in ((Institution.objects.first(), "institution"), (Company.objects.first(), "company")):
        address = f"/tenders.csv?{parameter}={record.reference}"
        assert f'<a href="{address}" rel="nofollow">' in client.get(record.get_absolute_url()).text
        assert len(download(client, "tenders", f"{parameter}={record.reference}", "csv")) >= 1


# Documentation


FORM_OF_CELL = {(): "", LIST: ", list", PER_AWARD: ", each award", LIST_PER_AWARD: ", list, each award"}


@pytest.mark.parametrize("name", LISTS)
def test_every_column_is_in_the_data_dictionary(name):
    text = (Path(site.BASE_DIR) / "docs" / "data.md").read_text(encoding="utf-8")
    section = text.split(f"### `/{name}.csv`")[1].split("\n#")[0]
    rows = [row for row in section.splitlines() if row.startswith("| `")]

    assert rows == [
        f"| `{column.name}` | {column.type}{FORM_OF_CELL[column.separators]} | {column.description} |"
        for column in LISTS[name][1]
    ]


def test_a_chinese_page_links_to_a_download_in_its_order(client, all_data):
    page = client.get("/zh-hans/institutions/?level=central")
    address = re.search(r'href="(/institutions\.csv\?[^"]+)"', page.text)[1].replace("&amp;", "&")
    lines = b"".join(client.get(address)).decode("utf-8-sig").splitlines()

    assert address == "/institutions.csv?level=central&sort=name_zh"
    assert [line[:8] for line in lines[1:]] == [row.record.reference for row in page.context["table"].rows]


@pytest.mark.parametrize("query", ["foo=", "foo", "page=", "yaer=&year=2019"])
def test_an_unknown_parameter_without_a_value_is_refused(client, article_data, query):
    assert client.get(f"/tenders.csv?{query}").status_code == 400


def test_downloads_beyond_the_limit_are_told_when_to_try_again(client, tender_data, monkeypatch):
    """A slow reader keeps a thread; so there are fewer downloads at once than threads."""
    monkeypatch.setattr(downloads, "_free_places", BoundedSemaphore(2))
    sent = [client.get("/tenders.csv") for _number in range(2)]
    refused = client.get("/tenders.csv")
    page = client.get("/tenders.csv", headers={"accept": "text/html"})

    assert {response.status_code for response in sent} == {200}
    assert refused.status_code == page.status_code == 503
    assert refused["Retry-After"] == page["Retry-After"] == "30"
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["detail"] == "Try again in half a minute: many downloads are being sent."
    assert "Try again in half a minute" in page.text
    assert client.head("/tenders.csv").status_code == client.get("/tenders/").status_code == 200

    assert b"".join(sent[0].streaming_content)
    assert client.get("/tenders.csv").status_code == 200
    assert client.get("/tenders.csv").status_code == 503


def test_downloads_being_sent_are_counted(client, tender_data, monkeypatch):
    monkeypatch.setattr(downloads, "_being_sent", WeakSet())
    num_sent = partial(REGISTRY.get_sample_value, "tenderwatch_downloads_in_progress")

    first, second = (client.get("/tenders.csv") for _number in range(2))
    assert num_sent() == 2

    assert b"".join(first.streaming_content)
    assert num_sent() == 1
    second.close()
    second.close()
    assert num_sent() == 0


def test_a_process_has_more_threads_than_downloads_at_once():
    configuration = runpy.run_path(str(site.BASE_DIR / "gunicorn.conf.py"))

    assert configuration["threads"] >= 2 * import_module("tenderwatch.settings").DOWNLOADS_AT_ONCE
