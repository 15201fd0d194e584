"""What all kinds of value have in common, and the canonical form of a value."""

import re
import unicodedata
from decimal import Decimal

from django.db import models

from tenders.choices import ValueType

# Line breaks of other systems, and what XML, and so a workbook, cannot hold.
LINE_BREAK = re.compile("\r\n?")
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
    """Return a text of digits, signs and codes without full-width forms (NFKC) and surrounding spaces."""
    return unicodedata.normalize("NFKC", text).strip()


def sanitize(value):
    """Return a value with line feeds for line breaks, and without the characters that no workbook can hold."""
    if isinstance(value, list):
        return [sanitize(item) for item in value]
    if isinstance(value, str) and not value.isprintable():
        return UNPRINTABLE.sub("", LINE_BREAK.sub("\n", value))
    return value


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
