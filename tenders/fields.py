"""
Partial dates: dates whose day, or month and day, may be unknown.

Stored as text, ``2019``, ``2019-06`` or ``2019-06-19`` (reduced precision in ISO 8601), so that no date claims a
precision that its source does not have. The first and the last possible day are derived, in Python and in SQL:
``notice_date__first_day`` and ``notice_date__last_day``.
"""

import calendar
import datetime
import re
from functools import lru_cache

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
# For database constraints: every day that some year has. (Only 29 February is left to the validator and check_data.)
PARTIAL_DATE_REGEX = (
    r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$"
    r"|^[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$"
)


def day_span(text):
    """
    Return (first, last), the first and the last possible day of a partial date.

    Raises ``ValueError`` for text that is not a partial date, or a day that no calendar has.
    """
    match = PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a partial date")
    year, month, day = (int(part) if part else None for part in match.groups())
    first = datetime.date(year, month or 1, day or 1)
    last_month = month or 12
    last = datetime.date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    return first, last


def format_partial_date(text):
    """Format a partial date in the active language, to its own precision; another text is returned unchanged."""
    return _format_partial_date(text, get_language())


@lru_cache(maxsize=4096)
def _format_partial_date(text, language):
    try:
        day_span(text)
    except ValueError:
        return text
    parts = [int(part) for part in text.split("-")]
    day = datetime.date(*parts, *[1] * (3 - len(parts)))
    # Translators: the format of a year, of a month and of a day, as in Django's date filter.
    formats = {1: gettext("Y"), 2: gettext("F Y"), 3: gettext("j F Y")}
    return date_format(day, formats[len(parts)])


def validate_partial_date(text):
    """Raise ``ValidationError`` unless the text is a partial date."""
    try:
        day_span(text)
    except ValueError:
        raise ValidationError(
            _("“%(text)s” isn’t a date: write 2019, 2019-06 or 2019-06-19."),
            params={"text": text},
            code="invalid",
        ) from None


class PartialDateField(models.CharField):
    """A date with the precision of its source; empty when unknown."""

    description = _("A year, a month or a day")
    default_validators = [validate_partial_date]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault("help_text", _("As exact as the source: 2019, 2019-06 or 2019-06-19."))
        super().__init__(*args, **kwargs)


class PartialDateFormField(forms.CharField):
    """Form field of a partial date, for parameters and cells."""

    widget = forms.TextInput(attrs={"placeholder": "2019-06", "maxlength": 10, "size": 10, "autocomplete": "off"})

    default_validators = [validate_partial_date]


class _DayTransform(models.Transform):
    """Abstract base of the transforms to a day; NULL when the date is unknown."""

    output_field = models.DateField()
    sqlite = postgresql = None  # SQL templates; ? is the column

    def as_sql(self, compiler, connection):
        sql, params = compiler.compile(self.lhs)
        template = getattr(self, connection.vendor)
        return template.replace("?", sql), params * template.count("?")


@PartialDateField.register_lookup
class FirstDay(_DayTransform):
    """The first possible day of a partial date."""

    lookup_name = "first_day"
    sqlite = "date(substr(? || '-01-01', 1, 10))"  # date('-01-01') is NULL
    postgresql = "to_date(substr(NULLIF(?, '') || '-01-01', 1, 10), 'YYYY-MM-DD')"


@PartialDateField.register_lookup
class LastDay(_DayTransform):
    """The last possible day of a partial date."""

    lookup_name = "last_day"
    sqlite = (
        "CASE length(?) WHEN 4 THEN date(? || '-12-31') WHEN 7 THEN date(? || '-01', '+1 month', '-1 day')"
        " ELSE date(?) END"
    )
    postgresql = (
        "(CASE length(?) WHEN 4 THEN to_date(? || '-12-31', 'YYYY-MM-DD')"
        " WHEN 7 THEN to_date(? || '-01', 'YYYY-MM-DD') + interval '1 month' - interval '1 day'"
        " WHEN 10 THEN to_date(?, 'YYYY-MM-DD') END)::date"
    )
