"""Counting the options of facets: one pass over the rows, whatever the number of facets and of options."""

from collections import Counter, defaultdict
from functools import reduce
from itertools import islice
from operator import add

from django.db.models import Case, F, IntegerField, When

CHUNK = 2000  # rows held at a time


def count_options(rows, filters, chosen, *, unit=None, units=None):
    """
    Return how many rows have each option of some facets: {name: {option: number}}.

    ``filters`` are the facets' filters by name, ``chosen`` the conditions of those of which options are chosen; all
    other conditions are on ``rows`` already. A facet counts the rows that fit the conditions of all the others: so
    those that fit all, and those that only its own keeps out. With ``unit``, a path from a row, the distinct
    ``units`` at its end are counted instead of the rows.
    """
    rows = rows.order_by()
    if chosen:
        fits = {
            name: Case(When(match, then=1), default=0, output_field=IntegerField()) for name, match in chosen.items()
        }
        rows = rows.annotate(**{f"fits_{name}": fit for name, fit in fits.items()})
        num_fits = reduce(add, (F(f"fits_{name}") for name in chosen))
        rows = rows.annotate(num_fits=num_fits).filter(num_fits__gte=len(chosen) - 1)

    counted = {name: Counter() if unit is None else set() for name in filters}  # of keys, or (unit, key) pairs
    columns = [unit or "pk", *(f"fits_{name}" for name in chosen), *(facet.key for facet in filters.values())]
    for chunk in _chunks(rows.values_list(*columns).iterator(CHUNK)):
        if units is not None:
            chunk = [row for row in chunk if row[0] in units]
        for kept_out_by, part in _parts(chunk, list(chosen)):
            unit_ids, *keys = zip(*part, strict=True)
            for (name, seen), column in zip(counted.items(), keys[len(chosen) :], strict=True):
                if kept_out_by in (None, name):
                    seen.update(column if unit is None else zip(unit_ids, column, strict=True))
    return {name: _by_option(counted[name], facet.options_for_key) for name, facet in filters.items()}


def _chunks(rows):
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _parts(chunk, chosen):
    """Yield rows by the one chosen facet that they do not fit, None for those that fit all."""
    parts = defaultdict(list)
    for row in chunk if chosen else ():
        fits = row[1 : 1 + len(chosen)]
        parts[chosen[fits.index(0)] if 0 in fits else None].append(row)
    if not chosen and chunk:
        parts[None] = chunk
    return parts.items()


def _by_option(counted, options_for_key):
    if isinstance(counted, Counter):
        numbers = Counter()
        for key, number in counted.items():
            for option in options_for_key(key):
                numbers[option] += number
        return dict(numbers)
    return dict(Counter(option for _unit, option in {(unit, o) for unit, key in counted for o in options_for_key(key)}))
