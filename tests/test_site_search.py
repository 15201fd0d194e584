"""One search of the whole site: groups that lead to their lists, named lists, other spellings, suggestions."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenders.choices import EditorialState
from tenders.models import Claim, Company, Tender
from tenders.search import MAX_WORDS
from tenders.site_search import named_options
from tenders.spelling import similar_words, vocabulary
from tests.factories import (
    create_article,
    create_award,
    create_claim,
    create_company,
    create_institution,
    create_tender,
)

COUNTED = re.compile(r'<a href="([^"]+)" data-count="(\d+)"[^>]*>(.*?)</a>', re.DOTALL)
FORM = 'id="site-search"'


def counted(page):
    """Return the (address, number, label) of the links of a page to lists."""
    return [(unescape(address), int(number), label.strip()) for address, number, label in COUNTED.findall(page.text)]


def labels(page):
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", "", label)) for _address, _number, label in counted(page)]


@pytest.mark.parametrize(
    "q",
    [
        "广东",
        "tax",
        "區塊鏈",
        "Beijing",
        "digital identity",
        "2019",
        "TW-N9GRJT",
        "qkl",
        "tencent",
        "tencnt",
        "区块链 税务",
    ],
)
@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_every_count_is_the_length_of_its_list(shipped_pages, q, prefix):
    links = counted(shipped_pages.get(f"{prefix}/search/?q={q}"))

    assert links
    for address, number, _label in links:
        (total,) = re.findall(r'data-total="(\d+)"', shipped_pages.get(address).text)
        assert (address, int(total)) == (address, number)


@pytest.mark.parametrize("q", ["Guangdong", "guangdong", "广东", "广东省", "廣東省", "Guangdong Province"])
def test_the_tenders_in_a_region_are_offered_first(client, article_data, q):
    links = counted(client.get("/search/", {"q": q}))

    assert links[0] == ("/tenders/?region=CN-GD", 3, "Tenders in Guangdong: 3")
    assert ("/institutions/?seat=CN-GD", 3, "Institutions in Guangdong: 3") in links


@pytest.mark.parametrize(
    ("q", "address"),
    [
        ("Digital identity", "/tenders/?category=digital-identity"),
        ("數字身份", "/tenders/?category=digital-identity"),
        ("政务", "/tenders/?category=government-affairs"),
        ("2018", "/tenders/?year=2018"),
        ("Shenzhen", "/tenders/?city=Shenzhen"),
        ("深圳", "/tenders/?city=Shenzhen"),
        ("深圳市", "/tenders/?city=Shenzhen"),
        ("德保县", "/tenders/?city=Debao+County"),
    ],
)
def test_the_tenders_of_a_category_a_city_or_a_year_are_offered_first(client, article_data, q, address):
    assert counted(client.get("/search/", {"q": q}))[0][0] == address


def test_a_municipality_is_offered_once(client, article_data):
    assert [label for label in labels(client.get("/search/?q=北京市")) if "Tenders in" in label] == [
        "Tenders in Beijing: 13"
    ]


def test_a_city_that_is_in_no_record_is_a_list_without_rows(client, article_data):
    assert 'data-total="0"' in client.get("/tenders/?city=Atlantis").text
    assert 'data-total="2"' in client.get("/zh-hans/tenders/?city=Shenzhen").text
    assert "深圳" in client.get("/zh-hans/tenders/?city=Shenzhen").context["words"]


def test_all_groups_are_searched(client, article_data):
    found = labels(client.get("/search/?q=tax"))

    assert [label.partition(":")[0] for label in found if not label.startswith("See")] == [
        "Tenders",
        "Institutions",
        "Claims",
    ]
    assert "Articles: 1" in labels(client.get("/search/?q=interchain"))
    assert "Companies: 1" in labels(client.get("/search/?q=tencent"))


def test_traditional_characters_find_what_simplified_ones_do(client, all_data):
    assert labels(client.get("/search/?q=區塊鏈")) == labels(client.get("/search/?q=区块链"))


@pytest.mark.parametrize("q", ["txyjs", "tengxunyun", "腾讯", "騰訊", "Tencent"])
def test_a_company_is_one_click_away_by_any_of_its_names(client, article_data, q):
    tencent = Company.objects.get(name_zh__startswith="腾讯")

    assert f'href="{tencent.get_absolute_url()}"' in client.get("/search/", {"q": q}).text
    assert f'href="{tencent.get_absolute_url()}"' in client.get("/search/suggestions/", {"q": q}).text


@pytest.mark.parametrize(
    ("q", "meant", "first"),
    [
        ("tencnt", "tencent", "Tenders: 1"),
        ("blokchain", "blockchain", "Tenders: 19"),
        ("Beijng", "beijing", "Tenders: 16"),
        ("区快链", "区块链", "Tenders: 22"),
        ("tencnt clod", "tencent cloud", "Tenders: 1"),
    ],
)
def test_other_spellings_are_offered_where_nothing_is_found(client, article_data, q, meant, first):
    page = client.get("/search/", {"q": q})

    assert page.context["total"] == 0
    assert page.context["corrected"]["text"] == meant
    assert labels(page)[0] == first


def test_words_that_no_record_has_together_are_offered_alone(client, article_data):
    page = client.get("/search/", {"q": "tencent hospital"})

    assert "No record has all of these words." in page.text
    assert [text for text, _query in page.context["alone"]] == ["tencent", "hospital"]


def test_nothing_is_offered_for_what_is_like_no_word(client, article_data):
    page = client.get("/search/", {"q": "qwrtpsdf"})

    assert "No results." in page.text
    assert "Did you mean" not in page.text


def test_two_characters_are_corrected_by_their_sound_alone():
    assert similar_words("税五", {"税务局": 3, "税收": 9}) == ["税务"]
    assert similar_words("税三", {"税务局": 3, "税收": 9}) == []


@given(
    word=st.text(max_size=30), known=st.dictionaries(st.text(min_size=1, max_size=12), st.integers(1, 9), max_size=6)
)
def test_any_word_has_few_similar_ones_and_never_itself(word, known):
    found = similar_words(word, known)

    assert len(found) <= 3
    assert word not in found


def test_a_group_without_a_list_is_listed_by_the_search_in_pages(client, db):
    article = create_article()
    for number in range(30):
        create_claim(article, "count", printed=number, statement_en=f"Ghost {number}")

    first, second = (client.get(f"/search/?q=ghost&group=claims&page={page}") for page in (1, 2))

    codes = [re.findall(r'class="reference">([^<]+)<', page.text) for page in (first, second)]
    assert [len(some) for some in codes] == [25, 5]
    assert len({*codes[0], *codes[1]}) == 30
    assert 'data-total="30"' in second.text
    assert client.get("/search/?q=ghost&group=claims&page=3").status_code == 404


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN])
def test_what_is_not_public_is_neither_found_nor_suggested_nor_a_spelling(client, db, state):
    tender = create_tender(title_en="A walrus platform", title_en_status="sourced", state=state)
    create_award(tender, create_company(name_en="Walrus Ltd", state=state))
    create_institution(name_en="Walrus Office", state=state)
    create_claim(create_article(title_en="Walrus", state=state), "count", printed=1, statement_en="A walrus")

    for q in ("walrus", "walrs"):
        page = client.get("/search/", {"q": q})
        assert (page.context["groups"], page.context["named"]) == ([], [])
        assert "Did you mean" not in page.text
    assert "Walrus" not in client.get("/search/suggestions/?q=walrus").text
    assert "walrus" not in vocabulary()


@pytest.mark.parametrize("address", ["/search/", "/search/suggestions/"])
@pytest.mark.parametrize(
    ("q", "message"),
    [
        ("x" * 201, "at most 200 characters"),
        (" ".join(map(str, range(MAX_WORDS + 1))), "at most 20 words"),
        ("!?", "Enter something to search for."),
    ],
)
def test_a_search_that_cannot_be_read_is_refused_in_words_and_shown_again(client, db, address, q, message):
    response = client.get(address, {"q": q}, headers={"accept": "text/html"})

    assert response.status_code == 400
    assert message in response.text
    assert address == "/search/suggestions/" or f'value="{q}"' in response.text
    assert client.get(address, {"q": q}, headers={"accept": "application/json"}).json()["errors"]


@pytest.mark.parametrize("query", ["group=tenders&q=a", "group=nobody&q=a", "q=a&q=b", "q=a&page=0"])
def test_parameters_that_cannot_be_read_are_refused(client, db, query):
    assert client.get(f"/search/?{query}").status_code == 400


def test_suggestions_name_lists_first_then_parties_then_tenders_and_all_results(client, article_data):
    page = client.get("/search/suggestions/?q=guangd")

    addresses = re.findall('href="([^"]+)"', page.text)
    assert addresses[:3] == ["/tenders/?region=CN-GD", "/institutions/?seat=CN-GD", "/companies/?seat=CN-GD"]
    assert addresses[-1] == "/search/?q=guangd"
    assert "<html" not in page.text


def test_suggestions_are_small_and_revalidated_without_a_cookie(client, all_data):
    for q in ("a", "区", "blockchain", "2019", "广"):
        page = client.get("/search/suggestions/", {"q": q})
        assert len(page.content) < 6_000
        assert not page.cookies
        assert page["Cache-Control"] == "no-cache"

        again = client.get("/search/suggestions/", {"q": q}, headers={"if-none-match": page["ETag"]})
        assert again.status_code == 304


def test_what_is_sought_is_escaped(client, db):
    for address in ("/search/", "/search/suggestions/", "/tenders/"):
        assert "<script>x" not in client.get(address, {"q": '"><script>x</script>'}).text


def test_a_search_takes_few_statements(client, all_data, django_assert_max_num_queries):
    for q, cold in (("区块链 tax", 22), ("beijing", 26), ("tencnt", 45)):
        with django_assert_max_num_queries(cold):
            client.get("/search/", {"q": q})
        with django_assert_max_num_queries(10):
            client.get("/search/", {"q": q})
    with django_assert_max_num_queries(20):
        client.get("/search/suggestions/?q=gua")
    with django_assert_max_num_queries(8):
        client.get("/search/suggestions/?q=gua")


def test_a_long_search_is_not_corrected(client, db, django_assert_max_num_queries):
    create_tender()
    with django_assert_max_num_queries(20):
        assert client.get("/search/", {"q": " ".join("abcdefghijklmnopqrst")}).status_code == 200


PAGES = [
    "/",
    "/tenders/",
    "/search/",
    "/search/?q=tax",
    "/articles/",
    "/changes/",
    "/data/",
    "/about/method/",
    "/tenders/TW-N9GRJT/",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_search_of_the_site(shipped_pages, path):
    page = shipped_pages.get(path).text

    assert page.count(FORM) == 1
    before = page.split(FORM)[0]
    assert ("<main" in before) == (path == "/")


def test_the_search_page_has_no_other_form(shipped_pages):
    assert shipped_pages.get("/search/?q=tax").text.count("<form") == 1


def test_a_list_without_results_leads_to_the_whole_site(client, article_data):
    assert 'href="/search/?q=Beijng"' in client.get("/tenders/?q=Beijng").text


def test_the_results_page_is_not_indexed(shipped_pages):
    assert '<meta name="robots" content="noindex">' in shipped_pages.get("/search/?q=tax").text


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))  # as forms do
def test_any_text_may_name_an_option(article_data, text):
    assert len(named_options(text)) <= len(named_options(text, is_begun=True)) or len(text.strip()) < 2


def test_a_claim_is_found_by_its_statement_and_follows_it(client, article_data):
    claim = Claim.objects.first()
    claim.statement_en = "A hippopotamus is bought"
    claim.save(update_fields=["statement_en"])
    assert f'href="{claim.get_absolute_url()}"' in client.get("/search/?q=hippopotamus").text

    Claim.objects.filter(pk=claim.pk).update(statement_en="A quagga is bought")
    assert f'href="{claim.get_absolute_url()}"' in client.get("/search/?q=quagga").text


def test_an_untitled_tender_is_suggested_by_what_is_known(client, db):
    buyer = create_institution(name_en="Quagga Office")
    tender = create_tender(title_en="", title_zh="", buyer=buyer)

    assert Tender.objects.get() == tender
    assert tender.reference in client.get("/search/suggestions/?q=quagga").text
