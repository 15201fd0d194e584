"""A claim as pages show it: what was printed beside what is recorded, the verdict, the lists that prove each number."""

from copy import copy
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tenders.choices import Measure, Verdict
from tenders.claims import sentences
from tenders.claims.evaluation import Evaluation, guarded, over_all_tenders
from tenders.claims.formatting import format_value
from tenders.claims.measures import measure_of
from tenders.claims.wording import NUMBER
from tenders.facets import MAX_VALUES
from tenders.languages import join_sentences, strip_cjk_spaces

# The order in which verdicts are shown: what is wrong first.
VERDICTS = (Verdict.CONTRADICTED, Verdict.UNDECIDED, Verdict.AGREES, Verdict.CONFIRMED, Verdict.NOT_CHECKABLE)

LINK = '<a href="{}" data-count="{}">{}</a>'


@dataclass(frozen=True)
class Counted:
    """A number with the list that proves it; no address where no list has just these rows."""

    number: int
    url: str = ""


def figure(claim, evaluation, names=None):
    """
    Return a claim with its evaluation as pages show it, in the reader's language; a failure is shown as such.

    The sentence of what is recorded (``summary``) needs the ``names`` in it, and is empty without.
    """
    shown, problem = guarded(claim, lambda: _figure(claim, evaluation, names))
    if problem:
        unmeasured = copy(claim)
        unmeasured.measure = Measure.NONE
        shown = _figure(unmeasured, Evaluation(claim.code, Verdict.NOT_CHECKABLE, problem=problem), names)
    return shown


def _figure(claim, evaluation, names):
    record, is_of_text = claim.record, measure_of(claim).is_of_text
    recorded = _("nothing: it is about the text") if is_of_text else sentences.recorded_text(claim, evaluation)
    editors_reason, own_reason = sentences.editors_reason(claim, evaluation), sentences.own_reason(claim, evaluation)
    return {
        "code": claim.code,
        "url": claim.get_absolute_url(),
        "statement": claim.statement,
        "statement_language": "zh-Hans" if claim.statement != claim.statement_en else "en",
        "printed": strip_cjk_spaces(sentences.printed_text(claim)),
        "is_printed": bool(claim.printed_as),  # whether any figure is
        "is_of_text": is_of_text,
        "recorded": strip_cjk_spaces(recorded),
        "is_recorded": evaluation.recorded is not None,
        "value": "" if evaluation.recorded is None else format_value(evaluation.recorded, claim.unit),
        "numbers": _numbers(claim, evaluation),  # of (joint, Counted): what the recorded value is made of
        "limits": strip_cjk_spaces(sentences.interval_text(claim, evaluation)),
        "verdict": evaluation.verdict.value,
        "finding": evaluation.finding.value,
        "label": sentences.label(evaluation),
        "has_words": evaluation.verdict in (Verdict.CONTRADICTED, Verdict.UNDECIDED),  # in the text of an article
        "strength": str(sentences.STRENGTHS[evaluation.finding]),
        "summary": (summary := _summary(claim, evaluation, names) if names else ""),
        "named": tuple(name for name in _names(record, names) if escape(name) in summary),
        "reason": join_sentences([editors_reason, own_reason]),
        "editors_reason": editors_reason,
        "own_reason": own_reason,
        "source_titles": tuple(source.shown_title for source in evaluation.corroborating_sources),
        "record_url": record.get_absolute_url() if record and record.is_published else "",
    }


def _summary(claim, evaluation, names):
    """Return what is recorded in one sentence, each number of tenders with a link to the list that proves it."""
    text, tallies = sentences.summary(claim, evaluation, names)

    def number(found):
        counted = _tallied(tallies[int(found[1])])
        # As components/counted.html, without rendering a template for each number of each claim of an article.
        return format_html(LINK, counted.url, counted.number, counted.number) if counted.url else str(counted.number)

    return mark_safe(NUMBER.sub(number, conditional_escape(text)))  # noqa: S308


def _names(record, names):
    """Return the names that may stand in the sentence of a claim."""
    return {*(names.parties if names else ()), *([str(record)] if record else ())}


def _tallied(tally):
    if tally.address:
        return Counted(tally.number, f"{reverse('tender-list')}?{tally.address}")
    return counted_references(tally.references)


def _numbers(claim, evaluation):
    measure = measure_of(claim)
    if evaluation.recorded is None:
        return []
    if measure.joints:
        return list(zip(measure.joints, map(counted, evaluation.query_results), strict=True))
    if measure.counted_list and evaluation.query_results[0].address:
        url = f"{reverse(measure.counted_list)}?{evaluation.query_results[0].address}"
        return [("", Counted(evaluation.recorded, url))]
    return []


def counted(query_result):
    """Return the number of tenders that the list shows for one of a claim's queries."""
    if query_result.address:
        return Counted(len(query_result.listed), f"{reverse('tender-list')}?{query_result.address}")
    return counted_references(query_result.listed)


def counted_references(references):
    """Return how many tenders some references are, with the list of just these."""
    if not 0 < len(references) <= MAX_VALUES:
        return Counted(len(references))
    query = "&".join(f"reference={reference}" for reference in sorted(references))
    return Counted(len(references), f"{reverse('tender-list')}?{query}")


def counted_part(query_result):
    """Return what a claim's page shows of a query: the tenders recorded, certainly or possibly counted, and missing."""
    listed = counted(query_result)
    is_listed = query_result.certain == query_result.listed
    return {
        "name": query_result.name,
        "listed": listed,
        "certain": listed if is_listed else counted_references(query_result.certain),
        "possible": counted_references(query_result.possible),
        "missing": query_result.missing,
    }


def figure_over_all_tenders(claim):
    """Return the text and the numbers of a claim's figure over all tenders; None without one, or if it fails."""
    return guarded(claim, lambda: _figure_over_all_tenders(claim))[0]


def _figure_over_all_tenders(claim):
    found = over_all_tenders(claim)
    if found is None:
        return None
    numbers = counted_over_all_tenders(found)
    if found.recorded is None:
        return _("unknown"), numbers
    return measure_of(claim).format_value(found.recorded, claim.unit, [part.number for part in numbers]), numbers


def counted_over_all_tenders(found):
    """Return the numbers that a claim's figure over all tenders is made of, each with its list."""
    return [
        Counted(number, "" if query is None else f"{reverse('tender-list')}{'?' if query else ''}{query}")
        for number, query in found.parts
    ]


def drawing(claim, evaluation):
    """
    Return an interval as a bar on a line, with what was printed and what is recorded, or None where nothing is drawn.

    Places are in per cent of the line; ``first`` and ``last`` are what its ends stand for.
    """
    return guarded(claim, lambda: _drawing(claim, evaluation))[0]


def _drawing(claim, evaluation):
    interval, printed = evaluation.interval, evaluation.printed
    if interval is None or interval.is_empty or (interval.low is None and interval.high is None):
        return None
    numbers = [interval.low, interval.high, evaluation.recorded, *((printed.low, printed.high) if printed else ())]
    known = [number for number in numbers if number is not None]
    is_open = interval.high is None
    axis = measure_of(claim).axis(min(known), max(known), is_open)
    if axis is None:
        return None
    first, last = axis

    def place(number, otherwise):
        if number is None:
            return otherwise
        return round(float(100 * (min(number, last) - first) / (last - first)), 2)

    return {
        "left": place(interval.low, 0),
        "right": 100 if is_open else place(interval.high, 100),
        "is_open": is_open,  # nothing bounds it above
        "printed_left": place(printed.low, 0) if printed else None,
        "printed_right": place(printed.high, 100) if printed else None,
        "is_printed_open": bool(printed) and printed.low != printed.high,
        "recorded": place(evaluation.recorded, None),
        "first": format_value(first, claim.unit),
        "last": _("and more") if is_open else format_value(last, claim.unit),
    }
