"""Addresses of data, as programs use them: from any web page, with errors that can be read, and for reading alone."""

import pytest

from tenders.exports.writers import FORMS
from tests.factories import create_tender

DATA = [*(f"/{name}.{form}" for name in ("tenders", "institutions", "companies") for form in FORMS), "/oembed?url=x"]
DATA += ["/ocds/releases.json", "/ocds/records/TW-N9GRJT.json", "/ocds/extension/1.0/extension.json"]
DATA += ["/index.json", "/articles.json", "/articles/interchain-pulse-2019/claims/A20.json", "/statements.csv"]
DATA += ["/charts/tenders/years.csv", "/charts/tenders/years.svg", "/data/citation.bib", "/zh-hans/data/citation.json"]
DATA += ["/changes.json", "/tenders.atom?year=2019", "/zh-hans/changes.feed.json"]
WRONG = [
    "/tenders.json?year=x",
    "/changes.json?since=x",
    "/tenders.jsonl?yaer=2019",
    "/tenders/TW-000000.json",
    "/ocds/releases.json?yaer=2019",
    "/ocds/records/TW-000000.json",
    "/nothing.json",
]
ORIGIN = {"origin": "https://notebook.example"}


@pytest.mark.parametrize("address", [*DATA, *WRONG])
def test_a_page_of_another_site_may_read_data_and_errors(client, article_data, address):
    response = client.get(address, headers=ORIGIN)

    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Link" in response["Access-Control-Expose-Headers"]
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    if address in WRONG:
        assert response.status_code in (400, 404)
        assert response["Content-Type"] == "application/problem+json"


def test_so_it_may_what_has_not_changed(client, article_data):
    tag = client.get("/tenders.csv")["ETag"]

    response = client.get("/tenders.csv", headers={"if-none-match": tag, **ORIGIN})

    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (304, "*")


@pytest.mark.parametrize("address", ["/tenders/", "/", "/about/method/", "/nothing/", "/admin/login/", "/healthz"])
def test_pages_are_for_this_site_alone(client, article_data, address):
    assert "Access-Control-Allow-Origin" not in client.get(address, headers=ORIGIN)


@pytest.mark.parametrize("address", [*DATA, *WRONG])
def test_a_browser_that_asks_first_is_told_what_it_may(client, db, address):
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "if-none-match", **ORIGIN}
    response = client.options(address, headers=asked)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("address", ["/tenders.csv", "/oembed", "/nothing.json"])
def test_data_can_only_be_read(client, db, method, address):
    """Without a form there is no token of one: 403 would not say what is wrong."""
    client.handler.enforce_csrf_checks = True
    response = client.generic(method, address, headers=ORIGIN)

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert "can only be read" in response.json()["detail"]


def test_a_person_sees_an_error_as_a_page(client, db):
    response = client.get("/nothing.json", headers={"accept": "text/html,*/*;q=0.8"})

    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_json_lines_of_no_rows_are_empty(client, db):
    assert client.get("/tenders.jsonl").getvalue() == b""
    create_tender(state="published", title_en="A platform")
    assert client.get("/tenders.jsonl").getvalue().count(b"\n") == 1


@pytest.mark.parametrize(
    "address",
    ["/data/versions.json", "/about/method.md", "/data/dcat.jsonld", "/openapi.json", "/index.json", "/search.json"],
)
def test_data_refuse_a_parameter_that_they_do_not_know(client, article_data, address):
    response = client.get(f"{address}?yaer=2019")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["errors"][0]["parameter"] == "yaer"
