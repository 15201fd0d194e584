"""The data page: its links, counts, data dictionary and citation are right."""

import html
import re

from django.conf import settings

from tenders.catalogue import dataset_summary
from tenders.citing import citation_for
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.statements import SOURCES, STATEMENTS
from tests.conftest import ALL_DATA
from tests.factories import create_tender


def test_every_column_of_every_list_is_explained_in_both_languages(client, db):
    row = re.compile(r"<tr>\s*<th scope=\"row\"><code>(\w+)</code></th>\s*<td>(.+?)</td>\s*<td>(.+?)</td>\s*</tr>")
    for address in ("/data/", "/zh-hans/data/"):
        tables = client.get(address).text.split("<table>")[1:]
        for table, columns in zip(tables, (TENDERS, INSTITUTIONS, COMPANIES, STATEMENTS, SOURCES), strict=True):
            rows = row.findall(table)
            assert [name for name, _holds, _meaning in rows] == [column.name for column in columns]
            if address == "/data/":
                meanings = [html.unescape(meaning) for _name, _holds, meaning in rows]
                assert meanings == [str(column.description) for column in columns]


def test_the_type_number_is_translated_as_a_quantity(client, db):
    text = client.get("/zh-hans/data/").text

    assert re.search(r'<th scope="row"><code>founded_year</code></th>\s*<td>数字</td>', text)


def test_every_list_is_offered_in_every_form_with_its_number_of_rows(client, article_data):
    text = client.get("/data/").text

    for name, number in (("tenders", 34), ("institutions", 28), ("companies", 5)):
        assert f'href="/{name}/" data-count="{number}"' in text
        for form in ("csv", "xlsx", "json"):
            assert f'href="/{name}.{form}"' in text
    for name in ("statements", "sources"):
        number = client.get(f"/{name}.jsonl").getvalue().count(b"\n")
        assert re.search(rf"\b{number} rows\b.*?/{name}\.csv", text, re.DOTALL)


def test_the_example_has_the_same_rows_as_page_and_as_file(client, article_data):
    page, file, record = re.findall(r'<a href="([^"]+)"[^>]*><code>', client.get("/data/").text)

    found = client.get(html.unescape(page)).context["total"]
    lines = b"".join(client.get(html.unescape(file))).decode().splitlines()

    assert 0 < found == len(lines) - 1
    assert client.get(record).json()["record"]["facts"]


def test_the_citation_of_the_data_set_equals_the_citation_file(all_data):
    text = (settings.BASE_DIR / "CITATION.cff").read_text(encoding="utf-8")
    stated = dict(re.findall(r'(\w+): "?([^"\n]+)', text.split("- type: data")[1].split("- type:")[0]))

    found = citation_for(dataset_summary(), "address")

    assert found.title == stated["title"]
    assert found.author == stated["name"]
    assert stated["license"] == "CC-BY-4.0"
    assert "CC BY 4.0" in found.note


def test_an_empty_site_has_a_data_page(client, db):
    text = client.get("/data/").text

    assert "Data set on Chinese government blockchain tenders”" in text
    assert 'data-count="0"' in text


def test_the_title_of_the_data_set_has_the_years_of_published_tenders(db):
    create_tender(year=2020)
    assert dataset_summary().title.endswith(", 2020")

    create_tender(year=2011)
    create_tender(year=2030, state="draft")
    assert dataset_summary().title.endswith(", 2011 to 2020")


def test_the_sitemap_has_the_data_page(client, db):
    assert "http://testserver/data/" in client.get("/sitemap-pages.xml").text


def test_it_names_all_fixtures_of_the_data_set(client, db):
    named = re.search(r"<code>python manage.py loaddata ([^<]+)</code>", client.get("/data/").text)[1].split()

    assert tuple(named) == ALL_DATA
    assert sorted(named) == sorted(path.stem for path in (settings.BASE_DIR / "fixtures").glob("*.json"))
