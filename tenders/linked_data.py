"""
What a page is about, for machines: schema.org as JSON-LD.

It says what the page says and no more: what is unknown is left out, and what others have written stays theirs.
"""

from functools import singledispatch

from django.urls import reverse
from django.utils import timezone

from tenders.catalogue import DEVELOPERS, SITE, DatasetSummary
from tenders.choices import InstitutionKind
from tenders.exports.writers import FORMS, LICENCE
from tenders.languages import is_chinese
from tenders.models import Article, Claim, Company, Institution, Page, Tender

LANGUAGES = ["en", "zh-Hans"]

# The kinds of which every body is one of government.
GOVERNMENT = {
    InstitutionKind.GOVERNMENT_DEPARTMENT,
    InstitutionKind.TAX_AUTHORITY,
    InstitutionKind.CUSTOMS,
    InstitutionKind.COURT_OR_PROCURATORATE,
}


@singledispatch
def describe(record, absolute):
    """
    Return what a page about a record says, as schema.org has it; None where there is nothing to say.

    ``absolute`` gives the whole address of a path.
    """
    return


def without_empty(**values):
    """Return a thing with what is known of it; ``type`` and ``id`` are JSON-LD's own words."""
    words = {"type": "@type", "id": "@id"}
    return {words.get(name, name): value for name, value in values.items() if value not in (None, "", [], {})}


def site(absolute, description):
    """Return what the site is, and how its tenders are searched."""
    return without_empty(
        type="WebSite",
        name=SITE,
        url=absolute(reverse("overview")),
        description=description,
        inLanguage=LANGUAGES,
        potentialAction=without_empty(
            type="SearchAction",
            target=without_empty(type="EntryPoint", urlTemplate=absolute(reverse("tender-list")) + "?q={words}"),
            **{"query-input": "required name=words"},
        ),
    )


def trail(steps, absolute):
    """Return the way from the overview to a page, given (name, path) pairs; the page itself has no path."""
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


def _organization_type(party):
    return "GovernmentOrganization" if isinstance(party, Institution) and party.kind in GOVERNMENT else "Organization"


def _organization(party, absolute):
    page = absolute(party.get_absolute_url())  # no ``url``: that would be a site of its own
    return without_empty(type=_organization_type(party), name=party.name, mainEntityOfPage=page)


@describe.register(Institution)
@describe.register(Company)
def _party(party, absolute):
    codes = [_identifier("unified social credit code", party.credit_code)] if party.credit_code else []
    place = without_empty(addressRegion=party.region.name if party.region else None, addressLocality=party.city)
    founded = getattr(party, "founded_year", None)
    return {
        **_organization(party, absolute),
        **without_empty(
            alternateName=[*filter(None, [party.other_name]), *party.aliases],
            address=without_empty(type="PostalAddress", **place) if place else None,
            identifier=[_identifier(SITE, party.reference), *codes],
            foundingDate=str(founded) if founded else None,
        ),
    }


@describe.register
def _tender(tender: Tender, absolute):
    suppliers = [company for award in tender.awards.all() for company in award.suppliers.all()]
    parties = [party for party in dict.fromkeys([tender.buyer, *suppliers]) if party and party.is_published]
    sources = dict.fromkeys(citation.source for citation in tender.citations.all())
    return _page(
        "WebPage",
        absolute,
        tender,
        name=tender.title,
        identifier=_identifier(SITE, tender.reference),
        license=LICENCE,
        temporalCoverage=str(tender.year),
        spatialCoverage=without_empty(type="AdministrativeArea", name=tender.region.name, identifier=tender.region.code)
        if tender.region
        else None,
        about=[_organization(party, absolute) for party in parties],
        citation=[_document(source) for source in sources if source.is_document],
    )


def _document(source):
    return without_empty(
        type="CreativeWork",
        name=source.title,
        url=source.url,
        publisher=_publisher(source.publisher),
        datePublished=source.published_date,
    )


def _publisher(name):
    return without_empty(type="Organization", name=name) if name else None


def _original(article):
    """Return the article that others have published, not our page about it."""
    return without_empty(
        type="Article",
        name=article.title,
        publisher=_publisher(article.publisher),
        datePublished=article.published_date,
    )


@describe.register
def _article(article: Article, absolute):
    documents = [_document(source) for source in article.sources.order_by("slug")]
    return _page("WebPage", absolute, article, license=LICENCE, about=_original(article), citation=documents)


@describe.register
def _claim(claim: Claim, absolute):
    return _page(
        "WebPage",
        absolute,
        claim,
        license=LICENCE,
        about=without_empty(type="Claim", name=claim.statement, appearance=_original(claim.article)),
        isPartOf=without_empty(type="WebPage", url=absolute(claim.article.get_absolute_url())),
    )


@describe.register
def _written_page(page: Page, absolute):
    return _page("ContactPage" if page.slug == "contact" else "AboutPage", absolute, page, name=page.title)


@describe.register
def _dataset_summary(data: DatasetSummary, absolute):
    """The catalogue that is the data page, with the one data set in it."""
    page = absolute(reverse("data"))
    years = dict.fromkeys(str(year) for year in (data.first_year, data.last_year) if year is not None)
    changed_date = timezone.localdate(data.changed_at).isoformat() if data.changed_at else None
    creator = without_empty(type="Organization", name=DEVELOPERS)
    return without_empty(
        type="DataCatalog",
        name=SITE,
        url=page,
        license=LICENCE,
        creator=creator,
        inLanguage=LANGUAGES,
        dataset=without_empty(
            type="Dataset",
            id=f"{page}#dataset",
            name=data.title,
            description=str(data.description),
            url=page,
            license=LICENCE,
            creator=creator,
            isAccessibleForFree=True,
            inLanguage=LANGUAGES,
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
