"""The head element: title, canonical URL, language alternatives, Open Graph."""

import datetime
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.utils import timezone

from tests.factories import create_institution

PAGES = [
    "/",
    "/tenders/",
    "/tenders/?year=2019&region=CN-GD",
    "/institutions/",
    "/companies/?size=small",
    "/tenders/TW-N9GRJT/",
    "/institutions/I-D4MECS/",
    "/companies/C-4ZV366/",
    "/articles/",
    "/articles/compare/",
    "/articles/interchain-pulse-2019/",
    "/articles/interchain-pulse-2019/?verdict=agrees",
    "/articles/interchain-pulse-2019/?view=today",
    "/articles/interchain-pulse-2019/claims/A17/",
    "/about/method/",
    "/about/coverage/",
    "/about/licence/",
    "/about/contact/",
    "/search/",
    "/search/?q=tax",
    "/changes/",
    "/data/",
]
EVERYWHERE = [prefix + page for prefix in ("", "/zh-hans") for page in PAGES]


class Head(HTMLParser):
    """The links, metadata, title and language of a page, and the links of its language switch."""

    def __init__(self, text):
        super().__init__()
        self.links, self.named, self.switch, self.title, self.language = {}, {}, [], "", ""
        self.in_title = self.in_switch = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "html":
            self.language = attrs["lang"]
        elif tag == "link":
            self.links.setdefault((attrs["rel"], attrs.get("hreflang")), []).append(attrs["href"])
        elif tag == "meta" and "content" in attrs:
            self.named[attrs.get("name") or attrs["property"]] = attrs["content"]
        elif tag == "title":
            self.in_title = not self.title
        elif tag == "nav":
            self.in_switch = attrs.get("id") == "languages"
        elif tag == "a" and self.in_switch:
            self.switch.append((attrs["href"], attrs["lang"], attrs["hreflang"]))

    def handle_endtag(self, tag):
        if tag == "title":
            self.in_title = False
        elif tag == "nav":
            self.in_switch = False

    def handle_data(self, data):
        if self.in_title:
            self.title += data

    def link(self, rel, language=None):
        (address,) = self.links[rel, language]
        return address


@pytest.fixture
def head(client):
    def get(address, status=200):
        response = client.get(address, headers={"accept": "text/html"})
        assert response.status_code == status
        return Head(response.text)

    return get


@pytest.fixture
def shipped_head(shipped_pages):
    return lambda address: Head(shipped_pages.get(address).text)


def test_a_page_has_a_title_a_description_and_its_addresses(shipped_head):
    for address in EVERYWHERE:
        page = shipped_head(address)

        assert page.title.endswith(" · TenderWatch")
        assert page.named["og:title"] == page.title.removesuffix(" · TenderWatch") != ""
        assert page.named["og:description"] == page.named["description"]
        assert 5 < len(page.named["description"]) <= 300
        assert page.named["og:url"] == page.link("canonical")
        assert page.named["og:locale"] == {"en": "en_GB", "zh-Hans": "zh_CN"}[page.language]
        assert page.named["og:type"] in {"website", "article"}


def test_a_name_is_the_same_in_title_and_metadata(head, db):
    page = head(create_institution(name_en='A & B’s <b> "bank"').get_absolute_url())

    assert page.named["og:title"] == 'A & B’s <b> "bank"' == page.title.removesuffix(" · TenderWatch")
    assert page.named["og:description"] == page.named["description"]


def test_a_page_and_its_translation_link_to_each_other(shipped_head):
    for address in PAGES:
        english = shipped_head(address)
        chinese = shipped_head(english.link("alternate", "zh-Hans"))

        assert (english.language, chinese.language) == ("en", "zh-Hans")
        for page, own, other in ((english, "en", "zh-Hans"), (chinese, "zh-Hans", "en")):
            assert page.link("alternate", own) == page.link("canonical")
            assert page.link("alternate", "x-default") == english.link("canonical")
            assert page.switch == [(page.link("alternate", other).removeprefix("http://testserver"), other, other)]


def test_the_image_of_the_site_is_its_own_file(head, article_data):
    image = head("/").named["og:image"].removeprefix("http://testserver/static/")

    assert (settings.STATIC_ROOT / image).read_bytes()[:4] == b"\x89PNG"
    assert (settings.STATIC_ROOT / image).stat().st_size < 40_000


def test_titles_of_pages_are_unique(shipped_head):
    titles = [shipped_head(address).title for address in PAGES if "verdict" not in address]

    assert len(set(titles)) == len(titles)


def test_the_canonical_address_of_all_pages_of_a_list_is_the_list(head, article_data):
    page = head("/tenders/?utm_source=letter&year=2019&per_page=10&page=2")

    assert page.link("canonical") == "http://testserver/tenders/?year=2019"
    assert page.switch[0][0] == "/zh-hans/tenders/?page=2&per_page=10&year=2019"
    assert page.link("alternate", "zh-Hans") == f"http://testserver{page.switch[0][0]}"


def test_tracking_parameters_are_no_part_of_an_address(head, article_data):
    page = head("/changes/?utm_source=letter")

    assert page.link("canonical") == page.link("alternate", "en") == "http://testserver/changes/"


def test_absolute_addresses_have_the_requested_host(client, article_data):
    page = Head(client.get("/tenders/", headers={"host": "localhost"}, secure=True).text)

    assert page.link("canonical") == "https://localhost/tenders/"


WRONG = [
    ("/tenders/?year=x", 400, "/zh-hans/tenders/?year=x"),
    ("/tenders.csv?yaer=2019", 400, "/zh-hans/"),
    ("/changes/?page=x", 400, "/zh-hans/changes/"),
    ("/zh-hans/tenders/TW-000000/", 404, "/tenders/TW-000000/"),
    ("/tenders/?page=99", 404, "/zh-hans/tenders/"),
    ("/nothing/", 404, "/zh-hans/"),
    ("/zh-hans/nothing/", 404, "/"),
]


def test_an_error_page_has_no_canonical_address_but_both_languages(head, article_data):
    for address, status, other in WRONG:
        page = head(address, status)

        assert page.title
        assert {rel for rel, _language in page.links} <= {"icon", "stylesheet"}
        assert "og:url" not in page.named
        assert [link for link, *_languages in page.switch] == [other]


def test_an_unknown_address_of_the_admin_is_answered_404(admin_client):
    response = admin_client.get("/admin/nothing/")

    assert response.status_code == 404
    assert [link for link, *_languages in Head(response.text).switch] == ["/zh-hans/"]


def test_another_host_is_refused(client, article_data):
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


def test_the_language_switch_is_replaced_with_a_list(client, article_data):
    text = client.get("/tenders/").text

    assert 'id="languages"' in text.split("data-hx-swap-oob")[0].split("<nav")[-1]


def test_the_etag_of_a_page_depends_on_day_and_host(client, article_data, monkeypatch):
    tag = client.get("/tenders/TW-N9GRJT/")["ETag"]
    had = {"if-none-match": tag}
    assert client.get("/tenders/TW-N9GRJT/", headers=had).status_code == 304
    assert client.get("/tenders/TW-N9GRJT/", headers={**had, "host": "localhost"}).status_code == 200

    tomorrow = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)

    assert client.get("/tenders/TW-N9GRJT/", headers=had).status_code == 200
