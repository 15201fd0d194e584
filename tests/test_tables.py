"""The tables of the lists: django-tables2 draws them in the order that the filter set makes."""

import re

import pytest
from django.utils.translation import override

from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.tables import CompanyTable, InstitutionTable, TenderTable

LISTS = {
    "/tenders/": (TenderTable, TenderFilter),
    "/institutions/": (InstitutionTable, InstitutionFilter),
    "/companies/": (CompanyTable, CompanyFilter),
}
CURRENT = re.compile(r'aria-sort="(\w+)"\s*>\s*<a id="[\w-]+" href="([^"]*)"')


@pytest.mark.parametrize(("table", "filterset"), LISTS.values())
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_column_that_can_be_ordered_is_an_order_of_the_filter_set(table, filterset, language, db):
    with override(language):
        names = {column.name for column in table([]).columns if column.orderable}

    assert names
    assert names <= set(filterset.base_filters["sort"].orders)


@pytest.mark.parametrize("path", LISTS)
def test_the_heading_of_the_order_names_it_and_links_to_the_reverse(client, all_data, path):
    name = "title" if path == "/tenders/" else "name"

    for sort, direction, link in ((name, "ascending", f"-{name}"), (f"-{name}", "descending", name)):
        assert CURRENT.findall(client.get(path, {"sort": sort}).text) == [(direction, f"?sort={link}")]


def test_a_heading_leads_to_the_first_page_and_keeps_the_filters(client, all_data):
    text = client.get("/tenders/?year=2019&per_page=25&page=1&sort=region").text

    assert CURRENT.findall(text) == [("ascending", "?year=2019&amp;per_page=25&amp;sort=-region")]


def test_an_order_without_a_column_marks_no_heading(client, all_data):
    assert CURRENT.findall(client.get("/tenders/?sort=reference").text) == []


def test_readers_of_chinese_order_names_in_chinese(client, all_data):
    assert CURRENT.findall(client.get("/zh-hans/tenders/?sort=title_zh").text) == [("ascending", "?sort=-title_zh")]
    assert CURRENT.findall(client.get("/tenders/?sort=title_zh").text) == []


def test_a_page_of_a_table_has_the_rows_of_the_filter_set_in_its_order(client, all_data):
    rows = TenderFilter(client.get("/tenders/?sort=-amount&per_page=10&page=2").wsgi_request.GET).qs[10:20]

    page = client.get("/tenders/?sort=-amount&per_page=10&page=2")

    assert [row.record for row in page.context["table"].paginated_rows] == list(rows)
