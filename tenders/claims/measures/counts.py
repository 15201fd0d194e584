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
from tenders.claims.wording import conditions_of, sentence


class CountMeasure(BaseMeasure):
    """A number of things."""

    queries = ("query",)
    is_count = is_of_sets = True

    def opening(self, evaluation):
        return _("The article counts %(printed)s; our records have %(recorded)s")

    def open_ending(self, evaluation, has_gap):
        if evaluation.high is None:
            return _(", and there is no upper limit: %(gap)s.")
        if evaluation.high > evaluation.recorded:
            return _(", and up to %(more)s more are possible: %(gap)s.")
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

    def summary(self, claim, evaluation, wording):
        return summary_of_count(evaluation, wording)


def summary_of_count(evaluation, wording):
    """Return how many of the tenders of a time meet the other conditions; without any, how many are identified."""
    (result,) = evaluation.query_results
    if not conditions_of(result.query):
        return _how_many_are_identified(result, wording)
    if not evaluation.whole:
        return wording.none(evaluation.whole_query)
    undecided = wording.undecided(result.unknown, result.undecided)
    return sentence(wording.whole(evaluation), wording.were(result, evaluation.whole_query), undecided)


def _how_many_are_identified(result, wording):
    values = {"n": wording.tally(result.listed, result.address), "which": wording.which(result.query)}
    text = _("No tender %(which)s is identified")
    if result.listed:
        text = ngettext(
            "%(n)s tender %(which)s is identified", "%(n)s tenders %(which)s are identified", len(result.listed)
        )
    values = {"identified": text % values, "doubtful": result.num_doubtful}
    if result.num_doubtful:
        values["identified"] = _("%(identified)s, %(doubtful)s of them doubtfully") % values
    if result.missing is None:
        return _("%(identified)s; the article does not say how many it counts.") % values
    values["missing"] = max(0, result.missing - result.num_doubtful)  # a doubtful one is one of those missing, or none
    if not values["missing"]:
        return _("%(identified)s, which is all that the article counts.") % values
    text = ngettext(
        "%(identified)s; %(missing)s more that the article counts is not.",
        "%(identified)s; %(missing)s more that the article counts are not.",
        values["missing"],
    )
    return text % values


class CountDifferent(CountMeasure):
    """
    Count different values of an attribute.

    Low: the known ones of certain rows; 1 if there is a certain row at all, as its unknown value is some value. High:
    the known ones of certain and possible rows, and another one for each row without and for each missing tender. Not
    always tight: the query may leave fewer values open, and a row that may match may bring none.
    """

    parameter = column = ""
    is_codelist = False  # of which there are no more values than its filter has

    def attributes_read(self, queries):
        return {*super().attributes_read(queries), self.parameter}

    def known(self, rows):
        return [row for row in rows if row.values.get(self.parameter) is not None]

    def different(self, number):
        """Return how many different values there are, in words."""
        raise NotImplementedError

    def summary(self, claim, evaluation, wording):
        (result,) = evaluation.query_results
        if not result.listed:
            return wording.none(result.query)
        values = {
            "tenders": wording.tenders(result.listed, result.query, result.address),
            "different": self.different(evaluation.recorded),
            "unknown": wording.undecided(self.parameter, tuple(set(result.listed) - set(result.known))),
        }
        text = ngettext("%(tenders)s is from %(different)s.", "%(tenders)s are from %(different)s.", len(result.listed))
        if values["unknown"]:
            text = ngettext(
                "%(tenders)s is from %(different)s; %(unknown)s.",
                "%(tenders)s are from %(different)s; %(unknown)s.",
                len(result.listed),
            )
        return text % values

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

    def different(self, number):
        return ngettext("%(n)s known buyer", "%(n)s different buyers", number) % {"n": number}


@register
class CountRegions(CountDifferent):
    """Count different regions of purchase, never more than there are."""

    code = Measure.COUNT_REGIONS
    unit = Unit.REGIONS
    parameter = column = "region"
    is_codelist = True

    def different(self, number):
        return ngettext("%(n)s known region", "%(n)s different regions", number) % {"n": number}


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
        return _("The article says there is such a tender; our records have %(recorded)s")

    def summary(self, claim, evaluation, wording):
        return summary_of_count(evaluation, wording)


def _format_existence(low, high):
    """Return whether there is a tender: "one", "none", "one or none"."""
    words = {(0, 0): pgettext("tender", "none"), (1, 1): pgettext("tender", "one")}
    return words.get((low, high), _("one or none"))
