"""
What a measure is computed of: the tenders that surely match a query, those that may, and those nobody has identified.

A *completion* of an article's set is a table in which every recorded tender that the article counts stands
with some value for whatever is unknown, but for doubtful ones, which may stand or not, and in which for each size that
the article states for its set up to as many tenders stand as it counts and the records lack, with any values.
"""

from dataclasses import dataclass, field
from functools import cached_property

from tenders.claims.facts import Facts
from tenders.claims.matching import is_listed, outcomes


@dataclass(frozen=True)
class Missing:
    """Tenders that an article counts and nobody has identified; ``number`` None where nothing bounds it."""

    number: int | None
    facts: Facts  # what they have in common: the years and days of which they may be


@dataclass(frozen=True)
class World:
    """An article's set: its recorded tenders, and what is missing of it."""

    rows: tuple
    missing: tuple
    about: dict = field(default_factory=dict)  # the facts of tenders that claims name, by ("tender", its key)
    numbers: dict = field(default_factory=dict)  # facts that are numbers, by (kind of record, its key, the fact)

    @cached_property
    def settled(self):
        """The tenders of which it is not doubtful that they are any; the others are among the missing."""
        return [row for row in self.rows if not row.is_doubtful]


@dataclass(frozen=True)
class Part:
    """The tenders of one query: as the list shows them, those that surely match, those that may, those missing."""

    listed: list
    sure: list
    possible: list
    missing: int | None  # None when nothing bounds it

    @property
    def high(self):
        """The most tenders that may match."""
        return plus(len(self.sure) + len(self.possible), self.missing)


@dataclass(frozen=True)
class Nested:
    """A part within a whole, by what each tender may be: in the part, in the rest of the whole, or in neither."""

    listed_part: list
    listed_whole: list
    in_part: int  # surely in the part
    in_whole: int  # surely in the whole, maybe in the part
    in_rest: int  # surely in the rest
    may_join_part: int | None
    may_join_rest: int | None


class Scope:
    """An article's set, and questions to it."""

    def __init__(self, world):
        self.world = world

    def part(self, *queries):
        """Return the tenders that match a query, or several at once."""
        queries = [query for query in queries if query is not None]
        answers = [(row, {all(way) for way in outcomes(row, queries)}) for row in self.world.settled]
        return Part(
            listed=[row for row in self.world.rows if all(is_listed(row, query) for query in queries)],
            sure=[row for row, answer in answers if answer == {True}],
            possible=[row for row, answer in answers if answer == {True, False}],
            missing=total(
                each.number for each in self.world.missing if any(all(way) for way in outcomes(each.facts, queries))
            ),
        )

    def nested(self, query, whole):
        """Return a part within a whole: a tender is in the part when it matches both."""
        queries = [whole, query]
        states = [_states(row, queries) for row in self.world.settled]
        missing = [(each.number, _states(each.facts, queries)) for each in self.world.missing]
        outside = [state for state in states if "neither" in state]
        listed = [row for row in self.world.rows if is_listed(row, whole)]
        return Nested(
            listed_part=[row for row in listed if is_listed(row, query)],
            listed_whole=listed,
            in_part=states.count({"part"}),
            in_whole=states.count({"part", "rest"}),
            in_rest=states.count({"rest"}),
            may_join_part=plus(
                sum("part" in state for state in outside), total(n for n, state in missing if "part" in state)
            ),
            may_join_rest=plus(
                sum("rest" in state for state in outside), total(n for n, state in missing if "rest" in state)
            ),
        )


def _states(facts, queries):
    ways = outcomes(facts, queries)
    return {("part" if in_part else "rest") if in_whole else "neither" for in_whole, in_part in ways}


def plus(number, other):
    """Add to a number another that may be unbounded (None)."""
    return None if other is None else number + other


def total(numbers):
    """Add up numbers, of which any may be unbounded (None)."""
    numbers = list(numbers)
    return None if None in numbers else sum(numbers)
