"""Sources as documents of OCDS; the editors' knowledge and translations are none."""

from django.utils.encoding import iri_to_uri

from tenders.choices import SourceKind, SourceLanguage
from tenders.kinds import sanitize
from tenders.models.sources import KINDS_OF_OWN_SOURCES
from tenders.ocds.values import date_time, without_empty

# The codes of the standard, and of our extension where it has none.
TYPES = {
    SourceKind.OFFICIAL_NOTICE: "tenderNotice",
    SourceKind.AWARD_NOTICE: "awardNotice",
    SourceKind.CONTRACT: "contractSigned",
    SourceKind.UNOFFICIAL_COPY: "unofficialCopy",
    SourceKind.NEWS: "newsArticle",
    SourceKind.STUDY: "study",
    SourceKind.OFFICIAL_SITE: "officialSite",
    SourceKind.OPEN_DATA: "openData",
}
NO_DOCUMENTS = set(KINDS_OF_OWN_SOURCES.values())
LANGUAGES = {SourceLanguage.ENGLISH, SourceLanguage.CHINESE}


def documents(batch, change, sources):
    """Return the sources with some primary keys, as they were after a change, in the order of their slugs."""
    found = (batch.sources.at(key, change) for key in set(sources))
    shown = [source for source in found if source and source.kind not in NO_DOCUMENTS]
    return [document(batch, source) for source in sorted(shown, key=lambda source: source.slug)]


def document(batch, source):
    """Return a source as a document."""
    publisher = sanitize(source.publisher)
    found = {
        "id": source.slug,
        "documentType": TYPES[source.kind],
        "title": sanitize(source.title),
        "title_zh": sanitize(source.title_zh),
        "description": sanitize(source.notes),
        "description_zh": sanitize(source.notes_zh),
        "url": iri_to_uri(source.url),
        "archivedURL": iri_to_uri(source.archived_url),
        "language": source.language if source.language in LANGUAGES else "",
        "publisher": {"name": publisher} if publisher else {},
        "publisherName_zh": sanitize(source.publisher_zh),
        "datePublished": date_time(source.published_date),
        "datePublishedPartial": source.published_date,
        "dateSeenPartial": source.seen_date,
        "versionOf": batch.slugs.get(source.version_of_id),
    }
    return without_empty(found)
