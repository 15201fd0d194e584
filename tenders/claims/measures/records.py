"""Measures of one record: the awarded amount of a tender, a fact that is a number."""

from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders import kinds
from tenders.choices import Fact, Measure, Unit
from tenders.claims import intervals
from tenders.claims.intervals import Interval
from tenders.claims.measures.base import BaseMeasure, Result, register
from tenders.models import Company, Institution, Tender

NUMBERS = {  # the facts that a printed number may state
    fact
    for model in (Tender, Institution, Company)
    for fact, attribute in model.FACTS.items()
    if isinstance(attribute.kind, kinds.Count | kinds.Money)
}
SUMMARIES = {
    Fact.FOUNDED: gettext_lazy("According to our records, %(record)s was founded in %(value)s."),
    Fact.YEAR: gettext_lazy("According to our records, “%(record)s” is a tender of %(value)s."),
    Fact.BUDGET: gettext_lazy("Our records put the budget of “%(record)s” at %(value)s."),
}


class RecordMeasure(BaseMeasure):
    """A value of the record that a claim is about."""

    needs_record = True

    def check(self, queries):
        if queries.record_key is None:
            raise ValidationError({self.records[0]: _("Choose the record that the claim is about.")})

    def axis(self, low, high, is_open):
        return None if low == high else (max(0, low - (high - low)), high + (high - low))


@register
class RecordAmount(RecordMeasure):
    """The awarded amount of one tender, in yuan: what is chosen; from it upwards where it is stated as "at least"."""

    code = Measure.AMOUNT
    records = ("tender",)
    attributes = ("award_amount",)
    unit = Unit.YUAN

    def check(self, queries):
        super().check(queries)
        if queries.claim.tender_id is None:
            raise ValidationError({"tender": _("Choose a tender: only tenders have an awarded amount.")})

    def evaluate(self, population, queries):
        facts = population.by_record.get(queries.record_key)
        if facts is None or facts.amount is None:
            return Result(None, Interval())
        low = Fraction(facts.least_amount) if all(award.is_bounded_below for award in facts.awards) else None
        high = None if facts.most_amount is None else Fraction(facts.most_amount)
        return Result(Fraction(facts.amount), Interval(low, high))

    def summary(self, claim, evaluation, wording):
        values = {"record": claim.record, "value": self.format_recorded(evaluation, self.unit)}
        if evaluation.recorded is None:
            return _("Our records have no awarded amount for “%(record)s”.") % values
        return _("Our records put the award for “%(record)s” at %(value)s.") % values

    def evidence(self, population, queries):
        facts = population.by_record.get(queries.record_key)
        return facts.evidence["award_amount"] if facts else ()


@register
class RecordFact(RecordMeasure):
    """A fact of one record that is a number: the chosen value, and nothing but it."""

    code = Measure.FACT
    arguments = ("fact",)

    def check(self, queries):
        super().check(queries)
        if queries.argument("fact", str) not in NUMBERS & set(queries.claim.record.FACTS):
            raise ValidationError({"fact": _("Choose another fact: this one is not a number of this record.")})

    def summary(self, claim, evaluation, wording):
        fact, record = Fact(claim.arguments["fact"]), claim.record
        values = {"record": record, "value": self.format_recorded(evaluation, claim.unit), "fact": fact.label}
        if evaluation.recorded is None:
            return _("Our records of “%(record)s” have no value for “%(fact)s”.") % values
        return SUMMARIES[fact] % values

    def _key(self, queries):
        return (*queries.record_key, Fact(queries.argument("fact", str)))

    def evaluate(self, population, queries):
        value = population.numbers.get(self._key(queries))
        if value is None:
            return Result(None, Interval())
        return Result(Fraction(value), intervals.point(Fraction(value)))

    def evidence(self, population, queries):
        return [self._key(queries)]
