"""Limits of requests: what is more is refused in words, before anything computes it."""

import pytest
from django.conf import settings
from django.urls import reverse

from tenders.search import MAX_WORDS
from tenders.views.limits import MAX_BODY, MAX_QUERY
from tests.factories import create_tender

PAGES = ["/", "/tenders/", "/zh-hans/", "/articles/compare/", "/data/", "/about/method/", "/healthz", "/robots.txt"]
FILES = [
    "/static/favicon.svg",
    "/favicon.ico",
    "/sitemap.xml",
    "/tenders.csv",
    "/admin/",
    "/admin/login/",
    "/admin/tenders/tender/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PAGES, *FILES])
@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PROPFIND"])
def test_other_methods_are_refused_everywhere(client, path, method):
    response = client.generic(method, path)

    assert response.status_code == 405
    assert {"GET", "HEAD"} <= set(response["Allow"].split(", "))
    assert method not in response["Allow"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/robots.txt", "/favicon.ico", "/sitemap.xml"])
def test_a_file_is_only_read(client, path):
    response = client.post(path)

    assert response.status_code == 405
    assert response["Allow"] in ("GET, HEAD", "GET, HEAD, OPTIONS")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/tenders/", "/zh-hans/tenders/", "/search/suggestions/", "/tenders.csv", "/admin/tenders/tender/", "/healthz"],
)
def test_a_long_query_string_is_refused_in_words(client, path):
    at_most = client.get(path, QUERY_STRING="x" * MAX_QUERY)
    longer = client.get(path, QUERY_STRING="x" * (MAX_QUERY + 1))

    assert at_most.status_code != 414
    assert longer.status_code == (400 if path == "/tenders.csv" else 414)  # of data, a problem with a type
    assert "4000" in longer.text
    assert "4001" in longer.text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/login/", "/admin/tenders/source/add/"])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(client, path):
    response = client.post(path, CONTENT_LENGTH=str(MAX_BODY + 1))

    assert response.status_code == 413
    assert "20 MB" in response.text


def test_a_form_that_is_too_large_is_refused_in_words(admin_client):
    body = "title=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    response = admin_client.generic(
        "POST", reverse("admin:tenders_source_add"), body, "application/x-www-form-urlencoded"
    )

    assert response.status_code == 413
    assert "2.5 MB" in response.text


def test_a_form_with_too_many_fields_is_refused_in_words(admin_client):
    body = "&".join(f"field-{n}=" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))

    response = admin_client.generic(
        "POST", reverse("admin:tenders_source_add"), body, "application/x-www-form-urlencoded"
    )

    assert response.status_code == 413
    assert "3,000" in response.text


@pytest.mark.django_db
def test_a_search_for_many_words_is_refused_in_words(client):
    create_tender(title_en=" ".join(map(str, range(100, 125))), title_en_status="sourced")
    wanted = [str(number) for number in range(100, 121)]

    found = client.get("/tenders/", {"q": " ".join(wanted[:MAX_WORDS])})
    too_many = client.get("/tenders/", {"q": " ".join(wanted)})

    assert 'data-total="1"' in found.text
    assert "Search for at most 20 words; you entered 21." in too_many.text
    assert client.get("/tenders.csv", {"q": " ".join(wanted)}).status_code == 400


def test_a_search_of_the_admin_for_many_words_is_refused_in_words(admin_client):
    create_tender()

    response = admin_client.get(
        reverse("admin:tenders_tender_changelist"), {"q": "0 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k"}
    )

    assert "Search for at most 20 words; you entered 21." in response.text
