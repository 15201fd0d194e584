"""Pages of a list as JSON: ``next`` leads to each row once, in the order of the first page, whatever is edited."""

import json
import random
from decimal import Decimal

import pytest
from django.core.signing import Signer
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.choices import ChangeKind, EditorialState, NameStatus
from tenders.exports.paging import Cursor, UnreadableCursorError, read_page
from tenders.exports.unknowns import count_unknown
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Award, Change, Tender
from tenders.models.changes import change_set
from tests.factories import create_award, create_company, create_institution, create_region, create_tender

LISTS = {"tenders": TenderFilter, "institutions": InstitutionFilter, "companies": CompanyFilter}
ORDERS = [
    (name, sign + order)
    for name, filter_class in LISTS.items()
    for order in filter_class.base_filters["sort"].orders
    for sign in ("", "-")
]


@pytest.fixture(autouse=True)
def past_folder(settings, tmp_path):
    settings.PAST_ROOT = tmp_path / "past"


def get(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.text
    return json.loads(response.getvalue(), parse_float=Decimal), response


def walk(client, address, *, between=lambda: None):
    """Yield the pages of a list, following ``next``; ``between`` is called after each of them."""
    while address:
        page, _response = get(client, address)
        yield page
        between()
        address = page["meta"]["next"]


def rows_of(pages):
    return [row for page in pages for row in page["results"]]


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_the_rows_behind_each_row_are_those_of_the_list(all_data, name, order):
    """The condition alone, without a view: every order, both ways, from every row."""
    filterset = LISTS[name](QueryDict(f"sort={order}"))
    expected = [record.reference for record in filterset.qs]

    found, cursor = [], None
    while True:
        page = read_page(filterset.qs, filterset.order, 7, after=cursor)
        found += [record.reference for record in page.records]
        if (cursor := page.next) is None:
            break
        cursor = Cursor.decode(cursor.encode("a list"), "a list")

    assert found == expected


@pytest.mark.parametrize(
    "address", ["/tenders.json?sort=amount&year=2019", "/companies.json?", "/statements.json?", "/sources.json?"]
)
def test_the_pages_of_a_list_are_the_list(client, all_data, address):
    whole, _response = get(client, address)
    limit = max(1, len(whole["results"]) // 3)

    pages = list(walk(client, f"{address}&limit={limit}"))

    assert "next" not in whole["meta"]
    assert len(pages) in (3, 4)
    assert rows_of(pages) == whole["results"]
    assert {page["meta"]["total"] for page in pages} == {len(whole["results"])}
    assert {json.dumps(page["meta"]["unknown"]) for page in pages} == {json.dumps(whole["meta"]["unknown"])}
    assert {page["meta"]["page"] for page in pages} == {whole["meta"]["page"]}


def test_the_next_page_is_in_the_header_too(client, article_data):
    page, response = get(client, "/tenders.json?year=2018&limit=4")
    last, response_of_last = get(client, "/tenders.json?year=2018&limit=1000")

    assert f'<{page["meta"]["next"]}>; rel="next"' in response["Link"]
    assert page["meta"]["address"] == "http://testserver/tenders.json?year=2018&limit=4"
    assert page["meta"]["next"].startswith(f"{page['meta']['address']}&cursor=")
    assert client.head("/tenders.json?year=2018&limit=4")["Link"] == response["Link"]
    assert last["meta"]["next"] is None
    assert 'rel="next"' not in response_of_last["Link"]
    assert len(last["results"]) == 10


def edit(chance):
    """Edit a record so that the order of lists changes: its title, its year, its amount, or whether it is there."""
    tender = chance.choice(list(Tender.objects.published().order_by("pk")))
    kind = chance.choice(["title", "year", "amount", "withdraw", "new", "award"])
    with change_set(ChangeKind.CHANGED, None, "Corrected."):
        if kind == "new":
            create_tender(title_en=f"New {chance.random()}", year=chance.choice([2018, 2019]))
        elif kind == "withdraw":
            tender.state = EditorialState.WITHDRAWN
            tender.save()
        elif kind == "amount" and (award := tender.awards.first()):
            award.amount = chance.choice([None, Decimal(chance.randrange(10_000))])
            award.amount_qualifier = ""
            award.save()
        elif kind == "award" and not tender.awards.exists():
            create_award(tender, amount=chance.randrange(10_000))
        else:
            tender.title_en, tender.title_en_status = f"{chance.choice('AMZ')} {chance.random()}", NameStatus.SOURCED
            tender.year = chance.choice([2017, 2019, 2020])
            tender.save()


def create_list(number):
    region = create_region()
    with change_set(ChangeKind.ADDED, None, ""):
        for count in range(number):
            tender = create_tender(title_en=chr(65 + count) if count % 3 else "", year=2018 + count % 2, region=region)
            if count % 2:
                create_award(tender, amount=count * 100 if count % 3 else None)


@pytest.mark.parametrize("order", ["title", "-title", "-amount", "-year"])
def test_pages_do_not_drift_while_records_are_edited(client, db, order):
    """Each reference once, in the order of the first page; what was withdrawn meanwhile is left out."""
    create_list(10)
    before = [row["reference"] for row in get(client, f"/tenders.json?sort={order}")[0]["results"]]
    chance = random.Random(order)  # noqa: S311 repeatable

    pages = list(walk(client, f"/tenders.json?sort={order}&limit=3", between=lambda: edit(chance)))

    found = [row["reference"] for row in rows_of(pages)]
    withdrawn = set(Tender.objects.filter(state=EditorialState.WITHDRAWN).values_list("reference", flat=True))
    assert Change.objects.count() > 3
    assert len(set(found)) == len(found)
    assert [reference for reference in found if reference not in withdrawn] == [
        reference for reference in before if reference not in withdrawn
    ]


def test_a_later_page_has_the_values_of_the_first_ones_change(client, db):
    create_list(4)
    first, _response = get(client, "/tenders.json?sort=reference&limit=2")
    whole = get(client, "/tenders.json?sort=reference")[0]["results"]
    with change_set(ChangeKind.CHANGED, None, "Corrected."):
        for tender in Tender.objects.all():
            tender.title_en, tender.title_en_status = "Corrected", NameStatus.SOURCED
            tender.save()

    second, _response = get(client, first["meta"]["next"])

    assert first["results"] + second["results"] == whole
    assert {row["title_en"] for row in get(client, "/tenders.json")[0]["results"]} == {"Corrected"}


def test_a_write_while_a_page_is_read_does_not_move_its_rows(client, db, monkeypatch):
    """It comes after the page has been found to be one of the present."""
    create_list(6)
    first, _response = get(client, "/tenders.json?sort=title&limit=3")
    expected = [row["reference"] for row in get(client, "/tenders.json?sort=title")[0]["results"]]
    from tenders.views import paging

    def write_first(*args, **options):
        monkeypatch.setattr(paging, "read_page", read_page)
        with change_set(ChangeKind.CHANGED, None, "Corrected."):
            tender = Tender.objects.get(reference=expected[0])
            tender.title_en, tender.title_en_status = "ZZZ", NameStatus.SOURCED
            tender.save()
        return read_page(*args, **options)

    monkeypatch.setattr(paging, "read_page", write_first)
    second, _response = get(client, first["meta"]["next"])

    assert [row["reference"] for row in rows_of([first, second])] == expected


@pytest.mark.parametrize(
    ("query", "parameter", "type_"),
    [
        ("limit=0", "limit", "unreadable-value"),
        ("limit=1001", "limit", "unreadable-value"),
        ("limit=ten", "limit", "unreadable-value"),
        ("limit=1&limit=2", "limit", "unreadable-value"),
        ("cursor=x", "limit", "unreadable-value"),
        ("limit=2&cursor=x", "cursor", "cursor"),
        ("limit=2&cursor=W10~x", "cursor", "cursor"),
        ("limt=2", "limt", "unknown-parameter"),
    ],
)
def test_a_page_that_cannot_be_read_is_refused(client, db, query, parameter, type_):
    create_list(3)
    response = client.get(f"/tenders.json?{query}")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["type"] == f"http://testserver/data/api/#{type_}"
    assert response.json()["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize("change", ["sort=-year", "year=2018", ""])
def test_a_cursor_of_another_query_is_refused(client, db, change):
    create_list(5)
    cursor = QueryDict(get(client, "/tenders.json?sort=title&limit=2")[0]["meta"]["next"].partition("?")[2])["cursor"]

    response = client.get(
        f"/tenders.json?{change}&limit=2", {"cursor": cursor, "limit": 2} | dict(QueryDict(change).items())
    )

    assert response.json()["type"] == "http://testserver/data/api/#cursor"
    assert client.get(f"/institutions.json?limit=2&cursor={cursor}").status_code == 400


def test_a_draft_changes_no_cursor(client, db):
    create_list(3)
    before = get(client, "/tenders.json?limit=2")[0]
    with change_set(ChangeKind.ADDED, None, ""):
        create_tender(state=EditorialState.DRAFT)

    assert get(client, "/tenders.json?limit=2")[0] == before


def test_a_cursor_of_a_history_that_is_gone_is_refused(client, db):
    create_list(3)
    following = get(client, "/tenders.json?limit=2")[0]["meta"]["next"]
    number = Change.objects.order_by("pk").last().pk
    Tender.history.model.objects.all().delete()
    Award.history.model.objects.all().delete()
    Change.objects.all().delete()

    assert client.get(following).json()["type"].endswith("#cursor")
    Change.objects.create(pk=number, kind=ChangeKind.ADDED)  # of another history
    assert client.get(following).json()["type"].endswith("#cursor")


@pytest.mark.parametrize(
    "content", [[[], None, None], [["A"], None, None], [[1, 2, 3, 4], None, None], [[], 9, None], {}]
)
def test_a_cursor_of_a_former_release_is_refused(client, db, content):
    signed = Signer(salt=f"cursor of {['/tenders.json', '']}", sep="~").sign_object(content)

    assert client.get(f"/tenders.json?limit=2&cursor={signed}").json()["type"].endswith("#cursor")


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
@settings(max_examples=30)
def test_no_text_makes_a_500(text):
    with pytest.raises(UnreadableCursorError):
        Cursor.decode(text, "a list")


def test_other_forms_are_whole(client, db):
    for form in ("csv", "xlsx", "jsonl"):
        assert client.get(f"/tenders.{form}?limit=2").json()["type"].endswith("#unknown-parameter")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["", "year=2019", "q=zzz"])
def test_unknown_values_are_counted_by_column(client, all_data, name, query):
    page, _response = get(client, f"/{name}.json?{query}")

    assert page["meta"]["unknown"] == {
        column: sum(row[column] is None for row in page["results"]) for column in page["meta"]["unknown"]
    }
    assert {"tenders": "award_amount", "institutions": "level", "companies": "size"}[name] in page["meta"]["unknown"]


def test_a_value_that_names_what_is_not_public_is_unknown(client, db):
    create_tender(buyer=create_institution(state=EditorialState.DRAFT))
    create_tender(buyer=create_institution())
    create_award(create_tender(), create_company())

    assert count_unknown(TenderFilter().qs)["institution"] == 2
    assert get(client, "/tenders.json")[0]["meta"]["unknown"]["institution"] == 2
