"""
The tables of a version: a row for each tender, award, winner of an award, statement and so on, with keys between them.

They are described in English. Names stand in the table of what they name. A partial date has two columns beside it,
which hold whole days: the first and the last one that it may be.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from operator import attrgetter

from tenders.choices import ValueType
from tenders.claims.verdict_history import cached_evaluations
from tenders.exports.columns import (
    AWARD_AMOUNT,
    DISPUTED,
    LIST,
    NUM_TENDERS,
    SAME_COMPANY,
    Column,
    exported,
    value_at,
)
from tenders.exports.statements import SOURCE, STATEMENTS, Statements, public_sources, public_statements
from tenders.exports.table_schema import DAY, schema
from tenders.exports.writers import CHUNK
from tenders.fields import PartialDateField, day_span
from tenders.models import (
    Article,
    Award,
    AwardSupplier,
    Category,
    Claim,
    Company,
    Institution,
    Region,
    Tender,
)

STORED_TYPES = {
    "DecimalField": ValueType.MONEY,
    "BooleanField": ValueType.FLAG,
    "PositiveSmallIntegerField": ValueType.NUMBER,
}
RECORDS = {"tender": Tender, "institution": Institution, "company": Company}


@dataclass(frozen=True)
class Table:
    """
    A table: what its rows are, their columns, the columns of its key, and what it refers to.

    ``foreign_keys`` are (columns, table, columns of that table). ``part_of`` are the columns with the reference of the
    record that a row is, or is a part of: it is in no version without that record.
    """

    name: str
    description: str
    columns: tuple
    key: tuple
    rows: Callable  # yields what the columns read
    foreign_keys: tuple = ()
    part_of: tuple = ()

    def schema(self):
        """Return its Table Schema."""
        return schema(self.columns, list(self.key), self.foreign_keys)

    def values(self):
        """Yield the values of each row, in the order of the columns."""
        for row in self.rows():
            yield [column.value(row) for column in self.columns]


def with_days(columns):
    """Return columns, with those of the first and the last possible day behind each partial date."""
    found = []
    for column in columns:
        found.append(column)
        if column.type == ValueType.DATE:
            ends = (("first", "the first day that it may be"), ("last", "the last day that it may be"))
            found += [
                Column(f"{column.name}_{end}", DAY, partial(_day, column, number), description)
                for number, (end, description) in enumerate(ends)
            ]
    return tuple(found)


def _day(column, number, row):
    text = column.get(row)
    return day_span(text)[number].isoformat() if text else text


def _attributes(model, name):
    """Return the columns of what is known of a record; ``name`` is which of the names of an attribute they have."""
    return [
        Column(
            getattr(attribute, name),
            attribute.kind.type,
            partial(exported, attribute),
            attribute.description,
            LIST if attribute.kind.is_list else (),
        )
        for attribute in model.ATTRIBUTES
        if attribute.column
    ]


def _reference(name, path, description):
    return Column(name, ValueType.REFERENCE, value_at(path), description)


def _code(name, path, description):
    """Return the column with a code of what a row refers to; empty where it refers to nothing."""
    get = value_at(path)
    return Column(name, ValueType.CODE, lambda row: get(row) or "", description)


def _stored(model, *names):
    """Return columns with what is stored; empty text stays empty."""
    return [_stored_column(model._meta.get_field(name)) for name in names]


def _stored_column(field):
    value_type = ValueType.DATE if isinstance(field, PartialDateField) else STORED_TYPES.get(field.get_internal_type())
    default = ValueType.CODE if field.choices or field.unique else ValueType.TEXT
    return Column(field.name, value_type or default, attrgetter(field.name), field.verbose_name)


def _records(model):
    def rows():
        records = model.objects.published()
        records = records.with_figures() if model is Tender else records.with_num_tenders()
        return records.for_download().order_by("reference").iterator(chunk_size=CHUNK)

    return rows


def _awards():
    awards = Award.objects.filter(tender__in=Tender.objects.published()).select_related("tender")
    return awards.order_by("tender__reference", "number").iterator(chunk_size=CHUNK)


def _award_suppliers():
    links = AwardSupplier.objects.filter(award__tender__in=Tender.objects.published())
    links = links.filter(company__in=Company.objects.published()).select_related("award__tender", "company")
    return links.order_by("award__tender__reference", "award__number", "company__reference").iterator(chunk_size=CHUNK)


def _citations():
    return Statements(public_statements()).iterator(CHUNK)


def _citation_id(citation):
    """Return the name of a statement, which is the same in every database: the hash of its natural key."""
    return hashlib.sha256(json.dumps(citation.natural_key(), ensure_ascii=False).encode()).hexdigest()[:16]


def _sources():
    return public_sources(public_statements(), of_all=True)


def _articles():
    return Article.objects.published().prefetch_related("sources").order_by("slug")


def _slugs_of_sources(article):
    return sorted(source.slug for source in article.sources.all())


def _arguments(claim):
    return json.dumps(claim.arguments, ensure_ascii=False, sort_keys=True) if claim.arguments else ""


def _claims():
    """Yield the claims of public articles, each with its ``evaluation``."""
    for article in _articles():
        evaluations = cached_evaluations(article)
        claims = article.claims.select_related("article", "tender", "institution", "company", "reading_of")
        for claim in claims.order_by("code"):
            claim.evaluation = evaluations[claim.code]
            yield claim


def _evaluated(name, description):
    """Return the column with a number of an evaluation, rounded as in the history of verdicts."""

    def get(claim):
        number = getattr(claim.evaluation, name)
        return "" if number is None else Decimal(round(100 * number)) / 100

    return Column(name, ValueType.MONEY, get, description)


def _record_table(name, model, description, more, foreign_keys):
    """Return the table of tenders, institutions or companies."""
    reference = _reference("reference", "reference", "permanent name of the record")
    columns = with_days([reference, *_attributes(model, "column"), *more])
    return Table(name, description, columns, ("reference",), _records(model), foreign_keys, ("reference",))


def _foreign_key(column, table, key="reference"):
    return ([column], table, [key])


TENDER, SEAT = _foreign_key("tender", "tenders"), _foreign_key("seat", "regions", "code")
ABOUT = (TENDER, _foreign_key("institution", "institutions"), _foreign_key("company", "companies"))
AWARD_NUMBER = Column("award_number", ValueType.NUMBER, attrgetter("award.number"), "number of the award")

TABLES = (
    _record_table(
        "tenders",
        Tender,
        "a row for each tender",
        [AWARD_AMOUNT, DISPUTED],
        (
            _foreign_key("institution", "institutions"),
            _foreign_key("region", "regions", "code"),
            _foreign_key("category", "categories", "slug"),
        ),
    ),
    Table(
        "awards",
        "a row for each award of a tender",
        with_days(
            [
                _reference("tender", "tender.reference", "reference of the tender"),
                *(column for column in _attributes(Award, "name") if column.name != "suppliers"),
            ]
        ),
        ("tender", "number"),
        _awards,
        (TENDER,),
        ("tender",),
    ),
    Table(
        "award_suppliers",
        "a row for each winner of an award, whose amount is that of all its winners together",
        (
            _reference("tender", "award.tender.reference", "reference of the tender"),
            AWARD_NUMBER,
            _reference("company", "company.reference", "reference of the winner"),
        ),
        ("tender", "award_number", "company"),
        _award_suppliers,
        ((["tender", "award_number"], "awards", ["tender", "number"]), _foreign_key("company", "companies")),
        ("tender", "company"),
    ),
    _record_table("institutions", Institution, "a row for each institution", [SAME_COMPANY, NUM_TENDERS], (SEAT,)),
    _record_table(
        "companies",
        Company,
        "a row for each company",
        [NUM_TENDERS],
        (SEAT, _foreign_key("group_region", "regions", "code"), _foreign_key("same_body_as", "institutions")),
    ),
    Table(
        "sources",
        "a row for each document that states something, and for our general knowledge and translation",
        with_days(SOURCE),
        ("source",),
        _sources,
        (_foreign_key("version_of", "sources", "source"),),
    ),
    Table(
        "citations",
        "a row for each statement of a fact by a source",
        (
            Column("id", ValueType.TEXT, _citation_id, "name of the statement, which stays as long as it does"),
            *(_code(name, f"{name}.reference", "reference of the record that it is about") for name in RECORDS),
            *(
                replace(column, name="award_number") if column.name == "award" else column
                for column in STATEMENTS[1:-1]
            ),
        ),
        ("id",),
        _citations,
        (
            *ABOUT,
            _foreign_key("source", "sources", "source"),
        ),
        tuple(RECORDS),
    ),
    Table(
        "categories",
        "a row for each category of the classification",
        (
            *_stored(Category, "slug", "name_en", "name_zh"),
            _code("parent", "parent.slug", "the category that it is a part of"),
            *_stored(Category, "position", "description"),
        ),
        ("slug",),
        lambda: Category.objects.select_related("parent").order_by("slug"),
        (_foreign_key("parent", "categories", "slug"),),
    ),
    Table(
        "regions",
        "a row for each province-level division of China",
        tuple(_stored(Region, "code", "name_en", "name_zh", "kind")),
        ("code",),
        lambda: Region.objects.order_by("code"),
    ),
    Table(
        "articles",
        "a row for each study whose figures are checked",
        with_days(
            [
                *_stored(Article, "slug", "title_en", "title_zh", "publisher", "publisher_zh", "published_date"),
                *_stored(Article, "from_date", "to_date", "scope_en", "scope_zh"),
                Column("sources", ValueType.CODE, _slugs_of_sources, "the documents that print it", LIST),
            ]
        ),
        ("slug",),
        _articles,
    ),
    Table(
        "claims",
        "a row for each figure of a study, with what our records say of it",
        (
            _code("article", "article.slug", "the study"),
            *_stored(Claim, "code", "section", "place", "place_zh", "statement_en", "statement_zh", "note", "note_zh"),
            *_stored(Claim, "printed_as", "printed_low", "printed_high", "unit", "measure", "query", "base_query"),
            Column("arguments", ValueType.TEXT, _arguments, "further settings of the measure, as JSON"),
            *(_code(name, f"{name}.reference", "reference of the record that it is about") for name in RECORDS),
            _code("reading_of", "reading_of.code", "the claim of which it is another reading"),
            *_stored(Claim, "not_checkable_reason", "not_checkable_reason_zh"),
            Column("verdict", ValueType.CODE, attrgetter("evaluation.verdict.value"), "what the records say of it"),
            _evaluated("recorded", "the figure by what is recorded"),
            _evaluated("low", "at least, whatever is unknown"),
            _evaluated("high", "at most, whatever is unknown; empty if nothing bounds it"),
        ),
        ("article", "code"),
        _claims,
        (
            _foreign_key("article", "articles", "slug"),
            *ABOUT,
        ),
    ),
)
