"""
Format values as cells of a spreadsheet, the same in CSV and XLSX.

An apostrophe escapes text that a spreadsheet would compute as a formula, text that begins with an apostrophe, and text
that looks like the word for an unknown value.
"""

import re

from tenders.facets import UNKNOWN
from tenders.kinds import canonical

ESCAPED = re.compile(rf"\s*[=+\-@＝＋－＠\t\r\n]|'|\s*{UNKNOWN}\s*\Z", re.IGNORECASE)


def escape(text):
    """Return a text as a cell holds it."""
    return f"'{text}" if ESCAPED.match(text) else text


def unescape(text):
    """Return the text that ``escape`` made a cell of."""
    return text[1:] if text.startswith("'") and ESCAPED.match(text[1:]) else text


def _doubled(text, sign):
    """Return a text with a sign in it doubled; the bar also in full width, as imports read both as separators."""
    text = text.replace("｜", "｜｜") if sign == "|" else text
    return text.replace(sign, 2 * sign)


def cell_text(value, separators=()):
    """Return the value of a column as the text of a cell; a separator's sign inside one of several is doubled."""
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        separator, *inner = separators
        sign = separator.strip()
        return separator.join(_doubled(cell_text(item, inner), sign) for item in value)
    return escape(value) if isinstance(value, str) else canonical(value)
