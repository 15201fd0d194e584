"""
The columns of the downloads: what each is called, what it holds, and how a record gives it.

A column named like a parameter of the lists holds the values of that parameter; names for people stand beside it. A
value is None where it is unknown, and empty where there is none. Which of the two is told as on the pages of the site:
what a source could state and none does is unknown; what editors judge or remark is empty where they have not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

from tenders import kinds
from tenders.choices import ValueType
from tenders.kinds import sanitize
from tenders.models import Award, Company, Institution, Tender

# Between the values of a cell that has several, and between those of each award.
LIST, PER_AWARD, LIST_PER_AWARD = ("; ",), (" | ",), (" | ", "; ")

# How many values a cell has, in words.
SEVERAL = {
    LIST: _("several"),
    PER_AWARD: _("one for each award"),
    LIST_PER_AWARD: _("several for each award"),
}


@dataclass(frozen=True)
class Column:
    """
    A column of a download.

    ``separators`` stand between the values of a list, the outer ones first; a column of single values has none.
    """

    name: str
    type: ValueType
    get: Callable
    description: str
    separators: tuple = ()

    @property
    def several(self):
        """How many values a cell holds, in words; empty text where it is one."""
        return SEVERAL.get(self.separators, "")

    def value(self, record):
        """Return what a record has in this column; None when it is unknown."""
        return sanitize(self.get(record))


def value_at(path):
    """Return the getter of what stands at the end of a path: None when it is unknown, or of a record not public."""
    names = path.split(".")

    def get(record):
        for name in names:
            try:
                record = getattr(record, name)
            except ObjectDoesNotExist:
                return None
            if record in (None, "") or not getattr(record, "is_published", True):
                return None
        return record

    return get


def public(records):
    """Return those of some records that a visitor may see, in the order of their references."""
    return sorted((each for each in records if each.is_published), key=lambda each: each.reference)


def of_each(suppliers, path):
    """Return the getter of a fact of each of a record's suppliers: None when no supplier is known."""
    get = value_at(path)
    return lambda record: [get(company) for company in public(getattr(record, suppliers))] or None


def plain_columns(attribute):
    """Return the columns that follow from an attribute: its values, and for people the names of what it names."""
    columns = [Column(attribute.column, attribute.kind.type, partial(_exported, attribute), attribute.description)]
    for language, description in zip(("en", "zh"), attribute.name_descriptions, strict=False):
        name = f"{attribute.column}_name_{language}"
        columns.append(Column(name, ValueType.TEXT, value_at(f"{attribute.name}.name_{language}"), description))
    if isinstance(attribute.kind, kinds.RelatedRecords | kinds.Lines):
        return [replace(column, separators=LIST) for column in columns]
    return columns


def _exported(attribute, record):
    value = attribute.kind.export_value(attribute.value(record))
    empty = [] if isinstance(attribute.kind, kinds.RelatedRecords | kinds.Lines) else ""
    if value in (None, [], ""):
        return empty if attribute.is_optional else None
    return value


def award_column(attribute):
    """Return the column of a tender with an attribute of each of its awards, in the order of their numbers."""
    separators = LIST_PER_AWARD if isinstance(attribute.kind, kinds.RelatedRecords) else PER_AWARD

    def get(tender):
        return [_exported(attribute, award) for award in tender.awards.all()]

    return Column(attribute.column, attribute.kind.type, get, attribute.description, separators)


def columns_of(model, reference, computed):
    """
    Return the columns of the records of a model: its reference, its attributes, and what is computed of them.

    ``computed`` are the columns that stand behind that of an attribute, by its name.
    """
    columns = [Column("reference", ValueType.REFERENCE, value_at("reference"), reference)]
    for attribute in sorted(model.ATTRIBUTES, key=lambda attribute: attribute.column not in FIRST):
        if attribute.column:
            columns += [*plain_columns(attribute), *computed.get(attribute.name, ())]
    return [
        *columns,
        Column("address", ValueType.ADDRESS, lambda record: record.get_absolute_url(), _("where its page is")),
    ]


FIRST = {"year"}  # behind the reference

SUPPLIERS = [
    Column("companies", ValueType.REFERENCE, of_each("suppliers", "reference"), _("who won, of all awards"), LIST),
    Column(
        "company_names_en", ValueType.TEXT, of_each("suppliers", "name_en"), _("English name of each company"), LIST
    ),
    Column(
        "company_names_zh", ValueType.TEXT, of_each("suppliers", "name_zh"), _("Chinese name of each company"), LIST
    ),
    Column(
        "company_seats",
        ValueType.CODE,
        of_each("suppliers", "region.code"),
        _("seat of each company, ISO 3166-2"),
        LIST,
    ),
    Column(
        "same_region",
        ValueType.FLAG,
        value_at("is_same_region"),
        _("whether a winner is from the region of the purchase"),
    ),
    Column(
        "award_amount",
        ValueType.MONEY,
        value_at("award_amount"),
        _("sum of its awards in yuan, known if all of them are"),
    ),
]
AWARDS = [award_column(attribute) for attribute in Award.ATTRIBUTES if attribute.column]
DISPUTED = Column("disputed", ValueType.FLAG, value_at("is_disputed"), _("whether sources disagree on a fact of it"))
NUM_TENDERS = Column("num_tenders", ValueType.NUMBER, value_at("num_tenders"), _("number of its published tenders"))
SAME_COMPANY = Column(
    "same_body_as",
    ValueType.REFERENCE,
    lambda institution: value_at("company.reference")(institution) or "",
    _("the same body as a company"),
)

TENDERS = columns_of(
    Tender,
    _("permanent name of the tender"),
    {"certainty": [*SUPPLIERS, *AWARDS], "possibly_same_as": [DISPUTED]},
)
INSTITUTIONS = columns_of(
    Institution, _("permanent name of the record"), {"credit_code": [NUM_TENDERS], "level": [SAME_COMPANY]}
)
COMPANIES = columns_of(Company, _("permanent name of the record"), {"credit_code": [NUM_TENDERS]})
