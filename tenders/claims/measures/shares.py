"""Measures that divide: a share, a ratio, a ratio of shares."""

from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.choices import Measure, Unit
from tenders.claims.facts import Facts
from tenders.claims.formatting import format_value
from tenders.claims.intervals import NOTHING, Interval
from tenders.claims.matching import outcomes
from tenders.claims.measures.base import BaseMeasure, Result, register
from tenders.claims.over_all_tenders import OverAllTenders, part_of, part_of_whole, percent, rows_of
from tenders.claims.wording import conditions_of, sentence, time_of


@register
class Share(BaseMeasure):
    """
    Share of a part in a whole, in percent; unknown of an empty whole.

    With n certainly in the part, k certainly in the whole and maybe in the part, b certainly in the rest, and x that
    may join the part and y that may join the rest (missing ones in both): the share is least when k turn out to be in
    the rest and all y join it, n / (n + k + b + y), and greatest when k turn out to be in the part and all x join it,
    (n + k + x) / (n + k + b + x). Where nothing is certainly in the whole, any tender that joins it decides.
    """

    code = Measure.SHARE
    unit = Unit.PERCENT
    queries = ("query", "base_query")
    wholes = {"query": "base_query"}
    joints = ("", "of")
    is_of_sets = True

    def evaluate(self, population, queries):
        part = population.part_of_whole(queries.query, queries.base_query)
        return Result(_recorded_share(part), _limits_of_share(part), rests_on=len(part.listed_whole))

    def over_all_tenders(self, queries):
        parts = part_of_whole(queries.query, queries.base_query)
        return OverAllTenders(percent(*parts), parts)

    def format_value(self, value, unit, numbers):
        """Return a share as a fraction, "7 of 7", never as a bare percentage."""
        share = format_value(value, unit)
        return _("%(part)s of %(whole)s (%(share)s)") % {"part": numbers[0], "whole": numbers[1], "share": share}

    def summary(self, claim, evaluation, wording):
        part, whole = evaluation.query_results
        if not whole.listed:
            return wording.none(whole.query)
        values = {"part": wording.were(part, whole.query), "share": format_value(evaluation.recorded, self.unit)}
        undecided = wording.undecided(part.unknown, part.undecided, whole.listed)
        tenders = wording.tenders(whole.listed, whole.query, whole.address)
        return sentence(tenders, _("%(part)s (%(share)s)") % values, undecided)

    def axis(self, low, high, is_open):
        return 0, 100


def _recorded_share(part):
    whole = len(part.listed_whole)
    return Fraction(100 * len(part.listed_part), whole) if whole else None


def _limits_of_share(part):
    to_part, to_rest = part.may_join_part, part.may_join_rest
    certain = part.in_part + part.in_whole + part.in_rest
    if not certain:
        if to_part == 0 and to_rest == 0:
            return NOTHING
        return Interval(100 if to_rest == 0 else 0, 0 if to_part == 0 else 100)
    low = 0 if to_rest is None else Fraction(100 * part.in_part, certain + to_rest)
    high = 100 if to_part is None else Fraction(100 * (part.in_part + part.in_whole + to_part), certain + to_part)
    return Interval(low, high)


@register
class Ratio(BaseMeasure):
    """
    One number of tenders over another, of two queries that no tender can match both: [a low / b high, a high / b low].

    Without an upper end where b may be 0. A tender that may match either is in one of them at most, so that both ends
    are reached.
    """

    code = Measure.RATIO
    unit = Unit.TIMES
    queries = ("query", "base_query")
    joints = ("", "to")
    is_of_sets = True

    def check(self, queries):
        if (True, True) in outcomes(Facts(), [queries.query, queries.base_query]):
            raise ValidationError({"base_query": _("Use the share: a tender could match both a part and its whole.")})

    def evaluate(self, population, queries):
        over, under = population.match(queries.query), population.match(queries.base_query)
        recorded = Fraction(len(over.listed), len(under.listed)) if under.listed else None
        limits = _quotient(Interval(len(over.certain), over.high), Interval(len(under.certain), under.high))
        return Result(recorded, limits)

    def over_all_tenders(self, queries):
        over, under = (part_of(rows_of(query), query) for query in (queries.query, queries.base_query))
        return OverAllTenders(Fraction(over[0], under[0]) if under[0] else None, (over, under))

    def gap_results(self, query_results):
        return query_results

    def summary(self, claim, evaluation, wording):
        over, under = evaluation.query_results
        has_same = conditions_of(over.query) == conditions_of(under.query)
        values = {
            "over": wording.tenders(over.listed, over.query, over.address),
            "under": wording.tally(under.listed, under.address),
            "which": time_of(under.query) if has_same else wording.which(under.query),
        }
        text = ngettext(
            "%(over)s stands against %(under)s %(which)s",
            "%(over)s stand against %(under)s %(which)s",
            len(over.listed),
        )
        values = {"compared": text % values}
        if evaluation.recorded is None:
            return _("%(compared)s.") % values
        values["ratio"] = format_value(evaluation.recorded, self.unit)
        return _("%(compared)s: %(ratio)s as many.") % values


@register
class RatioOfShares(BaseMeasure):
    """One share over another: [low / high, high / low]; not tight where an unknown tender bears on both shares."""

    code = Measure.RATIO_OF_SHARES
    unit = Unit.TIMES
    queries = ("query", "base_query", "to_query", "to_base_query")
    wholes = {"query": "base_query", "to_query": "to_base_query"}
    joints = ("", "of", "to", "of")
    is_of_sets = True

    def evaluate(self, population, queries):
        query, whole, to_query, to_whole = queries.by_name.values()
        over, under = population.part_of_whole(query, whole), population.part_of_whole(to_query, to_whole)
        return Result(
            _over(_recorded_share(over), _recorded_share(under)),
            _quotient(_limits_of_share(over), _limits_of_share(under)),
            rests_on=min(len(over.listed_whole), len(under.listed_whole)),
        )

    def over_all_tenders(self, queries):
        query, whole, to_query, to_whole = queries.by_name.values()
        over, under = part_of_whole(query, whole), part_of_whole(to_query, to_whole)
        return OverAllTenders(_over(percent(*over), percent(*under)), (*over, *under))

    def gap_results(self, query_results):
        return query_results[1::2]  # both wholes

    def summary(self, claim, evaluation, wording):
        results = evaluation.query_results
        pairs = zip(results[::2], results[1::2], strict=True)
        shares = [
            _("of %(whole)s, %(parts)s")
            % {
                "whole": wording.tenders(whole.listed, whole.query, whole.address),
                "parts": wording.were(part, whole.query),
            }
            for part, whole in pairs
        ]
        values = {"one": capfirst(shares[0]), "other": shares[1]}
        if evaluation.recorded is None:
            return _("%(one)s; %(other)s.") % values
        values["ratio"] = format_value(evaluation.recorded, self.unit)
        return _("%(one)s; %(other)s: %(ratio)s the share.") % values


def _over(one, other):
    return one / other if one is not None and other else None


def _quotient(over, under):
    if over.is_empty or under.is_empty or under.high == 0:
        return NOTHING
    low = Fraction(0) if under.high is None else Fraction(over.low) / under.high
    high = None if over.high is None or not under.low else Fraction(over.high) / under.low
    return Interval(low, high)
