"""Intervals: between which limits a figure must lie, and which values agree with what was printed."""

from dataclasses import dataclass
from fractions import Fraction

from tenders.choices import Printed


@dataclass(frozen=True)
class Interval:
    """The numbers from ``low`` to ``high``; None is no end on that side, an open end does not belong to it."""

    low: Fraction | int | None = None
    high: Fraction | int | None = None
    is_low_open: bool = False
    is_high_open: bool = False
    is_empty: bool = False

    def contains(self, value):
        """Return whether a number lies in it."""
        return self.covers(point(value))

    def covers(self, other):
        """Return whether all of another interval lies in it, and there is something of it."""
        if self.is_empty or other.is_empty:
            return False
        low_is_in = self.low is None or (
            other.low is not None and (other.low, other.is_low_open) >= (self.low, self.is_low_open)
        )
        high_is_in = self.high is None or (
            other.high is not None and (other.high, not other.is_high_open) <= (self.high, not self.is_high_open)
        )
        return low_is_in and high_is_in

    def overlaps(self, other):
        """Return whether some number lies in both."""
        if self.is_empty or other.is_empty:
            return False
        return not (self._lies_below(other) or other._lies_below(self))

    def _lies_below(self, other):
        if self.high is None or other.low is None:
            return False
        return self.high < other.low or (self.high == other.low and (self.is_high_open or other.is_low_open))


NOTHING = Interval(is_empty=True)


def point(value):
    """Return the interval of one number."""
    return Interval(value, value)


def printed(claim):
    """Return which values agree with what was printed, or None when no figure was."""
    if not claim.printed_as:
        return None
    return Interval(
        None if claim.printed_low is None else Fraction(claim.printed_low),
        None if claim.printed_high is None else Fraction(claim.printed_high),
        is_low_open=claim.printed_as == Printed.MORE_THAN,
        is_high_open=claim.printed_as in {Printed.LESS_THAN, Printed.CUT_OFF},
    )
