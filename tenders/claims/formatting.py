"""Numbers and intervals of claims in the reader's language."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from tenders.choices import Unit
from tenders.languages import is_chinese
from tenders.money import format_money


def format_value(value, unit):
    """Format a number with its unit, rounded to two digits after the point."""
    if unit == Unit.YEAR:
        return str(int(value))
    rounded = Decimal(round(Fraction(value) * 100)) / 100
    text = f"{rounded:,.2f}".rstrip("0").rstrip(".")
    if unit == Unit.PERCENT:
        return f"{text}%" if is_chinese() else f"{text}\N{NO-BREAK SPACE}%"
    if unit == Unit.YUAN:
        return format_money(rounded)
    if unit == Unit.TIMES:
        return _("%(number)s times") % {"number": text}
    if unit == Unit.RANK:
        return ordinal(int(value))
    return text


def ordinal(n):
    """Format a rank: 1st, 2nd, 3rd, 4th."""
    # Translators: ranks; leave the ending to the number where your language has one form for all.
    patterns = {1: _("%(n)sst"), 2: _("%(n)snd"), 3: _("%(n)srd")}
    ending = patterns.get(n % 10, _("%(n)sth")) if n % 100 not in (11, 12, 13) else _("%(n)sth")
    return ending % {"n": n}


def format_low_end(value, unit):
    """Format the lower of two numbers; in English the unit stands with the upper one alone."""
    return format_value(value, unit if unit in (Unit.RANK, Unit.YEAR) or is_chinese() else "")


def format_interval(interval, unit):
    """Format the limits of what is possible: "between 10 and 14", "at least 8,595,000 yuan"."""
    if interval.is_empty:
        return _("there can be none")
    low, high = interval.low, interval.high
    if low is None and high is None:
        return _("anything")
    if low is None:
        return _("at most %(number)s") % {"number": format_value(high, unit)}
    if high is None and unit == Unit.RANK:
        return _("%(rank)s or any rank below") % {"rank": format_value(low, unit)}
    if high is None:
        return _("at least %(number)s") % {"number": format_value(low, unit)}
    if low == high:
        return _("exactly %(number)s") % {"number": format_value(low, unit)}
    return _("between %(low)s and %(high)s") % {"low": format_low_end(low, unit), "high": format_value(high, unit)}
