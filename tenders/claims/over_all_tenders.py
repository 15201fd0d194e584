"""The figure of a claim over all tenders: of all that are recorded, not only of those that its article counts."""

from dataclasses import dataclass
from fractions import Fraction

from django.http import QueryDict

from tenders.filters import TenderFilter


@dataclass(frozen=True)
class OverAllTenders:
    """What is recorded of all tenders, and the numbers that it is made of, with the query string of each list."""

    recorded: Fraction | int | None
    parts: tuple = ()


def filterset_of(query):
    """Return the filter set of a parsed query, without the article that it speaks of."""
    asked = QueryDict(query.address).copy()
    asked.pop("article", None)
    return TenderFilter(asked)


def rows_of(query):
    return filterset_of(query).qs.order_by()


def part_of(rows, query):
    """Return how many tenders match a query, and the query string of their list."""
    return rows.count(), filterset_of(query).query_string()


def part_of_whole(query, whole):
    """Return both parts of a share: the tenders that match a query and its whole, and those of the whole."""
    rows, alone = rows_of(whole), part_of(rows_of(query), query)
    number = rows.filter(pk__in=rows_of(query).values("pk")).count()
    # No query string gives the tenders of two queries at once, unless one is within the other.
    return (number, alone[1] if alone[0] == number else None), part_of(rows, whole)


def percent(part, whole):
    """Return the share of a part in percent, None of an empty whole."""
    return Fraction(100 * part[0], whole[0]) if whole[0] else None
