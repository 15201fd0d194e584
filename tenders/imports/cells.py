"""
What the text of a cell says: the way back from ``tenders.exports.cells``, with some leniency for how people write.

Each reader takes a text and returns a value as the database holds it; it raises ``ValidationError`` with what would be
right. An empty text and the word "unknown" are the same to it: the value that stands for unknown.
"""

import re
import unicodedata
from decimal import Decimal
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db import models
from django.utils.translation import gettext as _

from tenders.exports.cells import restore
from tenders.exports.columns import LINE_BREAK, UNPRINTABLE
from tenders.facets import UNKNOWN
from tenders.fields import PartialDateField
from tenders.imports.readers import FormulaCell
from tenders.models.facts import canonical
from tenders.search import fold

FACTORS = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
AMOUNT = re.compile(
    r"(?:CNY|RMB|人民币|¥)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,30})(?P<part>\.[0-9]{1,30})?"
    r"(?P<unit>千|万|百万|千万|亿|)(?:元|圆|CNY|RMB)?整?",
    re.IGNORECASE,
)
YEAR_MONTH_DAY = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?|年)?")
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}


def split(text, sign):
    """Return the texts between a sign, which is doubled where it stands inside one of them."""
    if not text.strip():
        return []
    parts = []
    for piece in text.split(2 * sign):
        first, *rest = piece.split(sign)
        parts[-1:] = [f"{parts[-1]}{sign}{first}" if parts else first, *rest]
    return [part.strip() for part in parts]


def plain(text):
    """Return a text of digits, signs and codes as people mean it: no full width, no spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def is_unknown(text):
    """Tell whether a cell holds no value."""
    return not text or text == UNKNOWN or text.strip().casefold() in {"", UNKNOWN}


def whole_text(text):
    """Return a text as it was before it was written into a cell."""
    if strange := UNPRINTABLE.search(text):
        raise ValidationError(
            _("It has a control character (U+%(code)s) that no text has. Take it out."),
            params={"code": f"{ord(strange[0]):04X}"},
        )
    return "" if is_unknown(text) else LINE_BREAK.sub("\n", restore(text)).strip()


def amount(text):
    """Return yuan: "8,995,000", "899.5万元" and "８９９５０００" alike."""
    match = AMOUNT.fullmatch(re.sub(r"\s", "", plain(text)))
    if match is None:
        raise ValidationError(_("Write a plain number of yuan, such as 8995000, or 899.5万元."))
    value = Decimal(match["whole"].replace(",", "") + (match["part"] or "")) * FACTORS[match["unit"]]
    if value >= 10**13:
        raise ValidationError(_("An amount has at most 13 digits before the point."))
    if value != round(value, 2):
        raise ValidationError(_("An amount has at most two digits after the point."))
    return round(value, 2)


def partial_date(text):
    """Return a partial date: "2019-06-19", "2019/6/19" and "2019年6月19日" alike; it is validated by its field."""
    match = YEAR_MONTH_DAY.fullmatch(re.sub(r"\s", "", plain(text)))
    if match is None:
        raise ValidationError(_("Write a date as 2019, 2019-06 or 2019-06-19."))
    return "-".join(part.zfill(2) for part in match.groups() if part)


def whole_number(text):
    text = plain(text)
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ValidationError(_("Write a whole number in digits."))
    return int(text)


def flag(text):
    try:
        return FLAGS[plain(text).casefold()]
    except KeyError:
        raise ValidationError(_("Write yes, no or unknown.")) from None


def one_of(codes):
    """Return a reader of codes; ``codes`` are the values by how they are written."""
    folded = {fold(code): value for code, value in codes.items()}

    def read(text):
        asked = fold(text)
        for each in (asked, asked.replace(" ", "-")):
            if each in folded:
                return folded[each]
        near = get_close_matches(asked, folded, n=1)
        if near:
            code = next(code for code in codes if fold(code) == near[0])
            raise ValidationError(_("There is no such code. Did you mean “%(code)s”?"), params={"code": code})
        if len(codes) > 12:
            raise ValidationError(_("There is no such code; they stand in the data dictionary."))
        raise ValidationError(
            _("There is no such code; the codes are: %(codes)s."), params={"codes": _(", ").join(codes)}
        )

    return read


def reader_of(field, choices=None):
    """
    Return the reader of the values of a database column; ``choices`` are the values of a foreign key, by their codes.
    """
    read = _reading(field, choices)
    unknown = _unknown(field)

    def reader(text):
        if isinstance(text, FormulaCell):
            raise ValidationError(
                _("This is a formula or its error. Formulas are not computed: put the value in its place.")
            )
        if is_unknown(text):
            return unknown
        value = read(text)
        if value not in EMPTY_VALUES and not isinstance(value, models.Model):
            field.run_validators(value)
        return value

    return reader


def _reading(field, choices):
    if choices is not None:
        return one_of(choices)
    if field.choices:
        return one_of({code: code for code, _label in field.flatchoices if code})
    for kind, read in {
        PartialDateField: partial_date,
        models.DecimalField: amount,
        models.BooleanField: flag,
        models.IntegerField: whole_number,
    }.items():
        if isinstance(field, kind):
            return read
    return whole_text


def _unknown(field):
    """Return what stands for unknown in a column; where nothing may, what it begins with."""
    if field.null or not field.has_default():
        return "" if isinstance(field, models.CharField) else None
    return field.get_default()


def format_value(value):
    """Return a value as people read it beside another: a code, a reference, or a name where there is none yet."""
    if isinstance(value, list):
        return "; ".join(map(format_value, value))
    return canonical(value) or (str(value) if isinstance(value, models.Model) else "")
