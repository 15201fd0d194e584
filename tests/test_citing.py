"""How pages and the data set are cited."""

import datetime
import html
import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from tenders.citing import SPECIAL, Work, citation_for, escape
from tenders.models import Article, Claim, Tender
from tests.factories import (
    create_article,
    create_claim,
    create_company,
    create_institution,
    create_tender,
)

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


def all_shown(client, address):
    """Return the citations that a page shows: {format: text}."""
    page = client.get(address).text
    found = re.findall(r'<pre id="cite-(\w+)"[^>]*>(.*?)</pre>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def shown(client, address):
    found = all_shown(client, address)
    return found["text"], found["bibtex"]


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

    text = admin_client.get(reverse("preview-tender", args=[tender.reference])).text
    assert 'class="cite"' not in text
    assert 'popovertarget="cite"' not in text


def test_an_untitled_record_is_cited_as_untitled(db):
    with translation.override("en"):
        work = citation_for(create_tender(year=2019), "address")

        assert work.title == "Tender of 2019 · title unknown"
        assert ": Tender of 2019 · title unknown. Reference" in work.text


CITED_PAGES = (
    "/tenders/TW-N9GRJT/",
    "/tenders/TW-0XFT8V/",  # without a title
    "/institutions/I-D4MECS/",
    "/companies/C-D7R2CN/",
    "/articles/interchain-pulse-2019/",
    "/articles/interchain-pulse-2019/claims/A17/",
    "/data/",
)
cited_pages = pytest.mark.parametrize("address", [prefix + page for page in CITED_PAGES for prefix in ("", "/zh-hans")])
MEDIA_TYPES = {"bib": "application/x-bibtex; charset=utf-8", "json": "application/vnd.citationstyles.csl+json"}
# Of the schema of CSL 1.0.2 what we use: the fields of an item and of which kind they are.
CSL_TEXTS = {"id", "title", "container-title", "publisher", "URL", "language", "note"}


@cited_pages
def test_the_files_are_what_the_page_shows(shipped_pages, address):
    found = all_shown(shipped_pages, address)
    is_panel = "popover " in shipped_pages.get(address).text

    assert is_panel == (not address.endswith("/data/"))
    assert ('popovertarget="cite">' in shipped_pages.get(address).text) == is_panel
    for extension, name in (("bib", "bibtex"), ("json", "csl")):
        response = shipped_pages.get(f"{address}citation.{extension}")
        assert response.status_code == 200
        assert response.text == found[name]
        assert response["Content-Type"] == MEDIA_TYPES[extension]
        assert re.fullmatch(rf'attachment; filename="tenderwatch-[\w-]+\.{extension}"', response["Content-Disposition"])
        assert f'href="{address}citation.{extension}"' in shipped_pages.get(address).text


@cited_pages
def test_csl_json_is_an_item_of_the_schema_and_says_what_bibtex_says(shipped_pages, address):
    found = all_shown(shipped_pages, address)
    (item,) = json.loads(found["csl"])
    bibtex = fields(found["bibtex"])

    assert item["type"] == ("dataset" if address.endswith("/data/") else "webpage")
    assert set(item) <= CSL_TEXTS | {"type", "author", "issued", "accessed"}
    assert all(isinstance(item[name], str) and item[name] for name in CSL_TEXTS & set(item))
    (author,) = item["author"]
    assert set(author) == {"literal"}
    for name in ("issued", "accessed"):
        assert set(item[name]) == {"date-parts"}
        ((*parts,),) = item[name]["date-parts"]
        assert 1 <= len(parts) <= 3
        assert all(type(part) is int for part in parts)
    assert bibtex["author"] == f"{{{escape(author['literal'])}}}"
    assert bibtex["title"] == f"{{{escape(item['title'])}}}"
    assert bibtex["url"] == item["URL"] == f"http://testserver{address}"
    assert bibtex["note"] == escape(item["note"])
    assert bibtex["publisher"] == item.get("container-title", item.get("publisher"))
    assert int(bibtex["year"]) == item["issued"]["date-parts"][0][0]
    assert bibtex["urldate"] == datetime.date(*item["accessed"]["date-parts"][0]).isoformat()
    assert item["language"] == ("zh-Hans" if address.startswith("/zh-hans/") else "en")
    assert item["title"] in found["text"]


@given(title=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_title_survives_csl_json(title):
    work = Work("key", "A", title, 2026, "address", datetime.date(2026, 12, 1), "note", "en")

    assert json.loads(work.csl)[0]["title"] == title


@pytest.mark.parametrize("state", ["draft", "in-review", "withdrawn"])
def test_what_is_not_public_has_no_citation(client, db, state):
    article = create_article(state=state)
    records = [create_tender(state=state), create_institution(state=state), create_company(state=state), article]
    records.append(create_claim(article, "count", printed=3))

    for record in records:
        for extension in MEDIA_TYPES:
            response = client.get(f"{record.get_absolute_url()}citation.{extension}")
            assert response.status_code == (410 if state == "withdrawn" else 404)


def test_a_citation_names_no_unpublished_party(client, db):
    buyer = create_institution(state="draft", name_en="Walrus Office")
    tender = create_tender(buyer=buyer, title_en="A platform")

    for extension in MEDIA_TYPES:
        assert "Walrus" not in client.get(f"{tender.get_absolute_url()}citation.{extension}").text


@pytest.mark.parametrize("address", ["/data/citation.ris", "/tenders/TW-000000/citation.bib", "/citation.bib"])
def test_another_citation_is_404(client, db, address):
    assert client.get(address).status_code == 404
