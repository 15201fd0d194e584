"""The measure of the text alone: whether printed figures add up."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import Measure, Verdict
from tenders.claims import intervals
from tenders.claims.intervals import Interval
from tenders.claims.measures.base import BaseMeasure, Result, register


@register
class SumOfClaims(BaseMeasure):
    """What printed figures add up to, with the slack of those that are no single number; a test of the text alone."""

    code = Measure.SUM_OF_CLAIMS
    arguments = ("claims", "total")
    records = ()
    is_of_text = True

    def check(self, queries):
        """Raise unless what the claim prints is what the claim of the total prints, and all others print something."""
        self._summands(queries)
        code = str(queries.claim.arguments.get("total", ""))
        total = intervals.printed(queries.others[code]) if code in queries.others else None
        if code and total != intervals.printed(queries.claim):
            raise ValidationError({"total": _("%(code)s states a different figure from this claim.") % {"code": code}})

    def evaluate(self, population, queries):
        summands = self._summands(queries)
        lows, highs = [summand.low for summand in summands], [summand.high for summand in summands]
        low, high = (None if None in ends else sum(ends) for ends in (lows, highs))
        is_low_open = any(summand.is_low_open for summand in summands)
        is_high_open = any(summand.is_high_open for summand in summands)
        recorded = low if low is not None and low == high else None
        return Result(recorded, Interval(low, high, is_low_open, is_high_open))

    def summary(self, claim, evaluation, wording):
        total = (
            self.format_interval(evaluation.interval, claim.unit)
            if evaluation.recorded is None
            else self.format_value(evaluation.recorded, claim.unit, [])
        )
        if evaluation.verdict == Verdict.CONTRADICTED:
            printed = self.format_printed(claim)
            return _("The article’s figures add up to %(total)s, and not to %(printed)s.") % {
                "total": total,
                "printed": printed,
            }
        return _("The article’s figures add up to %(total)s, as it says.") % {"total": total}

    def _summands(self, queries):
        """Return what was printed for the claims that are added up, as intervals."""
        codes = [str(code) for code in queries.argument("claims", list)]
        found = [intervals.printed(queries.others[code]) if code in queries.others else None for code in codes]
        if missing := [code for code, summand in zip(codes, found, strict=True) if summand is None]:
            raise ValidationError(
                {"claims": _("No claim of this article states a figure as %(codes)s.") % {"codes": ", ".join(missing)}}
            )
        return found
