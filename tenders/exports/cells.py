"""
What stands in a cell of a spreadsheet, in CSV and XLSX alike.

A text that a spreadsheet would take for a formula has an apostrophe before it. So has one that begins with an
apostrophe, and one that is the word for an unknown value, so that each can be told from what it looks like.
"""

import re

from tenders.facets import UNKNOWN
from tenders.kinds import canonical

GUARDED = re.compile(rf"\s*[=+\-@＝＋－＠\t\r\n]|'|\s*{UNKNOWN}\s*\Z", re.IGNORECASE)


def escape(text):
    """Return a text as a cell holds it: nothing that a spreadsheet would compute, or that looks unknown."""
    return f"'{text}" if GUARDED.match(text) else text


def unescape(text):
    """Return the text that ``escape`` made this of."""
    return text[1:] if text.startswith("'") and GUARDED.match(text[1:]) else text


def cell_text(value, separators=()):
    """
    Return the value of a column as the text of a cell.

    A separator's sign inside one of the values that it separates is doubled.
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        separator, *inner = separators
        sign = separator.strip()
        return separator.join(cell_text(each, inner).replace(sign, 2 * sign) for each in value)
    return escape(value) if isinstance(value, str) else canonical(value)
