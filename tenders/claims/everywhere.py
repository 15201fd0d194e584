"""The figure of a claim over the whole database: of all recorded tenders, not only of those that its article counts."""

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Sum
from django.http import QueryDict

from tenders.choices import Measure
from tenders.facets import UNKNOWN
from tenders.filters import TenderFilter
from tenders.models import Award


@dataclass(frozen=True)
class Everywhere:
    """What is recorded of all tenders, and the numbers that it is made of, with the query string of each list."""

    recorded: Fraction | int | None
    parts: tuple = ()


def everywhere(claim, queries):
    """Return the figure over the whole database; None for a claim about one record, or about the text alone."""
    compute = FIGURES.get(claim.measure)
    return compute(queries) if compute else None


def _filterset(question):
    asked = QueryDict(question.address).copy()
    asked.pop("article", None)
    return TenderFilter(asked)


def _rows(question):
    return _filterset(question).qs.order_by()


def _rows_of(candidate):
    """Return the tenders that have a value, or one of a group."""
    ((name, values),) = candidate.asked.items()
    return TenderFilter().queryset.filter(candidate.filters[name].any_of(values))


def _part(rows, question):
    return rows.count(), _filterset(question).query_string()


def _count(queries):
    part = _part(_rows(queries.query), queries.query)
    return Everywhere(part[0], (part,))


def _distinct(column):
    def compute(queries):
        rows = _rows(queries.query)
        number = rows.exclude(**{column: None}).values(column).distinct().count()
        return Everywhere(number, (_part(rows, queries.query),))

    return compute


def _nested(query, whole):
    rows, alone = _rows(whole), _part(_rows(query), query)
    number = rows.filter(pk__in=_rows(query).values("pk")).count()
    # No query string gives the tenders of two queries at once, unless one is within the other.
    return (number, alone[1] if alone[0] == number else None), _part(rows, whole)


def _percent(part, whole):
    return Fraction(100 * part[0], whole[0]) if whole[0] else None


def _share(queries):
    parts = _nested(queries.query, queries.base_query)
    return Everywhere(_percent(*parts), parts)


def _rank(queries):
    ranking = queries.ranking()
    groups = [next(iter(one.asked.values())) for one in ranking.queries]
    (facet,) = ranking.queries[ranking.place].asked
    # A facet is counted with its own filter lifted: of a whole that asks for it, each value is counted by itself.
    if facet in queries.base_query.asked or any(len(group) > 1 for group in groups):
        whole = _rows(queries.base_query)
        numbers = [whole.filter(pk__in=_rows_of(one).values("pk")).count() for one in ranking.queries]
    else:
        tallied = _filterset(queries.base_query).facet_counts([facet])[facet]
        numbers = [tallied.get(value, 0) for (value,) in groups]
        if ranking.is_open:  # whatever value any tender has
            numbers += [number for value, number in tallied.items() if value != UNKNOWN and [value] not in groups]
    own = numbers[ranking.place]
    parts = _nested(queries.query, queries.base_query)
    return Everywhere(1 + sum(number > own for number in numbers) if own else None, parts)


def _ratio(queries):
    over, under = (_part(_rows(question), question) for question in (queries.query, queries.base_query))
    return Everywhere(Fraction(over[0], under[0]) if under[0] else None, (over, under))


def _ratio_of_shares(queries):
    over = _nested(queries.query, queries.base_query)
    under = _nested(queries.to_query, queries.to_base_query)
    shares = _percent(*over), _percent(*under)
    return Everywhere(shares[0] / shares[1] if None not in shares and shares[1] else None, (*over, *under))


def _nth(n_of):
    def compute(queries):
        rows = _rows(queries.query)
        amounts = Award.objects.filter(tender__in=rows, amount__isnull=False).order_by("-amount")
        found = amounts.values_list("amount", flat=True)[n_of(queries) - 1 :][:1]
        return Everywhere(Fraction(found[0]) if found else None, (_part(rows, queries.query),))

    return compute


def _sum_award(queries):
    rows = _rows(queries.query)
    found = Award.objects.filter(tender__in=rows).aggregate(sum=Sum("amount"))["sum"]
    return Everywhere(None if found is None else Fraction(found), (_part(rows, queries.query),))


def _sum_budget(queries):
    rows = _rows(queries.query)
    found = rows.aggregate(sum=Sum("budget_amount"))["sum"]
    return Everywhere(None if found is None else Fraction(found), (_part(rows, queries.query),))


FIGURES = {
    Measure.COUNT: _count,
    Measure.COUNT_INSTITUTIONS: _distinct("buyer"),
    Measure.COUNT_REGIONS: _distinct("region"),
    Measure.SHARE: _share,
    Measure.RATIO: _ratio,
    Measure.RATIO_OF_SHARES: _ratio_of_shares,
    Measure.RANK: _rank,
    Measure.LARGEST_AWARD: _nth(lambda queries: 1),
    Measure.NTH_AWARD: _nth(lambda queries: queries.n),
    Measure.SUM_AWARD: _sum_award,
    Measure.SUM_BUDGET: _sum_budget,
}
