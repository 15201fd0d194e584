"""
The columns of the downloads: what each is called, what it holds, and how a record gives it.

A column named like a parameter of the lists holds the values of that parameter; names for people stand beside it. A
value is None where it is unknown, and empty where there is none. Which of the two is told as on the pages of the site:
what a source could state and none does is unknown; what editors judge or remark is empty where they have not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Between the values of a cell that has several, and between those of each award.
LIST, PER_AWARD, LIST_PER_AWARD = ("; ",), (" | ",), (" | ", "; ")

# How many values a cell has, in words.
SEVERAL = {
    LIST: _("several"),
    PER_AWARD: _("one for each award"),
    LIST_PER_AWARD: _("several for each award"),
}

# Line breaks of other systems, and what XML, and so a workbook, cannot hold.
LINE_BREAK = re.compile("\r\n?")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Type(TextChoices):
    """What a value is."""

    TEXT = "text", _("text")
    CODE = "code", _("code")
    REFERENCE = "reference", _("reference")
    NUMBER = "number", pgettext_lazy("what a column holds", "number")
    MONEY = "money", _("money")
    FLAG = "flag", _("yes or no")
    DATE = "partial date", _("date, as exact as it is known")
    ADDRESS = "address", _("address")


@dataclass(frozen=True)
class Column:
    """
    A column of a download.

    ``separators`` stand between the values of a list, the outer ones first; a column of single values has none.
    """

    name: str
    type: Type
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


def sanitize(value):
    """Return a value with line feeds for line breaks, and without the characters that no workbook can hold."""
    if isinstance(value, list):
        return [sanitize(each) for each in value]
    if isinstance(value, str) and not value.isprintable():
        return UNPRINTABLE.sub("", LINE_BREAK.sub("\n", value))
    return value


def attribute(path):
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


def optional(path):
    """Return the getter of what editors may add: empty when they have not."""
    get = attribute(path)
    return lambda record: get(record) or ""


def lines(name):
    """Return the getter of the lines of a text."""
    return lambda record: [line.strip() for line in getattr(record, name).splitlines() if line.strip()]


def public(records):
    """Return those of some records that a visitor may see, in the order of their references."""
    return sorted((each for each in records if each.is_published), key=lambda each: each.reference)


def of_each(suppliers, path):
    """Return the getter of a fact of each of a record's suppliers: None when no supplier is known."""
    get = attribute(path)
    return lambda record: [get(company) for company in public(getattr(record, suppliers))] or None


def of_awards(get):
    """Return the getter of something of each award, in the order of their numbers."""
    return lambda tender: [get(award) for award in tender.awards.all()]


def names(column, path, description_en, description_zh):
    """Return the two columns that name something for people."""
    return [
        Column(f"{column}_en", Type.TEXT, attribute(f"{path}_en"), description_en),
        Column(f"{column}_zh", Type.TEXT, attribute(f"{path}_zh"), description_zh),
    ]


def with_status(column, description, description_of_status):
    """Return the column of a title or name in one language, and that of what it rests on."""
    return [
        Column(column, Type.TEXT, attribute(column), description),
        Column(f"{column}_status", Type.CODE, optional(f"{column}_status"), description_of_status),
    ]


NOTES = Column("notes", Type.TEXT, optional("notes"), _("what a reader should know"))
ADDRESS = Column("address", Type.ADDRESS, lambda record: record.get_absolute_url(), _("where its page is"))

TENDERS = [
    Column("reference", Type.REFERENCE, attribute("reference"), _("permanent name of the tender")),
    Column("year", Type.NUMBER, attribute("year"), _("year to which the source counts it")),
    *with_status("title_en", _("English title"), _("what the English title rests on")),
    *with_status("title_zh", _("Chinese title"), _("what the Chinese title rests on")),
    Column(
        "is_title_descriptive", Type.FLAG, attribute("is_title_descriptive"), _("whether the title is our description")
    ),
    Column("institution", Type.REFERENCE, attribute("buyer.reference"), _("who buys")),
    *names(
        "institution_name", "buyer.name", _("English name of the institution"), _("Chinese name of the institution")
    ),
    Column("region", Type.CODE, attribute("region.code"), _("region of the purchase, ISO 3166-2")),
    *names("region_name", "region.name", _("English name of the region"), _("Chinese name of the region")),
    Column("city", Type.TEXT, attribute("city"), _("city of the purchase")),
    Column("category", Type.CODE, attribute("category.slug"), _("what it is filed under")),
    *names("category_name", "category.name", _("English name of the category"), _("Chinese name of the category")),
    Column(
        "category_basis", Type.CODE, optional("category_basis"), _("whether a source states or implies the category")
    ),
    Column(
        "suggested_categories",
        Type.CODE,
        lambda tender: [category.slug for category in tender.suggested_categories.all()],
        _("editors’ ideas: never filtered by, never counted"),
        LIST,
    ),
    Column("notice_date", Type.DATE, attribute("notice_date"), _("date of the notice")),
    Column("status", Type.CODE, attribute("status"), _("where the process stood when the source wrote")),
    Column("method", Type.CODE, attribute("procurement_method"), _("procurement method")),
    Column("budget_amount", Type.MONEY, attribute("budget_amount"), _("budget in yuan")),
    Column("main_subject", Type.FLAG, attribute("is_main_subject"), _("whether blockchain is what is bought")),
    Column(
        "certainty", Type.CODE, attribute("certainty"), _("how sure it is that this is one tender, and the one it says")
    ),
    Column("companies", Type.REFERENCE, of_each("suppliers", "reference"), _("who won, of all awards"), LIST),
    Column("company_names_en", Type.TEXT, of_each("suppliers", "name_en"), _("English name of each company"), LIST),
    Column("company_names_zh", Type.TEXT, of_each("suppliers", "name_zh"), _("Chinese name of each company"), LIST),
    Column(
        "company_seats", Type.CODE, of_each("suppliers", "region.code"), _("seat of each company, ISO 3166-2"), LIST
    ),
    Column(
        "same_region", Type.FLAG, attribute("is_same_region"), _("whether a winner is from the region of the purchase")
    ),
    Column(
        "award_amount", Type.MONEY, attribute("award_amount"), _("sum of its awards in yuan, known if all of them are")
    ),
    Column("award_numbers", Type.NUMBER, of_awards(attribute("number")), _("number of each award"), PER_AWARD),
    Column("award_lots", Type.TEXT, of_awards(optional("lot")), _("label of the lot"), PER_AWARD),
    Column(
        "award_companies",
        Type.REFERENCE,
        of_awards(of_each("supplier_list", "reference")),
        _("who won it, jointly"),
        LIST_PER_AWARD,
    ),
    Column("award_amounts", Type.MONEY, of_awards(attribute("amount")), _("what was awarded in yuan"), PER_AWARD),
    Column(
        "award_amount_qualifiers",
        Type.CODE,
        of_awards(optional("amount_qualifier")),
        _("how exactly the amount is stated"),
        PER_AWARD,
    ),
    Column("award_dates", Type.DATE, of_awards(attribute("award_date")), _("date of the award"), PER_AWARD),
    Column("contract_dates", Type.DATE, of_awards(attribute("contract_date")), _("date of the contract"), PER_AWARD),
    Column("award_statuses", Type.CODE, of_awards(attribute("status")), _("status of the award"), PER_AWARD),
    Column("award_notes", Type.TEXT, of_awards(optional("notes")), _("what a reader should know of it"), PER_AWARD),
    Column(
        "possibly_same_as",
        Type.REFERENCE,
        lambda tender: [other.reference for other in public(tender.possibly_same_as.all())],
        _("tenders that may be lots or repeats of the same process"),
        LIST,
    ),
    Column("disputed", Type.FLAG, attribute("is_disputed"), _("whether sources disagree on a fact of it")),
    NOTES,
    ADDRESS,
]

PARTIES = [
    Column("reference", Type.REFERENCE, attribute("reference"), _("permanent name of the record")),
    *with_status("name_en", _("English name"), _("what the English name rests on")),
    *with_status("name_zh", _("Chinese name"), _("what the Chinese name rests on")),
    Column("aliases_en", Type.TEXT, lines("aliases_en"), _("other English names, as sources print them"), LIST),
    Column("aliases_zh", Type.TEXT, lines("aliases_zh"), _("other Chinese names"), LIST),
    Column("kind", Type.CODE, attribute("kind"), _("kind of body")),
    Column("seat", Type.CODE, attribute("region.code"), _("region of the seat, ISO 3166-2")),
    *names(
        "seat_name",
        "region.name",
        _("English name of the region of the seat"),
        _("Chinese name of the region of the seat"),
    ),
    Column("city", Type.TEXT, attribute("city"), _("city of the seat")),
    Column("credit_code", Type.TEXT, attribute("credit_code"), _("unified social credit code")),
    Column("num_tenders", Type.NUMBER, attribute("num_tenders"), _("number of its published tenders")),
]

INSTITUTIONS = [
    *PARTIES,
    Column("level", Type.CODE, attribute("level"), _("level of government it belongs to or serves")),
    Column("same_body_as", Type.REFERENCE, optional("company.reference"), _("the same body as a company")),
    NOTES,
    ADDRESS,
]

COMPANIES = [
    *PARTIES,
    Column("size", Type.CODE, attribute("size"), _("size class, the source’s word")),
    Column("founded_year", Type.NUMBER, attribute("founded_year"), _("year of founding")),
    Column("group_name", Type.TEXT, attribute("group_name"), _("group it belongs to")),
    Column("group_region", Type.CODE, attribute("group_region.code"), _("seat of the group, ISO 3166-2")),
    Column("same_body_as", Type.REFERENCE, optional("institution.reference"), _("the same body as an institution")),
    NOTES,
    ADDRESS,
]
