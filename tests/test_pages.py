"""Public pages and error pages."""

import io
import logging
import re

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tenders.choices import EditorialState, Fact
from tenders.models import Company, Institution, Page, Tender
from tenders.models.computed import Versions
from tests.factories import (
    cite_all,
    create_award,
    create_citation,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)

pytestmark = pytest.mark.django_db


def test_overview_has_the_counts_of_records_and_known_amounts(client, article_data):
    text = client.get("/").text

    for address, number in (
        ("/tenders/", 34),
        ("/institutions/", 28),
        ("/companies/", 5),
        ("/tenders/?amount=known", 4),
        ("/tenders/?year=2018", 10),
        ("/tenders/?year=2019", 24),
        ("/tenders/?category=unknown", 20),
        ("/tenders/?region=unknown", 2),
    ):
        assert f'href="{address}" data-count="{number}"' in text


def test_an_empty_site_says_so(client):
    assert "Nothing has been published here yet." in client.get("/").text
    for address in ("/tenders/", "/institutions/", "/companies/"):
        response = client.get(address)
        assert response.status_code == 200
        assert 'data-total="0"' in response.text


def test_only_what_is_published_is_public(client, article_data):
    pages = ["/", "/tenders/", "/institutions/", "/companies/", "/sitemap-tenders.xml"]
    shown = Tender.objects.select_related("buyer").exclude(buyer=None).first()
    pages += [shown.get_absolute_url(), shown.buyer.get_absolute_url()]
    before = [client.get(page).content for page in pages]

    for state in (EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN):
        hidden = create_tender(state=state, title_en="Hidden", buyer=shown.buyer, region=shown.region)
        create_award(hidden, create_company(state=state, name_en="Hidden"), amount=10**9)
        create_institution(state=state, name_en="Hidden")
        shown.possibly_same_as.add(hidden)

    assert [client.get(page).content for page in pages] == before


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.IN_REVIEW])
def test_an_unpublished_record_is_answered_like_a_missing_one(client, state):
    for record, missing in (
        (create_tender(state=state), "TW-000000"),
        (create_institution(state=state), "I-000000"),
        (create_company(state=state), "C-000000"),
    ):
        hidden = client.get(record.get_absolute_url())
        absent = client.get(record.get_absolute_url().replace(record.reference, missing))
        assert hidden.status_code == absent.status_code == 404
        shown = hidden.text.replace(record.reference, missing)
        assert shown.replace(hidden["X-Request-ID"], absent["X-Request-ID"]) == absent.text


def test_a_withdrawn_record_is_answered_410(client):
    tender = create_tender(state=EditorialState.WITHDRAWN, title_en="A secret title")

    response = client.get(tender.get_absolute_url())

    assert response.status_code == 410
    assert tender.reference in response.text
    assert "A secret title" not in response.text


def test_every_fact_of_a_tender_has_its_source(client, article_data):
    for tender in Tender.objects.for_page():
        text = client.get(tender.get_absolute_url()).text
        targets = [("", tender), *((f"award-{award.number}-", award) for award in tender.awards.all())]
        for prefix, target in targets:
            for fact in target.known_facts():
                row = text.split(f'id="{prefix}{fact}"')[1].split("</tr>")[0]
                if f'href="#dispute-{prefix}{fact}"' in row:
                    row = text.split(f'<h2 id="dispute-{prefix}{fact}"')[1].split("</section>")[0]
                assert 'href="#source-' in row, (tender.reference, fact)


def test_facts_that_no_source_states_are_shown_as_such(client):
    tender = create_tender()
    cite_all(tender)

    text = client.get(tender.get_absolute_url()).text

    for fact in (Fact.INSTITUTION, Fact.REGION, Fact.CATEGORY, Fact.NOTICE_DATE, Fact.BUDGET):
        row = text.split(f'id="{fact}"')[1].split("</tr>")[0]
        assert "Unknown (no source states it)" in row
    assert "Winner and amount:" in text


def test_both_sides_of_a_dispute_are_shown_and_the_choice_is_marked(client, article_data):
    tender = Tender.objects.get(title_en__startswith="Blockchain-based development zone")

    text = client.get(tender.get_absolute_url()).text

    row = text.split('id="award-1-award_amount"')[1].split("</tr>")[0]
    assert "sources disagree" in row
    assert '<a href="#dispute-award-1-award_amount">' in row
    dispute = text.split('id="dispute-award-1-award_amount"')[1].split("</section>")[0]
    assert dispute.index("8,595,000 yuan") < dispute.index("chosen") < dispute.index("8,995,000 yuan")
    assert "more than 8,500,000 yuan" in dispute
    assert "digit slip" in dispute


def test_statements_that_differ_from_the_record_are_shown_with_their_values(client):
    tender = create_tender(title_en="A platform", budget_amount=500)
    create_citation(tender, Fact.TITLE_EN, "Quite another thing", is_chosen=True)
    create_citation(tender, Fact.BUDGET, "400", is_chosen=True, stated="a budget")
    create_citation(tender, Fact.CITY, "Foshan")

    text = client.get(tender.get_absolute_url()).text

    rows = {fact: text.split(f'id="{fact}"')[1].split("</tr>")[0] for fact in ("title", "budget", "city")}
    assert "Quite another thing" in rows["title"]
    assert "400 yuan" in rows["budget"]
    assert "Stated, but not used" in rows["city"]
    assert "Foshan" in rows["city"]
    assert "Unknown (no source states it)" not in "".join(rows.values())


@pytest.mark.parametrize("fact", [Fact.REGION, Fact.CATEGORY, Fact.INSTITUTION, Fact.BUDGET, Fact.STATUS])
def test_a_statement_with_an_unknown_code_is_shown_as_text(client, fact):
    tender = create_tender()
    create_citation(tender, fact, "CN-ZZ")
    create_citation(tender, fact, "about")

    text = client.get(tender.get_absolute_url()).text

    assert "CN-ZZ" in text
    assert 'href=""' not in text


def test_a_copy_of_a_source_names_its_original(client):
    tender = create_tender()
    original = create_source(slug="the-original")
    create_citation(tender, Fact.YEAR, "2019", source=create_source(version_of=original, seen_date="2026-11"))

    text = client.get(tender.get_absolute_url()).text

    assert 'A version of “<span lang="en">the-original</span>”; not independent evidence.' in text
    assert "seen November 2026" in text


def test_certainty_and_possible_duplicates_are_shown(client, article_data):
    doubtful = Tender.objects.get(certainty="low")
    repeated = Tender.objects.filter(possibly_same_as__isnull=False).first()

    assert "Low certainty: doubtful" in client.get(doubtful.get_absolute_url()).text
    text = client.get(repeated.get_absolute_url()).text
    for other in repeated.possibly_same_as.all():
        assert other.get_absolute_url() in text


def test_suggested_categories_are_marked_as_ideas(client, article_data):
    tender = Tender.objects.filter(suggested_categories__slug="social").get()

    text = client.get(tender.get_absolute_url()).text

    assert "not counted, not filterable" in text
    assert "Social" in text


def test_chinese_is_marked_and_a_translation_is_marked_as_ours(client, article_data):
    translated = Institution.objects.filter(name_zh_status="unverified-translation").first()
    sourced = Institution.objects.filter(name_zh_status="sourced").first()

    text = client.get(translated.get_absolute_url()).text
    assert f'<span lang="zh-Hans">{translated.name_zh}</span>' in text
    assert "our translation" in text
    assert "our translation" not in client.get(sourced.get_absolute_url()).text


def test_a_corrected_title_stands_above_the_printed_one(client, article_data):
    text = client.get("/tenders/TW-XPBGXV/").text
    header = text.split("</header>")[1]

    assert "Intelligent Procuratorial Innovation Institute" in header
    assert "We corrected the English title. The source has:" in header
    assert '<q lang="en">Intelligent Procurement and Innovation Institute' in header
    assert "wording corrected by us" in text.split('<tr id="title"')[1].split("</tr>")[0]


def test_a_corrected_name_stands_above_the_printed_one(client, db):
    institution = create_institution(name_en="Hefei Data Bureau")
    Institution.objects.update(name_en_status="sourced-corrected")
    create_citation(institution, Fact.NAME_EN, institution.name_en, stated="Hefei Date Bureau", is_chosen=True)

    text = client.get(institution.get_absolute_url()).text

    assert "We corrected the English name. The source has:" in text
    assert text.count('<q lang="en">Hefei Date Bureau</q>') == 1


def test_a_title_that_is_not_corrected_says_nothing_of_it(client, article_data):
    assert "corrected by us" not in client.get("/tenders/TW-A3J0AA/").text


def test_a_company_page_distinguishes_known_and_unknown_amounts(client, article_data):
    known = Company.objects.get(name_en__startswith="Shenzhen Miracle")
    unknown = Company.objects.get(kind="public-institution")

    for address in (known.get_absolute_url(), "/companies/?q=Shenzhen+Miracle"):
        text = client.get(address).text
        assert ">8,595,000<" in text
        assert text.count('<span class="mark disputed">sources disagree</span>') == 1
    text = client.get(unknown.get_absolute_url()).text
    dash = '<span class="dash"><span class="visually-hidden">Unknown</span></span>'
    assert f'data-label="Awarded (yuan)" class="number">{dash}' in text
    assert ">0<" not in text


def test_an_amount_is_shown_with_its_qualifier(client, all_data):
    row = client.get("/tenders/?amount=10m-&year=2021").text.split("<tbody>")[1]

    assert "about" in row.split("238,000,000")[0]


def test_an_invalid_date_breaks_no_page(client):
    tender = create_tender(notice_date="2019-02-29")

    assert "2019-02-29" in client.get(tender.get_absolute_url()).text


def test_a_joint_award_is_not_split(client, all_data):
    company = Company.objects.get(name_en="Tencent Cloud")

    text = client.get(company.get_absolute_url()).text

    assert "238,000,000" in text
    assert "yuan jointly with others" in text
    assert "Beijing Microchip Sensing Technology" in text


def test_an_organisation_that_buys_and_sells_has_two_pages_that_link_to_each_other(client):
    institution = create_institution()
    company = create_company(institution=institution)

    assert company.get_absolute_url() in client.get(institution.get_absolute_url()).text
    assert institution.get_absolute_url() in client.get(company.get_absolute_url()).text


def test_a_statement_in_chinese_is_marked(client):
    tender = create_tender()
    create_citation(tender, Fact.TITLE_EN, "Platform", stated="平台项目", source=create_source())

    assert re.search(r'<q\s+lang="zh-Hans">平台项目</q>', client.get(tender.get_absolute_url()).text)


@pytest.mark.parametrize("slug", ["method", "coverage", "licence", "contact"])
def test_about_pages_exist_in_both_languages(client, slug):
    page = Page.objects.get(slug=slug)

    english, chinese = client.get(f"/about/{slug}/"), client.get(f"/zh-hans/about/{slug}/")

    assert page.title_en in english.text
    assert '<html lang="en">' in english.text
    assert f'href="/zh-hans/about/{slug}/"' in english.text
    assert page.title_zh in chinese.text
    assert '<html lang="zh-Hans">' in chinese.text
    for text in (english.text, chinese.text):
        headings = re.findall(r'<h2 id="(section-\d+)">', text)
        assert headings
        if len(headings) > 2:
            assert re.findall(r'<li><a href="#(section-\d+)">', text) == headings


def test_markdown_of_editors_is_sanitized(client):
    Page.objects.filter(slug="method").update(
        text_en="<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://example.org/p.png) **bold**"
    )

    text = client.get("/about/method/").text

    assert "<script>alert" not in text
    assert "javascript:alert" not in text.replace("[x](javascript:alert(1))", "")
    assert "<img" not in text
    assert "<strong>bold</strong>" in text


@pytest.mark.parametrize(
    "address", ["/nothing/", "/tenders/TW-0/", "/tenders/TW-OOOOOO/", "/about/nothing/", "/tenders/%00/"]
)
def test_a_404_page_links_to_the_lists(client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert 'href="/tenders/"' in response.text


def test_a_page_number_beyond_the_last_is_answered_with_the_number_of_pages(client, article_data):
    response = client.get("/tenders/?page=9999999999999999999999")

    assert response.status_code == 404
    assert "This list has 2 pages." in response.text


def test_pages_do_not_overlap(client, article_data):
    seen = []
    for page in range(1, 6):
        response = client.get("/tenders/", {"per_page": 7, "page": page, "sort": "category"})
        seen += [row.record.reference for row in response.context["table"].paginated_rows]

    assert len(seen) == len(set(seen)) == 34


def test_joint_winners_and_similar_tenders_are_in_the_order_of_their_references(db):
    """Else PostgreSQL returns them in any order, and a page differs from itself."""
    companies = [create_company() for _number in range(8)]
    tender = create_tender()
    create_award(tender, *companies)
    tender.possibly_same_as.set(create_tender() for _number in range(8))
    ordered = sorted(company.reference for company in companies)

    for rows in (Tender.objects.for_page(), Tender.objects.for_list(), Tender.objects.for_download()):
        assert [company.reference for company in rows.get(pk=tender.pk).suppliers] == ordered
    (award,) = Company.objects.for_page().get(pk=companies[0].pk).awards.all()
    assert [company.reference for company in award.suppliers.all()] == ordered
    others = [other.reference for other in Tender.objects.for_page().get(pk=tender.pk).possibly_same_as.all()]
    assert others == sorted(others)


def test_a_database_that_cannot_be_reached_is_503_and_one_line_of_the_log(client, db, monkeypatch):
    def refuse(execute, *arguments):
        raise OperationalError("connection refused\n\tIs the server running?")

    addresses = ("/tenders/", "/admin/", "/tenders.csv")
    log = io.StringIO()
    handler = logging.getLogger("django.request").handlers[0]
    monkeypatch.setattr(handler, "stream", log)
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    with connection.execute_wrapper(refuse):
        responses = [client.get(address) for address in addresses]

    for response in responses:
        assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert all("Something went wrong on our side" in page.text for page in responses[:2])
    assert responses[2].json()["detail"] == "The database or a disk doesn’t answer."
    lines = log.getvalue().splitlines()
    assert [line.partition("django.request ")[2] for line in lines] == [
        f"{response['X-Request-ID']}: Service Unavailable: {address}: connection refused"
        for address, response in zip(addresses, responses, strict=True)
    ]


@pytest.mark.parametrize(("address", "language"), [("/", "en"), ("/zh-hans/", "zh-Hans")])
def test_500_page_needs_no_database(client, monkeypatch, address, language):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("tenders.views.pages.Overview.get_context_data", broken)
    monkeypatch.setattr("tenders.caching.DatasetVersion.versions", Versions)
    client.raise_request_exception = False

    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)

    assert response.status_code == 500
    assert f'<html lang="{language}">' in response.text
    assert f'href="{address}"' in response.text
    assert not queries.captured_queries


def test_robots_and_sitemap(client, article_data):
    assert "Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").text
    index = client.get("/sitemap.xml").text
    for section in ("pages", "about", "tenders", "institutions", "companies"):
        assert f"/sitemap-{section}.xml" in index
        assert client.get(f"/sitemap-{section}.xml").status_code == 200
    assert client.get("/sitemap-tenders.xml").text.count("<url>") == 34


def test_favicon(client):
    response = client.get("/favicon.ico")

    assert response.status_code == 302
    assert response.url.endswith(".svg")


def test_public_pages_set_no_cookie_and_a_strict_policy(client, article_data):
    tender = Tender.objects.first()
    for address in (
        "/",
        "/tenders/",
        "/tenders/?region=bogus",
        tender.get_absolute_url(),
        "/about/method/",
        "/nothing",
    ):
        response = client.get(address)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_the_admin_has_the_same_policy(admin_client):
    assert "unsafe" not in admin_client.get(reverse("admin:index"))["Content-Security-Policy"]


def test_a_list_takes_as_many_queries_for_100_rows_as_for_1(client, django_assert_num_queries):
    addresses, few = ["/tenders/", "/institutions/", "/companies/"], {}

    def create_row():
        region = create_region()
        buyer, company = create_institution(region=region), create_company(region=region)
        tender = create_tender(buyer=buyer, region=region, title_en="A platform")
        create_award(tender, company, amount=100)
        cite_all(tender)

    create_row()
    for address in addresses:
        with django_assert_num_queries(100, exact=False) as few[address]:
            assert client.get(address).status_code == 200
    for _ in range(99):
        create_row()
    for address in addresses:
        with django_assert_num_queries(len(few[address].captured_queries), info=address):
            assert 'data-total="100"' in client.get(f"{address}?per_page=100").text


@pytest.mark.parametrize("address", ["/tenders/", "/institutions/", "/companies/?year=2019", "/tenders/?year=x"])
def test_an_htmx_request_for_a_list_gets_the_whole_page(client, article_data, address):
    page = client.get(address)
    part = client.get(address, headers={"hx-request": "true", "hx-target": "list"})

    assert part.content == page.content
    assert page.text.count('id="list"') == page.text.count('data-hx-select="#list"') == 1
    assert page.text.count('id="live-region" class="visually-hidden" role="status"') == 1
    identifiers = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(identifiers) == len(set(identifiers))


def test_links_to_records_are_not_boosted_by_htmx(client, article_data):
    text = client.get("/tenders/").text

    assert "data-hx-boost" in text.split("<tbody>")[0]
    assert "data-hx-boost" not in text.split("<tbody>")[1].split("</tbody>")[0]
