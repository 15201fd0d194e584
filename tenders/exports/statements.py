"""The columns of statements and of their sources: a row for each citation, a row for each source."""

from collections import defaultdict
from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from tenders.choices import ValueType
from tenders.exports.columns import Column
from tenders.kinds import RelatedRecord
from tenders.models.sources import ATTRIBUTES_BY_FACT

# The kinds of the facts whose values name records, which need not be public.
RECORD_KINDS = {
    fact: attributes[0].kind
    for fact, attributes in ATTRIBUTES_BY_FACT.items()
    if isinstance(attributes[0].kind, RelatedRecord) and hasattr(attributes[0].kind.model, "is_published")
}


def with_public_values(citations):
    """
    Return citations, each with its ``public_value``: None where the value names a record that is not public.

    What they name is looked up for all of them at once.
    """
    citations, named = list(citations), defaultdict(set)
    for citation in citations:
        if kind := RECORD_KINDS.get(citation.fact):
            named[kind.model].update(kind.codes(citation.value))
    public = set()
    for model, references in named.items():
        records = model.objects.published().filter(reference__in=references)
        public.update(records.values_list("reference", flat=True))
    for citation in citations:
        kind = RECORD_KINDS.get(citation.fact)
        is_public = kind is None or public.issuperset(kind.codes(citation.value))
        citation.public_value = citation.value if is_public else None
    return citations


# What one statement says of a fact.
STATEMENT = [
    Column("source", ValueType.CODE, attrgetter("source.slug"), _("code of the source")),
    Column("place", ValueType.TEXT, attrgetter("place"), _("where in the source")),
    Column("place_zh", ValueType.TEXT, attrgetter("place_zh"), _("where in the source, in Chinese")),
    Column("stated", ValueType.TEXT, attrgetter("stated"), _("exact words of the source; empty if none are quoted")),
    Column("value", ValueType.TEXT, attrgetter("public_value"), _("the value that it states, in database form")),
    Column("chosen", ValueType.FLAG, attrgetter("is_chosen"), _("whether the record follows this statement")),
    Column("reason", ValueType.TEXT, attrgetter("reason"), _("why it is used or not, and how its words are read")),
    Column("reason_zh", ValueType.TEXT, attrgetter("reason_zh"), _("the reason, in Chinese")),
]
STATEMENTS = [
    Column("target", ValueType.REFERENCE, attrgetter("record.reference"), _("record that it is about")),
    Column(
        "award",
        ValueType.NUMBER,
        lambda citation: citation.award.number if citation.award else "",
        _("number of the award; empty for a fact of the record itself"),
    ),
    Column("fact", ValueType.CODE, attrgetter("fact"), _("fact that it states")),
    *STATEMENT,
    Column(
        "address",
        ValueType.ADDRESS,
        lambda citation: citation.record.get_absolute_url(),
        _("address of the page of the record"),
        follows_from=("target",),
    ),
]
SOURCE = [
    Column("source", ValueType.CODE, attrgetter("slug"), _("code of the source, which stays")),
    Column("kind", ValueType.CODE, attrgetter("kind"), _("kind of source")),
    Column("language", ValueType.CODE, attrgetter("language"), _("language in which it is quoted")),
    Column("title", ValueType.TEXT, attrgetter("title"), _("title as printed; in brackets if it is our description")),
    Column("title_zh", ValueType.TEXT, attrgetter("title_zh"), _("our translation of the title")),
    Column("publisher", ValueType.TEXT, attrgetter("publisher"), _("publisher")),
    Column("publisher_zh", ValueType.TEXT, attrgetter("publisher_zh"), _("publisher, in Chinese")),
    Column("published_date", ValueType.DATE, lambda source: source.published_date or None, _("date of publication")),
    Column("seen_date", ValueType.DATE, attrgetter("seen_date"), _("date on which editors read it")),
    Column("url", ValueType.TEXT, attrgetter("url"), _("address of the document")),
    Column("archived_url", ValueType.TEXT, attrgetter("archived_url"), _("address of an archived copy")),
    Column(
        "version_of",
        ValueType.CODE,
        lambda source: source.version_of.slug if source.version_of else "",
        _("source that it copies, translates or summarises; it isn’t independent evidence"),
    ),
    Column("notes", ValueType.TEXT, attrgetter("notes"), _("what readers should know about it")),
    Column("notes_zh", ValueType.TEXT, attrgetter("notes_zh"), _("what readers should know about it, in Chinese")),
]
