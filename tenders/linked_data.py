"""Structured data of pages, schema.org as JSON-LD: only what the page shows; unknown values are left out."""

from functools import singledispatch

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenders.catalogue import DEVELOPERS, SITE_NAME, DatasetSummary
from tenders.choices import InstitutionKind
from tenders.exports.live_lists import LISTS
from tenders.exports.writers import LICENCE
from tenders.languages import is_chinese
from tenders.models import Article, Category, Claim, Company, Institution, Page, Region, Tender
from tenders.versions import latest_version

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
    """Return the data page as a ``DataCatalog``: the data set of today, its last version, and the codelists."""
    version = latest_version()
    return without_empty(
        type="DataCatalog",
        name=SITE_NAME,
        url=absolute(reverse("data")),
        license=LICENCE,
        creator=without_empty(type="Organization", name=DEVELOPERS),
        inLanguage=LANGUAGE_TAGS,
        dataset=[_live(data, absolute), *([_frozen(version, data, absolute)] if version else [])],
        hasPart=[
            _codelist(_("Categories"), Category.objects.order_by("slug"), "slug", absolute),
            _codelist(_("Regions"), Region.objects.order_by("code"), "code", absolute),
        ],
    )


def _data(data, **more):
    """Return what the data set of today and its versions have in common."""
    years = dict.fromkeys(str(year) for year in (data.first_year, data.last_year) if year is not None)
    return without_empty(
        type="Dataset",
        description=str(data.description),
        license=LICENCE,
        creator=without_empty(type="Organization", name=DEVELOPERS),
        isAccessibleForFree=True,
        inLanguage=LANGUAGE_TAGS,
        temporalCoverage="/".join(years),
        spatialCoverage=without_empty(type="Country", name="China"),
        **more,
    )


def _live(data, absolute):
    page = absolute(reverse("data"))
    changed_date = timezone.localdate(data.changed_at).isoformat() if data.changed_at else None
    return _data(
        data,
        id=f"{page}#dataset",
        name=data.title,
        url=page,
        version=changed_date,
        dateModified=changed_date,
        citation=[_study(article) for article in Article.objects.published()],
        distribution=[
            without_empty(type="DataDownload", contentUrl=address, encodingFormat=media_type)
            for listed in LISTS
            for _form, address, media_type in listed.files(absolute)
        ],
    )


def _frozen(version, data, absolute):
    """Return a version, whose files have checksums."""
    return _data(
        data,
        name=f"{data.title} ({version.name})",
        url=f"{absolute(reverse('version-list'))}#{version.release}",
        version=version.name,
        datePublished=timezone.localdate(version.released_at).isoformat(),
        isBasedOn=f"{absolute(reverse('data'))}#dataset",
        distribution=[
            without_empty(
                type="DataDownload",
                name=name,
                contentUrl=absolute(reverse("version-file", args=[version.name, name])),
                contentSize=str(file["bytes"]),
                sha256=file["sha256"],
            )
            for name, file in version.there().items()
        ],
    )


def _codelist(name, records, code, absolute):
    return without_empty(
        type="DefinedTermSet",
        name=name,
        url=absolute(reverse("data")),
        hasDefinedTerm=[
            without_empty(type="DefinedTerm", termCode=getattr(record, code), name=record.name) for record in records
        ],
    )
