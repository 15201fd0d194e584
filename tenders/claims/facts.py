"""What is known of a tender, or supposed of one that nobody has identified."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from tenders.choices import AmountQualifier
from tenders.fields import day_span
from tenders.kinds import YEARS

EVER = (datetime.date(YEARS[0], 1, 1), datetime.date(YEARS[-1], 12, 31))


@dataclass(frozen=True)
class SupplierFacts:
    """What is known of a supplier; None is unknown."""

    reference: str | None = None
    size: str | None = None
    region: str | None = None


# Unknown winners may have won jointly: of two queries, each may be met by another of them.
NOBODY_KNOWN = (SupplierFacts(), SupplierFacts())


@dataclass(frozen=True)
class AwardFacts:
    """What is known of an award; the amount is in yuan."""

    amount: Decimal | None = None
    qualifier: str = ""
    suppliers: tuple = NOBODY_KNOWN

    @property
    def low(self):
        """The least that the amount may be. Of "about" no source states a tolerance, so it bounds nothing."""
        is_bound = self.amount is not None and self.qualifier != AmountQualifier.ABOUT
        return self.amount if is_bound else Decimal(0)

    @property
    def high(self):
        """The most that the amount may be; None when nothing bounds it."""
        return self.amount if self.amount is not None and self.qualifier == AmountQualifier.EXACT else None


@dataclass(frozen=True)
class Facts:
    """
    The facts of one tender as far as they are known; None is unknown.

    ``years`` are those of which it may be, None for any. ``limits`` are the days between which it lies when its date is
    unknown. Awards that are recorded are all that there are; a tender without any is taken to have at most one.
    """

    pk: int | None = None
    reference: str = ""
    is_doubtful: bool = False
    years: tuple | None = None
    notice_date: str = ""
    limits: tuple = EVER
    region: str | None = None
    category: str | None = None
    institution: str | None = None
    institution_kind: str | None = None
    level: str | None = None
    status: str | None = None
    method: str | None = None
    main_subject: str | None = None
    budget: Decimal | None = None
    awards: tuple = ()
    evidence: dict = field(default_factory=dict, compare=False)  # the sources that state a fact, by the fact's name

    def held(self, name):
        """Return the values of a parameter: one, or one of each supplier."""
        if name == "year":
            return [self.years]
        if name == "reference":
            return [self.reference]
        if name == "same_region":
            return [self.same_region]
        of_supplier = {"company": "reference", "company_size": "size", "supplier_region": "region"}
        if name in of_supplier:
            return [getattr(supplier, of_supplier[name]) for supplier in self.suppliers]
        return [getattr(self, name)]

    @property
    def suppliers(self):
        """The suppliers of all awards; some of whom nothing is known where an award, or its suppliers, are unknown."""
        return [supplier for award in self.awards for supplier in award.suppliers] or list(NOBODY_KNOWN)

    @property
    def same_region(self):
        """Whether purchase and winner are in one region: any winner's seat is; it is not when all are known."""
        regions = [supplier.region for supplier in self.suppliers]
        if self.region is None:
            return None
        if self.region in regions:
            return "yes"
        return None if None in regions else "no"

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
