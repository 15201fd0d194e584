"""The rank of a value among others."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.choices import Measure, Unit
from tenders.claims.intervals import NOTHING, Interval
from tenders.claims.matching import ParsedQuery
from tenders.claims.measures.base import BaseMeasure, Result, axis_from, register
from tenders.claims.over_all_tenders import OverAllTenders, filterset_of, part_of_whole, rows_of
from tenders.claims.wording import listed, sentence
from tenders.facets import UNKNOWN, OptionsFilter, ReferencesFilter
from tenders.filters import TenderFilter

RANKED = [
    name
    for name, found in TenderFilter.base_filters.items()
    if isinstance(found, OptionsFilter) and found.attribute and found.can_rank
]
NAMED = 2  # rivals of a rank in its sentence


@dataclass(frozen=True)
class Ranking:
    """What is ranked: a query for each value or group of values, the place of the claim's own among them."""

    queries: list
    place: int
    has_several: bool  # whether a tender may have several values
    is_open: bool  # whether there may be values that nobody has recorded


@register
class Rank(BaseMeasure):
    """
    Rank of a value among others: 1 and the number of values that more tenders have; unknown when none has it.

    The pool are the tenders that may have one of the values and certainly have none, and the missing ones. At best,
    all of it has this value. At worst it lifts as many others above it as it can, the cheapest first, each of which
    needs one tender more than this value certainly has; where a tender may have several values, the same pool lifts
    each, and as many as one likes of those that nobody has recorded. Not tight where a tender of the pool cannot have
    every value.
    """

    code = Measure.RANK
    queries = ("query", "base_query")
    derived_queries = ("query",)
    unit = Unit.RANK
    arguments = ("facet", "value", "among")
    wholes = {"query": "base_query"}
    is_of_sets = True

    def check(self, queries):
        """Let the query be the tenders of the whole that have the ranked value."""
        ranking = ranking_of(queries)
        given = QueryDict(queries.base_query.address).copy()
        for facet, values in ranking.queries[ranking.place].active_filters.items():
            given.setlist(facet, values)
        queries.by_name["query"] = queries.parser.parse(given.urlencode())

    def evaluate(self, population, queries):
        return rank(population, queries.base_query, ranking_of(queries, population.rows))

    def over_all_tenders(self, queries):
        ranking = ranking_of(queries)
        groups = [next(iter(query.active_filters.values())) for query in ranking.queries]
        (facet,) = ranking.queries[ranking.place].active_filters
        # A facet is counted with its own filter lifted: of a whole that asks for it, each value is counted by itself.
        if facet in queries.base_query.active_filters or any(len(group) > 1 for group in groups):
            whole, found = rows_of(queries.base_query), queries.base_query.filters[facet]
            with_values = [TenderFilter().queryset.filter(found.any_of(group)) for group in groups]
            numbers = [whole.filter(pk__in=rows.values("pk")).count() for rows in with_values]
        else:
            counts = filterset_of(queries.base_query).facet_counts([facet])[facet]
            numbers = [counts.get(value, 0) for (value,) in groups]
            if ranking.is_open:  # whatever value any tender has
                numbers += [number for value, number in counts.items() if value != UNKNOWN and [value] not in groups]
        own = numbers[ranking.place]
        parts = part_of_whole(queries.query, queries.base_query)
        return OverAllTenders(1 + sum(number > own for number in numbers) if own else None, parts)

    def format_recorded(self, evaluation, unit):
        text = super().format_recorded(evaluation, unit)
        if not evaluation.ties:
            return text
        tied = ngettext("tied with %(n)s other", "tied with %(n)s others", evaluation.ties) % {"n": evaluation.ties}
        return _("%(rank)s, %(tied)s") % {"rank": text, "tied": tied}

    def summary(self, claim, evaluation, wording):
        whole, facet = evaluation.query_results[1], claim.arguments["facet"]
        if not whole.listed:
            return wording.none(whole.query)
        groups = evaluation.ranked
        parts = wording.ranked(facet, groups[: NAMED + 1])
        if others := {reference for _values, references in groups[NAMED + 1 :] for reference in references}:
            number = wording.tally(tuple(sorted(others)))
            parts.append(ngettext("%(n)s elsewhere", "%(n)s elsewhere", number.number) % {"n": number})
        undecided = wording.undecided(facet, evaluation.unranked)
        return sentence(wording.tenders(whole.listed, whole.query, whole.address), listed(parts), undecided)

    def axis(self, low, high, is_open):
        return None if low == high else axis_from(1, high, is_open)


def rank(population, base_query, ranking):
    """Return the rank of one of several values among the tenders of a query."""
    matches = [population.match(base_query, query) for query in ranking.queries]
    numbers, certain = [len(match.listed) for match in matches], [len(match.certain) for match in matches]
    have_one = {row.pk for match in matches for row in match.certain}
    may_have = {row.pk for match in matches for row in match.possible} - (set() if ranking.has_several else have_one)
    missing = [match.missing for match in matches]
    pool = None if None in missing else len(may_have) + max(missing, default=0)

    own = ranking.place
    recorded = 1 + sum(number > numbers[own] for number in numbers) if numbers[own] else None
    ties = numbers.count(numbers[own]) - 1 if recorded else 0
    rivals = certain[:own] + certain[own + 1 :]
    return Result(
        recorded,
        _limits(certain[own], rivals, pool, ranking),
        ties,
        rests_on=sum(numbers),
        ranked=_ranked(ranking, matches),
        unranked=_unranked(population.match(base_query), matches),
    )


def _ranked(ranking, matches):
    """Return the groups of values that tenders have, and the ranked one first, with the references of the tenders."""
    (facet,) = ranking.queries[0].active_filters
    groups = [
        (tuple(query.active_filters[facet]), tuple(row.reference for row in match.listed))
        for query, match in zip(ranking.queries, matches, strict=True)
    ]
    own = groups.pop(ranking.place)
    return (own, *sorted((group for group in groups if group[1]), key=lambda group: -len(group[1])))


def _unranked(whole, matches):
    """Return the references of the tenders that have none of the values and may have one."""
    having = {row.reference for match in matches for row in match.listed}
    may_have = {row.reference for match in matches for row in match.undecided} - having
    return tuple(row.reference for row in whole.listed if row.reference in may_have)


def _limits(own, rivals, pool, ranking):
    if pool is None:
        return Interval(1, None if ranking.is_open else 1 + len(rivals))
    if own + pool == 0:
        return NOTHING
    best = 1 + sum(number > own + pool for number in rivals)
    if ranking.is_open and ranking.has_several and pool > own:
        return Interval(best, None)
    costs = [max(0, own + 1 - number) for number in rivals]
    if ranking.is_open:  # values of which no tender is recorded yet
        costs += [own + 1] * (pool + 1)
    return Interval(best, 1 + _num_lifted(costs, pool, ranking.has_several))


def _num_lifted(costs, pool, has_several):
    lifted, spent = 0, 0
    for cost in sorted(costs):
        spent = cost if has_several else spent + cost
        if spent > pool:
            break
        lifted += 1
    return lifted


def ranking_of(queries, rows=()):
    """Return what a claim ranks; of a facet that names records, those that some tenders (``rows``) have."""
    facet, value = queries.argument("facet", str), queries.argument("value", (str, list))
    if facet not in RANKED:
        raise ValidationError({"facet": _("Possible values: %(codes)s.") % {"codes": ", ".join(RANKED)}})
    found = queries.base_query.filters[facet]
    given = [_group(values) for values in _among(queries, found, value, rows)]
    own, *groups = [found.resolve(group) for group in (_group(value), *given)]
    groups = [group for place, group in enumerate(groups) if group not in groups[:place]]  # two may be one by now
    _check_groups(found, own, groups, given)
    wanted = QueryDict(mutable=True)
    wanted.setlist(facet, [one for group in groups for one in group])
    try:
        filters = queries.parser.parse(wanted.urlencode()).filters
    except ValidationError as error:
        raise ValidationError({"among": error.messages}) from error
    is_open = isinstance(found, ReferencesFilter) and "among" not in queries.claim.arguments
    parsed = [ParsedQuery(filters, {facet: group}) for group in groups]
    return Ranking(parsed, groups.index(own), found.has_several, is_open)


def _among(queries, found, value, rows):
    if "among" in queries.claim.arguments:
        return queries.argument("among", list)
    if isinstance(found, ReferencesFilter):
        return sorted({one for row in rows for one in found.values_for(row) if one} | set(_group(value)))
    return found.ranked_values(value)


def _check_groups(found, own, groups, given):
    if own not in groups:
        raise ValidationError({"among": _("Include the ranked value here.")})
    if not all(groups):
        raise ValidationError({"among": _("Remove the empty group of values.")})
    flat = [one for group in groups for one in group]
    if any(len(values) != len(set(values)) for values in ([one for group in given for one in group], flat)):
        raise ValidationError({"among": _("Remove the value that is listed twice.")})
    if any(set(flat) & (found.with_ancestors(one) - {one}) for one in flat):
        raise ValidationError({"among": _("Remove a value that is part of another: a tender would have both.")})


def _group(value):
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
