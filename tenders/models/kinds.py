"""
Kinds of value: how a value is parsed, validated, brought into canonical form, compared and displayed.

The canonical form is the text by which statements of sources are compared and stored: a plain number of yuan for an
amount (``>8500000`` for "more than"), ``yes`` or ``no`` for a flag, ISO 8601 with reduced precision for a date, ISO
3166-2 for a region, a slug for a category, a reference for an organisation, several of them sorted and joined by ``|``.
Empty text is an unknown value.
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.utils.translation import gettext as _

from tenders import references
from tenders.choices import ValueType
from tenders.credit_codes import validate_credit_code
from tenders.fields import validate_partial_date
from tenders.money import digits
from tenders.search import fold

YEARS = range(1978, 2100)

# Line breaks of other systems, and what XML, and so a workbook, cannot hold.
LINE_BREAK = re.compile("\r\n?")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

FACTORS = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
AMOUNT = re.compile(
    r"(?:CNY|RMB|人民币|¥)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,30})(?P<part>\.[0-9]{1,30})?"
    r"(?P<unit>千|万|百万|千万|亿|)(?:元|圆|CNY|RMB)?整?",
    re.IGNORECASE,
)
YEAR_MONTH_DAY = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?|年)?")
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}


def canonical(value):
    """Return the canonical form of a column's value; empty text for an unknown one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, list):
        return "|".join(sorted(canonical(item) for item in value))
    if isinstance(value, models.Model):
        return value.natural_key()[0]
    return str(value)


def plain(text):
    """Return a text of digits, signs and codes without full-width forms (NFKC) and surrounding spaces."""
    return unicodedata.normalize("NFKC", text).strip()


def sanitize(value):
    """Return a value with line feeds for line breaks, and without the characters that no workbook can hold."""
    if isinstance(value, list):
        return [sanitize(item) for item in value]
    if isinstance(value, str) and not value.isprintable():
        return UNPRINTABLE.sub("", LINE_BREAK.sub("\n", value))
    return value


def find_code(text, codes):
    """
    Return the value of the code that a text is, whatever its case and spaces; ``codes`` are values by code.

    Raises ``ValidationError`` with the code that is meant, or the codes there are.
    """
    folded = {fold(code): code for code in codes}
    wanted = fold(text)
    for candidate in (wanted, wanted.replace(" ", "-")):
        if candidate in folded:
            return codes[folded[candidate]]
    if near := get_close_matches(wanted, folded, n=1):
        raise ValidationError(_("There is no such code. Did you mean “%(code)s”?"), params={"code": folded[near[0]]})
    if len(codes) > 12:
        raise ValidationError(_("There is no such code; they stand in the data dictionary."))
    raise ValidationError(_("There is no such code; the codes are: %(codes)s."), params={"codes": _(", ").join(codes)})


class Kind:
    """
    What sort of value an attribute has.

    ``type`` is its type in downloads, ``component`` the part of ``components/value.html`` that shows it, and
    ``is_typed`` whether two different statements contradict each other: words may differ without doing so.
    """

    type = ValueType.TEXT
    component = "text"
    is_typed = True

    def parse(self, text, records=None):
        """
        Return the value that a text from a cell or a form states, as the column holds it.

        ``records`` are those that a kind of record may name, by code. Raises ``ValidationError`` that says what would
        be right. Validators of the column come afterwards; what stands for unknown has been dealt with before.
        """
        raise NotImplementedError

    def validate(self, text):
        """Accept a canonical text; raises ``ValidationError``."""

    def normalize(self, text):
        """Return the canonical form of a statement as editors type it; what cannot be read stays as it is."""
        return text

    def canonical(self, value):
        """Return the canonical form of a column's value; empty text for an unknown one."""
        return canonical(value)

    def from_canonical(self, text, field):
        """Return what a column holds for a canonical text; raises ``ValidationError`` or ``ValueError``."""
        return field.to_python(text)

    def exported(self, value):
        """Return what a download holds for a column's value; None for an unknown one."""
        return None if value == "" else value

    def is_same(self, old, new):
        """Return whether two values of a column say the same."""
        return old == new

    def shown(self, record, name):
        """Return the value of a record's attribute as its public page shows it (see ``component``)."""
        return getattr(record, name)

    def statement_shown(self, text):
        """Return a canonical text as a public page shows it, and the component that does."""
        return text, "text"

    def format(self, text):
        """Return a canonical text in words."""
        return text


class Text(Kind):
    """Words, which differ from source to source without contradicting each other."""

    component = "words"
    is_typed = False

    def parse(self, text, records=None):
        if strange := UNPRINTABLE.search(text):
            raise ValidationError(
                _("It has a control character (U+%(code)s) that no text has. Take it out."),
                params={"code": f"{ord(strange[0]):04X}"},
            )
        return LINE_BREAK.sub("\n", text).strip()

    def is_same(self, old, new):
        return sanitize(old).strip() == new


class Lines(Text):
    """Several texts, one a line."""

    def exported(self, value):
        return [line.strip() for line in value.splitlines() if line.strip()]


class CreditCode(Text):
    """A unified social credit code."""

    component = "text"
    is_typed = True

    def validate(self, text):
        validate_credit_code(text)


class Existence(Kind):
    """That there is such a record: the only statement is ``yes``."""

    component = "words"
    is_typed = False

    def validate(self, text):
        if text != "yes":
            raise ValidationError(_("Write yes: the source shows that there was such a tender."))

    def shown(self, record, name):
        return record.get_certainty_display()


class Money(Kind):
    """An amount of yuan; as a statement also a bound, ``>8500000``."""

    type = ValueType.MONEY
    component = "amount"

    def parse(self, text, records=None):
        """Read "8,995,000", "899.5万元" and "８９９５０００" alike."""
        match = AMOUNT.fullmatch(re.sub(r"\s", "", plain(text)))
        if match is None:
            raise ValidationError(_("Write a plain number of yuan, such as 8995000, or 899.5万元."))
        value = Decimal(match["whole"].replace(",", "") + (match["part"] or "")) * FACTORS[match["unit"]]
        if value >= 10**13:
            raise ValidationError(_("An amount has at most 13 digits before the point."))
        if value != round(value, 2):
            raise ValidationError(_("An amount has at most two digits after the point."))
        return round(value, 2)

    def validate(self, text):
        number = text.removeprefix(">")
        try:
            amount = Decimal(number)
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount < 0 or canonical(amount) != number:
            raise ValidationError(
                _("Write the amount in yuan as a plain number, such as 8595000; >8500000 for “more than”.")
            )

    def normalize(self, text):
        return re.sub(r"[\s,]", "", plain(text))

    def statement_shown(self, text):
        return text, "stated-amount"

    def format(self, text):
        return digits(text) if text.replace(".", "", 1).isdecimal() else text


class PartialDate(Kind):
    """A date as exact as the source: a year, a month or a day."""

    type = ValueType.DATE
    component = "date"

    def parse(self, text, records=None):
        """Read "2019-06-19", "2019/6/19" and "2019年6月19日" alike."""
        match = YEAR_MONTH_DAY.fullmatch(re.sub(r"\s", "", plain(text)))
        if match is None:
            raise ValidationError(_("Write a date as 2019, 2019-06 or 2019-06-19."))
        return "-".join(part.zfill(2) for part in match.groups() if part)

    def validate(self, text):
        validate_partial_date(text)

    def statement_shown(self, text):
        return text, "date"


class Count(Kind):
    """A whole number."""

    type = ValueType.NUMBER

    def parse(self, text, records=None):
        text = plain(text)
        if not re.fullmatch("[0-9]{1,9}", text):
            raise ValidationError(_("Write a whole number in digits."))
        return int(text)

    def is_same(self, old, new):
        return old == new and isinstance(old, bool) == isinstance(new, bool)


class Year(Count):
    """A year of four digits."""

    def validate(self, text):
        if not re.fullmatch("[0-9]{4}", text):
            raise ValidationError(_("Write the year with four digits, such as 2019."))


class Flag(Kind):
    """Yes or no."""

    type = ValueType.FLAG
    component = "flag"

    def parse(self, text, records=None):
        try:
            return FLAGS[plain(text).casefold()]
        except KeyError:
            raise ValidationError(_("Write yes, no or unknown.")) from None

    def validate(self, text):
        if text not in {"yes", "no"}:
            raise ValidationError(_("Write yes or no."))

    def from_canonical(self, text, field):
        return text == "yes"

    def statement_shown(self, text):
        return text == "yes", self.component

    def format(self, text):
        return _("Yes") if text == "yes" else _("No")


class Code(Kind):
    """A code of a codelist (``TextChoices``)."""

    type = ValueType.CODE

    def __init__(self, codelist):
        self.codelist = codelist

    def parse(self, text, records=None):
        return find_code(text, {code: code for code in self.codelist.values})

    def validate(self, text):
        if text not in self.codelist.values:
            raise ValidationError(
                _("“%(value)s” is no code of this fact; the codes are: %(codes)s."),
                params={"value": text, "codes": _(", ").join(self.codelist.values)},
            )

    def shown(self, record, name):
        return getattr(record, f"get_{name}_display")()

    def statement_shown(self, text):
        return self._label(text), "text"

    def format(self, text):
        return str(self._label(text))

    def _label(self, text):
        return dict(self.codelist.choices).get(text, text)


class Named(Kind):
    """
    A record that is named by its code: ``lookup`` is the column that holds it.

    Of records that may be hidden, public pages and downloads show the published ones.
    """

    type = ValueType.CODE
    model_name = lookup = ""

    @property
    def model(self):
        return apps.get_model("tenders", self.model_name)

    def parse(self, text, records=None):
        if records is None:
            records = {record.natural_key()[0]: record for record in self.model.objects.all()}
        return find_code(text, records)

    def codes(self, text):
        """Return the codes of the records that a canonical text names."""
        return [text]

    def find(self, codes):
        """Return the public records of some codes, in the order of their model."""
        records = self.model.objects.filter(**{f"{self.lookup}__in": codes})
        return [record for record in records if getattr(record, "is_published", True)]

    def from_canonical(self, text, field):
        return self.model._default_manager.get_by_natural_key(text)

    def exported(self, value):
        return None if value is None or not getattr(value, "is_published", True) else getattr(value, self.lookup)

    def shown(self, record, name):
        value = getattr(record, name)
        return value if value is None or getattr(value, "is_published", True) else None

    def statement_shown(self, text):
        found = self.find([text])
        return (found[0], self.component) if found else (text, "text")


class Region(Named):
    """A province-level division, by its ISO 3166-2 code."""

    component = "region"
    model_name, lookup = "Region", "code"

    def validate(self, text):
        if not re.fullmatch("CN-[A-Z]{2}", text):
            raise ValidationError(_("Write the region’s code, such as CN-BJ."))


class Category(Named):
    """A node of the classification, by its slug."""

    component = "category"
    model_name, lookup = "Category", "slug"

    def validate(self, text):
        validate_slug(text)


class Party(Named):
    """An institution, by its reference."""

    type = ValueType.REFERENCE
    component = "party"
    model_name, lookup = "Institution", "reference"

    def validate(self, text):
        if not re.fullmatch(f"I-{references.PATTERN}", text):
            raise ValidationError(_("Write the institution’s reference, such as I-4QX2VD."))


class Several(Named):
    """Records that are named by their codes, in any number."""

    def codes(self, text):
        return text.split("|")

    def exported(self, value):
        public = [record for record in value if getattr(record, "is_published", True)]
        return sorted(getattr(record, self.lookup) for record in public)

    def shown(self, record, name):
        return [other for other in getattr(record, name).all() if getattr(other, "is_published", True)]

    def statement_shown(self, text):
        codes = self.codes(text)
        found = self.find(codes)
        return (found, self.component) if len(found) == len(codes) else (text, "text")


class Categories(Several):
    """Nodes of the classification."""

    model_name, lookup = "Category", "slug"


class Tenders(Several):
    """Tenders, by their references."""

    type = ValueType.REFERENCE
    model_name, lookup = "Tender", "reference"


class Parties(Several):
    """Companies, by their references: several won jointly."""

    type = ValueType.REFERENCE
    component = "parties"
    model_name, lookup = "Company", "reference"

    def validate(self, text):
        codes = self.codes(text)
        pattern = re.compile(f"C-{references.PATTERN}")
        if codes != sorted(set(codes)) or not all(map(pattern.fullmatch, codes)):
            raise ValidationError(_("Write the company’s reference, such as C-9TR6WB; several sorted and joined by |."))
