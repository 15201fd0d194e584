"""Charts as data, pictures, pages for other sites and oEmbed: each chart has each form, and all forms say the same."""

import csv
import io
import json
import re
import struct
import zlib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings

from tenders.charts import rendering
from tenders.charts.embedding import WIDTH
from tenders.charts.list_charts import CHARTS
from tenders.charts.marks import PATHS
from tenders.charts.pictures import svg_of
from tenders.models import Category, Company, Institution
from tests.factories import (
    create_award,
    create_category,
    create_company,
    create_institution,
    create_region,
    create_tender,
)
from tests.test_charts import charts_of, number_at

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [(kind, name) for kind, charts in CHARTS.items() for name in charts]
LANGUAGES = {"": "/tenders/", "/zh-hans": "/zh-hans/tenders/"}
has_fonts = pytest.mark.skipif(not rendering.can_draw(), reason="needs fonts for Latin letters and Chinese characters")


def query_for(name):
    """Return a query string of a list that has a chart of a name."""
    party = Institution.objects.filter(name_en__startswith="China Cybersecurity").values_list("reference", flat=True)
    return f"institution={party[0]}" if name == "time" else ""


def rows_of(response):
    assert response.status_code == 200, response.content
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def size_and_pixels(png):
    """Return (width, height) of a PNG of eight bits, and its decompressed rows, each with its filter."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = {}, 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + content)
        chunks[kind] = chunks.get(kind, b"") + content
        place += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert depth == 8
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (1 + width * {2: 3, 6: 4}[colour])
    return (width, height), rows


# Every chart has every form


@pytest.mark.parametrize(("kind", "name"), NAMES, ids=lambda part: part)
def test_every_chart_has_every_form_in_both_languages(client, all_data, kind, name):
    query = query_for(name)

    for prefix in LANGUAGES:
        svg = client.get(f"{prefix}/charts/{PATHS[kind]}/{name}.svg?{query}")
        page = client.get(f"{prefix}/embed/{PATHS[kind]}/{name}/?{query}")
        title = ElementTree.fromstring(svg.content).find(f"{SVG}title").text  # noqa: S314 our own
        assert svg["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert f">{title}</h1>" in unescape(page.text)
        assert (prefix == "") == title.isascii()
    assert rows_of(client.get(f"/charts/{PATHS[kind]}/{name}.csv?{query}"))
    assert client.get(f"/zh-hans/charts/{PATHS[kind]}/{name}.csv?{query}").status_code == 404


class Forms(HTMLParser):
    """The addresses below each chart of a page, and the code that embeds it, by the chart's id."""

    def __init__(self, text):
        super().__init__()
        self.charts, self.is_code = {}, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "figure":
            self.chart = self.charts.setdefault(attrs["id"], {"links": [], "code": ""})
        if tag == "a" and self.charts:
            self.chart["links"].append(attrs["href"])
        self.is_code = tag == "textarea"

    def handle_data(self, text):
        if self.is_code:
            self.chart["code"] += text


@pytest.mark.parametrize("path", ["/", *(f"/{path}/?view=charts&year=2019" for path in PATHS.values())])
def test_under_each_chart_are_all_its_forms(client, all_data, path):
    found = Forms(client.get(path).text).charts

    assert len(found) >= 3
    query = urlsplit(path).query.removeprefix("view=charts&")
    plural = urlsplit(path).path.strip("/") or "tenders"
    for id_, chart in found.items():
        name = id_.removeprefix("chart-")
        for form in ("csv", "svg", *(["png"] if rendering.can_draw() else [])):
            assert f"/charts/{plural}/{name}.{form}{'?' if query else ''}{query}" in chart["links"]
        link = f"/{plural}/?{query}{'&' if query else ''}view=charts#{id_}"
        assert link in chart["links"]
        assert link.partition("#")[2] in client.get(link).text
        assert f'<iframe src="http://testserver/embed/{plural}/{name}/{"?" if query else ""}{query}"' in chart["code"]
        assert 'title="' in chart["code"]


def test_the_timeline_of_a_party_is_the_one_of_its_list(client, all_data):
    for party in [*Institution.objects.published()[:2], *Company.objects.published()[:2]]:
        kind = party._meta.model_name
        query = f"{kind}={party.reference}"
        (chart,) = Forms(client.get(party.get_absolute_url()).text).charts.values()

        rows = rows_of(client.get(f"/charts/tenders/time.csv?{query}"))

        assert f"/charts/tenders/time.csv?{query}" in chart["links"]
        assert 'id="chart-time"' in client.get(f"/tenders/?{query}&view=charts").text
        listed = csv.DictReader(io.StringIO(client.get(f"/tenders.csv?{query}").getvalue().decode("utf-8-sig")))
        assert {row["reference"] for row in rows} == {row["reference"] for row in listed}


def test_the_documentation_names_every_chart_and_no_other():
    text = (Path(settings.BASE_DIR) / "docs" / "data.md").read_text(encoding="utf-8")
    section = text.split("## Charts\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE)
    table = {path: re.findall(r"`(\w+)`", names) for path, names in rows}

    assert {PATHS[kind]: list(charts) for kind, charts in CHARTS.items()} == table


# The data


@pytest.mark.parametrize(
    "query", ["", "year=2019", "category=government-affairs&amount=unknown", "q=区块链&region=CN-BJ"]
)
def test_a_row_of_data_is_a_mark_and_has_the_number_of_its_list(client, all_data, query):
    for kind, path in PATHS.items():
        for name, chart in charts_of(f"/{path}/", query).items():
            rows = rows_of(client.get(f"/charts/{path}/{name}.csv?{query}"))

            assert len(rows) == len(chart.listed)
            for row, mark in zip(rows, chart.listed, strict=True):
                address = row["address"].removeprefix("http://testserver")
                assert address == mark.url
                if "number" not in row:
                    assert client.get(address).status_code == 200
                    continue
                assert int(row["number"]) == mark.number == (number_at(address) if address else 0)
                chosen = {name: row[name].split("; ") for name in mark.values}
                listed = dict(part.split("=") for part in urlsplit(address).query.split("&")) if address else {}
                assert all(listed[name] in values for name, values in chosen.items() if address), (kind, row)


def test_the_data_has_labels_in_both_languages_and_the_word_unknown(client, db):
    category = create_category("b")
    Category.objects.update(name_zh="政务")
    create_tender(year=2018, category=category, category_basis="stated")
    create_tender(year=2019)

    rows = rows_of(client.get("/charts/tenders/category.csv"))

    assert [list(row.values()) for row in rows] == [
        ["b", "B", "政务", "1", "http://testserver/tenders/?category=b"],
        ["unknown", "unknown", "unknown", "1", "http://testserver/tenders/?category=unknown"],
    ]
    assert list(rows[0]) == ["category", "label_en", "label_zh", "number", "address"]


def test_a_label_is_no_formula(client, db):
    create_award(create_tender(title_en="=1+1"), amount=5)

    assert rows_of(client.get("/charts/tenders/amount.csv"))[0]["label_en"] == "'=1+1"


# The pictures


def test_a_picture_stands_alone(client, all_data):
    response = client.get("/charts/tenders/region.svg?year=2019")
    root = ElementTree.fromstring(response.content)  # noqa: S314 our own
    texts = " ".join(text.text for text in root.iter(f"{SVG}text"))

    assert root.find(f"{SVG}desc").text.startswith("Most: Beijing")
    assert "Source: TenderWatch, " in texts
    assert "CC BY 4.0" in texts
    (link,) = root.iter(f"{SVG}a")
    assert link.get("href") == "http://testserver/tenders/?year=2019&view=charts#chart-region"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "text", "a", "line", "circle"),
    }
    assert not re.search(r"url\(|@import|https?:", root.find(f"{SVG}style").text)
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_a_picture_has_the_numbers_of_its_marks(client, all_data):
    chart = charts_of("/tenders/")["institution_kind"]
    root = ElementTree.fromstring(client.get("/charts/tenders/institution_kind.svg").content)  # noqa: S314 our own

    numbers = [int(text.text) for text in root.iter(f"{SVG}text") if text.get("class") == "number"]

    assert numbers == [mark.number for mark in chart.marks]


@pytest.mark.parametrize("title", ["<&\"'>", "\x0b\x1b\ufffe区块链", "a" * 300, "区" * 300])
def test_a_picture_of_any_text_is_well_formed(db, title):
    institution = create_institution(name_en=title)
    for _number in range(3):
        create_tender(buyer=institution, title_en=title)
    chart = charts_of("/tenders/", f"institution={institution.reference}")["time"]

    root = ElementTree.fromstring(svg_of(chart, "http://testserver/"))  # noqa: S314 our own

    assert float(root.get("height")) < 2000


@has_fonts
@pytest.mark.parametrize("address", ["/charts/tenders/region.png", "/zh-hans/charts/tenders/amount.png?year=2019"])
def test_a_picture_in_pixels_has_the_size_of_the_drawn_one_and_is_not_blank(client, all_data, address):
    root = ElementTree.fromstring(client.get(address.replace(".png", ".svg")).content)  # noqa: S314 our own

    response = client.get(address)
    size, rows = size_and_pixels(response.content)

    assert response["Content-Type"] == "image/png"
    assert size == (2 * int(root.get("width")), round(2 * float(root.get("height"))))
    step = len(rows) // size[1]
    assert len({rows[start : start + step] for start in range(0, len(rows), step)}) > 100


@has_fonts
def test_chinese_characters_are_drawn_and_differ():
    assert len({rendering.png_of(rendering._text(letter)) for letter in " 汉字区块链"}) == 6


def test_without_fonts_no_picture_in_pixels_is_offered_and_its_address_says_why(client, all_data, monkeypatch):
    for module in ("tenders.views.charts", "tenders.templatetags.charts", "tenders.views.oembed"):
        monkeypatch.setattr(f"{module}.can_draw", lambda: False)

    response = client.get("/charts/tenders/region.png")

    assert response.status_code == 404
    assert "no fonts for PNG pictures" in response.text
    assert "http://testserver/charts/tenders/region.svg" in response.text
    assert ".png" not in "".join(re.findall(r'href="([^"]*)"', client.get("/").text.split('id="charts"')[1]))
    assert "thumbnail_url" not in client.get("/oembed", {"url": "http://testserver/embed/tenders/region/"}).json()


# All files


@pytest.mark.parametrize("form", ["csv", "svg", pytest.param("png", marks=has_fonts)])
def test_files_are_revalidated_and_described(client, all_data, form):
    address = f"/charts/companies/kind.{form}?year=2019"
    response, head = client.get(address), client.head(address)

    assert client.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304
    assert client.get(f"{address}&year=2018", headers={"if-none-match": response["ETag"]}).status_code == 200
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "companies-kind-20" in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment" if form == "csv" else "inline")
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in response["Link"]
    assert "/companies/?year=2019&view=charts#chart-kind" in response["Link"]
    assert (head.status_code, head.content, head["Content-Type"]) == (200, b"", response["Content-Type"])
    assert not response.cookies


def test_a_file_refuses_what_it_cannot_read_and_a_page_only_bad_values(client, all_data):
    for form in ("csv", "svg", "png"):
        assert client.get(f"/charts/tenders/year.{form}?colour=red").status_code == 400
        assert client.get(f"/charts/tenders/year.{form}?year=last").status_code == 400
    assert client.get("/embed/tenders/year/?utm_source=x").status_code == 200
    refused = client.get("/embed/tenders/year/?year=last")
    assert refused.status_code == 400
    assert "year" in refused.text


def test_an_address_of_no_chart_names_those_that_there_are(client, all_data):
    for address in ("/charts/companies/colour.csv", "/charts/companies/colour.svg", "/embed/companies/colour/"):
        response = client.get(address)
        assert response.status_code == 404
        assert "Charts of this list: seat, size, kind, category" in response.text


def test_a_chart_of_which_nothing_is_known_is_no_file_and_a_page_that_says_so(client, db):
    create_tender()

    assert client.get("/charts/tenders/amount.csv").status_code == 404
    response = client.get("/embed/tenders/amount/")
    assert response.status_code == 200
    assert "There is too little known to draw a chart." in response.text


# Frames


def test_only_pages_to_embed_may_be_framed(client, all_data):
    for path in ("/embed/tenders/year/", "/zh-hans/embed/companies/kind/?year=2019", "/embed/tenders/year/?year=x"):
        response = client.get(path)
        assert "frame-ancestors *" in response["Content-Security-Policy"]
        assert "X-Frame-Options" not in response
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert "<script" not in response.text
        assert not response.cookies
    others = (
        "/",
        "/tenders/?view=charts",
        "/admin/login/",
        "/charts/tenders/year.svg",
        "/charts/tenders/year.csv",
        "/oembed",
    )
    for path in others:
        response = client.get(path)
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"], path
        assert response["X-Frame-Options"] == "DENY", path


def test_a_page_to_embed_shows_the_filtered_chart_and_leads_home(client, all_data):
    text = client.get("/zh-hans/embed/tenders/institution_kind/?year=2019").text
    chart = charts_of("/tenders/", "year=2019")["institution_kind"]

    assert '<base target="_blank">' in text
    assert 'href="/zh-hans/tenders/?year=2019&amp;view=charts#chart-institution_kind"' in text
    assert '<link rel="canonical" href="http://testserver/zh-hans/tenders/?year=2019&amp;view=charts#' in text
    counts = [int(count) for count in re.findall(r'data-count="(\d+)"', text)]
    assert counts[: len(chart.marks)] == [mark.number for mark in chart.marks]


# oEmbed


def oembed(client, url, **parameters):
    return client.get("/oembed", {"url": url, **parameters})


PAGES_WITH_CHARTS = {
    "/": "year",
    "/tenders/": "year",
    "/zh-hans/tenders/?view=charts&year=2019": "year",
    "/tenders/?view=charts&year=2019#chart-region": "region",
    "/companies/?view=charts": "seat",
    "/embed/institutions/level/": "level",
    "/charts/institutions/kind.svg": "kind",
}


@pytest.mark.parametrize("path", PAGES_WITH_CHARTS)
def test_the_address_of_a_chart_gives_the_html_that_embeds_it(client, all_data, path):
    response = oembed(client, f"http://testserver{path}")
    found = response.json()

    assert response["Content-Type"] == "application/json"
    assert (found["version"], found["type"], found["provider_name"]) == ("1.0", "rich", "TenderWatch")
    assert isinstance(found["width"], int)
    assert isinstance(found["height"], int)
    (source,) = re.findall(r'^<iframe src="([^"]+)" title="[^"]+" .*></iframe>$', found["html"])
    parts = urlsplit(unescape(source))
    assert parts.path.endswith(f"/{PAGES_WITH_CHARTS[path]}/")
    assert parts.path.startswith("/zh-hans/") == path.startswith("/zh-hans/")
    assert ("year=2019" in parts.query) == ("year=2019" in path)
    assert client.get(f"{parts.path}?{parts.query}").status_code == 200
    xml = ElementTree.fromstring(oembed(client, f"http://testserver{path}", format="xml").content)  # noqa: S314 our own
    assert xml.tag == "oembed"
    assert {element.tag: element.text for element in xml} == {name: str(value) for name, value in found.items()}


@pytest.mark.parametrize("path", ["/", "/zh-hans/companies/?view=charts&year=2019", "/embed/tenders/region/"])
def test_a_page_with_charts_says_where_its_oembed_is(client, all_data, path):
    links = re.findall(r'<link rel="alternate" type="([a-z/]+\+oembed)" href="([^"]+)"', client.get(path).text)

    assert [media_type for media_type, _address in links] == ["application/json+oembed", "text/xml+oembed"]
    for media_type, address in links:
        response = client.get(unescape(address).removeprefix("http://testserver"))
        assert response.status_code == 200
        assert response["Content-Type"].startswith(media_type.removesuffix("+oembed"))
    assert "+oembed" not in client.get("/tenders/").text


def test_a_frame_is_as_large_as_asked_for_at_most(client, all_data):
    url = "http://testserver/embed/tenders/region/"
    free, small = oembed(client, url).json(), oembed(client, url, maxwidth=300, maxheight=200).json()
    large = oembed(client, url, maxwidth=5000, maxheight=5000).json()

    assert (small["width"], small["height"]) == (300, 200)
    assert 'width="300" height="200"' in small["html"]
    assert "thumbnail_url" not in small
    assert (large["width"], large["height"]) == (free["width"], free["height"])
    assert free["width"] == WIDTH


@has_fonts
def test_the_thumbnail_is_a_picture_of_the_size_that_is_said(client, all_data):
    found = oembed(client, "http://testserver/zh-hans/embed/companies/kind/").json()

    size, _rows = size_and_pixels(client.get(found["thumbnail_url"].removeprefix("http://testserver")).content)

    assert size == (found["thumbnail_width"], found["thumbnail_height"])


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("", 400, "Add the address of a chart: http://testserver/embed/tenders/year/"),
        ("url=http://testserver/&maxwidth=wide", 400, "maxwidth: Enter a number of pixels."),
        ("url=http://testserver/&maxheight=-1", 400, "maxheight"),
        ("url=http://testserver/&format=yaml", 501, "json, xml"),
        ("url=http://other.example/embed/tenders/year/", 404, "An address with one: http://testserver/embed/"),
        ("url=http://testserver.other.example/", 404, "no chart"),
        ("url=//testserver/", 404, "no chart"),
        ("url=http://[", 404, "no chart"),
        ("url=http://testserver/about/method/", 404, "no chart"),
        ("url=http://testserver/embed/tenders/colour/", 404, "no chart"),
        ("url=http://testserver/embed/tenders/year/?year=x", 404, "no chart"),
        ("url=http://testserver/tenders/?reference=TW-000000", 404, "no chart"),
        ("url=http://testserver/institutions/I-000000/", 404, "no chart"),
    ],
)
def test_what_is_no_chart_is_refused_with_what_would_be_right(client, all_data, query, status, text):
    response = client.get(f"/oembed?{query}")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert text in json.loads(response.content)["detail"]


def test_any_site_may_ask_for_oembed(client, all_data):
    assert oembed(client, "http://testserver/")["Access-Control-Allow-Origin"] == "*"


# What a chart says


def test_two_known_values_are_a_sentence_in_every_form(client, db):
    for size in ("small", "small", "large", ""):
        create_award(create_tender(), create_company(size=size))

    chart = charts_of("/companies/")["size"]
    paths = ("/companies/?view=charts", "/embed/companies/size/", "/charts/companies/size.svg")
    texts = [client.get(path).text for path in paths]

    assert chart.is_in_words
    for text in texts:
        assert "Of4companies:Small:2,Large:1,Unknown:1." in re.sub(r"<[^>]*>|\s", "", text)


def test_ties_are_said(db):
    regions = [create_region(f"CN-{code}") for code in ("BJ", "GS", "FJ", "GD", "GX", "YN")]
    for region, number in zip(regions, (3, 3, 1, 1, 1, 2), strict=True):
        for _number in range(number):
            create_tender(region=region)

    summary = charts_of("/tenders/")["region"].summary

    assert summary.startswith("Most: Region CN-BJ, Region CN-GS, 3 each. 3 regions have one each.")


def test_ties_beyond_the_largest_ten_are_counted(db):
    create_tender(buyer=(first := create_institution()))
    create_tender(buyer=first)
    for _number in range(19):
        create_tender(buyer=create_institution())

    summary = charts_of("/tenders/")["institution"].summary

    assert summary == f"Most: {first.name}, 2. 19 institutions have one each. Shown are the first 10."


def test_charts_of_the_same_rows_in_another_order_have_the_same_addresses(all_data):
    one, other = (charts_of("/tenders/", query)["region"] for query in ("year=2019", "year=2019&sort=-amount"))

    assert one == other
