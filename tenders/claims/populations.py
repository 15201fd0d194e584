"""
What a measure is computed of: the tenders that certainly match a query, those that may, and those nobody identified.

A *completion* of an article's set is a table in which every recorded tender that the article counts stands
with some value for whatever is unknown, but for doubtful ones, which may stand or not, and in which for each size that
the article states for its set up to as many tenders stand as it counts and the records lack, with any values.
"""

from dataclasses import dataclass, field
from functools import cached_property

from tenders.claims.facts import Facts
from tenders.claims.matching import Conditions, is_listed


@dataclass(frozen=True)
class Missing:
    """Tenders that an article counts and nobody has identified; ``number`` None where nothing bounds it."""

    number: int | None
    facts: Facts  # what they have in common: the years and days of which they may be


@dataclass(frozen=True)
class QueryMatch:
    """The tenders of a query: as the list shows them, those that certainly match, those that may, those missing."""

    listed: list
    certain: list
    possible: list
    undecided: list  # those not listed of which it is unknown whether they match, doubtful ones included
    missing: int | None  # None when nothing bounds it

    @property
    def high(self):
        """The most tenders that may match."""
        return plus(len(self.certain) + len(self.possible), self.missing)


@dataclass(frozen=True)
class PartOfWhole:
    """A part within a whole, by what each tender may be: in the part, in the rest of the whole, or in neither."""

    listed_part: list
    listed_whole: list
    in_part: int  # certainly in the part
    in_whole: int  # certainly in the whole, maybe in the part
    in_rest: int  # certainly in the rest
    may_join_part: int | None
    may_join_rest: int | None


@dataclass(frozen=True)
class Population:
    """An article's set: its recorded tenders, and what is missing of it."""

    rows: tuple
    missing: tuple
    by_record: dict = field(default_factory=dict)  # the facts of tenders that claims may name, by ("tender", its key)
    numbers: dict = field(default_factory=dict)  # facts that are numbers, by (kind of record, its key, the fact)

    @cached_property
    def undoubted(self):
        """The tenders of which it is not doubtful that they are any; the others are among the missing."""
        return [row for row in self.rows if not row.is_doubtful]

    @cached_property
    def _matches(self):
        return {}

    def match(self, *queries):
        """Return the tenders that match a query, or several at once; what is asked again is not computed again."""
        if queries not in self._matches:
            self._matches[queries] = self._match(queries)
        return self._matches[queries]

    def _match(self, queries):
        conditions = Conditions(queries)
        matches = [
            (row, {all(way) for way in conditions.outcomes(row)}, all(is_listed(row, query) for query in queries))
            for row in self.rows
        ]
        return QueryMatch(
            listed=[row for row, _ways, listed in matches if listed],
            certain=[row for row, ways, _listed in matches if ways == {True} and not row.is_doubtful],
            possible=[row for row, ways, _listed in matches if ways == {True, False} and not row.is_doubtful],
            undecided=[row for row, ways, listed in matches if ways == {True, False} and not listed],
            missing=total(
                missing.number for missing in self.missing if any(map(all, conditions.outcomes(missing.facts)))
            ),
        )

    def part_of_whole(self, query, whole):
        """Return a part within a whole: a tender is in the part when it matches both."""
        conditions = Conditions([whole, query])
        states = [_states(row, conditions) for row in self.undoubted]
        missing = [(missing.number, _states(missing.facts, conditions)) for missing in self.missing]
        outside = [state for state in states if "neither" in state]
        listed = [row for row in self.rows if is_listed(row, whole)]
        may_join_part, may_join_rest = (
            plus(sum(place in state for state in outside), total(number for number, state in missing if place in state))
            for place in ("part", "rest")
        )
        return PartOfWhole(
            listed_part=[row for row in listed if is_listed(row, query)],
            listed_whole=listed,
            in_part=states.count({"part"}),
            in_whole=states.count({"part", "rest"}),
            in_rest=states.count({"rest"}),
            may_join_part=may_join_part,
            may_join_rest=may_join_rest,
        )


def _states(facts, conditions):
    ways = conditions.outcomes(facts)
    return {("part" if in_part else "rest") if in_whole else "neither" for in_whole, in_part in ways}


def plus(number, other):
    """Add to a number another that may be unbounded (None)."""
    return None if other is None else number + other


def total(numbers):
    """Add up numbers, of which any may be unbounded (None)."""
    numbers = list(numbers)
    return None if None in numbers else sum(numbers)
