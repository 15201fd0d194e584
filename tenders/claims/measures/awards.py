"""Measures of amounts: the largest or n-th largest award, the sum of the awards or of the budgets. In yuan."""

from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.choices import Measure, Unit
from tenders.claims.formatting import format_value, ordinal
from tenders.claims.intervals import NOTHING, Interval
from tenders.claims.measures.base import BaseMeasure, Result, register
from tenders.claims.over_all_tenders import OverAllTenders, part_of, rows_of
from tenders.models import Award, Tender

HIGHEST = 1000  # the n of an n-th largest award


class AwardMeasure(BaseMeasure):
    """Awards are counted, not tenders; a tender without a recorded award counts as one unknown amount."""

    attributes = ("award_amount",)
    unit = Unit.YUAN

    def described(self, claim, value):
        """Return what is known of the known amounts, in words."""
        raise NotImplementedError

    def summary(self, claim, evaluation, wording):
        tenders, number, known = _known(evaluation, wording)
        if not number:
            return _("Of %(tenders)s, no awarded amount is known.") % {"tenders": tenders}
        text = ngettext(
            "Of %(tenders)s, the awarded amount of %(known)s is known: %(described)s.",
            "Of %(tenders)s, the awarded amounts of %(known)s are known: %(described)s.",
            number,
        )
        value = None if evaluation.recorded is None else format_value(evaluation.recorded, self.unit)
        return text % {"tenders": tenders, "known": known, "described": self.described(claim, value)}

    def num_unknown(self, rows):
        return sum(row.amount is None for row in rows)

    def known(self, rows):
        return [row for row in rows if row.amount is not None]


@register
class NthAward(AwardMeasure):
    """
    The n-th largest awarded amount.

    Low: the n-th known one of certain rows. High: none when at least n amounts are not known (U of them), else the
    (n - U)-th known one of certain and possible rows.
    """

    code = Measure.NTH_AWARD
    queries = ("query",)
    arguments = ("n",)

    def n(self, queries):
        return queries.argument("n", int)

    def check(self, queries):
        if not 1 <= self.n(queries) <= HIGHEST:
            raise ValidationError({"n": _("1 is the largest, 2 the second.")})

    def evaluate(self, population, queries):
        match, n = population.match(queries.query), self.n(queries)
        awards = [award for row in match.certain for award in row.awards]
        possible = [award for row in match.possible for award in row.awards]
        recorded = [award.amount for row in match.listed for award in row.awards if award.amount is not None]
        lows = [award.low for award in awards if award.is_bounded_below]
        highs = [award.high for award in (*awards, *possible)]
        num_unknown = highs.count(None) + sum(not row.awards for row in (*match.certain, *match.possible))
        known = [high for high in highs if high is not None]
        unbounded = num_unknown + (match.missing or 0)
        if match.missing is None or unbounded >= n:
            return Result(_from_top(recorded, n), Interval(_from_top(lows, n), None))
        high = _from_top(known, n - unbounded)
        limits = NOTHING if high is None else Interval(_from_top(lows, n), high)
        return Result(_from_top(recorded, n), limits)

    def described(self, claim, value):
        n = claim.arguments["n"]
        if value is None:
            return _("too few for the %(rank)s") % {"rank": ordinal(n)}
        return _("the %(rank)s largest is %(value)s") % {"rank": ordinal(n), "value": value}

    def over_all_tenders(self, queries):
        rows = rows_of(queries.query)
        amounts = Award.objects.filter(tender__in=rows, amount__isnull=False).order_by("-amount")
        found = amounts.values_list("amount", flat=True)[self.n(queries) - 1 :][:1]
        return OverAllTenders(Fraction(found[0]) if found else None, (part_of(rows, queries.query),))


@register
class LargestAward(NthAward):
    """The largest awarded amount: the n-th largest with n = 1."""

    code = Measure.LARGEST_AWARD
    arguments = ()

    def n(self, queries):
        return 1

    def described(self, claim, value):
        return _("the largest is %(value)s") % {"value": value}


def _known(evaluation, wording):
    """Return the tenders that are compared in words, of how many of them the amount is known, and its place."""
    (result,) = evaluation.query_results
    tenders = wording.tenders(result.listed, result.query, result.address)
    return tenders, len(result.known), wording.tally(result.known)


def _from_top(amounts, n):
    return Fraction(sorted(amounts)[-n]) if len(amounts) >= n else None


class SumMeasure(BaseMeasure):
    """
    A sum of amounts.

    Low: the sum of the known ones of certain rows. High: none when a certain or possible row or a missing tender may
    have an amount that is not known, else the sum over certain and possible rows.
    """

    queries = ("query",)
    unit = Unit.YUAN
    column = ""

    def amounts(self, row):
        """Return the amounts of a tender as (known amount, least, most), None for unknown and for unbounded."""
        raise NotImplementedError

    def evaluate(self, population, queries):
        match = population.match(queries.query)
        certain, possible, listed = (
            [amounts for row in rows for amounts in self.amounts(row)]
            for rows in (match.certain, match.possible, match.listed)
        )
        known = [amount for amount, _low, _high in listed if amount is not None]
        highs = [high for _amount, _low, high in (*certain, *possible)]
        high = None if match.missing != 0 or None in highs else Fraction(sum(highs))
        low = Fraction(sum(low for _amount, low, _high in certain))
        return Result(Fraction(sum(known)) if known else None, Interval(low, high))

    def over_all_tenders(self, queries):
        rows = rows_of(queries.query)
        found = Tender.objects.filter(pk__in=rows.values("pk")).aggregate(sum=Sum(self.column))["sum"]
        return OverAllTenders(None if found is None else Fraction(found), (part_of(rows, queries.query),))


@register
class SumAward(SumMeasure, AwardMeasure):
    """The sum of all awarded amounts."""

    code = Measure.SUM_AWARD
    column = "awards__amount"

    def described(self, claim, value):
        return _("%(value)s together") % {"value": value}

    def amounts(self, row):
        return [(award.amount, award.low, award.high) for award in row.awards] or [(None, 0, None)]


@register
class SumBudget(SumMeasure):
    """The sum of all budgets."""

    code = Measure.SUM_BUDGET
    column = "budget_amount"

    def attributes_read(self, queries):
        return {*super().attributes_read(queries), "budget"}

    def num_unknown(self, rows):
        return sum(row.budget is None for row in rows)

    def known(self, rows):
        return [row for row in rows if row.budget is not None]

    def summary(self, claim, evaluation, wording):
        tenders, number, known = _known(evaluation, wording)
        if not number:
            return _("Of %(tenders)s, no budget is known.") % {"tenders": tenders}
        text = ngettext(
            "Of %(tenders)s, the budget of %(known)s is known: %(sum)s.",
            "Of %(tenders)s, the budgets of %(known)s are known: %(sum)s together.",
            number,
        )
        return text % {"tenders": tenders, "known": known, "sum": format_value(evaluation.recorded, self.unit)}

    def amounts(self, row):
        return [(row.budget, row.budget or 0, row.budget)]
