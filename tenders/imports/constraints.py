"""
Evaluate the CHECK constraints of a model in Python, for values that no record has yet.

``CheckConstraint.validate`` asks the database, one statement for each record and constraint: too slow for files of
thousands of rows. A test compares the two.
"""

import operator
import re
from functools import cache

from django.db.models import CheckConstraint, Q
from django.db.models.constants import LOOKUP_SEP

LOOKUPS = {
    "exact": operator.eq,
    "gte": operator.ge,
    "lte": operator.le,
    "regex": lambda value, pattern: re.search(pattern, value) is not None,
}


@cache
def check_constraints(model):
    """Return the CHECK constraints of a model, each with the names of its columns in their order."""
    return [
        (constraint, tuple(dict.fromkeys(_columns(constraint.condition))))
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    ]


def is_violated(constraint, model, values):
    """
    Return whether values, by column, violate a constraint; as in SQL, one that comes out NULL does not.

    Where a column takes no NULL, a NULL in it violates what is demanded of the column.
    """
    return _evaluate(constraint.condition, model, values) is False


def _columns(condition):
    for child in condition.children:
        yield from _columns(child) if isinstance(child, Q) else [child[0].partition(LOOKUP_SEP)[0]]


def _evaluate(condition, model, values):
    """Return whether a condition holds, in three-valued logic: None is SQL's unknown."""
    results = {
        _evaluate(child, model, values) if isinstance(child, Q) else _compare(*child, model, values)
        for child in condition.children
    }
    decisive = condition.connector == Q.OR  # one true decides "or", one false "and"
    if decisive not in results and None in results:
        return None
    return (decisive if decisive in results else not decisive) != condition.negated


def _compare(expression, operand, model, values):
    name, _separator, lookup = expression.partition(LOOKUP_SEP)
    value = values[name]
    if lookup == "isnull":
        return (value is None) == operand
    if value is None:
        return None if model._meta.get_field(name).null else False
    return LOOKUPS[lookup or "exact"](value, operand)
