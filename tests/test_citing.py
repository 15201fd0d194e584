"""How pages and the data set are cited."""

import datetime
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from tenders.citing import SPECIAL, citation_for, escape
from tenders.models import Article, Claim, Tender
from tests.factories import create_institution, create_tender

NAMES = {value: sign for sign, value in SPECIAL.items()}
SIGNS = re.compile("|".join(re.escape(value) for value in sorted(NAMES, key=len, reverse=True)))


@given(st.text() | st.text("\\{}$&#_%~^ \n合同a"))
def test_every_text_survives_bibtex(text):
    escaped = escape(text)

    assert SIGNS.sub(lambda found: NAMES[found[0]], escaped) == " ".join(text.split())
    assert not set(SIGNS.sub("", escaped)) & set(SPECIAL)


@given(st.text() | st.text('\\{}"'))
def test_bibtex_finds_the_end_of_every_text(text):
    depth = 0
    for sign in escape(text):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0

    assert depth == 0


def shown(client, address):
    text, bibtex = re.findall(r"<pre[^>]*>(.*?)</pre>", client.get(address).text, re.DOTALL)
    return html.unescape(text), html.unescape(bibtex)


def fields(bibtex):
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", bibtex, re.MULTILINE))


def test_a_tender_is_cited_by_its_reference_and_the_day_it_was_seen(client, article_data):
    text, bibtex = shown(client, "/tenders/TW-N9GRJT/")

    today, tender = timezone.localdate(), Tender.objects.get(reference="TW-N9GRJT")
    assert bibtex.startswith("@misc{tenderwatch-TW-N9GRJT,\n")
    assert fields(bibtex) == {
        "author": "{TenderWatch}",
        "title": f"{{{escape(tender.title)}}}",
        "publisher": "TenderWatch",
        "year": str(today.year),
        "url": "http://testserver/tenders/TW-N9GRJT/",
        "urldate": today.isoformat(),
        "note": "Reference TW-N9GRJT (sources disagree), CC BY 4.0",
    }
    for part in ("TenderWatch", tender.title, "Reference TW-N9GRJT", "http://testserver/tenders/TW-N9GRJT/"):
        assert part in text


def test_a_name_in_chinese_is_cited_in_chinese_to_readers_of_chinese(client, db):
    party = create_institution(name_en="A bank & co", name_zh="一家银行", name_zh_status="sourced")

    address = party.get_absolute_url()

    _text, english = shown(client, address)
    _text, chinese = shown(client, f"/zh-hans{address}")

    assert fields(english)["title"] == r"{A bank \& co}"
    assert fields(chinese)["title"] == "{一家银行}"
    assert fields(chinese)["url"] == f"http://testserver/zh-hans{address}"


def test_an_article_is_cited_with_its_own_publisher(article_data):
    article = Article.objects.get()

    for cited in (article, Claim.objects.select_related("article").get(code="A17")):
        found = citation_for(cited, "address")
        assert found.author == "TenderWatch"
        assert article.publisher in found.title
        assert article.title in found.title


def test_the_year_is_that_of_the_last_change(db):
    then = datetime.datetime(2024, 12, 31, 20, tzinfo=datetime.UTC)  # already the next day in Shanghai

    assert citation_for(create_tender(), "address", changed_at=then).year == 2025
    assert citation_for(create_tender(), "address").year == timezone.localdate().year


@pytest.mark.parametrize("days", [0, 1])
def test_the_day_of_access_is_current_even_if_the_browser_has_the_page_cached(client, article_data, monkeypatch, days):
    address = reverse("tender-detail", args=["TW-N9GRJT"])
    tag = client.get(address)["ETag"]
    then = timezone.now() + datetime.timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: then)

    response = client.get(address, headers={"if-none-match": tag})

    assert response.status_code == (304 if days == 0 else 200)
    if days:
        assert f"urldate = {{{timezone.localdate(then).isoformat()}}}" in response.text


def test_a_preview_is_not_cited(admin_client):
    tender = create_tender(state="draft")

    assert 'class="cite"' not in admin_client.get(reverse("preview-tender", args=[tender.reference])).text


def test_an_untitled_record_is_cited_as_untitled(db):
    with translation.override("en"):
        work = citation_for(create_tender(year=2019), "address")

        assert work.title == "Tender of 2019 · title unknown"
        assert ": Tender of 2019 · title unknown. Reference" in work.text
