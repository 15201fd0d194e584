"""The columns of statements and of their sources: a row for each citation, a row for each source."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tenders.choices import ValueType
from tenders.exports.columns import LIST, Column
from tenders.kinds import RelatedRecord
from tenders.models import Article, Citation, Company, Institution, Source, Tender
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


STATEMENT_ORDER = (
    Coalesce("tender__reference", "institution__reference", "company__reference").asc(),
    F("award__number").asc(nulls_first=True),
    F("fact").asc(),
    F("is_chosen").desc(),
    *(F(name).asc() for name in ("source__slug", "place", "value", "pk")),
)
SOURCE_ORDER = (F("slug").asc(),)


def public_statements(tenders=None):
    """
    Return the citations of all public records, or of some public tenders and the public parties that take part in them.

    They are in the order of what they state: the record, the award, the fact; the used statement of a fact is first.
    """
    institutions, companies = Institution.objects.published(), Company.objects.published()
    if tenders is None:
        tenders = Tender.objects.published()
    else:
        tenders = tenders.order_by().values("pk")
        institutions = institutions.filter(tenders__in=tenders)
        companies = companies.filter(awards__tender__in=tenders)
    of_public = Q(tender__in=tenders.values("pk"))
    of_public |= Q(institution__in=institutions.values("pk")) | Q(company__in=companies.values("pk"))
    return Citation.objects.filter(of_public).order_by(*STATEMENT_ORDER)


@dataclass(frozen=True)
class Statements:
    """The rows of a download of statements: some citations, each with its public value."""

    citations: QuerySet

    def count(self):
        return self.citations.order_by().count()

    def loaded(self):
        """Return the citations, loaded with what their columns read but for the public values."""
        records = ("tender", "institution", "company")
        return self.citations.select_related(*records, "award", "source").only(
            *(f"{name}__reference" for name in records),
            *("award__number", "fact", "source__slug", "place", "place_zh", "stated", "value", "is_chosen"),
            *("reason", "reason_zh"),
        )

    def iterator(self, chunk_size):
        """Yield the citations; what they name is looked up for a chunk at a time."""
        rows = self.loaded().iterator(chunk_size=chunk_size)
        while chunk := list(islice(rows, chunk_size)):
            yield from with_public_values(chunk)


def public_sources(statements, *, of_all):
    """
    Return the sources of some public citations, and of what those are versions, each with ``num_statements`` of them.

    ``of_all``: also those of the public articles and of their claims.
    """
    used = Q(pk__in=statements.order_by().values("source"))
    if of_all:
        articles = Article.objects.published()
        used |= Q(pk__in=Source.objects.filter(Q(articles__in=articles) | Q(claims__article__in=articles)).values("pk"))
    originals, new = set(), Source.objects.filter(used).values("pk")
    while new:
        new = set(Source.objects.filter(versions__in=new).values_list("pk", flat=True)) - originals
        originals |= new
    numbers = statements.order_by().filter(source=OuterRef("pk")).values("source").annotate(number=Count("pk"))
    sources = Source.objects.annotate(num_statements=Coalesce(Subquery(numbers.values("number")), 0))
    return (
        sources.filter(used | Q(pk__in=originals))
        .select_related("version_of")
        .prefetch_related("files")
        .order_by(*SOURCE_ORDER)
    )


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
    Column("title", ValueType.TEXT, attrgetter("title"), _("its title; in brackets if it is our description")),
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
    Column(
        "files",
        ValueType.CODE,
        lambda source: [file.sha256 for file in source.files.all()],
        _("SHA-256 of each copy that editors have kept"),
        LIST,
    ),
]
SOURCES = [
    *SOURCE,
    Column(
        "num_statements",
        ValueType.NUMBER,
        attrgetter("num_statements"),
        _("number of its statements among those asked for"),
        follows_from=(),
    ),
]
