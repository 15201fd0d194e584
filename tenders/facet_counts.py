"""Counts of the options of all facets, in one pass over the rows."""

from collections import Counter, defaultdict
from functools import reduce
from itertools import islice
from operator import add

from django.db.models import Case, F, IntegerField, When

ROWS_PER_CHUNK = 2000  # in memory at a time


def count_options(rows, filters, chosen, *, unit=None, units=None):
    """
    Count the rows for every option of the facets: {name: {option: number}}.

    ``filters`` are the facets' filters by name, ``chosen`` the conditions of the facets with a selected option; all
    other conditions are applied to ``rows`` already. The counts of a facet ignore its own condition: they include the
    rows that match all conditions and those that fail only this facet's. With ``unit``, a lookup path from a row, the
    distinct values of that path that are in ``units`` are counted instead of the rows.
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
    keys_of_rows = rows.values_list(*columns).iterator(ROWS_PER_CHUNK)
    while chunk := list(islice(keys_of_rows, ROWS_PER_CHUNK)):
        if units is not None:
            chunk = [row for row in chunk if row[0] in units]
        for failed_facet, part in _by_failed_facet(chunk, list(chosen)):
            unit_ids, *keys = zip(*part, strict=True)
            for (name, seen), column in zip(counted.items(), keys[len(chosen) :], strict=True):
                if failed_facet in (None, name):
                    seen.update(column if unit is None else zip(unit_ids, column, strict=True))
    return {name: _by_option(counted[name], facet.options_for_key) for name, facet in filters.items()}


def _by_failed_facet(chunk, chosen):
    """Group rows by the one chosen facet whose condition they fail; None for those that match all."""
    if not chosen:
        return [(None, chunk)] if chunk else []
    parts = defaultdict(list)
    for row in chunk:
        fits = row[1 : 1 + len(chosen)]
        parts[chosen[fits.index(0)] if 0 in fits else None].append(row)
    return parts.items()


def _by_option(counted, options_for_key):
    """Return {option: number} for counts of keys, or for a set of (unit, key); a key may belong to several options."""
    if isinstance(counted, Counter):
        totals = Counter()
        for key, number in counted.items():
            for option in options_for_key(key):
                totals[option] += number
        return dict(totals)
    return dict(Counter(option for _unit, option in {(unit, o) for unit, key in counted for o in options_for_key(key)}))
