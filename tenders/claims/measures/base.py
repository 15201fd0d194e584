"""What all measures have in common."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from tenders.choices import Printed
from tenders.claims.formatting import format_interval, format_low_end, format_value
from tenders.claims.intervals import Interval

MEASURES = {}  # by code


def register(measure_class):
    """Add a measure to ``MEASURES``."""
    MEASURES[measure_class.code] = measure_class()
    return measure_class


@dataclass(frozen=True)
class Result:
    """A recorded value, None when it is unknown, and its interval."""

    recorded: Fraction | int | None
    interval: Interval
    ties: int = 0  # of a rank: how many others share it
    rests_on: int | None = None  # of a rank or a share: on how many tenders
    ranked: tuple = ()  # of a rank: (values, references) of each group of values that tenders have
    unranked: tuple = ()  # of a rank: the references of the tenders whose value is unknown


class BaseMeasure:
    """
    A measure: what a claim counts or compares.

    ``queries`` are the query strings that it needs and ``arguments`` what it needs beside them, by the names of a
    claim's columns or of its ``arguments``. A query is matched within the query that ``wholes`` names for it.
    ``attributes`` are facts that it uses beside those of its queries. ``joints`` stand before each of the numbers of
    tenders that a recorded value is made of, and ``counted_list`` names the list of what else it counts.

    Its claims may be about one of ``records``; ``derived_queries`` follow from what else is given, and ``unit`` is that
    of its value where there is but one.
    """

    code = None
    queries = ()
    derived_queries = ()
    arguments = ()
    records = ("tender", "institution", "company")
    needs_record = False
    unit = ""
    prints_number = True
    can_be_size = False  # of an article's set in a year or a period, or a margin
    wholes = {}
    attributes = ()
    joints = None
    counted_list = ""
    is_count = False  # of tenders or of what tenders have
    is_of_sets = False  # of how many tenders match: worth recording even where it cannot be checked
    is_of_text = False  # of printed figures alone

    # What its claims hold beside what all claims have.

    @property
    def compared_with(self):
        """The names of what says with which records a figure is compared: queries, arguments, the record if needed."""
        queries = [name for name in self.queries if name not in self.derived_queries]
        return [*queries, *self.arguments, *(self.records if self.needs_record else ())]

    @property
    def fields(self):
        """The names of all that a claim of this measure may hold and others may not."""
        printed = ("printed_as", "printed_low", "printed_high") if self.prints_number else ()
        unit, size = () if self.unit else ("unit",), ("is_set_size", "is_margin") if self.can_be_size else ()
        return list(dict.fromkeys([*printed, *unit, *self.compared_with, *self.records, *size]))

    # What it computes. ``queries`` are a claim's (``queries.ClaimQueries``).

    def check(self, queries):
        """Raise ``ValidationError`` unless the queries and arguments fit."""

    def evaluate(self, population, queries):
        """Return the ``Result`` over an article's set."""
        raise NotImplementedError

    def over_all_tenders(self, queries):
        """Return the figure over all recorded tenders; None for one record, or for the text alone."""
        return

    def num_unknown(self, rows):
        """Return of how many tenders an amount is unknown that the measure adds up or compares."""
        return 0

    def attributes_read(self, queries):
        """Return the attributes of tenders on which the result depends, beside those of time."""
        return {*self.attributes, *asked_attributes(queries)}

    def known(self, rows):
        """Return the tenders whose value is known that the measure counts, adds up or compares."""
        return ()

    def evidence(self, population, queries):
        """Yield (kind, key, fact) of all that the measure uses: existence, its facts, those that its queries ask."""
        names = {"existence", *self.attributes, *asked_attributes(queries)}
        rows = {row.pk: row for query in queries.by_name.values() for row in population.match(query).certain}
        for row in rows.values():
            for name in names:
                yield from row.evidence.get(name, ())

    # How it is put into words.

    def summary(self, claim, evaluation, wording):
        """Return what is recorded in a sentence that a newspaper could print; ``wording`` names and counts tenders."""
        return _("Our records hold nothing that could support or refute this.")

    def format_printed(self, claim):
        """Return what was printed: "14", "more than 50 %", "3 or 4"; "no figure" for none."""
        low, high = claim.printed_low, claim.printed_high
        if not claim.printed_as:
            return _("no figure")
        if claim.printed_as == Printed.ABOUT:
            return _("about %(number)s") % {"number": format_value((low + high) / 2, claim.unit)}
        if claim.printed_as == Printed.BETWEEN:
            joined = _("%(low)s or %(high)s") if high - low == 1 else _("%(low)s to %(high)s")
            return joined % {"low": format_low_end(low, claim.unit), "high": format_value(high, claim.unit)}
        text = format_value(high if low is None else low, claim.unit)
        patterns = {
            Printed.AT_LEAST: _("at least %(number)s"),
            Printed.MORE_THAN: _("more than %(number)s"),
            Printed.AT_MOST: _("at most %(number)s"),
            Printed.LESS_THAN: _("less than %(number)s"),
        }
        return patterns[claim.printed_as] % {"number": text} if claim.printed_as in patterns else text

    def format_value(self, value, unit, numbers):
        """Return a value that is known, with the ``numbers`` of the tenders of its queries."""
        return format_value(value, unit)

    def format_recorded(self, evaluation, unit):
        """Return what is recorded."""
        if evaluation.recorded is None:
            return _("unknown")
        numbers = [len(query_result.listed) for query_result in evaluation.query_results]
        return self.format_value(evaluation.recorded, unit, numbers)

    def format_interval(self, interval, unit):
        """Return the limits of what is possible."""
        return format_interval(interval, unit)

    def gap_results(self, query_results):
        """Return the results of the queries of which more could match: of a part and its whole, the whole."""
        return query_results[-1:]

    def opening(self, evaluation):
        """Return how the sentence that explains a verdict begins, with placeholders."""
        if evaluation.recorded is None:
            return _("The article says %(printed)s; we have no record to compare it with")
        return _("The article says %(printed)s; our records show %(recorded)s")

    def open_ending(self, evaluation, has_gap):
        """Return how the sentence ends while the unknown may decide, with placeholders."""
        return _(". Possible: %(limits)s; %(gap)s.") if has_gap else _(". Possible: %(limits)s.")

    # How it is drawn.

    def axis(self, low, high, is_open):
        """Return the ends of the line on which the numbers from low to high are drawn, None for no line."""
        return None if low == high else axis_from(min(0, low), high, is_open)


def asked_attributes(queries):
    """Return the attributes that a claim's queries ask for."""
    asked = [query.filters[name] for query in queries.by_name.values() for name in query.active_filters]
    return {attribute for found in asked for attribute in found.attributes}


NO_MEASURE = BaseMeasure()  # of claims that cannot be checked


def axis_from(first, high, is_open):
    """Return the ends of a line from a number; one that is open above is a quarter longer than what is known."""
    last = first + (high - first) * 5 / 4 or 1 if is_open else high
    return first, max(last, first + 1)
