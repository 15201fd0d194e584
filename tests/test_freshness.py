"""ETags and the versioned cache: results are computed once for a version of the records, and never stale."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tenders.caching import VersionedCache
from tenders.models import Award, Company, DatasetVersion, Institution, Region, Tender
from tests.factories import create_tender

LISTS = ["/tenders/", "/institutions/", "/companies/"]
DOWNLOADS = ["/tenders.csv", "/institutions.json", "/companies.xlsx"]
PAGES = [
    *LISTS,
    *DOWNLOADS,
    "/",
    "/about/method/",
    "/tenders/TW-N9GRJT/",
    "/zh-hans/tenders/",
    "/tenders/?year=2019&sort=-amount",
]


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize("address", PAGES)
def test_a_matching_etag_is_answered_304_until_a_write(client, article_data, django_assert_num_queries, address):
    first = client.get(address)
    tag = first["ETag"]
    assert "no-cache" in first["Cache-Control"]

    with django_assert_num_queries(1):
        again = client.get(address, headers={"if-none-match": tag})
    assert again.status_code == 304
    assert again["ETag"] == tag
    assert not again.content

    Tender.objects.filter(reference="TW-N9GRJT").update(notes="More is known now.")
    fresh = client.get(address, headers={"if-none-match": tag})
    assert fresh.status_code == 200
    assert fresh["ETag"] != tag


def test_an_etag_is_unique_to_its_address_and_does_not_reveal_the_version(client, article_data):
    tags = {client.get(address)["ETag"] for address in PAGES}

    assert len(tags) == len(PAGES)
    version = DatasetVersion.current()
    for address in PAGES:
        response = client.get(address)
        assert version.encode() not in b"".join(response)
        assert version not in str(response.headers)
    assert client.get("/tenders/?year=x", headers={"if-none-match": ", ".join(tags)}).status_code == 400


@pytest.mark.parametrize(
    "address", ["/tenders/?year=x", "/tenders/?page=99", "/tenders/TW-000000/", "/tenders/nothing/"]
)
def test_an_error_has_no_etag(client, article_data, address):
    response = client.get(address, headers={"if-none-match": "*"})

    assert response.status_code in (400, 404)
    assert "ETag" not in response


def counts(response):
    return {
        (facet.name, option.value): option.number
        for group in response.context["filter_groups"]
        for facet in group.facets
        for option in facet.options
    }


@pytest.mark.parametrize("address", LISTS)
def test_nothing_stale_is_shown_after_a_write(client, all_data, address):
    def cold():
        cache.clear()
        return client.get(address)

    writes = [
        lambda: Award.objects.update(amount=5, amount_qualifier="exact"),
        lambda: Tender.objects.filter(year=2019).update(year=2020),
        lambda: Institution.objects.update(region=Region.objects.get(code="CN-SH"), kind="hospital"),
        lambda: Company.objects.update(size="micro", kind="company", region=None),
        lambda: Region.objects.filter(code="CN-SH").update(name_en="Somewhere"),
        lambda: Tender.objects.exclude(year=2020).update(state="draft"),
    ]
    for write in writes:
        client.get(address)
        write()
        warm = client.get(address)
        assert (counts(warm), warm.content) == (counts(fresh := cold()), fresh.content)


def cached(what, compute):
    cache = VersionedCache()
    value = cache.get_or_compute(what, compute)
    cache.store()
    return value


def test_a_result_computed_while_the_records_changed_is_not_stored(db):
    cache = VersionedCache()

    def compute():
        create_tender()
        return Tender.objects.count()

    assert cache.get_or_compute("number", compute) == 1
    cache.store()
    old = VersionedCache()
    old.versions = cache.versions
    assert old.get_or_compute("number", lambda: "computed again") == "computed again"
    assert cached("number", Tender.objects.count) == 1
    assert cached("number", lambda: "not computed again") == 1


def test_without_a_version_nothing_is_stored(db):
    DatasetVersion.objects.all().delete()

    assert [cached("number", lambda number=number: number) for number in (1, 2)] == [1, 2]


EVERYTHING = (
    "?q=a&year=2019&year=2018&region=CN-BJ&region=unknown&category=blockchain-application&category=unknown"
    "&institution=unknown&company=unknown&institution_kind=unknown&amount=unknown&status=unknown&company_size=unknown"
    "&supplier_region=unknown&supplier_region=CN-BJ&same_region=unknown&level=unknown&method=unknown"
    "&main_subject=unknown&certainty=high&source_kind=news&date_to=2030&per_page=25"
)


@pytest.mark.parametrize("query", ["", "?year=2019&region=CN-BJ", "?q=tax&sort=-reference", EVERYTHING])
@pytest.mark.parametrize("address", LISTS)
def test_a_list_takes_few_statements(client, all_data, django_assert_max_num_queries, address, query):
    with django_assert_max_num_queries(20):
        assert client.get(address + query).status_code == 200
    with django_assert_max_num_queries(6):
        assert client.get(address + query).status_code == 200


def test_another_page_or_order_does_not_count_again(client, all_data, django_assert_max_num_queries):
    client.get("/tenders/?per_page=10")
    with django_assert_max_num_queries(7):
        assert client.get("/tenders/?per_page=10&page=2&sort=-amount").context["total"] == 46


@pytest.mark.parametrize("model", [Tender, Institution, Company])
def test_a_page_of_a_record_takes_at_most_14_statements(client, all_data, django_assert_max_num_queries, model):
    for record in model.objects.published():
        with django_assert_max_num_queries(14):
            assert client.get(record.get_absolute_url()).status_code == 200


def test_tracking_parameters_do_not_fill_the_cache(client, article_data, django_assert_max_num_queries):
    client.get(reverse("tender-list"))
    with django_assert_max_num_queries(6):
        client.get(reverse("tender-list") + "?utm_source=letter&fbclid=1")
