"""Counting the options of facets: one pass over the rows, whatever the number of facets and of options."""

from collections import Counter, defaultdict
from functools import reduce
from itertools import islice
from operator import add

from django.db.models import Case, F, IntegerField, When

CHUNK = 2000  # rows held at a time


def tally(rows, filters, chosen, *, unit=None, units=None):
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

    single = {name: each.key for name, each in filters.items() if each.through is None}
    throughs = defaultdict(dict)
    for name, each in filters.items():
        if each.through is not None:
            throughs[each.through][name] = each.key

    counted = {name: Counter() if unit is None else set() for name in single}  # of keys, or (unit, key) pairs
    units_of = defaultdict(lambda: defaultdict(list))  # by the one facet that keeps them out: the units of each row
    columns = ["pk", unit or "pk", *(f"fits_{name}" for name in chosen), *single.values()]
    for chunk in _chunks(rows.values_list(*columns).iterator(CHUNK)):
        if units is not None:
            chunk = [row for row in chunk if row[1] in units]
        for kept_out_by, part in _parts(chunk, list(chosen)):
            pks, unit_ids, *keys = zip(*part, strict=True)
            for (name, seen), column in zip(counted.items(), keys[len(chosen) :], strict=True):
                if kept_out_by in (None, name):
                    seen.update(column if unit is None else zip(unit_ids, column, strict=True))
            if throughs:
                for pk, unit_id in zip(pks, unit_ids, strict=True):
                    units_of[kept_out_by][pk].append(unit_id)

    for (model, path), keys in throughs.items():
        linked = model.objects.order_by().filter(**{f"{path}__in": rows.values("pk")})
        links = list(linked.values_list(path, *keys.values()).distinct())
        for place, name in enumerate(keys, start=1):
            known = {(link[0], link[place]) for link in links if link[place] not in (None, "")}
            counted[name] = _with_unknown(known, {**units_of[None], **units_of[name]}, of_rows=unit is None)

    return {name: _by_option(counted[name], each.filed_under) for name, each in filters.items()}


def _chunks(rows):
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _parts(chunk, chosen):
    """Yield rows by the one chosen facet that they do not fit, None for those that fit all."""
    if not chosen:
        parts = {None: chunk}
    else:
        parts = defaultdict(list)
        for row in chunk:
            fits = row[2 : 2 + len(chosen)]
            parts[chosen[fits.index(0)] if 0 in fits else None].append(row)
    return ((name, part) for name, part in parts.items() if part)


def _with_unknown(known, units_of, *, of_rows):
    """Return what is counted, given the (row, known key) pairs of some rows and the units of those that count."""
    unknown = units_of.keys() - {pk for pk, _key in known}
    if of_rows:
        return Counter(key for pk, key in known if pk in units_of) + Counter({None: len(unknown)})
    keyed = {(unit, key) for pk, key in known for unit in units_of.get(pk, ())}
    return keyed | {(unit, None) for pk in unknown for unit in units_of[pk]}


def _by_option(counted, filed_under):
    if isinstance(counted, Counter):
        numbers = Counter()
        for key, number in counted.items():
            for option in filed_under(key):
                numbers[option] += number
        return dict(numbers)
    return dict(Counter(option for _unit, option in {(unit, o) for unit, key in counted for o in filed_under(key)}))
