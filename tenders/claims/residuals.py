"""
What is still missing of an article's set must be, by its own figures: its margins less what is recorded.

An article that counts 14 tenders of a year, 8 of them applications, leaves of ten recorded tenders, three of them
applications, five applications to be found: among those not identified, or those without a stated category.
"""

from dataclasses import dataclass, field

from django.http import QueryDict

from tenders.choices import Printed


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


def asked_year(evaluation):
    """Return the year for whose tenders an evaluated claim asks, if it asks for nothing else; else None."""
    asked = _asked(evaluation)
    return int(asked["year"]) if set(asked) == {"year"} else None


def _asked(evaluation):
    """Return the parameters of an evaluated claim; empty where one has several values, or it cannot be read."""
    asked = QueryDict(evaluation.query_results[0].address if evaluation.query_results else "")
    once = {name: values[0] for name, values in asked.lists() if len(values) == 1 and name != "article"}
    return once if len(once) == len(asked) - ("article" in asked) else {}


def residuals(claims, evaluations):
    """Return the residual of each year of which an article states the size and margins, the earliest first."""
    years = {}
    exact = [claim for claim in claims if claim.printed_as == Printed.EXACTLY]
    for claim in exact:
        if claim.is_set_size and (year := asked_year(evaluations[claim.code])):
            listed = evaluations[claim.code].query_results[0].listed
            years[year] = Residual(year, claim, int(claim.printed_low), listed)
    for claim in exact:
        asked = _asked(evaluations[claim.code])
        if claim.is_margin and set(asked) == {"year", "category"} and int(asked["year"]) in years:
            listed = evaluations[claim.code].query_results[0].listed
            margin = Margin(claim, asked["category"], int(claim.printed_low), listed)
            years[int(asked["year"])].margins.append(margin)
    return [years[year] for year in sorted(years) if years[year].margins]
