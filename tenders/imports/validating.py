"""
Validate what a row would change: by the constraints of the database, and by what is public.

CHECK constraints are evaluated in Python: ``CheckConstraint.validate`` asks the database, one statement for each record
and constraint, which is too slow for files of thousands of rows. A test compares the two.
"""

import operator
import re
from copy import copy
from functools import cache

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q
from django.db.models.constants import LOOKUP_SEP
from django.utils.translation import gettext as _

from tenders.imports.cells import format_value
from tenders.imports.columns import REFERENCE
from tenders.imports.comparing import awards_by_number
from tenders.imports.computed_columns import computed_problems
from tenders.imports.parsing import Problem
from tenders.kinds import canonical
from tenders.models import Award
from tenders.models.sources import KINDS_OF_OWN_SOURCES

LOOKUPS = {
    "exact": operator.eq,
    "gte": operator.ge,
    "lte": operator.le,
    "regex": lambda value, pattern: re.search(pattern, value) is not None,
}


def validate(row, differences, problems):
    """
    Return (differences, problems) of a matched row, given those of its comparison with its tender.

    Columns with a problem of a cell have no other one, and no differences.
    """
    unread = {problem.column for problem in row.parsed.problems}
    problems = [*problems, *_violations(row.tender, differences)]
    problems = [*row.parsed.problems, *(item for item in problems if item.column not in unread), *row.problems]
    differences = [item for item in differences if item.column not in unread]
    problems += computed_problems(row, differences)
    if row.parsed.source:
        problems += [problem for difference in differences for problem in _citation_problems(difference)]
    if row.tender.is_published:
        changed = copy(row.tender)
        for difference in differences:
            if difference.number is None:
                difference.assign_to(changed)
        for difference in differences:
            problems += _publication_problems(difference, changed, row.parsed.source)
    return differences, problems


def _violations(tender, differences):
    """Yield a problem for each constraint that the tender, or an award of it, would violate."""
    changes = {}  # by the number of the award, None for the tender
    for difference in differences:
        changes.setdefault(difference.number, {})[difference.attribute.name] = difference.new
    if None in changes or not tender.pk:
        yield from _violated(tender, changes.pop(None, {}))
    awards = awards_by_number(tender)
    for number, changed in sorted(changes.items()):
        yield from _violated(awards.get(number) or Award(), changed)


def _violated(record, changed):
    for constraint, names in check_constraints(type(record)):
        values = {name: _value(record, changed, name) for name in names}
        if values.get(REFERENCE) == "":  # it is given when the record is saved
            continue
        if is_violated(constraint, type(record), values):
            name, column = _column_of(type(record), names)
            yield Problem(column, format_value(values[name]), str(constraint.get_violation_error_message()))


def _value(record, changed, name):
    value = changed[name] if name in changed else getattr(record, name)
    # The value of a cell that could not be read is None, also where a column takes none.
    return record._meta.get_field(name).get_default() if value is None else value


@cache
def _column_of(model, names):
    """Return (name, column of the file) of the attribute to correct: one that qualifies another, else the first."""
    attributes = {attribute.name: attribute for attribute in model.ATTRIBUTES}
    qualifiers = (name for name in names if name in attributes and attributes[name].qualifies in names)
    name = next(qualifiers, names[0])
    return name, attributes[name].column if name in attributes else name


def _publication_problems(difference, changed, source):
    """Yield what forbids to change a value of a published tender; ``changed`` is as it would be then."""
    is_ours = any(changed.status_of(fact) in KINDS_OF_OWN_SOURCES for fact in difference.facts if fact in changed.FACTS)
    if difference.needs_source and source is None and not is_ours:
        message = _("This fact is published: choose the source of the file above, then upload again.")
        yield Problem(difference.column, format_value(difference.new), message)
    elif source and not is_ours and not all(source.may_have(changed, fact) for fact in difference.facts):
        message = _(
            "This fact is published, and the source is in another language or has other words: cite it in the form."
        )
        yield Problem(difference.column, format_value(difference.new), message)
    for party in difference.parties:
        if not party.is_published:
            message = _("Publish this first, then import the file: the tender is public.")
            yield Problem(difference.column, format_value(party), message)


def _citation_problems(difference):
    """Yield what a source can't be cited with, as it is no value in canonical form: a region that is not China's."""
    new, kind = difference.new, difference.attribute.kind
    if not difference.facts or difference.attribute.qualifies or difference.parties:
        return
    try:
        if text := canonical(new):
            kind.validate(text)
    except ValidationError as error:
        message = _("No source can be cited for this value. %(reason)s") % {"reason": " ".join(error.messages)}
        yield Problem(difference.column, format_value(new), message)


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
