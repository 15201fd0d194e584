"""
What is still missing of an article's set must be, by its own figures: its margins less what is recorded.

An article that counts 14 tenders of a year, 8 of them applications, leaves of ten recorded tenders, three of them
applications, five applications to be found: among those not identified, or those without a stated category.
"""

from dataclasses import dataclass, field

from tenders.choices import Printed
from tenders.claims.queries import margin_of, year_of


@dataclass(frozen=True)
class Margin:
    """One category of one year: the claim that counts it, and how many of its tenders are yet to be found."""

    claim: object
    category: str  # its slug
    printed: int
    recorded: tuple  # references

    @property
    def rest(self):
        """What is missing; below 0 when more is recorded than the article counts."""
        return self.printed - len(self.recorded)


@dataclass(frozen=True)
class Residual:
    """One year of an article: its margins, and what its missing tenders must be by them."""

    year: int
    claim: object  # that states the size of the set
    printed: int
    recorded: tuple  # references
    margins: list = field(default_factory=list)

    @property
    def num_unidentified(self):
        """How many of its tenders nobody has identified; below 0 when more are recorded than it counts."""
        return self.printed - len(self.recorded)

    @property
    def filed(self):
        """The recorded tenders that are in one of the categories of the margins."""
        return {reference for margin in self.margins for reference in margin.recorded}

    @property
    def unfiled(self):
        """The recorded tenders that are in none of them."""
        return tuple(reference for reference in self.recorded if reference not in self.filed)

    @property
    def rest(self):
        """How many tenders are yet to be found or to be filed, by all margins together."""
        return sum(margin.rest for margin in self.margins)

    @property
    def num_margins(self):
        return sum(margin.printed for margin in self.margins)

    @property
    def is_possible(self):
        """Whether the missing tenders can be what the margins leave for them."""
        return (
            all(margin.rest >= 0 for margin in self.margins)
            and self.num_unidentified >= 0
            and self.num_margins == self.printed
            and self.rest == self.num_unidentified + len(self.unfiled)
        )


def residuals(claims, judgements):
    """Return the residual of each year of which an article states the size and margins, the earliest first."""
    years = {}
    for claim in claims:
        year, tallies = year_of(claim.query), judgements[claim.code].tallies
        if claim.is_set_size and claim.printed_as == Printed.EXACTLY and year and tallies:
            years[year] = Residual(year, claim, int(claim.printed_low), tallies[0].listed)
    for claim in claims:
        found, tallies = margin_of(claim.query), judgements[claim.code].tallies
        if claim.is_margin and claim.printed_as == Printed.EXACTLY and found and found[0] in years and tallies:
            margin = Margin(claim, found[1], int(claim.printed_low), tallies[0].listed)
            years[found[0]].margins.append(margin)
    return [years[year] for year in sorted(years) if years[year].margins]
