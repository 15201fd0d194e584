"""What is known of a tender, or supposed of one that nobody has identified."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from tenders.choices import AmountQualifier
from tenders.fields import day_span
from tenders.kinds import YEARS

OF_TIME = {"year", "date_from", "date_to"}  # parameters
EVER = (datetime.date(YEARS[0], 1, 1), datetime.date(YEARS[-1], 12, 31))

# A winner is what is known of it, canonical texts by parameter. Unknown winners may have won jointly: of two queries,
# one may be met by one of them and one by the other.
UNKNOWN_WINNERS = ({}, {})


@dataclass(frozen=True)
class AwardFacts:
    """What is known of an award; the amount is in yuan."""

    amount: Decimal | None = None
    qualifier: str = ""
    winners: tuple = UNKNOWN_WINNERS

    @property
    def is_bounded_below(self):
        """Whether an amount is known that bounds it: of "about" no source states a tolerance, so it bounds nothing."""
        return self.amount is not None and self.qualifier != AmountQualifier.ABOUT

    @property
    def low(self):
        """The least that the amount may be."""
        return self.amount if self.is_bounded_below else Decimal(0)

    @property
    def high(self):
        """The most that the amount may be; None when nothing bounds it."""
        return self.amount if self.amount is not None and self.qualifier == AmountQualifier.EXACT else None


@dataclass(frozen=True)
class Facts:
    """
    The facts of one tender as far as they are known.

    ``values`` are canonical texts by parameter (``Attribute.parameter``) of the tender and its buyer; what is None or
    not there is unknown. ``years`` are those of which it may be, None for any, ``limits`` the days between which it
    lies when its date is unknown. Awards that are recorded are all that there are; a tender without any is taken to
    have at most one.
    """

    pk: int | None = None
    reference: str = ""
    is_doubtful: bool = False
    years: tuple | None = None
    limits: tuple = EVER
    values: dict = field(default_factory=dict)
    awards: tuple = ()
    evidence: dict = field(default_factory=dict, compare=False)  # (kind, key, fact) of what states a parameter's value

    @property
    def winners(self):
        """The winners of all awards; unknown ones where an award, or who won it, is unknown."""
        return [winner for award in self.awards for winner in award.winners] or list(UNKNOWN_WINNERS)

    @property
    def notice_date(self):
        return self.values.get("notice_date")

    @property
    def days(self):
        """The first and the last day that its date may be."""
        if self.notice_date:
            return day_span(self.notice_date)
        if self.years is None:
            return self.limits
        first, last = datetime.date(min(self.years), 1, 1), datetime.date(max(self.years), 12, 31)
        return max(first, self.limits[0]), min(last, self.limits[1])

    @property
    def budget(self):
        """The budget in yuan, None if it is unknown."""
        text = self.values.get("budget")
        return Decimal(text) if text else None

    @property
    def amount(self):
        """The awarded amount as the tender list has it: the sum of all awards, None unless all are known."""
        amounts = [award.amount for award in self.awards]
        return sum(amounts) if amounts and None not in amounts else None

    @property
    def least_amount(self):
        return sum((award.low for award in self.awards), Decimal(0))

    @property
    def most_amount(self):
        """The most that it may have been awarded for; None when nothing bounds it."""
        highs = [award.high for award in self.awards]
        return sum(highs) if highs and None not in highs else None
