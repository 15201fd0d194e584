"""
Parsing the text of a cell: the inverse of ``tenders.exports.cells``, with the leniency that each kind of value has.

A reader takes a text and returns a value as the database holds it; it raises ``ValidationError`` with what would be
right. An empty text and the word "unknown" are the same to it: the value that stands for unknown.
"""

from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db import models
from django.utils.translation import gettext as _

from tenders.exports.cells import restore
from tenders.facets import UNKNOWN
from tenders.imports.readers import FormulaCell
from tenders.kinds import canonical


def split(text, sign):
    """Return the texts between a sign, which is doubled where it stands inside one of them."""
    if not text.strip():
        return []
    parts = []
    for piece in text.split(2 * sign):
        first, *rest = piece.split(sign)
        parts[-1:] = [f"{parts[-1]}{sign}{first}" if parts else first, *rest]
    return [part.strip() for part in parts]


def is_unknown(text):
    """Tell whether a cell holds no value."""
    return not text or text == UNKNOWN or text.strip().casefold() in {"", UNKNOWN}


def reader_of(model, attribute, records=None):
    """Return the function that reads cells of an attribute; ``records`` are those that it may name, by code."""
    field = model._meta.get_field(attribute.name)
    unknown = _unknown(field)

    def read(text):
        if isinstance(text, FormulaCell):
            raise ValidationError(
                _("This is a formula or its error. Formulas are not computed: put the value in its place.")
            )
        if is_unknown(text):
            return unknown
        value = attribute.kind.parse(restore(text), records)
        if value not in EMPTY_VALUES and not isinstance(value, models.Model):
            field.run_validators(value)
        return value

    return read


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
