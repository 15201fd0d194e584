"""Charts: each number equals that of the linked list and of the data table, and unknown values are counted."""

import datetime
import re
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.charts.amounts import MARGIN, MARK_WIDTH, _lanes
from tenders.charts.list_charts import charts_of_companies, charts_of_institutions, charts_of_tenders, draw
from tenders.charts.marks import LinkedCount
from tenders.charts.tiles import TILES
from tenders.charts.times import timeline
from tenders.charts.wrapping import _pieces, _width, wrap_label
from tenders.facets import UNKNOWN
from tenders.fields import day_span
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Region, Tender
from tests.factories import (
    create_award,
    create_category,
    create_company,
    create_institution,
    create_region,
    create_tender,
)
from tests.test_facets import options_of

LISTS = {
    "/tenders/": (TenderFilter, charts_of_tenders),
    "/institutions/": (InstitutionFilter, charts_of_institutions),
    "/companies/": (CompanyFilter, charts_of_companies),
}


def charts_of(path, query=""):
    """Return the charts of a list by name."""
    filter_class, charts = LISTS[path]
    filterset = filter_class(query if isinstance(query, QueryDict) else QueryDict(query))
    return {chart.name: chart for chart in draw(charts, filterset, filterset.facets(), filterset.qs.count())}


def counted_in(chart):
    """Return every (number, address) of a chart."""
    shown = [*chart.marks, *chart.ticks] if chart.type not in ("amounts", "timeline") else []
    cells = [mark for _label, cells in chart.rows for mark in cells]
    return [
        (count.number, count.url)
        for count in [*shown, *cells, *chart.unknown, chart.base, *chart.more]
        if count and count.url
    ]


def number_at(url):
    parts = urlsplit(url)
    return LISTS[parts.path][0](QueryDict(parts.query)).qs.count()


@given(data=st.data())
@settings(max_examples=5)
@pytest.mark.parametrize("path", LISTS)
def test_the_list_of_a_mark_has_the_number_of_rows_that_it_shows(all_data, path, data):
    options = options_of(LISTS[path][0]())
    query = QueryDict(mutable=True)
    for name, value in data.draw(st.lists(st.sampled_from(options), max_size=3, unique=True)):
        query.appendlist(name, value)

    found = {url: number for chart in charts_of(path, query).values() for number, url in counted_in(chart)}

    assert {url: number_at(url) for url in found} == found, query


@pytest.mark.parametrize(
    "query",
    [
        "",
        "year=2018",
        "category=government-affairs",
        "category=housing-provident-fund&category=financial",
        "category=government-affairs&category=taxation",
        "amount=known",
        "supplier_region=CN-GD",
        "same_region=no",
    ],
)
def test_years_and_categories_are_what_plain_counting_finds(all_data, query):
    chart = charts_of("/tenders/", query)["year"]
    tenders = TenderFilter(QueryDict(query)).qs.select_related("category__parent__parent")
    shown = {
        (label, head.label): cell.number
        for label, cells in chart.rows
        for head, cell in zip(chart.ticks, cells, strict=True)
    }

    for (label, years), number in shown.items():
        wanted = [
            tender
            for tender in tenders
            if (str(tender.year) == years or (years.startswith("–") and tender.year <= int(years[1:])))
            and (
                label in [category.name for category in tender.category.path] if tender.category else label == "Unknown"
            )
        ]
        assert number == len(wanted), (label, years)
    assert sum(shown.values()) == tenders.count()


def test_pairs_of_regions_count_a_consortium_once_for_each_of_its_regions(db):
    beijing, gansu, fujian = (create_region(code) for code in ("CN-BJ", "CN-GS", "CN-FJ"))
    companies = [create_company(region=region) for region in (beijing, beijing, gansu)]
    create_award(create_tender(region=gansu), *companies)
    create_award(create_tender(region=gansu), companies[2])
    create_award(create_tender(), companies[2])
    create_tender(region=fujian)

    chart = charts_of("/tenders/")["same_region"]

    assert [(mark.label, mark.number) for mark in chart.marks] == [
        ("Region CN-GS, within the region", 2),
        ("Region CN-GS → Region CN-BJ", 1),
    ]
    assert chart.summary.startswith("2 of the 2 tenders")
    assert [(count.words, count.number) for count in chart.unknown] == [
        ("Region of the purchase unknown", 1),
        ("Region of the winner unknown", 1),
    ]


def test_the_size_of_a_company_is_not_that_of_those_it_won_with(db):
    create_award(create_tender(), create_company(size="small"), create_company(size="large"))

    assert [(mark.label, mark.number) for mark in charts_of("/companies/")["size"].marks] == [
        ("Small", 1),
        ("Large", 1),
    ]


def test_a_chart_of_what_each_tender_has_once_leaves_none_out(all_data):
    found = charts_of("/tenders/")

    for name in ("region", "institution_kind"):
        cells = [mark for _label, cells in found[name].rows for mark in cells]
        assert sum(mark.number for mark in cells) == found[name].base.number == Tender.objects.count()
    assert len(found["amount"].marks) + found["amount"].unknown[0].number == Tender.objects.count()


def test_every_region_has_one_tile_of_its_own(all_data):
    assert set(TILES) == set(Region.objects.values_list("code", flat=True))
    assert len({place[:2] for place in TILES.values()}) == len({place[3] for place in TILES.values()}) == 34


def test_a_tile_without_tenders_has_no_link(all_data):
    for mark in charts_of("/tenders/")["region"].marks:
        assert bool(mark.url) == bool(mark.number) == bool(mark.shade)


def test_a_facet_of_which_nothing_is_known_has_no_chart(db):
    create_tender()

    assert list(charts_of("/tenders/")) == ["year"]


def test_of_more_than_five_years_the_first_column_has_the_earlier_ones(db):
    category = create_category("a")
    for year in (2012, 2014, 2015, 2016, 2017, 2018, 2018):
        create_tender(year=year, category=category, category_basis="stated")

    chart = charts_of("/tenders/")["year"]

    assert [(head.label, head.number) for head in chart.ticks] == [
        ("–2014", 2),
        ("2015", 1),
        ("2016", 1),
        ("2017", 1),
        ("2018", 2),
    ]
    assert all(number_at(url) == number for number, url in counted_in(chart))


@given(st.text(alphabet="ab 区块链（)", max_size=80), st.integers(4, 30))
def test_a_label_is_broken_into_lines_that_fit_and_lose_nothing(text, width):
    lines = wrap_label(text, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert _width(line) <= width or len(list(_pieces(line))) == 1


@given(st.lists(st.floats(MARGIN, 100 - MARGIN), max_size=20))
def test_labels_of_amounts_do_not_overlap(places):
    spans = {}
    for x, lane in zip(places, _lanes(places), strict=True):
        left, right = (x - MARK_WIDTH, x + MARGIN) if x > 50 else (x - MARGIN, x + MARK_WIDTH)
        assert all(right <= a or b <= left for a, b in spans.setdefault(lane, []))
        spans[lane].append((left, right))


def test_larger_amounts_stand_further_right_between_powers_of_ten(db):
    amounts = ["0", "0.5", "999", "1000", "99999.99", "12345678"]
    for amount in amounts:
        create_award(create_tender(title_en=amount), create_company(), amount=Decimal(amount))

    chart = charts_of("/tenders/")["amount"]

    places = [mark.x for mark in sorted(chart.marks, key=lambda mark: mark.amount)]
    assert places == sorted(places)
    assert [tick.amount for tick in chart.ticks] == [10**power for power in range(9)]
    assert MARGIN <= places[0] < places[-1] <= 100 - MARGIN


DATES = ["", "2017", "2018-02", "2018-12-31", "2020-02-29", "2019-06"]


@given(st.lists(st.tuples(st.sampled_from(DATES), st.integers(2016, 2020)), min_size=1, max_size=5))
def test_a_bar_covers_all_days_that_the_date_may_mean(dated):
    tenders = [Tender(reference="TW-000000", notice_date=date, year=year) for date, year in dated]

    chart = timeline(tenders, LinkedCount("tenders", len(tenders), "/tenders/"), (2018, 2019))

    first = int(chart.ticks[0].label)
    last = max(2019, *(day_span(date or str(year))[1].year for date, year in dated))
    assert first == min(2018, *(day_span(date or str(year))[0].year for date, year in dated))
    days = (datetime.date(last, 12, 31) - datetime.date(first, 1, 1)).days + 1
    for mark, (date, year) in zip(chart.marks, dated, strict=True):
        begin, end = day_span(date or str(year))
        assert mark.x + mark.width <= 100.01
        assert mark.x <= 100 * (begin - datetime.date(first, 1, 1)).days / days + 0.01
        assert mark.width >= 100 * ((end - begin).days + 1) / days - 0.01


class Drawn(HTMLParser):
    """The charts of a page: the numbers of the links in their drawings, and those of their tables."""

    def __init__(self, text):
        super().__init__()
        self.charts, self.inside = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        classes = attrs.get("class", "").split()
        if tag == "figure" and "chart" in classes:
            self.charts.append({"marks": [], "cells": []})
            assert attrs["aria-labelledby"]
        if tag in ("figcaption", "details", "table", "td", "figure"):
            self.inside.append(tag)
        if self.inside[-1:] == ["figure"] and tag == "a" and "data-count" in attrs and "is_note" not in self.charts[-1]:
            self.charts[-1]["marks"].append(int(attrs["data-count"]))
        if "chart-forms" in classes:
            self.charts[-1]["is_note"] = True

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if self.charts and self.inside[-1:] == ["td"] and data.strip().isdecimal():
            self.charts[-1]["cells"].append(int(data))


@pytest.mark.parametrize("path", LISTS)
def test_the_table_of_a_picture_has_the_numbers_of_its_marks(client, all_data, path):
    drawn = Drawn(client.get(path, {"view": "charts"}).text)

    assert len(drawn.charts) >= 4
    for chart in drawn.charts:
        missing = sorted(number for number in chart["cells"] if number)
        for number in chart["marks"]:
            if number in missing:
                missing.remove(number)
        assert len(missing) <= 1, chart  # the unknown of a map has no tile


def test_a_list_shows_pictures_of_what_is_filtered_and_keeps_showing_them(client, all_data):
    response = client.get("/tenders/?year=2018&view=charts&per_page=50")

    assert 'data-total="10"' in response.text
    assert "/tenders/?per_page=50&amp;view=charts&amp;year=2019" in response.text  # another option
    assert "/tenders/?per_page=50&amp;view=charts" in response.text  # without the filter
    assert '<input type="hidden" name="view" value="charts">' in response.text
    assert '<a id="view-1" href="/tenders/?per_page=50&amp;year=2018">' in response.text
    assert "<tbody>\n        <tr>" not in response.text


@pytest.mark.parametrize("path", LISTS)
def test_a_link_to_the_former_name_of_charts_shows_them_under_their_name_of_today(client, all_data, path):
    former = client.get(path, {"view": "picture", "year": "2018"})

    assert former.status_code == 200
    assert f'<a class="permalink" href="{path}?view=charts&amp;year=2018">' in former.text
    assert f'<link rel="canonical" href="http://testserver{path}?view=charts&amp;year=2018">' in former.text
    assert former.text == client.get(path, {"view": "charts", "year": "2018"}).text


def test_the_words_of_a_search_are_marked_in_the_tables_of_charts(client, all_data):
    table = client.get("/tenders/", {"view": "charts", "q": "blockchain"}).text.split('id="chart-amount"')[1]

    assert "<mark>Blockchain</mark>" in table.split("</figure>")[0]


def test_no_link_has_the_former_name_of_charts(client, all_data):
    for path in ("/", *(f"{path}?view={name}" for path in LISTS for name in ("table", "charts"))):
        assert "view=picture" not in client.get(path).text


def test_a_list_is_shown_in_no_other_way(client, db):
    response = client.get("/tenders/?view=hologram")

    assert response.status_code == 400
    assert "“hologram” isn’t a valid value. Possible values: table, charts." in response.text
    assert client.get("/tenders.csv?view=charts").status_code == 400


def test_the_page_of_a_party_has_a_timeline_of_its_tenders(client, db):
    institution, company = create_institution(), create_company()
    tender = create_tender(buyer=institution, year=2018, notice_date="2018-07", title_en="A platform")
    create_award(tender, company, amount=100)
    create_tender(year=2020)

    for record in (institution, company):
        text = client.get(record.get_absolute_url()).text
        assert "A platform: July 2018." in " ".join(re.sub(r"<[^>]*>", "", text).split())
        assert f'href="{tender.get_absolute_url()}"' in text


@pytest.mark.parametrize("path", LISTS)
def test_a_chart_of_a_facet_counts_what_is_unknown(all_data, path):
    unknown = {facet.name: facet.numbers.get(UNKNOWN, 0) for facet in LISTS[path][0]().facets()}
    found = [chart for chart in charts_of(path).values() if chart.type in ("bars", "tiles") and chart.name in unknown]

    for chart in found:
        if chart.name != "same_region":  # it is of two other facets
            assert sum(count.number for count in chart.unknown) == unknown[chart.name], chart.name
    assert any(unknown[chart.name] for chart in found)


@pytest.mark.parametrize("path", ["/companies/", "/institutions/"])
def test_records_of_which_nothing_can_be_drawn_are_no_empty_table(client, db, path):
    create_award(create_tender(buyer=create_institution()), create_company())

    text = client.get(path, {"view": "charts"}).text

    assert 'data-total="1"' in text
    assert "There is too little known to draw a chart." in text
    assert "<table" not in text


def test_a_timeline_says_that_it_shows_the_latest(db):
    tender = Tender(reference="TW-000000", year=2019)

    def summary(number):
        return timeline([tender], LinkedCount("tenders", number, "/tenders/"), (2018, 2019)).summary

    assert summary(26) == f"{summary(1)} Shown are the latest 1."


def test_sentences_over_a_chinese_chart_follow_each_other_without_a_space(db):
    regions = [create_region(f"CN-{code}") for code in ("BJ", "GS", "FJ", "GD")]
    for company in [create_company(region=region) for region in regions]:
        for region in regions:
            create_award(create_tender(region=region), company)

    with translation.override("zh-hans"):
        summary = charts_of("/tenders/")["same_region"].summary

    assert "。图中为 16 组中最常见的 12 组。" in summary
