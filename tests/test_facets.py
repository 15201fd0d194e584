"""The count of a facet's option equals the length of the list with this option chosen alone."""

import pytest
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.facets import UNKNOWN
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Institution, Tender
from tests.factories import (
    create_award,
    create_category,
    create_citation,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)
from tests.test_filters import ORACLE

FILTERS = {"tender-list": TenderFilter, "institution-list": InstitutionFilter, "company-list": CompanyFilter}


def options_of(filterset):
    """Return the options of all facets of an unfiltered filter set as (parameter, value) pairs."""
    return [(facet.name, option.value) for facet in filterset.facets() for option in facet.options]


@given(data=st.data())
@settings(max_examples=8)
@pytest.mark.parametrize("address", FILTERS)
def test_the_count_of_an_option_is_what_choosing_it_alone_gives(all_data, address, data):
    filter_class = FILTERS[address]
    chosen = data.draw(st.lists(st.sampled_from(options_of(filter_class())), max_size=3, unique=True))
    query = QueryDict(mutable=True)
    for name, value in chosen:
        query.appendlist(name, value)

    for facet in filter_class(query).facets():
        for option in facet.options:
            alone = query.copy()
            alone[facet.name] = option.value
            assert option.number == filter_class(alone).qs.count(), (query, facet.name, option.value)
            others = filter_class(query).query_string(without={facet.name})
            assert filter_class(QueryDict(f"{others}&{facet.name}={option.value}")).qs.count() == option.number


MAYBE = st.none() | st.integers(0, 1)
DRAWN_TENDERS = st.lists(
    st.fixed_dictionaries(
        {
            "year": st.sampled_from([2018, 2019]),
            "region": MAYBE,
            "buyer": MAYBE,
            "category": st.none() | st.integers(0, 2),
            "status": st.sampled_from(["", "complete"]),
            "is_main_subject": st.sampled_from([None, True, False]),
            "state": st.sampled_from(["published", "published", "draft"]),
            "awards": st.lists(
                st.tuples(st.none() | st.sampled_from([5, 999_999, 1_000_000, 7_500_000]), st.sets(st.integers(0, 2))),
                max_size=2,
            ),
            "statements": st.lists(st.tuples(st.sampled_from(["2018", "2019"]), st.integers(0, 1)), max_size=2),
        }
    ),
    max_size=6,
)


def create_market(drawn):
    """Create drawn tenders with few parties and regions, so that they share them."""
    regions = [create_region("CN-BJ"), create_region("CN-SH")]
    top = create_category("application")
    categories = [top, create_category("courts", parent=top), create_category("taxes", parent=top)]
    buyers = [create_institution(kind="hospital", level="central"), create_institution(region=regions[0])]
    companies = [
        create_company(size="large", region=regions[0]),
        create_company(size="small-or-micro", region=regions[1], kind="company"),
        create_company(),
    ]
    sources = [create_source(kind="news"), create_source(kind="study")]
    for values in drawn:
        category = None if values["category"] is None else categories[values["category"]]
        tender = create_tender(
            **{name: values[name] for name in ("year", "status", "is_main_subject", "state")},
            region=None if values["region"] is None else regions[values["region"]],
            buyer=None if values["buyer"] is None else buyers[values["buyer"]],
            category=category,
            category_basis="stated" if category else "",
        )
        for number, (amount, suppliers) in enumerate(values["awards"], start=1):
            create_award(tender, *(companies[place] for place in suppliers), number=number, amount=amount)
        for place, (year, source) in enumerate(values["statements"]):
            create_citation(tender, "year", year, source=sources[source], place=str(place))


@given(drawn=DRAWN_TENDERS, data=st.data())
@settings(max_examples=15)
def test_counts_of_options_are_right_for_any_records(db, drawn, data):
    with transaction.atomic():
        create_market(drawn)
        tenders = list(Tender.objects.published().for_page())
        for filter_class in FILTERS.values():
            offered = options_of(filter_class())
            chosen = data.draw(st.lists(st.sampled_from(offered), max_size=4, unique=True)) if offered else []
            query = QueryDict(mutable=True)
            for name, value in chosen:
                query.appendlist(name, value)
            for facet in filter_class(query).facets():
                for option in facet.options:
                    alone = query.copy()
                    alone[facet.name] = option.value
                    assert option.number == filter_class(alone).qs.count(), (query, facet.name, option)
                    if filter_class is TenderFilter:
                        assert option.number == sum(matches(tender, alone) for tender in tenders)
        transaction.set_rollback(True)


def matches(tender, query):
    """Return whether a tender matches a query string, evaluated in Python."""
    return all(any(ORACLE[name](tender, value) for value in values) for name, values in query.lists())


@pytest.mark.parametrize("address", FILTERS)
def test_no_option_that_has_rows_is_missing(all_data, address):
    filter_class = FILTERS[address]
    facets = {facet.name: {option.value for option in facet.options} for facet in filter_class().facets()}

    for name in filter_class.facet_names:
        list_filter = filter_class().get_filter(name)
        if hasattr(list_filter, "records"):
            continue  # has only the ten options with the most rows
        for value, _label in list_filter.options:
            has_rows = filter_class(QueryDict(f"{name}={value}")).qs.exists()
            assert (value in facets.get(name, ())) == (has_rows and name in facets), (name, value)


def test_a_party_with_tenders_in_two_categories_counts_once_above_both(db):
    top = create_category("application")
    below = [create_category(slug, parent=top) for slug in ("courts", "taxes")]
    buyer, company = create_institution(), create_company()
    for category in below:
        tender = create_tender(buyer=buyer, category=category, category_basis="stated")
        create_award(tender, company)

    for filter_class in (InstitutionFilter, CompanyFilter):
        category = next(facet for facet in filter_class().facets() if facet.name == "category")
        assert {option.value: option.number for option in category.options} == {
            "application": 1,
            "courts": 1,
            "taxes": 1,
        }


def test_chosen_options_stay_visible_at_zero(article_data):
    facets = {facet.name: facet for facet in TenderFilter(QueryDict("year=2018&region=CN-YN")).facets()}

    assert [(o.value, o.number) for o in facets["region"].options if o.is_chosen] == [("CN-YN", 0)]
    assert [(o.value, o.number) for o in facets["year"].options if o.is_chosen] == [("2018", 0)]


def test_a_facet_of_which_nothing_is_known_is_not_shown(article_data):
    names = {facet.name for facet in TenderFilter().facets()}

    assert "method" not in names
    assert {"year", "region", "category", "amount", "certainty"} <= names
    assert "method" in {facet.name for facet in TenderFilter(QueryDict(f"method={UNKNOWN}")).facets()}


def test_facets_of_records_show_the_ten_largest(all_data):
    institutions = next(facet for facet in TenderFilter().facets() if facet.name == "institution").options

    assert [option.number for option in institutions[:2]] == [3, 2]
    assert len(institutions) == 11
    assert institutions[-1].value == UNKNOWN


def test_a_chosen_record_beyond_the_ten_largest_has_its_count(all_data):
    offered = {option.value for facet in TenderFilter().facets() for option in facet.options}
    other = Institution.objects.exclude(reference__in=offered).filter(tenders__isnull=False).first()

    facet = next(
        f for f in TenderFilter(QueryDict(f"institution={other.reference}")).facets() if f.name == "institution"
    )

    assert [(option.value, option.number) for option in facet.options if option.is_chosen] == [(other.reference, 1)]


@pytest.mark.parametrize("query", ["", "year=2019", "year=2018&region=CN-BJ&amount=unknown&company_size=unknown"])
@pytest.mark.parametrize("address", FILTERS)
def test_a_page_takes_at_most_20_statements(client, all_data, django_assert_max_num_queries, address, query):
    with django_assert_max_num_queries(20):
        assert client.get(f"{reverse(address)}?{query}").status_code == 200


def test_a_page_has_a_sentence_with_its_active_filters(client, article_data):
    text = client.get("/tenders/?year=2018&region=CN-BJ&region=CN-GD&amount=unknown&status=complete").text

    assert (
        "2018, Beijing or Guangdong, awarded amount unknown, stage of the process: Complete: awarded</span></p>" in text
    )


def test_the_sentence_of_filters_has_no_spaces_between_chinese_characters(client, article_data):
    text = client.get("/zh-hans/tenders/?region=CN-BJ&region=unknown&q=区块链 平台").text

    assert "：北京或采购地区未知，“区块链 平台”</span></p>" in text
    assert "<title>采购项目：北京或采购地区未知，“区块链 平台” · TenderWatch</title>" in text


def test_the_permalink_of_a_list_has_the_known_parameters_in_a_fixed_order(client, article_data):
    one = client.get("/tenders/?year=2019&utm_source=x&region=unknown&region=CN-BJ&page=1&status=").context["permalink"]
    other = client.get("/tenders/?region=CN-BJ&region=unknown&year=2019").context["permalink"]

    assert one == other == "/tenders/?region=CN-BJ&region=unknown&year=2019"
    assert client.get("/tenders/").context["permalink"] == "/tenders/"


def test_the_form_has_hidden_fields_for_parameters_without_a_control(client, article_data):
    text = client.get("/tenders/?sort=-amount&per_page=20&reference=TW-N9GRJT&year=2019&utm=x").text
    text = text.split('class="filters-form"')[1].split("</form>")[0]

    for name, value in (("sort", "-amount"), ("per_page", "20"), ("reference", "TW-N9GRJT")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in text
    assert 'type="hidden" name="year"' not in text
    assert 'type="hidden" name="utm"' not in text
