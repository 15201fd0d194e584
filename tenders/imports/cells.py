"""
Parse the text of a cell: the inverse of ``tenders.exports.cells``, as lenient as each kind of value is.

A parser takes a text and returns the value as the database holds it, or raises ``ValidationError`` with what would be
right. Empty text and the word "unknown" both give the value that stands for unknown.
"""

import re

from django.core.validators import EMPTY_VALUES
from django.db import models

from tenders.exports.cells import unescape
from tenders.facets import UNKNOWN
from tenders.kinds import canonical

WIDTHS = {"|": "|｜"}  # a sign of ASCII, and in full width


def split(text, separator):
    """Return the values between a separator, which is doubled where it stands inside one of them."""
    if not text.strip():
        return []
    signs = WIDTHS.get(separator, separator)
    values = [""]
    for piece in re.split("(" + "|".join(re.escape(2 * sign) for sign in signs) + f"|[{signs}])", text):
        if piece and piece in signs:
            values.append("")
        else:
            values[-1] += piece[0] if len(piece) == 2 and piece[0] in signs and piece[0] == piece[1] else piece
    return [value.strip() for value in values]


def is_unknown(text):
    """Return whether a cell holds no value."""
    return not text or text == UNKNOWN or text.strip().casefold() in {"", UNKNOWN}


def cell_parser(model, attribute, codes=None):
    """Return the function that parses cells of an attribute; ``codes`` index the records that it may refer to."""
    field = model._meta.get_field(attribute.name)
    unknown = field.get_default()

    def parse(text):
        if is_unknown(text):
            return unknown
        value = attribute.kind.parse(unescape(text), codes)
        if value not in EMPTY_VALUES and not isinstance(value, models.Model):
            field.run_validators(value)
        return value

    return parse


def format_value(value):
    """Return a value as a report shows it: a code or a reference, and the name of a record that has none yet."""
    if isinstance(value, list):
        return "; ".join(map(format_value, value))
    return canonical(value) or (str(value) if isinstance(value, models.Model) else "")
