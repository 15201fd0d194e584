"""Pages as data: each page has a twin that has its rows in its order, and every number is that of its address."""

import csv
import io
import json
import re
from decimal import Decimal
from fractions import Fraction
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.urls import resolve
from django.utils import translation

from tenders.charts.list_charts import CHARTS
from tenders.charts.marks import PATHS
from tenders.choices import EditorialState, Verdict
from tenders.exports.writers import json_text
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Article, Citation, Company, Institution, RedirectedReference, Source, Tender
from tenders.models.sources import disputed
from tenders.urls import citation_urlpatterns, urlpatterns
from tenders.views.claim_data import number
from tenders.views.twin_links import TWINS
from tests.factories import create_article, create_claim, create_company, create_tender

# The public addresses that have no data of their own, and why.
WITHOUT = {
    "chart-picture": "a file of a chart, as its data are",
    "search-suggestions": "a part of the search page, for its field",
    "report": "a form",
    "report-outcome": "the answer to one reader",
    "subscribe": "a form",
    "subscribe-sent": "the answer to one reader",
    "alert": "a page for one reader",
    "reconciliation-preview": "a part of the page of another program",
    "about": "leads on to another page",
}
ARTICLE = "/articles/interchain-pulse-2019"
# A page of each kind, as the shipped records have it; the others of its kind have the same view.
PAGES = [
    "/",
    "/tenders/?year=2019&sort=-amount&page=1&columns=year&per_page=50",
    "/institutions/?region=CN-GD",
    "/companies/",
    "/tenders/TW-N9GRJT/",
    "/institutions/I-DGGADZ/",
    "/companies/C-D7R2CN/",
    "/articles/",
    "/articles/compare/",
    f"{ARTICLE}/?verdict=agrees",
    f"{ARTICLE}/claims/A20/",
    "/search/?q=beijing",
    "/changes/",
    "/data/",
    "/data/versions/",
    "/data/api/",
    "/about/method/",
    "/embed/tenders/region/?year=2019",
]
CHINESE = ["/tenders/?year=2019", "/embed/tenders/region/", f"{ARTICLE}/claims/A20/"]
TWIN_PAGES = [
    "/index.json",
    "/tenders/TW-N9GRJT.json",
    "/institutions/I-DGGADZ.json",
    "/articles.json",
    "/articles/compare.json",
    f"{ARTICLE}.json",
    f"{ARTICLE}.json?verdict=agrees",
    f"{ARTICLE}/claims/A20.json",
    "/search.json?q=beijing",
    "/data.json",
    "/charts/tenders/region.json?year=2019",
    "/statements.json?year=2019",
    "/sources.json",
]
LINK = re.compile(r'<([^>]+)>; rel="alternate"; type="([^"]+)"')
ALTERNATE = re.compile(r'<link rel="alternate" type="([^"]+)" href="([^"]+)">')
FILTERS = {"/tenders/": TenderFilter, "/institutions/": InstitutionFilter, "/companies/": CompanyFilter}


def document(response):
    assert response.status_code == 200, response.getvalue()
    assert response["Content-Type"] == "application/json"
    return json.loads(response.getvalue(), parse_float=Decimal)


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def rows_at(address):
    """Return the rows of the list at an address."""
    parts = urlsplit(address)
    filterset = FILTERS[parts.path](QueryDict(parts.query))
    assert not [*filterset.parameter_errors, *filterset.unknown_parameters], address
    return filterset.qs


def counted_in(value):
    """Yield each part of a document that has a number and the address of what it counts."""
    if isinstance(value, dict):
        if {"number", "address"} <= set(value) and value["address"]:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from counted_in(item)


# What there is


def test_each_public_page_has_a_twin_or_a_reason_for_having_none():
    names = {pattern.name for pattern in urlpatterns}

    assert {*TWINS, *WITHOUT} == names
    assert not {*TWINS} & {*WITHOUT}
    assert not names & {pattern.name for pattern in citation_urlpatterns}


def test_the_sample_has_a_page_of_each_kind():
    with translation.override("en"):
        # What has been changed needs a history: tests/test_comparison.py
        assert {resolve(urlsplit(page).path).view_name for page in PAGES} == set(TWINS) - {"compare"}


@pytest.mark.parametrize(
    ("prefix", "page"), [*(("", page) for page in PAGES), *(("/zh-hans", page) for page in CHINESE)]
)
def test_a_page_and_its_twins_name_each_other(shipped_pages, prefix, page):
    response = shipped_pages.get(f"{prefix}{page}")

    named = LINK.findall(response["Link"])
    in_head = [(address.replace("&amp;", "&"), kind) for kind, address in ALTERNATE.findall(response.text)]
    assert named == [found for found in in_head if "oembed" not in found[1]]
    for address, kind in named:
        twin = shipped_pages.get(path_of(address))
        assert (twin.status_code, twin["Content-Type"].partition(";")[0]) == (200, kind)
        (back,) = [other for other, type_ in LINK.findall(twin["Link"]) if type_ == "text/html"]
        if prefix == "":
            read = parse_qs(urlsplit(page).query)
            assert urlsplit(back).path in (urlsplit(page).path, "/tenders/")
            assert parse_qs(urlsplit(back).query).items() <= {**read, "view": ["charts"]}.items()


def test_a_page_of_errors_names_no_twin(client, article_data):
    for address in ("/tenders/?year=x", "/tenders/TW-000000/", "/search/?q=!", f"{ARTICLE}/?verdict=x"):
        assert "Link" not in client.get(address, headers={"accept": "text/html"})
    nothing = client.get("/embed/tenders/amount/?year=2099")
    assert (nothing.status_code, "Link" in nothing) == (200, False)


# What twins have


def test_the_claims_of_an_article_are_those_of_its_page_in_its_order(client, article_data):
    for query in ("", *(f"?verdict={verdict}" for verdict in Verdict.values)):
        page = client.get(f"{ARTICLE}/{query}")
        shown = [figure["code"] for group in page.context["groups"] for figure in group["figures"]]

        found = document(client.get(f"{ARTICLE}.json{query}"))

        assert [claim["code"] for claim in found["article"]["claims"]] == shown
        assert found["meta"]["total"] == len(shown)


def test_a_claim_of_an_article_is_that_of_its_own_address(client, article_data):
    claims = document(client.get(f"{ARTICLE}.json"))["article"]["claims"]

    for claim in claims[::10]:
        found = document(client.get(f"{path_of(claim['address']).rstrip('/')}.json"))["claim"]
        assert {name: found[name] for name in claim} == claim


def test_the_queries_of_each_claim_are_proved_by_their_lists(client, all_data):
    for article in Article.objects.published():
        for claim in document(client.get(f"/articles/{article.slug}.json"))["article"]["claims"]:
            for query in claim["queries"]:
                sure, possible = set(query["sure"]), set(query["possible"])
                assert not sure & possible
                assert sure <= set(query["listed"])
                if query["address"]:
                    listed = rows_at(query["address"]).values_list("reference", flat=True)
                    assert sorted(listed) == sorted(query["listed"]), claim["code"]


@pytest.mark.parametrize("twin", TWIN_PAGES)
def test_every_number_is_that_of_the_list_at_its_address(shipped_pages, twin):
    found = document(shipped_pages.get(twin))

    for part in counted_in(found):
        path = urlsplit(part["address"]).path
        if path in FILTERS:
            assert part["number"] == rows_at(part["address"]).count(), part
        elif "verdict=" in part["address"]:
            other = path_of(part["address"]).replace("/?", ".json?")
            assert part["number"] == document(shipped_pages.get(other))["meta"]["total"]
        else:
            pytest.fail(f"What does {part['address']} count?")


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, charts in CHARTS.items() for name in charts])
def test_a_chart_as_json_has_the_rows_of_its_csv_with_their_numbers(shipped_pages, kind, name):
    party = Institution.objects.get(name_en__startswith="China Cybersecurity").reference
    query = f"?institution={party}" if name == "time" else ""
    address = f"/charts/{PATHS[kind]}/{name}"

    found = document(shipped_pages.get(f"{address}.json{query}"))

    table = shipped_pages.get(f"{address}.csv{query}").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [list(row) for row in rows] == [list(row) for row in found["results"]]
    assert [row["address"] for row in rows] == [row["address"] for row in found["results"]]
    assert found["meta"]["total"] == rows_at(found["chart"]["list"]).count()
    for row in found["results"]:
        if row["address"] and "number" in row:
            assert row["number"] == rows_at(row["address"]).count()


def test_articles_and_what_they_count_are_those_of_their_pages(client, all_data):
    shown = client.get("/articles/").context["articles"]
    found = document(client.get("/articles.json"))["results"]
    assert [path_of(article["address"]) for article in found] == [article["url"] for article in shown]

    page = client.get("/articles/compare/").context
    found = document(client.get("/articles/compare.json"))["results"]
    assert [(row["year"], row["recorded"]["number"]) for row in found] == [
        (row["year"], row["recorded"].number) for row in page["rows"]
    ]
    assert [[path_of(claim["address"]) for claim in row["claims"]] for row in found] == [
        [figure["url"] for _publisher, figure in row["cells"] if figure] for row in page["rows"]
    ]


def test_the_search_finds_what_its_page_shows(client, all_data):
    for query in ("q=beijing", "q=2019&group=claims&page=2", "q=tencnt", "q=walrus+beijing", ""):
        page = client.get(f"/search/?{query}").context
        found = document(client.get(f"/search.json?{query}"))
        groups = [page["page"]] if "page" in page else page.get("groups", [])

        assert [(group["name"], group["total"]) for group in found["groups"]] == [
            (group["name"], group["total"]) for group in groups
        ]
        assert [[path_of(row["address"]) for row in group["results"]] for group in found["groups"]] == [
            [row.get_absolute_url() for row in group["rows"]] for group in groups
        ]
    assert document(client.get("/search.json?q=tencnt"))["did_you_mean"] == ["tencent"]


def test_a_figure_is_a_number_rounded_to_ten_digits_where_it_has_more():
    assert json_text(number(Fraction(100, 3))) == "33.3333333333"
    assert json_text(number(Fraction(1, 8))) == "0.125"
    assert json_text(number(Fraction(4, 2))) == "2"
    assert json_text([number(7), number(None)]) == "[7, null]"


def test_a_tender_has_the_articles_of_its_page(client, all_data):
    for tender in Tender.objects.published()[::5]:
        page = client.get(tender.get_absolute_url()).context["articles"]

        found = document(client.get(f"/tenders/{tender.reference}.json"))["record"]["articles"]

        assert [(article["slug"], article["reason"]) for article in found] == [
            (article.slug, inclusion.reason if inclusion else "") for article, inclusion in page
        ]


# Statements and sources


def test_statements_are_all_citations_and_so_are_those_of_records(client, all_data):
    rows = document(client.get("/statements.json"))

    assert rows["meta"]["total"] == len(rows["results"]) == Citation.objects.count()
    of_tender = [row for row in rows["results"] if row["target"] == "TW-N9GRJT"]
    record = document(client.get("/tenders/TW-N9GRJT.json"))["record"]
    parts = [("", record["facts"]), *((award["number"], award["facts"]) for award in record["awards"])]
    stated = [
        {"award": number, "fact": fact, **statement}
        for number, facts in parts
        for fact, found in facts.items()
        for statement in found["statements"]
    ]
    assert sorted(map(repr, stated)) == sorted(
        repr({name: value for name, value in row.items() if name not in ("target", "address")}) for row in of_tender
    )


@pytest.mark.parametrize("query", ["year=2019&region=CN-GD", "disputed=yes"])
def test_statements_are_those_on_the_tenders_asked_for_and_on_who_takes_part(client, all_data, query):
    tenders = set(rows_at(f"/tenders/?{query}"))
    parties = {tender.buyer for tender in tenders} | {
        company for tender in tenders for company in Company.objects.filter(awards__tender=tender)
    }
    names = {record.reference for record in {*tenders, *parties} - {None}}
    expected = [citation for citation in Citation.objects.all() if citation.record.reference in names]

    found = document(client.get(f"/statements.json?{query}"))["results"]

    assert len(found) == len(expected)
    assert {row["target"] for row in found} <= names
    sources = document(client.get(f"/sources.json?{query}"))["results"]
    numbers = {source["source"]: source["num_statements"] for source in sources}
    assert {slug: number for slug, number in numbers.items() if number} == {
        slug: sum(row["source"] == slug for row in found) for slug in {row["source"] for row in found}
    }
    assert {source["version_of"] for source in sources} - {""} <= set(numbers)


def test_all_sources_are_those_of_statements_and_of_articles(client, all_data):
    found = document(client.get("/sources.json"))

    used = Source.objects.filter(citations__isnull=False) | Source.objects.filter(articles__isnull=False)
    used |= Source.objects.filter(claims__isnull=False)
    assert {row["source"] for row in found["results"]} >= set(used.values_list("slug", flat=True))
    assert found["meta"]["total"] == Source.objects.count()


def test_disputed_facts_of_records_are_those_of_the_list(client, all_data):
    on_page = {tender.reference for tender in rows_at("/tenders/?disputed=yes")}
    found = set()
    for tender in Tender.objects.published():
        citations = tender.citations.all()
        if disputed(citations):
            found.add(tender.reference)
            record = document(client.get(f"/tenders/{tender.reference}.json"))["record"]
            facts = [fact for part in (record, *record["awards"]) for fact in part["facts"].values()]
            assert sum(fact["disputed"] for fact in facts) == len(disputed(citations))
    assert found == on_page != set()


# HTTP


@pytest.mark.parametrize("address", TWIN_PAGES)
def test_the_same_data_are_the_same_bytes_until_they_change(client, all_data, address):
    first = client.get(address)
    content = first.getvalue()
    meta = json.loads(content)["meta"]

    assert client.get(address).getvalue() == content
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    head = client.head(address)
    assert (head.status_code, head.getvalue(), head["Link"]) == (200, b"", first["Link"])
    assert meta["address"].endswith(address)
    assert {"page", "date", "licence"} <= set(meta)
    Source.objects.filter(pk=Source.objects.earliest("pk").pk).update(notes="Another")
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", [address for address in TWIN_PAGES if "CN-" not in address])
def test_an_unknown_parameter_is_an_error(client, all_data, address):
    response = client.get(f"{address}{'&' if '?' in address else '?'}wrong=1")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["errors"][0]["parameter"] == "wrong"


def test_what_is_gone_or_never_was_says_so_as_data(client, db):
    company = create_company(state=EditorialState.WITHDRAWN)
    article = create_article(state=EditorialState.WITHDRAWN)
    claim = create_claim(article, "none", code="W1")

    gone = [f"/companies/{company.reference}.json", f"/articles/{article.slug}.json"]
    gone += [f"/articles/{article.slug}/claims/{claim.code}.json"]
    nothing = ["/companies/C-000000.json", "/articles/nothing.json", f"/articles/{article.slug}/claims/W2.json"]
    nothing += [f"/tenders/{create_tender(state=EditorialState.DRAFT).reference}.json", "/charts/tenders/nothing.json"]

    for status, addresses in ((410, gone), (404, nothing)):
        for address in addresses:
            response = client.get(address)
            assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), address
            assert "." in response.json()["detail"]


def test_a_merged_record_leads_to_the_twin_of_the_other(client, db):
    company = create_company()
    RedirectedReference.objects.create(reference="C-ZZZZZZ", redirects_to=company.reference, is_public=True)

    response = client.get("/companies/C-ZZZZZZ.json")

    assert (response.status_code, response["Location"]) == (301, f"/companies/{company.reference}.json")
