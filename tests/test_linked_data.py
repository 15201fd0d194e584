"""JSON-LD of pages: exactly the known facts of the records."""

import json
import re

import pytest
from django.utils import timezone, translation

from tenders.audit import backfill_history
from tenders.choices import InstitutionKind
from tenders.exports.writers import FORMS, LICENCE
from tenders.models import Article, Category, Change, Claim, Company, Institution, Page, Region, Tender
from tenders.versions.releasing import release
from tests.factories import create_article, create_claim, create_company, create_institution, create_tender

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
HOST = "http://testserver"


@pytest.fixture
def version(settings, tmp_path, article_data):
    settings.DATA_VERSIONS = tmp_path / "versions"
    return release(settings.DATA_VERSIONS, "2026.1")


def things(client, address):
    found = [json.loads(text) for text in SCRIPT.findall(client.get(address).text)]
    assert all(thing.pop("@context") == "https://schema.org" for thing in found)
    return {thing["@type"]: thing for thing in found}


def values(thing):
    if isinstance(thing, dict):
        for value in thing.values():
            yield from values(value)
    elif isinstance(thing, list):
        for item in thing:
            yield from values(item)
    else:
        yield thing


def test_unknown_values_are_left_out(shipped_pages):
    pages = ["/", "/data/", "/about/method/", "/articles/compare/"]
    records = [record for model in (Tender, Institution, Company, Article) for record in model.objects.published()]
    for address in [*pages, *(record.get_absolute_url() for record in records)]:
        for thing in things(shipped_pages, address).values():
            assert not {None, "", "None", "unknown"} & set(values(thing)), address


def test_an_organisation_has_the_facts_of_its_record(shipped_pages):
    for party in [*Institution.objects.published(), *Company.objects.published()]:
        address = party.get_absolute_url()
        found = things(shipped_pages, address)
        found.pop("BreadcrumbList")
        ((kind, thing),) = found.items()
        place = thing.get("address", {})

        governs = getattr(party, "level", None) is not None and party.kind in {
            InstitutionKind.GOVERNMENT_DEPARTMENT,
            InstitutionKind.TAX_AUTHORITY,
            InstitutionKind.CUSTOMS,
            InstitutionKind.COURT_OR_PROCURATORATE,
        }
        assert kind == ("GovernmentOrganization" if governs else "Organization")
        assert thing["name"] == (party.name_en or party.name_zh)
        assert thing["mainEntityOfPage"] == HOST + address
        assert "url" not in thing  # schema.org: the organisation's own site
        others = [party.name_zh] if party.name_en and party.name_zh else []
        assert thing.get("alternateName", []) == [*others, *party.aliases]
        assert place.get("addressRegion") == (party.region.name_en if party.region else None)
        assert place.get("addressLocality", "") == party.city
        assert [code["value"] for code in thing["identifier"]] == [party.reference, *filter(None, [party.credit_code])]
        assert thing.get("foundingDate") == (str(party.founded_year) if getattr(party, "founded_year", None) else None)


def test_a_credit_code_is_an_identifier_of_a_company(client, db):
    party = create_company(credit_code="91350100M000100Y43")

    codes = things(client, party.get_absolute_url())["Organization"]["identifier"]

    assert codes[1] == {
        "@type": "PropertyValue",
        "propertyID": "unified social credit code",
        "value": "91350100M000100Y43",
    }


def test_a_tender_is_a_page_about_its_parties_that_cites_its_sources(shipped_pages):
    for tender in Tender.objects.published().for_page():
        thing = things(shipped_pages, tender.get_absolute_url())["WebPage"]
        parties = [tender.buyer, *(company for award in tender.awards.all() for company in award.suppliers.all())]
        sources = {citation.source for citation in tender.citations.all()}

        assert thing["temporalCoverage"] == str(tender.year)
        assert thing.get("name", "") == tender.title
        assert [party["mainEntityOfPage"] for party in thing.get("about", [])] == list(
            dict.fromkeys(HOST + party.get_absolute_url() for party in parties if party)
        )
        assert {work["name"] for work in thing.get("citation", [])} == {
            source.title for source in sources if source.kind not in {"common-knowledge", "editors-translation"}
        }
        assert thing.get("spatialCoverage", {}).get("identifier") == (tender.region.code if tender.region else None)


def test_an_article_has_its_own_publisher(client, article_data):
    article = Article.objects.get()
    page = things(client, article.get_absolute_url())["WebPage"]
    claim = things(client, Claim.objects.get(code="A17").get_absolute_url())["WebPage"]

    assert "author" not in page
    assert "publisher" not in page
    original = page["about"]
    assert (original["@type"], original["publisher"]["name"]) == ("Article", article.publisher)
    assert original["datePublished"] == article.published_date
    assert claim["about"]["appearance"] == original
    assert claim["isPartOf"]["url"] == page["url"] == HOST + article.get_absolute_url()


def test_the_data_catalogue_has_the_facts_and_files_of_the_data_set(client, all_data):
    backfill_history()

    catalogue = things(client, "/data/")["DataCatalog"]
    (data,) = catalogue["dataset"]

    assert data["temporalCoverage"] == "2016/2021"
    assert data["license"] == catalogue["license"] == LICENCE
    assert data["spatialCoverage"]["name"] == "China"
    changed_date = timezone.localdate(Change.objects.latest("made_at").made_at)
    assert data["version"] == data["dateModified"] == changed_date.isoformat()
    files = {file["contentUrl"].removeprefix(HOST): file["encodingFormat"] for file in data["distribution"]}
    assert len(files) == 5 * len(FORMS)
    for address, content_type in files.items():
        response = client.get(address)
        assert response.status_code == 200
        assert response["Content-Type"].partition(";")[0] == content_type


def test_the_data_catalogue_has_the_codelists_and_the_last_version_with_its_checksums(client, version):
    catalogue = things(client, "/data/")["DataCatalog"]

    _live, frozen = catalogue["dataset"]
    assert frozen["version"] == "2026.1"
    assert {file["name"]: file["sha256"] for file in frozen["distribution"]} == {
        name: file["sha256"] for name, file in version.files.items()
    }
    categories, regions = catalogue["hasPart"]
    codes = [term["termCode"] for term in regions["hasDefinedTerm"]]
    assert codes == list(Region.objects.order_by("code").values_list("code", flat=True))
    assert len(categories["hasDefinedTerm"]) == Category.objects.count()


def test_the_search_action_of_the_site_works(client, article_data):
    target = things(client, "/")["WebSite"]["potentialAction"]["target"]["urlTemplate"]

    assert client.get(target.removeprefix(HOST).replace("{words}", "tax")).context["sought"] == ["tax"]


def test_about_pages_have_their_type_and_title(client, db):
    for page in Page.objects.all():
        with translation.override("zh-hans"):
            (thing,) = things(client, page.get_absolute_url()).values()
        assert thing["@type"] == ("ContactPage" if page.slug == "contact" else "AboutPage")
        assert (thing["name"], thing["inLanguage"]) == (page.title_zh, "zh-Hans")


def test_a_breadcrumb_list_equals_the_breadcrumb_of_the_page(client, article_data):
    for address in ("/tenders/TW-N9GRJT/", "/articles/compare/", Claim.objects.get(code="A17").get_absolute_url()):
        shown = client.get(address).text.split('class="breadcrumb"')[1].split("</nav>")[0]
        shown = re.sub("</?span[^>]*>", "", shown)
        links = re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', shown)
        here = re.search(r'<li aria-current="page">([^<]+)<', shown)[1]

        steps = things(client, address)["BreadcrumbList"]["itemListElement"]

        assert [step["position"] for step in steps] == list(range(1, len(links) + 2))
        assert [(step.get("item", ""), step["name"]) for step in steps] == [
            *((HOST + path, name) for path, name in links),
            ("", here),
        ]


def test_no_name_ends_the_script_element(client, db):
    name = "</script><script>alert(1)</script><!-- & ]]> \" ' \\"
    article = create_article(title_en=name, publisher=name)
    claim = create_claim(article, "none", statement_en=name)
    party = create_institution(name_en=name)
    for record, kind, path in (
        (party, "Organization", ("name",)),
        (create_tender(title_en=name, buyer=party), "WebPage", ("name",)),
        (article, "WebPage", ("about", "name")),
        (claim, "WebPage", ("about", "name")),
    ):
        address = record.get_absolute_url()

        assert "<script>alert" not in client.get(address).text
        thing = things(client, address)[kind]
        for key in path:
            thing = thing[key]
        assert thing == name


def test_previews_withdrawn_records_and_errors_have_no_json_ld(admin_client):
    tender = create_tender(state="draft")
    withdrawn = create_institution(state="withdrawn")

    for address in (f"/admin/preview/tenders/{tender.reference}/", withdrawn.get_absolute_url(), "/tenders/?year=x"):
        assert "ld+json" not in admin_client.get(address).text
