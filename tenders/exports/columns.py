"""
The columns of the downloads: name, type, description, and the getter of a record's value.

A column named like a parameter of the lists holds the values of that parameter. A value is None where it is unknown: a
source could state it and none does. It is empty where editors have not judged or remarked anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

from tenders.choices import ValueType
from tenders.kinds import sanitize
from tenders.models import Award, Company, Institution, Tender

# The separators of several values, of the values of awards, and of several values of awards.
LIST, PER_AWARD, LIST_PER_AWARD = ("; ",), (" | ",), (" | ", "; ")

SEVERAL = {LIST: _("several"), PER_AWARD: _("one for each award"), LIST_PER_AWARD: _("several for each award")}


@dataclass(frozen=True)
class Column:
    """
    A column of a download; the values of lists are joined by ``separators``, the outer one first.

    ``follows_from`` are the columns that its value follows from; None if it is an attribute, which is nowhere else.
    """

    name: str
    type: ValueType
    get: Callable
    description: str
    separators: tuple = ()
    follows_from: tuple | None = None

    @property
    def several(self):
        """How many values a cell holds, for the data dictionary; empty text where it is one."""
        return SEVERAL.get(self.separators, "")

    def value(self, record):
        """Return the value of a record; None when it is unknown."""
        return sanitize(self.get(record))


def value_at(path):
    """Return the getter of the value at a dotted path: None when it is unknown, or of a record that is not public."""
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


def supplier_column(name, value_type, path, description):
    """Return the column with a value of each public supplier of a tender: None when no supplier is known."""
    get_value = value_at(path)

    def get(tender):
        companies = sorted(
            (company for company in tender.suppliers if company.is_published), key=attrgetter("reference")
        )
        return [get_value(company) for company in companies] or None

    return Column(name, value_type, get, description, LIST, ("award_companies",))


def attribute_columns(attribute):
    """Return the columns of an attribute: its values, and for people the names of the record that it names."""
    columns = [Column(attribute.column, attribute.kind.type, partial(exported, attribute), attribute.description)]
    for language, description in zip(("en", "zh"), attribute.name_descriptions, strict=False):
        name = f"{attribute.column}_name_{language}"
        get = value_at(f"{attribute.name}.name_{language}")
        columns.append(Column(name, ValueType.TEXT, get, description, follows_from=(attribute.column,)))
    if attribute.kind.is_list:
        return [replace(column, separators=LIST) for column in columns]
    return columns


def exported(attribute, record):
    """Return the value that downloads have of an attribute: None when it is unknown, empty where it may be."""
    value = attribute.kind.export_value(attribute.value(record))
    empty = [] if attribute.kind.is_list else ""
    if value in (None, [], ""):
        return empty if attribute.is_optional else None
    return value


def award_column(attribute):
    """Return the column with an attribute of each award of a tender, in the order of their numbers."""
    separators = LIST_PER_AWARD if attribute.kind.is_list else PER_AWARD

    def get(tender):
        return [exported(attribute, award) for award in tender.awards.all()]

    return Column(attribute.column, attribute.kind.type, get, attribute.description, separators)


def columns_of(model, reference, computed):
    """
    Return the columns of a model: the reference, the attributes with computed columns behind them, and the address.

    ``computed`` are lists of columns, by the name of the attribute that they follow.
    """
    columns = [Column("reference", ValueType.REFERENCE, value_at("reference"), reference)]
    if unknown := set(computed) - {attribute.name for attribute in model.ATTRIBUTES if attribute.column}:
        raise ImproperlyConfigured(f"No column of {model.__name__} stands before the computed ones of: {unknown}.")
    for attribute in sorted(model.ATTRIBUTES, key=lambda attribute: attribute.column != "year"):  # first
        if attribute.column:
            columns += [*attribute_columns(attribute), *computed.get(attribute.name, ())]
    return [
        *columns,
        Column(
            "address",
            ValueType.ADDRESS,
            lambda record: record.get_absolute_url(),
            _("address of its page"),
            follows_from=("reference",),
        ),
    ]


AWARD_AMOUNT = Column(
    "award_amount",
    ValueType.MONEY,
    value_at("award_amount"),
    _("sum of its awards in yuan; known only if all of them are"),
    follows_from=("award_amounts",),
)
SUPPLIERS = [
    supplier_column("companies", ValueType.REFERENCE, "reference", _("winners of all awards")),
    supplier_column("company_names_en", ValueType.TEXT, "name_en", _("English name of each company")),
    supplier_column("company_names_zh", ValueType.TEXT, "name_zh", _("Chinese name of each company")),
    supplier_column(
        "company_seats", ValueType.CODE, "region.code", _("region where each company is registered, ISO 3166-2")
    ),
    Column(
        "same_region",
        ValueType.FLAG,
        value_at("is_same_region"),
        _("whether a winner is from the region of the purchase"),
        follows_from=("region", "award_companies"),
    ),
    AWARD_AMOUNT,
]
AWARDS = [award_column(attribute) for attribute in Award.ATTRIBUTES if attribute.column]
DISPUTED = Column(
    "disputed",
    ValueType.FLAG,
    value_at("is_disputed"),
    _("whether sources disagree on any of its facts"),
    follows_from=(),
)
NUM_TENDERS = Column(
    "num_tenders", ValueType.NUMBER, value_at("num_tenders"), _("number of its published tenders"), follows_from=()
)
SAME_COMPANY = Column(
    "same_body_as",
    ValueType.REFERENCE,
    lambda institution: value_at("company.reference")(institution) or "",
    _("the same organisation as a company"),
)

TENDERS = columns_of(
    Tender,
    _("permanent name of the tender"),
    {"certainty": [*SUPPLIERS, *AWARDS], "possibly_same_as": [DISPUTED]},
)
INSTITUTIONS = columns_of(
    Institution, _("permanent name of the record"), {"is_credit_code_as_issued": [NUM_TENDERS], "level": [SAME_COMPANY]}
)
COMPANIES = columns_of(Company, _("permanent name of the record"), {"is_credit_code_as_issued": [NUM_TENDERS]})
