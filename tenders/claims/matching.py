"""
Does a tender match a query when not all is known of it? Yes, maybe or no, for several queries at once.

A filter returns what a value may turn out to be, or between which points it lies (``tenders.facets``). Parameters are
taken to be independent of each other, which may call possible what is not, and never the reverse.
"""

from dataclasses import dataclass
from operator import and_, or_

from tenders.facets import Bound


@dataclass(frozen=True, eq=False)  # queries that are parsed once are compared by identity
class ParsedQuery:
    """Which tenders are meant: the values of each active filter, and the query string of the list of the same."""

    filters: dict
    active_filters: dict
    address: str = ""


class Conditions:
    """The conditions of some parsed queries, by attribute, so that many tenders can be tried against them."""

    def __init__(self, queries):
        self.num_queries = len(queries)
        self._options, self._bounds = [], []  # of (filter, what each query asks of it)
        for names in _subjects(queries):
            found = queries[0].filters[next(iter(names))]
            if isinstance(found, Bound):
                self._bounds.append((found, [_bounds(query, names) for query in queries]))
            else:
                (name,) = names
                self._options.append((found, [query.active_filters.get(name) for query in queries]))
        self._ways = {}  # by place among the options and values: many tenders have the same

    def outcomes(self, facts):
        """
        Return in which ways a tender may match: a set of tuples of a truth value for each query.

        ``{(True,)}`` is a tender that certainly matches one query, ``{(True,), (False,)}`` one that may.
        """
        possible = {(True,) * self.num_queries}
        for ways in self._ways_of(facts):
            possible = {tuple(map(and_, one, other)) for one in possible for other in ways}
        return frozenset(possible)

    def _ways_of(self, facts):
        for place, (found, asked) in enumerate(self._options):
            values = tuple(found.values_for(facts))
            if (place, values) not in self._ways:
                self._ways[place, values] = _ways_of_options(found, values, asked)
            yield self._ways[place, values]
        for found, asked in self._bounds:
            yield _ways_of_points(facts, found, asked)


def outcomes(facts, queries):
    """Return in which ways one tender may match some parsed queries (``Conditions.outcomes``)."""
    return Conditions(queries).outcomes(facts)


def is_listed(facts, query):
    """Return whether the tender list shows a tender for a query, as it is recorded: the unknown matches nothing."""
    return all(query.filters[name].is_listed(facts, value) for name, value in query.active_filters.items())


def _subjects(queries):
    """Return the active filters of some queries, bounds of one attribute together."""
    subjects = {}
    for query in queries:
        for name in query.active_filters:
            found = query.filters[name]
            subject = ("bound", found.attribute) if isinstance(found, Bound) else name
            subjects.setdefault(subject, set()).add(name)
    return subjects.values()


def _bounds(query, names):
    return [(query.filters[name], query.active_filters[name]) for name in names if name in query.active_filters]


def _ways_of_options(found, values, asked):
    """Of several values, such as the regions of several winners, any one is enough."""
    wanted = {option for options in asked for option in options or ()}
    possible = {tuple(options is None for options in asked)}
    for value in values:
        ways = {
            tuple(options is None or not has.isdisjoint(options) for options in asked)
            for has in found.possible_options(value, wanted)
        }
        possible = {tuple(map(or_, one, other)) for one in possible for other in ways}
    return possible


def _ways_of_points(facts, found, asked):
    breakpoints = [point for bounds in asked for bound, value in bounds for point in bound.breakpoints(value)]
    low, high = found.limits_for(facts)
    if high is None:
        high = max([low, *breakpoints]) + found.step
    inside = [point for point in breakpoints if low <= point <= high]
    points = {low, high, *(near for point in inside for near in (point - found.step, point, point + found.step))}
    ways = {
        tuple(all(bound.accepts(point, value) for bound, value in bounds) for bounds in asked)
        for point in points
        if low <= point <= high
    }
    if not found.recorded_points(facts):  # the list never shows what is unknown, however narrow the limits are
        ways.add(tuple(not bounds for bounds in asked))
    return ways
