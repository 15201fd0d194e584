"""The page cache: what it answers is what the site would, in the current version, and nothing of one reader's."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import sleep
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db.models import F
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.views.generic import View

from tenders.caching import VersionedMixin
from tenders.models import Citation, Company, DatasetVersion, Page, Tender
from tenders.models.computed import Versions
from tenders.views import page_cache, previews
from tenders.views.lists import TenderList
from tenders.views.page_cache import Flights, PageCacheMiddleware, PagesInMemory, is_for_everybody, is_kept
from tenders.views.page_cache import Page as KeptPage

PAGES = [
    "/",
    "/tenders/",
    "/tenders/?year=2019&sort=-amount",
    "/tenders/?q=blockchain",
    "/tenders/?view=charts",
    "/institutions/",
    "/tenders/?page=2",
    "/tenders/TW-N9GRJT/",
    "/articles/",
    "/articles/compare/",
    "/articles/interchain-pulse-2019/",
    "/articles/interchain-pulse-2019/?verdict=agrees",
    "/articles/interchain-pulse-2019/claims/A20/",
    "/search/?q=blockchain",
    "/search/suggestions/?q=blockchain",
    "/changes/",
    "/data/",
    "/about/method/",
    "/zh-hans/tenders/",
    "/tenders/TW-N9GRJT.json",
    "/articles/interchain-pulse-2019.json?verdict=agrees",
]
WRITTEN = [
    "/",
    "/tenders/TW-N9GRJT.json",
    "/tenders/",
    "/tenders/?q=blockchain",
    "/tenders/TW-N9GRJT/",
    "/zh-hans/companies/",
    "/about/method/",
]
GZIP = {"accept-encoding": "gzip"}


@pytest.fixture
def reader(settings):
    """A client of a site that keeps pages."""
    settings.PAGE_CACHE_MB = 32
    cache.clear()
    return Client()


def computed(address):
    """Return a page as it is without the page cache."""
    return Client().get(address, headers=GZIP)


def text_of(response):
    content = response.content
    return gzip.decompress(content) if response.headers.get("Content-Encoding") == "gzip" else content


def ask(client, address, times=2):
    for _ in range(times):
        response = client.get(address, headers=GZIP)
    return response


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_kept_when_it_is_asked_for_again(reader, all_data, settings, django_assert_num_queries, address):
    first = ask(reader, address)
    assert "nonce" not in first["Content-Security-Policy"]
    assert not first.cookies
    with django_assert_num_queries(1):
        kept = reader.get(address, headers=GZIP)
    settings.PAGE_CACHE_MB = 0
    expected = computed(address)

    assert text_of(kept) == text_of(first) == text_of(expected)
    names = {*kept.headers, *expected.headers} - {"X-Request-ID", "Content-Length"}
    assert {name: kept.headers.get(name) for name in names} == {name: expected.headers.get(name) for name in names}


def change_note():
    Tender.objects.filter(reference="TW-N9GRJT").update(notes="More is known of the blockchain now.")


def rename():
    Company.objects.filter(pk=Company.objects.published().first().pk).update(name_en="Another name")


def withdraw():
    Tender.objects.filter(reference="TW-N9GRJT").update(state="withdrawn")


def change_others():
    Citation.objects.update(reason="Another reason.")
    Page.objects.update(text_en="Another text.")


@pytest.mark.parametrize("write", [change_note, rename, withdraw, change_others])
def test_no_page_is_older_than_the_last_write(reader, tender_data, settings, write):
    for address in WRITTEN:
        ask(reader, address)

    write()

    answers = {address: ask(reader, address, times=3) for address in WRITTEN}
    settings.PAGE_CACHE_MB = 0
    for address, answer in answers.items():
        expected = computed(address)
        assert answer.status_code == expected.status_code
        assert answer.get("ETag") == expected.get("ETag")
        if answer.status_code == 200:
            assert text_of(answer) == text_of(expected), address


def test_a_write_that_no_list_shows_leaves_lists_kept(reader, all_data, django_assert_num_queries):
    for address in ("/tenders/", "/tenders/?q=blockchain"):
        ask(reader, address)
    change_note()

    with django_assert_num_queries(1):
        reader.get("/tenders/", headers=GZIP)
    assert reader.get("/tenders/?q=blockchain").context


@pytest.fixture
def kept(reader, tender_data):
    """A client for whom the list of tenders is kept."""
    ask(reader, "/tenders/")
    assert is_from_cache(reader.get("/tenders/"))
    return reader


def is_from_cache(response):
    return response.context is None


def test_a_page_that_is_asked_for_once_is_not_kept(reader, tender_data):
    reader.get("/tenders/")

    assert not is_from_cache(reader.get("/tenders/"))
    assert is_from_cache(reader.get("/tenders/"))
    change_note()
    Tender.objects.filter(reference="TW-N9GRJT").update(year=2017)
    assert not is_from_cache(reader.get("/tenders/"))
    assert is_from_cache(reader.get("/tenders/"))  # it was asked for before, in another version


@pytest.mark.parametrize("name", ["sessionid", "messages"])
def test_who_is_logged_in_or_has_a_message_is_passed_by(kept, name):
    kept.cookies[name] = "x"

    assert not is_from_cache(kept.get("/tenders/"))


def test_other_cookies_neither_pass_by_nor_divide(kept):
    kept.cookies["somebody"] = "else"

    assert is_from_cache(kept.get("/tenders/"))


@pytest.mark.parametrize(
    "headers", [{"accept-language": "zh-Hans"}, {"accept": "application/json"}, {"user-agent": "a robot"}]
)
def test_no_header_of_a_reader_changes_a_page(kept, headers):
    assert kept.get("/tenders/", headers=headers).text == kept.get("/tenders/").text
    assert is_from_cache(kept.get("/tenders/", headers=headers))


@pytest.mark.parametrize("query", ["utm_source=x", "utm_source=x&utm_medium=y", "fbclid=z"])
def test_parameters_that_no_list_knows_are_nowhere_on_its_page(kept, query):
    response = kept.get(f"/tenders/?{query}")

    assert is_from_cache(response)
    assert "utm_" not in response.text
    assert "utm_" not in Client().get(f"/tenders/?page=1&{query}").text


def test_hosts_and_schemes_are_divided(kept, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]

    assert not is_from_cache(kept.get("/tenders/", headers={"host": "other.example"}))
    assert not is_from_cache(kept.get("/tenders/", secure=True))


def test_a_day_ends_what_is_kept(kept, clock):
    assert is_from_cache(kept.get("/tenders/"))
    clock.time += timedelta(days=1)

    assert not is_from_cache(kept.get("/tenders/"))


def test_head_and_conditional_requests_are_answered_from_it(kept, django_assert_num_queries):
    page = kept.get("/tenders/")

    with django_assert_num_queries(2):
        head = kept.head("/tenders/")
        unchanged = kept.get("/tenders/", headers={"if-none-match": page["ETag"]})
    assert is_from_cache(head)
    assert (head.status_code, head.content) == (200, b"")
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_browser_without_gzip_gets_the_page_unpacked(kept):
    plain, compressed = kept.get("/tenders/"), kept.get("/tenders/", headers=GZIP)

    assert "Content-Encoding" not in plain
    assert plain.content == gzip.decompress(compressed.content)
    assert "Accept-Encoding" in plain["Vary"]


@pytest.mark.parametrize(
    "address", ["/tenders/?year=x", "/tenders/TW-000000/", "/tenders.csv", "/admin/login/", "/sitemap.xml", "/healthz"]
)
def test_errors_files_and_the_admin_are_not_kept(reader, tender_data, monkeypatch, address):
    monkeypatch.setattr(PagesInMemory, "set", lambda *arguments: pytest.fail("It was kept."))

    statuses = {reader.get(address).status_code for _ in range(3)}

    assert len(statuses) == 1


def test_a_kept_twin_lets_no_unknown_parameter_pass(reader, tender_data):
    ask(reader, "/tenders/TW-N9GRJT.json")

    assert ask(reader, "/tenders/TW-N9GRJT.json?wrong=1").status_code == 400


def test_previews_are_never_kept():
    views = [view for view in vars(previews).values() if isinstance(view, type) and issubclass(view, View)]
    previewed = [view for view in views if view.__module__ == previews.__name__]

    assert len(previewed) >= 5
    assert not any(is_kept(view) for view in previewed)


@pytest.mark.parametrize(
    "query",
    ["page=201", "page=x", "region=CN-GD&region=CN-SH&region=CN-BJ&year=2018&year=2019&year=2017&status=complete"],
)
def test_what_robots_ask_for_is_not_kept(query):
    request = RequestFactory().get(f"/tenders/?{query}")

    assert not page_cache.is_of_everybody(request, TenderList)


@pytest.mark.parametrize(
    ("response", "may_be_kept"),
    [
        (HttpResponse(), True),
        (HttpResponse(headers={"Vary": "Accept, Accept-Encoding"}), True),
        (HttpResponse(headers={"Vary": "Accept, Cookie"}), False),
        (HttpResponse(headers={"Cache-Control": "private"}), False),
        (HttpResponse(headers={"Cache-Control": "max-age=0, no-store"}), False),
        (HttpResponse(status=404), False),
        (StreamingHttpResponse([b""]), False),
    ],
)
def test_only_what_is_for_everybody_is_kept(response, may_be_kept):
    assert is_for_everybody(response) is may_be_kept


def test_what_sets_a_cookie_is_not_kept():
    response = HttpResponse()
    response.set_cookie("csrftoken", "x")

    assert not is_for_everybody(response)


def test_the_pages_of_a_process_take_no_more_bytes_than_given():
    pages = PagesInMemory(10_000)
    for number in range(20):
        pages.set(number, KeptPage(b"x" * 1_000, {}))
    pages.set("large", KeptPage(b"x" * 20_000, {}))

    found = [number for number in range(20) if pages.get(number)]
    assert found == [15, 16, 17, 18, 19]
    assert pages.get("large") is None


class SlowPage(VersionedMixin, View):
    """A page of one version of the records, whose reader waits for a turn before it is computed, and then again."""

    parameters = ()
    turn, go, begun, num_computed, version = Event(), Event(), Event(), 0, "first"

    def get(self, request):
        SlowPage.begun.set()
        SlowPage.go.wait(10)
        SlowPage.num_computed += 1
        return HttpResponse(f"page {self.num_computed} of the {self.cache.version} version")


@pytest.fixture
def slow_page(settings, monkeypatch):
    """A function that asks for ``SlowPage`` in a thread of its own, and returns when that waits or computes."""
    settings.PAGE_CACHE_MB = 1
    for event in ("turn", "go", "begun"):
        monkeypatch.setattr(SlowPage, event, Event())
    monkeypatch.setattr(SlowPage, "num_computed", 0)
    monkeypatch.setattr(SlowPage, "version", "first")
    monkeypatch.setattr(DatasetVersion, "versions", lambda: Versions(*3 * [SlowPage.version]))
    view, joined, join = SlowPage.as_view(), [], Flights.join

    def join_and_tell(flights, name):
        found = join(flights, name)
        joined.append(name)
        return found

    def get_response(request):
        request.resolver_match = SimpleNamespace(func=view)
        if found := middleware.process_view(request, view, (), {}):
            return found
        SlowPage.turn.wait(10)
        return view(request)

    monkeypatch.setattr(Flights, "join", join_and_tell)
    middleware = PageCacheMiddleware(get_response)
    with ThreadPoolExecutor(5) as threads:

        def ask_for_it():
            before = len(joined)
            answer = threads.submit(middleware, RequestFactory().get("/slow/"))
            while len(joined) == before:
                sleep(0.001)
            return answer

        yield ask_for_it


def test_of_requests_at_the_same_time_one_computes_the_page_for_all(slow_page):
    answers = [slow_page() for _ in range(4)]
    SlowPage.turn.set()
    SlowPage.begun.wait(10)
    SlowPage.version = "second"  # written while it is computed: it was the current one after all of them had asked
    SlowPage.go.set()

    assert {answer.result().content for answer in answers} == {b"page 1 of the first version"}
    assert len({answer.result()["ETag"] for answer in answers}) == 1


def test_nobody_is_given_a_page_of_records_that_were_read_before_he_asked(slow_page):
    SlowPage.turn.set()
    early = slow_page()
    SlowPage.begun.wait(10)
    late = slow_page()
    SlowPage.version = "second"
    SlowPage.go.set()

    assert early.result().content == b"page 1 of the first version"
    assert late.result().content == b"page 2 of the second version"


def test_who_comes_while_a_page_is_computed_is_given_it_if_nothing_was_written(slow_page):
    SlowPage.turn.set()
    early = slow_page()
    SlowPage.begun.wait(10)
    late = slow_page()
    SlowPage.go.set()

    assert early.result().content == late.result().content == b"page 1 of the first version"


def test_a_page_that_fails_keeps_nobody_waiting(reader, tender_data, monkeypatch):
    monkeypatch.setattr(TenderList, "get", lambda *arguments: 1 / 0)
    monkeypatch.setattr(page_cache, "PATIENCE", 30)
    reader.raise_request_exception = False

    assert [reader.get("/tenders/").status_code for _ in range(3)] == [500, 500, 500]


def test_a_page_into_which_a_write_came_is_not_kept(reader, tender_data, monkeypatch):
    get = TenderList.get

    def get_and_write(view, request):
        response = get(view, request)
        Tender.objects.update(year=F("year") - 1)
        return response

    monkeypatch.setattr(TenderList, "get", get_and_write)
    monkeypatch.setattr(PagesInMemory, "set", lambda *arguments: pytest.fail("It was kept."))

    ask(reader, "/tenders/", times=3)


def test_nodes_share_pages_where_they_share_a_cache(reader, tender_data, settings):
    settings.CACHE_URL = "redis://of.another.test/0"  # here the cache of the process stands for it
    ask(reader, "/tenders/")

    another = Client()
    assert is_from_cache(another.get("/tenders/"))


def test_no_page_is_kept_while_templates_are_edited(reader, tender_data, settings):
    settings.DEBUG = True

    assert not is_from_cache(ask(reader, "/tenders/", times=3))
