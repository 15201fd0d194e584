"""Structured data of pages, schema.org as JSON-LD: only what the page shows; unknown values are left out."""

from functools import singledispatch

from django.urls import reverse
from django.utils import timezone

from tenders.catalogue import DEVELOPERS, SITE_NAME, DatasetSummary
from tenders.choices import InstitutionKind
from tenders.exports.writers import FORMS, LICENCE
from tenders.languages import is_chinese
from tenders.models import Article, Claim, Company, Institution, Page, Tender

LANGUAGE_TAGS = ["en", "zh-Hans"]

# Kinds of institutions that are always parts of the government.
GOVERNMENT_KINDS = {
    InstitutionKind.GOVERNMENT_DEPARTMENT,
    InstitutionKind.TAX_AUTHORITY,
    InstitutionKind.CUSTOMS,
    InstitutionKind.COURT_OR_PROCURATORATE,
}


@singledispatch
def describe(record, absolute):
    """Return the schema.org object for a record's page, else None; ``absolute`` gives the absolute URL of a path."""
    return


def without_empty(**values):
    """Return a JSON-LD object without empty values; ``type`` and ``id`` become ``@type`` and ``@id``."""
    keywords = {"type": "@type", "id": "@id"}
    return {keywords.get(name, name): value for name, value in values.items() if value not in (None, "", [], {})}


def website(absolute, description):
    """Return the ``WebSite`` with its search."""
    return without_empty(
        type="WebSite",
        name=SITE_NAME,
        url=absolute(reverse("overview")),
        description=description,
        inLanguage=LANGUAGE_TAGS,
        potentialAction=without_empty(
            type="SearchAction",
            target=without_empty(type="EntryPoint", urlTemplate=absolute(reverse("search")) + "?q={words}"),
            **{"query-input": "required name=words"},
        ),
    )


def breadcrumbs(steps, absolute):
    """Return the ``BreadcrumbList`` of (name, path) pairs; the last one, the page itself, has no path."""
    return without_empty(
        type="BreadcrumbList",
        itemListElement=[
            without_empty(type="ListItem", position=position, name=str(name), item=absolute(path) if path else None)
            for position, (name, path) in enumerate(steps, 1)
        ],
    )


def _page(kind, absolute, record, **more):
    language = "zh-Hans" if is_chinese() else "en"
    return without_empty(type=kind, url=absolute(record.get_absolute_url()), inLanguage=language, **more)


def _identifier(scheme, value):
    return without_empty(type="PropertyValue", propertyID=scheme, value=value)


def _organization(party, absolute):
    is_government = isinstance(party, Institution) and party.kind in GOVERNMENT_KINDS
    page = absolute(party.get_absolute_url())  # not ``url``, which means the organisation's own site
    kind = "GovernmentOrganization" if is_government else "Organization"
    return without_empty(type=kind, name=party.name, mainEntityOfPage=page)


@describe.register(Institution)
@describe.register(Company)
def _party(party, absolute):
    codes = [_identifier("unified social credit code", party.credit_code)] if party.credit_code else []
    place = without_empty(addressRegion=party.region.name if party.region else None, addressLocality=party.shown_city)
    founded = getattr(party, "founded_year", None)
    return {
        **_organization(party, absolute),
        **without_empty(
            alternateName=[*filter(None, [party.other_name]), *party.aliases],
            address=without_empty(type="PostalAddress", **place) if place else None,
            identifier=[_identifier(SITE_NAME, party.reference), *codes],
            foundingDate=str(founded) if founded else None,
        ),
    }


@describe.register
def _tender(tender: Tender, absolute):
    suppliers = [company for award in tender.awards.all() for company in award.suppliers.all()]
    parties = [party for party in dict.fromkeys([tender.buyer, *suppliers]) if party and party.is_published]
    sources = dict.fromkeys(citation.source for citation in tender.citations.all())
    region = tender.region
    numbers = [_identifier("official number", tender.official_number)] if tender.official_number else []
    return _page(
        "WebPage",
        absolute,
        tender,
        name=tender.title,
        identifier=[_identifier(SITE_NAME, tender.reference), *numbers],
        license=LICENCE,
        temporalCoverage=str(tender.year),
        spatialCoverage=region and without_empty(type="AdministrativeArea", name=region.name, identifier=region.code),
        about=[_organization(party, absolute) for party in parties],
        citation=[_document(source) for source in sources if source.is_document],
    )


def _document(source):
    return _work(
        "CreativeWork",
        source,
        source.shown_title,
        source.shown_publisher,
        url=source.url,
        encoding=[_kept_file(file) for file in source.files.all()],
    )


def _kept_file(file):
    return without_empty(
        type="MediaObject",
        encodingFormat=file.media_type,
        contentSize=str(file.size),
        sha256=file.sha256,
        uploadDate=timezone.localdate(file.uploaded_at).isoformat(),
    )


def _work(kind, work, name, publisher, **more):
    """Return a source, or an article itself, not our page about it."""
    publisher = without_empty(type="Organization", name=publisher) if publisher else None
    return without_empty(type=kind, name=name, **more, publisher=publisher, datePublished=work.published_date)


def _study(article):
    return _work("Article", article, article.title, article.shown_publisher)


@describe.register
def _article(article: Article, absolute):
    documents = [_document(source) for source in article.sources.prefetch_related("files").order_by("slug")]
    return _page("WebPage", absolute, article, license=LICENCE, about=_study(article), citation=documents)


@describe.register
def _claim(claim: Claim, absolute):
    return _page(
        "WebPage",
        absolute,
        claim,
        license=LICENCE,
        about=without_empty(type="Claim", name=claim.statement, appearance=_study(claim.article)),
        isPartOf=without_empty(type="WebPage", url=absolute(claim.article.get_absolute_url())),
    )


@describe.register
def _static_page(page: Page, absolute):
    return _page("ContactPage" if page.slug == "contact" else "AboutPage", absolute, page, name=page.title)


@describe.register
def _dataset_summary(data: DatasetSummary, absolute):
    """Return the data page as a ``DataCatalog`` with one ``Dataset``."""
    page = absolute(reverse("data"))
    years = dict.fromkeys(str(year) for year in (data.first_year, data.last_year) if year is not None)
    changed_date = timezone.localdate(data.changed_at).isoformat() if data.changed_at else None
    creator = without_empty(type="Organization", name=DEVELOPERS)
    return without_empty(
        type="DataCatalog",
        name=SITE_NAME,
        url=page,
        license=LICENCE,
        creator=creator,
        inLanguage=LANGUAGE_TAGS,
        dataset=without_empty(
            type="Dataset",
            id=f"{page}#dataset",
            name=data.title,
            description=str(data.description),
            url=page,
            license=LICENCE,
            creator=creator,
            isAccessibleForFree=True,
            inLanguage=LANGUAGE_TAGS,
            temporalCoverage="/".join(years),
            spatialCoverage=without_empty(type="Country", name="China"),
            version=changed_date,
            dateModified=changed_date,
            distribution=[
                without_empty(
                    type="DataDownload",
                    contentUrl=absolute(reverse(f"{kind}-download", args=[form])),
                    encodingFormat=content_type.partition(";")[0],
                )
                for kind in ("tender", "institution", "company")
                for form, (_write, content_type) in FORMS.items()
            ],
        ),
    )
