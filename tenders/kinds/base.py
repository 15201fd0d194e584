"""The base class of kinds of value, and the canonical form of a value."""

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models

from tenders.choices import ValueType
from tenders.search import visible

# Line breaks of other systems, and the characters that XML, and so a workbook, cannot contain.
LINE_BREAK = re.compile("\r\n?")
SEPARATORS = re.compile("[\x85\u2028\u2029]")  # of lines and paragraphs
BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")  # not that of Chinese texts
RAISED = re.compile(
    "[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]"
)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


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
    """
    Return a text normalised to NFKC (no full-width digits and signs), without invisible characters, stripped.

    One with raised or circled digits or fractions is not normalised: they are no digits of a number.
    """
    text = visible(text)
    return text.strip() if RAISED.search(text) else unicodedata.normalize("NFKC", text).strip()


def clean_text(text):
    """Return a text as it is stored: without invisible characters, with ordinary blanks and line breaks."""
    text = SEPARATORS.sub("\n", LINE_BREAK.sub("\n", text))
    return BLANK.sub(" ", visible(text)).strip()


def sanitize(value):
    """Return a value with line feeds as line breaks, and without the characters that no workbook can contain."""
    if isinstance(value, list):
        return [sanitize(item) for item in value]
    if isinstance(value, str) and not value.isprintable():
        return UNPRINTABLE.sub("", LINE_BREAK.sub("\n", value))
    return value


class Kind:
    """
    A kind of value of an attribute: how it is parsed, validated, stored, exported and displayed.

    ``type`` is its type in downloads, ``component`` and ``statement_component`` are the branches of
    ``components/value.html`` that render a value and a canonical text, ``is_typed`` is whether two different statements
    contradict each other (free text may differ without doing so), and ``is_list`` whether a value holds several. A
    canonical text matches ``pattern``, or ``message`` says what is wrong.
    """

    type = ValueType.TEXT
    component = statement_component = "text"
    is_typed = True
    is_list = False
    pattern = message = ""

    def parse(self, text, codes=None):
        """
        Parse the text of a cell or a form field into a value of the column, or into one of several.

        ``codes`` is the ``CodeIndex`` of the records that a kind may refer to. Raises ``ValidationError``. Unknown
        values and the validators of the column are left to the caller.
        """
        raise NotImplementedError

    def validate(self, text):
        """Raise ``ValidationError`` unless the text is in canonical form."""
        if not re.fullmatch(self.pattern, text):
            raise ValidationError(self.message)

    def normalize(self, text):
        """Return the canonical form of a statement as editors type it; unreadable text is unchanged."""
        try:
            return canonical(self.parse(text))
        except ValidationError:
            return text

    def choices(self):
        """Return the canonical texts that there are, each with its label; none where there may be any."""
        return []

    def from_canonical(self, text, field):
        """Return the column's value for a canonical text; raises ``ValidationError`` or ``ValueError``."""
        return field.to_python(text)

    def export_value(self, value):
        """Return the value that a download contains for a column's value; None for an unknown one."""
        return None if value == "" else value

    def own_words(self, text):
        """Return what we write for a canonical text and sources do not: its code and its label."""
        return set()

    def is_same(self, old, new):
        """Return whether two values of a column are equal."""
        return old == new

    def page_value(self, record, name):
        """Return the value of a record's attribute for its public page, which renders it with ``component``."""
        return getattr(record, name)

    def page_statement(self, text):
        """Return (value, component): how a public page renders a canonical text."""
        return text, self.statement_component

    def format(self, text):
        """Return a canonical text formatted for readers."""
        return text
