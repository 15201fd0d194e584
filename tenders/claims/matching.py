"""
Does a tender match a query when not all is known of it? Yes, maybe or no, for several queries at once.

Nothing here is about one parameter or one measure: each filter says what a value may turn out to be, or between which
points it lies. For every parameter it is found which of the queries can hold together; parameters are taken to be
independent of each other, which may call possible what is not, and never the reverse.
"""

import datetime
from decimal import Decimal

from tenders.facets import Bound

CENT, DAY = Decimal("0.01"), datetime.timedelta(days=1)


def outcomes(facts, questions):
    """
    Return in which ways a tender may match some queries: a set of tuples of a truth value for each query.

    A question has ``asked`` values by parameter, and the ``filters`` of the tender list. ``{(True,)}`` is a tender that
    surely matches one query, ``{(True,), (False,)}`` one that may.
    """
    possible = {(True,) * len(questions)}
    for names in _subjects(questions):
        ways = _ways(facts, names, questions)
        possible = {tuple(a and b for a, b in zip(one, other, strict=True)) for one in possible for other in ways}
    return frozenset(possible)


def is_listed(facts, question):
    """Tell whether the tender list shows a tender for a query, as it is recorded: the unknown matches nothing."""
    return all(_is_listed(facts, name, question) for name in question.asked)


def _subjects(questions):
    """Return the parameters that some query asks, those together that ask of one and the same value."""
    subjects = {}
    for question in questions:
        for name in question.asked:
            subjects.setdefault(getattr(question.filters[name], "about", name), set()).add(name)
    return subjects.values()


def _ways(facts, names, questions):
    name = next(iter(names))
    each = questions[0].filters[name]
    if isinstance(each, Bound):
        asked = [
            [(question.filters[name], question.asked[name]) for name in names if name in question.asked]
            for question in questions
        ]
        return _ways_of_points(facts, each.about, asked)
    return _ways_of_options(each, facts.held(name), [question.asked.get(name) for question in questions])


def _ways_of_options(each, values, asked):
    """Of several values, such as the regions of several winners, any one is enough."""
    wanted = {option for options in asked for option in options or ()}
    possible = {tuple(options is None for options in asked)}
    for value in values:
        ways = {
            tuple(options is None or not has.isdisjoint(options) for options in asked)
            for has in each.may_be(value, wanted)
        }
        possible = {tuple(a or b for a, b in zip(one, other, strict=True)) for one in possible for other in ways}
    return possible


def _ways_of_points(facts, about, asked):
    edges = [edge for asks in asked for each, value in asks for edge in each.edges(value)]
    if about == "notice_date":
        (low, high), step, is_known = facts.days, DAY, bool(facts.notice_date)
    else:
        low, high, step, is_known = facts.least_amount, facts.most_amount, CENT, facts.amount is not None
        if high is None:
            high = max([low, *edges]) + step
    inside = [edge for edge in edges if low <= edge <= high]
    points = {low, high, *(point for edge in inside for point in (edge - step, edge, edge + step))}
    ways = {
        tuple(all(each.holds(point, value) for each, value in asks) for asks in asked)
        for point in points
        if low <= point <= high
    }
    if not is_known:  # the list shows nothing of which it is unknown, however narrow the limits are
        ways.add(tuple(not asks for asks in asked))
    return ways


def _is_listed(facts, name, question):
    each, value = question.filters[name], question.asked[name]
    if isinstance(each, Bound):
        if each.about == "notice_date":
            return bool(facts.notice_date) and all(each.holds(day, value) for day in facts.days)
        return facts.amount is not None and each.holds(facts.amount, value)
    if name == "year":
        return facts.years is not None and len(facts.years) == 1 and str(facts.years[0]) in value
    return any(not each.implies(held).isdisjoint(value) for held in facts.held(name) if held is not None)
