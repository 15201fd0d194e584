"""Measures that count: tenders, different institutions, different regions, and whether there is a tender at all."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tenders.choices import Measure, Unit
from tenders.claims.intervals import Interval
from tenders.claims.matching import outcomes
from tenders.claims.measures.base import BaseMeasure, Result, register
from tenders.claims.over_all_tenders import OverAllTenders, part_of, rows_of
from tenders.claims.populations import plus


class CountMeasure(BaseMeasure):
    """A number of things."""

    queries = ("query",)
    is_count = is_of_sets = True

    def opening(self, evaluation):
        return ngettext(
            "The article counts %(printed)s; %(recorded)s is recorded",
            "The article counts %(printed)s; %(recorded)s are recorded",
            evaluation.recorded,
        )

    def open_ending(self, evaluation, has_gap):
        if evaluation.high is None:
            return _(", and nothing bounds how many more there could be: %(gap)s.")
        if evaluation.high > evaluation.recorded:
            return _(", and up to %(more)s more could be: %(gap)s.")
        return _(", and there can be no more.")


@register
class Count(CountMeasure):
    """Count tenders: [c, c + p + M]. Both ends are reached: where none that may match does, and where all do."""

    code = Measure.COUNT
    can_be_size = True
    joints = ("",)

    def evaluate(self, population, queries):
        match = population.match(queries.query)
        return Result(len(match.listed), Interval(len(match.certain), match.high))

    def over_all_tenders(self, queries):
        part = part_of(rows_of(queries.query), queries.query)
        return OverAllTenders(part[0], (part,))


class CountDifferent(CountMeasure):
    """
    Count different values of an attribute.

    Low: the known ones of certain rows; 1 if there is a certain row at all, as its unknown value is some value. High:
    the known ones of certain and possible rows, and another one for each row without and for each missing tender. Not
    always tight: the query may leave fewer values open, and a row that may match may bring none.
    """

    parameter = column = ""
    is_codelist = False  # of which there are no more values than its filter has

    def evaluate(self, population, queries):
        match = population.match(queries.query)
        certain, possible, listed = (
            [row.values.get(self.parameter) for row in rows] for rows in (match.certain, match.possible, match.listed)
        )
        values = [*certain, *possible]
        high = plus(len(set(values) - {None}) + values.count(None), match.missing)
        if self.is_codelist:
            num_values = len(queries.query.filters[self.parameter].known_values)
            high = num_values if high is None else min(high, num_values)
        low = max(len(set(certain) - {None}), int(bool(certain)))
        return Result(len(set(listed) - {None}), Interval(low, high))

    def over_all_tenders(self, queries):
        rows = rows_of(queries.query)
        number = rows.exclude(**{self.column: None}).values(self.column).distinct().count()
        return OverAllTenders(number, (part_of(rows, queries.query),))


@register
class CountInstitutions(CountDifferent):
    """Count different buyers."""

    code = Measure.COUNT_INSTITUTIONS
    unit = Unit.INSTITUTIONS
    parameter, column = "institution", "buyer"
    counted_list = "institution-list"


@register
class CountRegions(CountDifferent):
    """Count different regions of purchase, never more than there are."""

    code = Measure.COUNT_REGIONS
    unit = Unit.REGIONS
    parameter = column = "region"
    is_codelist = True


@register
class Exists(BaseMeasure):
    """
    Whether there is such a tender, 1 or 0: [1, 1] with a certain row, [0, 1] with a possible or a missing one.

    A claim that names its record asks whether that one matches; what is missing does not count for it.
    """

    code = Measure.EXISTS
    queries = ("query",)
    records = ("tender",)
    unit = Unit.TENDERS
    prints_number = False

    def check(self, queries):
        if queries.record_key and queries.claim.tender_id is None:
            raise ValidationError(
                {"tender": _("This measure is about tenders: choose one, or leave the record empty.")}
            )

    def evaluate(self, population, queries):
        match = population.match(queries.query)
        if queries.record_key is None:
            high = 1 if match.high is None else min(1, match.high)
            return Result(int(bool(match.listed)), Interval(int(bool(match.certain)), high))
        row = next((row for row in population.rows if ("tender", row.pk) == queries.record_key), None)
        if row is None:
            return Result(0, Interval(0, 1))
        ways = outcomes(row, [queries.query])
        is_certain = ways == {(True,)} and not row.is_doubtful
        return Result(int(row in match.listed), Interval(int(is_certain), int((True,) in ways)))

    def format_printed(self, claim):
        return pgettext("tender", "one") if claim.printed_as else super().format_printed(claim)

    def format_value(self, value, unit, numbers):
        return _format_existence(1, 1) if value else _format_existence(0, 0)

    def format_interval(self, interval, unit):
        return _format_existence(interval.low, interval.high)

    def opening(self, evaluation):
        return _("The article says that there is such a tender; on record: %(recorded)s")


def _format_existence(low, high):
    """Return whether there is a tender: "one", "none", "one or none"."""
    words = {(0, 0): pgettext("tender", "none"), (1, 1): pgettext("tender", "one")}
    return words.get((low, high), _("one or none"))
