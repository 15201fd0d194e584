"""Records that are not public change no byte of any public page or download."""

import json
import re

from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from tenders.audit import backfill_history
from tenders.charts.list_charts import CHARTS
from tenders.charts.marks import PATHS
from tenders.choices import EditorialState, Fact
from tenders.models import Article, Claim, Company, Inclusion, Institution, Source, Tender
from tests.factories import (
    create_article,
    create_award,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_source,
    create_tender,
)

HIDDEN = [EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN]
QUERIES = ["", "year=2018&year=2016", "q=walrus", "region=CN-BJ", "sort=-amount&per_page=100", "amount=unknown"]
# The only part of a response that differs between requests: the time of a download.
MOMENT = re.compile(r'"(?:date|publishedDate)": "[^"]*"|datetime="[^"]*"')


def addresses():
    """Return the public addresses of the fixtures' records and of lists with some query strings."""
    lists = [reverse(f"{name}-list") for name in ("tender", "institution", "company")]
    downloads = [f"/{name}.{form}" for name in ("tenders", "institutions", "companies") for form in ("csv", "json")]
    downloads += ["/ocds/releases.json", "/ocds/records.json"]
    pages = ["/", "/articles/", "/articles/compare/", "/sitemap.xml", "/robots.txt", "/changes/", "/data/", "/report/"]
    pages += ["/data/api/", "/openapi.json", "/tenders.json?limit=3", "/companies.json?limit=2&sort=-tenders"]
    pages += ["/data/versions/", "/data/versions.json", "/data/compare/"]
    pages += [f"/sitemap-{name}.xml" for name in ("tenders", "institutions", "companies", "articles", "claims")]
    pages += [f"{path}?view=charts" for path in lists]
    buyer = Tender.objects.exclude(buyer=None).order_by("pk")[0].buyer.reference
    for path, name in [(PATHS[kind], name) for kind, charts in CHARTS.items() for name in charts]:
        query = f"?institution={buyer}" if name == "time" else ""
        pages += [f"/charts/{path}/{name}.{form}{query}" for form in ("csv", "svg")]
        pages += [f"/embed/{path}/{name}/{query}", f"/zh-hans/embed/{path}/{name}/?year=2018&year=2016"]
    pages += ["/charts/tenders/region.png", "/charts/tenders/category.csv?q=walrus&year=2018"]
    pages += [
        f"/oembed?url=http://testserver{path}" for path in ("/", "/embed/tenders/region/", "/tenders/%23chart-amount")
    ]
    party = Company.objects.order_by("pk")[0].reference
    pages += [f"/reconcile/{part}" for part in ("suggest?prefix=walrus", f"preview?id={party}", "extend?type=company")]
    queries = [json.dumps({"q": {"query": name, "limit": 50}}) for name in ("walrus", "beijing", party)]
    pages += [f"/reconcile?queries={query}" for query in queries]
    pages += [f'/reconcile?extend={{"ids": ["{party}"], "properties": [{{"id": "num_tenders"}}]}}']
    pages += ["/changes.json", "/changes.json?limit=3", "/changes.atom", "/zh-hans/changes.feed.json"]
    pages += ["/tenders.atom", "/institutions.feed.json?region=CN-BJ", "/subscribe/", "/subscribe/?about=/companies/"]
    pages += [f"/search/{part}?q={q}" for part in ("", "suggestions/") for q in ("walrus", "walrs", "beijing")]
    pages += [f"{path}?{query}" for path in (*lists, *downloads) for query in QUERIES]
    # The first record of each model gets hidden ones as relations; a few others are a sample of the rest.
    records = [record for model in (Tender, Institution, Company) for record in model.objects.order_by("pk")[:6]]
    records += list(Article.objects.all()) + list(Claim.objects.order_by("pk")[:5])
    pages += [record.get_absolute_url() for record in records]
    pages += [f"{record.get_absolute_url()}citation.json" for record in records[:6:3]] + ["/data/citation.json"]
    pages += [f"/ocds/records/{record.reference}.json" for record in records[:6]]
    pages += [f"{article.get_absolute_url()}?view=today" for article in Article.objects.all()]
    pages += [f"{record.get_absolute_url().rstrip('/')}.json" for record in records[::3]]
    pages += ["/index.json", "/data.json", "/articles.json", "/articles/compare.json", "/search.json?q=walrus"]
    pages += [f"/{name}?{query}" for name in ("statements.csv", "sources.json") for query in ("", "year=2018")]
    pages += [f"/charts/tenders/{name}.json" for name in ("region", "company", "amount")]
    return pages + [f"/zh-hans{record.get_absolute_url()}" for record in records[::6]]


def bytes_of(client, paths):
    cache.clear()
    found = {}
    for path in paths:
        response = client.get(path)
        assert response.status_code in {200, 400} or path.startswith("/charts/tenders/category.csv?q="), path
        content = b"".join(response.streaming_content) if response.streaming else response.content
        text = content.decode(errors="backslashreplace").replace(response["X-Request-ID"], "")
        found[path] = (response.status_code, MOMENT.sub("", text))
    return found


def test_hidden_records_change_no_byte_of_any_public_page(client, article_data):
    backfill_history()  # pages say since when there is one
    with translation.override("en"):
        paths = addresses()
    before = bytes_of(client, paths)
    shown, source = Tender.objects.order_by("pk").first(), Source.objects.order_by("pk").first()
    buyer, winner = Institution.objects.order_by("pk").first(), Company.objects.order_by("pk").first()

    for state in HIDDEN:
        hidden = {
            "state": state,
            "title_en": "A walrus platform",
            "region": shown.region,
            "category": shown.category,
        }
        for year in (2016, 2018, 2030):
            tender = create_tender(**hidden, year=year, buyer=buyer, category_basis=shown.category_basis)
            create_award(tender, winner, create_company(state=state, name_en="Walrus Ltd"), amount=99_000_000)
            create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
            create_citation(tender, Fact.YEAR, "2017", source=create_source())
            tender.possibly_same_as.add(shown)
        create_company(
            state=state,
            name_en="Walrus & Sons",
            institution=Institution.objects.filter(company=None).order_by("pk").first(),
        )
        create_institution(state=state, name_en="Walrus Office")
        article = create_article(state=state, title_en="On walruses")
        create_claim(article, "count", printed=3)
        Inclusion.objects.create(article=article, tender=shown, reason="It must be one.")

    after = bytes_of(client, paths)
    assert {path for path in paths if after[path] != before[path]} == set()


def test_no_public_page_refers_to_a_party_withdrawn_by_an_update(client, article_data):
    tenders = Tender.objects.published()
    buyer = Institution.objects.filter(tenders__in=tenders)[0]
    winner = Company.objects.filter(awards__tender__in=tenders.exclude(buyer=buyer))[0]
    with translation.override("en"):
        paths = [path for path in addresses() if "?" not in path] + [tender.get_absolute_url() for tender in tenders]
        own = {f"{prefix}{party.get_absolute_url()}" for party in (buyer, winner) for prefix in ("", "/zh-hans")}
        own |= {f"{party.get_absolute_url().rstrip('/')}.json" for party in (buyer, winner)}

    def references_on(paths):
        texts = {path: text for path, (_status, text) in bytes_of(client, paths).items()}
        return {
            (path, party.reference) for party in (buyer, winner) for path in paths if party.reference in texts[path]
        }

    assert {reference for _path, reference in references_on(paths)} == {buyer.reference, winner.reference}

    for party in (buyer, winner):
        type(party).objects.filter(pk=party.pk).update(state=EditorialState.DRAFT)

    assert references_on([path for path in paths if path not in own]) == set()
