"""The parameters of the lists, compared with an evaluation in Python, and their handling of bad values."""

import datetime
import string

import pytest
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.choices import Fact
from tenders.facets import MAX_VALUES, UNKNOWN
from tenders.fields import day_span
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Article, Category, Company, Institution, Tender
from tenders.models.sources import TYPED_FACTS
from tenders.parameters import AMOUNT_BANDS
from tests.factories import create_award, create_company, create_region, create_tender

FILTERS = {"tender-list": TenderFilter, "institution-list": InstitutionFilter, "company-list": CompanyFilter}


# The oracle: a function for each parameter that returns whether a tender matches a value.


def is_under(category, slug):
    return category is not None and slug in {node.slug for node in category.path}


def same_region(tender):
    winners = [company for award in tender.awards.all() for company in list(award.suppliers.all()) or [None]]
    regions = [company and company.region for company in winners]
    if tender.region is not None and tender.region in regions:
        return "yes"
    return "no" if tender.region is not None and regions and None not in regions else UNKNOWN


def band(tender, value):
    amounts = [award.amount for award in tender.awards.all()]
    if not amounts or None in amounts:
        return value == UNKNOWN
    if value in ("known", UNKNOWN):
        return value == "known"
    low, high = AMOUNT_BANDS[value]
    return low <= sum(amounts) and (high is None or sum(amounts) < high)


def code_or_unknown(code):
    return code or UNKNOWN


def codes_or_unknown(codes):
    return {code for code in codes if code} or {UNKNOWN}


def is_disputed(tender):
    stated = {}
    for citation in tender.citations.all():
        if citation.fact in TYPED_FACTS:
            stated.setdefault((citation.award_id, citation.fact), set()).add(citation.value)
    return any(len(values) > 1 for values in stated.values())


def articles(tender):
    cited = {c.source_id for c in tender.citations.all() if c.fact == Fact.EXISTENCE}
    inferred = {inclusion.article_id for inclusion in tender.inclusions.all()}
    return {
        article.slug
        for article in Article.objects.prefetch_related("sources")
        if article.pk in inferred or cited & {source.pk for source in article.sources.all()}
    }


ORACLE = {
    "year": lambda t, v: str(t.year) == v,
    "region": lambda t, v: code_or_unknown(t.region and t.region.code) == v,
    "city": lambda t, v: code_or_unknown(t.city or t.city_zh) == v,
    "category": lambda t, v: is_under(t.category, v) if v != UNKNOWN else t.category is None,
    "institution": lambda t, v: code_or_unknown(t.buyer and t.buyer.reference) == v,
    "institution_kind": lambda t, v: code_or_unknown(t.buyer and t.buyer.kind) == v,
    "level": lambda t, v: code_or_unknown(t.buyer and t.buyer.level) == v,
    "company": lambda t, v: v in codes_or_unknown(c.reference for c in t.suppliers),
    "company_size": lambda t, v: v in codes_or_unknown(c.size for c in t.suppliers),
    "supplier_region": lambda t, v: v in codes_or_unknown(c.region and c.region.code for c in t.suppliers),
    "same_region": lambda t, v: same_region(t) == v,
    "amount": band,
    "status": lambda t, v: code_or_unknown(t.status) == v,
    "method": lambda t, v: code_or_unknown(t.procurement_method) == v,
    "main_subject": lambda t, v: {True: "yes", False: "no", None: UNKNOWN}[t.is_main_subject] == v,
    "certainty": lambda t, v: t.certainty == v,
    "source_kind": lambda t, v: v in codes_or_unknown(c.source.kind for c in t.citations.all()),
    "disputed": lambda t, v: {True: "yes", False: "no"}[is_disputed(t)] == v,
    "reference": lambda t, v: t.reference == v,
    "article": lambda t, v: v in articles(t),
}


def values_of(name):
    list_filter = TenderFilter().filters[name]
    if name in ("institution", "company", "reference"):
        records = {"institution": Institution, "company": Company, "reference": Tender}[name].objects
        values = list(records.order_by("reference").values_list("reference", flat=True))
        return values + ([UNKNOWN] if list_filter.unknown is not None else [])
    return [value for value, _label in list_filter.options]


# Their values are no options: each has tests of its own, here and in test_search.
NO_OPTIONS = {"q", "sort", "amount_min", "amount_max", "date_from", "date_to"}


def test_every_filter_is_compared_with_plain_python():
    assert set(TenderFilter.base_filters) == set(ORACLE) | NO_OPTIONS


@pytest.fixture
def rows(all_data):
    """All tenders, with what the oracles ask of them."""
    return list(Tender.objects.for_page().prefetch_related("awards__suppliers__region", "citations__source"))


@pytest.mark.parametrize("name", sorted(ORACLE))
def test_each_option_gives_what_plain_python_gives(rows, name):
    for value in values_of(name):
        found = set(TenderFilter(QueryDict(f"{name}={value}")).qs)
        assert found == {tender for tender in rows if ORACLE[name](tender, value)}, (name, value)


# Not "article": a tender may be counted by no article.
@pytest.mark.parametrize("name", sorted(set(ORACLE) - {"reference", "article"}))
def test_the_options_of_a_parameter_leave_no_tender_out(all_data, name):
    query = "&".join(f"{name}={value}" for value in values_of(name))

    assert TenderFilter(QueryDict(query)).qs.count() == 46


@given(data=st.data())
@settings(max_examples=60)
def test_several_options_are_or_and_several_parameters_are_and(rows, data):
    names = data.draw(st.lists(st.sampled_from(sorted(ORACLE)), min_size=1, max_size=3, unique=True))
    chosen = {name: data.draw(st.lists(st.sampled_from(values_of(name)), min_size=1, max_size=3)) for name in names}
    query = QueryDict(mutable=True)
    for name, values in chosen.items():
        query.setlist(name, values)

    found = set(TenderFilter(query).qs)

    assert found == {
        tender
        for tender in rows
        if all(any(ORACLE[name](tender, value) for value in values) for name, values in chosen.items())
    }


bounds = st.builds(
    lambda day, length: day.isoformat()[:length],
    st.dates(datetime.date(2016, 1, 1), datetime.date(2022, 1, 1)),
    st.sampled_from([4, 7, 10]),
)


@given(bounds, bounds)
@settings(max_examples=30)
def test_a_date_filter_selects_dates_that_are_certainly_within(all_data, low, high):
    dated = [tender for tender in Tender.objects.all() if tender.notice_date]

    found = set(TenderFilter(QueryDict(f"date_from={low}&date_to={high}")).qs)

    assert found == {
        tender
        for tender in dated
        if day_span(low)[0] <= day_span(tender.notice_date)[0] and day_span(tender.notice_date)[1] <= day_span(high)[1]
    }


def test_an_amount_between_two_bounds(article_data):
    found = TenderFilter(QueryDict("amount_min=4662000&amount_max=4940000&sort=amount")).qs

    assert [int(tender.award_amount) for tender in found] == [4662000, 4750000, 4940000]


@pytest.mark.parametrize("name", ["tender-list", "institution-list", "company-list"])
def test_unknown_values_come_last_both_ways(all_data, name):
    for order in FILTERS[name]().filters["sort"].orders:
        keys = {}
        for sign in ("", "-"):
            rows = FILTERS[name](QueryDict(f"sort={sign}{order}")).qs
            expression = FILTERS[name]().filters["sort"].orders[order][0]
            keys[sign] = list(rows.annotate(key=expression).values_list("key", flat=True))
        known = [key for key in keys[""] if key is not None]
        assert keys[""] == known + [None] * (len(keys[""]) - len(known))
        assert keys["-"][: len(known)] == known[::-1]


def test_institutions_and_companies_are_those_of_matching_tenders(all_data):
    rows = Tender.objects.for_page()

    for query in ("", "year=2018", "amount=known", "category=blockchain-application", "region=CN-BJ&year=2019"):
        tenders = set(TenderFilter(QueryDict(query)).qs)
        matching = [tender for tender in rows if tender in tenders]
        assert set(InstitutionFilter(QueryDict(query)).qs) == {t.buyer for t in matching if t.buyer}
        assert set(CompanyFilter(QueryDict(query)).qs) == {c for t in matching for c in t.suppliers}


def test_parties_have_parameters_of_their_own(all_data):
    seat = QueryDict("seat=CN-SC&seat=unknown&kind=company&kind=state-owned-enterprise")

    found = set(InstitutionFilter(seat).qs)

    assert found == {
        institution
        for institution in Institution.objects.all()
        if institution.kind in ("company", "state-owned-enterprise")
        and (institution.region is None or institution.region.code == "CN-SC")
    }


def test_parties_without_a_published_tender_are_not_listed(article_data):
    before = set(InstitutionFilter().qs), set(CompanyFilter().qs)

    Tender.objects.filter(year=2018).update(state="draft")

    assert set(InstitutionFilter().qs) < before[0]
    assert set(CompanyFilter().qs) < before[1]
    assert not Institution.objects.exclude(state="published").exists()


BAD = [
    ("year", "19"),
    ("year", "２０１９"),
    ("year", "2019x"),
    ("region", "Beijing"),
    ("category", "everything"),
    ("institution", "I-000000"),
    ("institution", "Tsinghua"),
    ("institution", "I-4QX2VD\0"),
    ("company", "C-000000"),
    ("status", "done"),
    ("certainty", "unknown"),
    ("amount", "0-2m"),
    ("amount_min", "-1"),
    ("amount_min", "1e400"),
    ("amount_max", "NaN"),
    ("date_from", "2019-13"),
    ("date_to", "June"),
    ("disputed", "maybe"),
    ("reference", "TW-000000"),
    ("sort", "price"),
    ("page", "0"),
    ("page", "last"),
    ("per_page", "101"),
    ("per_page", "0"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
@pytest.mark.parametrize("address", FILTERS)
def test_a_bad_value_is_answered_400_with_the_parameter_and_no_rows(client, article_data, address, name, value):
    response = client.get(reverse(address), {name: value})

    assert response.status_code == 400
    assert f"<code>{name}</code>" in response.text
    assert "data-total" not in response.text


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json", "application/json, */*;q=0.5"])
def test_a_list_answers_errors_as_problem_details_if_json_is_preferred(client, article_data, accept):
    response = client.get("/tenders/?year=19&page=0", headers={"accept": accept})

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in response.json()["errors"]] == ["year", "page"]


@pytest.mark.parametrize("accept", ["text/html,application/xml;q=0.9,*/*;q=0.8", "*/*", "text/csv", ""])
def test_a_list_answers_errors_as_html_otherwise(client, article_data, accept):
    response = client.get("/tenders/?year=19", headers={"accept": accept})

    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")


def test_a_bad_value_among_good_ones_is_not_left_out(article_data):
    filterset = TenderFilter(QueryDict("year=2018&region=CN-BJ&region=bogus"))

    assert not filterset.is_valid()
    assert not filterset.qs.exists()


def test_a_parameter_that_takes_one_value_is_given_once(client, article_data):
    for query in ("amount_min=1&amount_min=2", "sort=year&sort=title", "page=1&page=2", "per_page=5&per_page=7"):
        response = client.get(f"/tenders/?{query}")
        assert response.status_code == 400
        assert "Use this parameter only once." in response.text


def test_a_parameter_takes_at_most_150_values(client, article_data):
    references = [f"company=C-{number:06}" for number in range(MAX_VALUES + 1)]

    response = client.get(f"/tenders/?{'&'.join(references)}")

    assert response.status_code == 400
    assert "Use at most 150 values for this parameter; this address has 151." in response.text


@pytest.mark.parametrize("name", ["company", "supplier_region"])
def test_several_winners_are_found_by_one_subquery(article_data, name):
    found = TenderFilter(QueryDict()).filters[name]
    values = [*found.labels(found.known_values), *Company.objects.values_list("reference", flat=True)][:9]

    for unknown in ([], ["unknown"]):
        together = Tender.objects.filter(found.any_of([*values, *unknown]))
        apart = {tender.pk for value in [*values, *unknown] for tender in Tender.objects.filter(found.condition(value))}
        assert {tender.pk for tender in together} == apart
        assert str(together.query).count("EXISTS") == 1 + len(unknown)


def test_an_unpublished_reference_is_answered_like_a_missing_one(client, article_data):
    tender = Tender.objects.filter(buyer__isnull=False).first()
    Institution.objects.filter(pk=tender.buyer_id).update(state="draft")

    hidden = client.get("/tenders/", {"institution": tender.buyer.reference})
    missing = client.get("/tenders/", {"institution": "I-000000"})

    assert hidden.status_code == missing.status_code == 400
    assert hidden.text.replace(tender.buyer.reference, "I-000000") == missing.text


def test_a_value_given_many_times_is_given_once(client, article_data):
    response = client.get("/institutions/?" + "&".join(["category=financial"] * 200))

    assert response.status_code == 200
    assert response.text.count("Remove the filter") == 1


def test_the_form_with_a_bad_value_has_all_submitted_values(client, article_data):
    text = client.get("/tenders/?year=2018&date_from=June&region=CN-BJ").text

    assert '<input type="checkbox" name="year" value="2018" checked>' in text
    assert 'value="June"' in text
    assert 'href="/tenders/?region=CN-BJ&amp;year=2018"' in text


def test_empty_values_of_a_form_are_no_filters(client, article_data):
    response = client.get("/tenders/?year=&region=&amount_min=&date_from=+&sort=")

    assert response.status_code == 200
    assert 'data-total="34"' in response.text


def test_pages_ignore_unknown_parameters_and_filter_sets_list_them(client, article_data):
    assert client.get("/tenders/?utm_source=x&year=2018").status_code == 200
    assert [name for name, _ in TenderFilter(QueryDict("utm_source=x&year=2018")).unknown_parameters] == ["utm_source"]
    assert [name for name, _ in InstitutionFilter(QueryDict("seat=CN-BJ&year=2018&colour=red")).unknown_parameters] == [
        "colour"
    ]


names = st.sampled_from([*sorted(CompanyFilter().parameters | InstitutionFilter().parameters), "page", "per_page", "x"])
wild = st.text(max_size=12) | st.sampled_from(
    ["2018", "CN-BJ", "unknown", "known", "yes", "1", "-year", "9" * 25, "\0"]
)
queries = st.lists(st.tuples(names, wild), max_size=4)


def as_data(query):
    data = QueryDict(mutable=True)
    for name, value in query:
        data.appendlist(name, value)
    return data


@given(query=queries, address=st.sampled_from(sorted(FILTERS)))
@settings(max_examples=100)
def test_no_query_string_gives_a_silently_wider_set(article_data, query, address):
    filterset = FILTERS[address](as_data(query))
    rows = set(filterset.qs)

    # An invalid query gives no rows; every valid parameter narrows the set.
    assert filterset.is_valid() or not rows
    for name, values in filterset.data.lists():
        if name in filterset.parameters:
            alone = QueryDict(mutable=True)
            alone.setlist(name, values)
            assert rows <= set(FILTERS[address](alone).qs)


@given(query=queries, address=st.sampled_from(sorted(FILTERS)))
@settings(max_examples=60)
def test_no_query_string_makes_a_500(client, db, query, address):
    data = as_data(query)

    status = client.get(f"{reverse(address)}?{data.urlencode()}").status_code

    assert status in {200, 400, 404}
    assert status == 400 or FILTERS[address](data).is_valid()


@given(text=st.text(string.printable, max_size=60))
@settings(max_examples=60)
def test_no_raw_query_string_makes_a_500(client, db, text):
    response = client.get("/tenders/", QUERY_STRING=text)

    assert response.status_code in {200, 400, 404}


def test_purchase_and_winner_are_in_two_regions_only_when_the_winner_of_each_lot_is_known(db):
    tender = create_tender(region=create_region("CN-BJ"))
    create_award(tender, create_company(region=create_region("CN-SH")))
    second = create_award(tender, number=2)

    before = list(TenderFilter(QueryDict("same_region=no")).qs)
    second.suppliers.set([create_company(region=create_region("CN-SH"))])

    assert before == []
    assert list(TenderFilter(QueryDict("same_region=no")).qs) == [tender]


def test_a_category_includes_its_descendants(article_data):
    found = {
        category.slug: TenderFilter(QueryDict(f"category={category.slug}")).qs.count()
        for category in Category.objects.all()
    }

    assert found["blockchain-application"] == found["government-affairs"] + found["financial"] == 10
    assert found["housing-provident-fund"] == 4
