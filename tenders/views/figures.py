"""A claim as pages show it: what was printed beside what is recorded, the verdict, the lists that prove each number."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from tenders.choices import Measure, Verdict
from tenders.claims import sentences
from tenders.claims.everywhere import everywhere
from tenders.languages import strip_cjk_spaces

MOST_REFERENCES = 150  # in one address: web servers refuse longer ones

# The order in which verdicts are told: what is wrong first.
VERDICTS = (Verdict.CONTRADICTED, Verdict.UNDECIDED, Verdict.AGREES, Verdict.CONFIRMED, Verdict.NOT_CHECKABLE)
# What stands before each of the numbers that a recorded value is made of.
MADE_OF = {
    Measure.COUNT: ("",),
    Measure.SHARE: ("", "of"),
    Measure.RATIO: ("", "to"),
    Measure.RATIO_OF_SHARES: ("", "of", "to", "of"),
}


@dataclass(frozen=True)
class Counted:
    """A number with the list that proves it; no address where no list has just these rows."""

    number: int
    url: str = ""


@dataclass(frozen=True)
class Figure:
    """One claim with its judgement, in the reader's language."""

    code: str
    url: str
    statement: str
    statement_language: str
    place: str
    printed: str
    is_printed: bool  # whether any figure is
    is_of_text: bool  # whether it is about the printed figures alone, not about records
    recorded: str
    value: str  # the recorded value alone, without what it is made of
    limits: str
    verdict: str  # its code
    word: str  # the verdict in a word
    label: str
    reason: str
    editors_reason: str
    own_reason: str
    witnesses: tuple  # the titles that it names
    numbers: list = field(default_factory=list)  # of (joint, Counted): what the recorded value is made of
    record_url: str = ""


def figure(claim, evaluation):
    """Return a claim as pages show it."""
    record, is_of_text = claim.record, claim.measure == Measure.SUM_OF_CLAIMS
    recorded = _("nothing: it is about the text") if is_of_text else sentences.recorded_words(claim, evaluation)
    return Figure(
        code=claim.code,
        url=claim.get_absolute_url(),
        statement=claim.statement,
        statement_language="zh-Hans" if claim.statement != claim.statement_en else "en",
        place=", ".join(filter(None, [claim.section, claim.place])),
        printed=strip_cjk_spaces(sentences.printed_words(claim)),
        is_printed=bool(claim.printed_as),
        is_of_text=is_of_text,
        recorded=strip_cjk_spaces(recorded),
        value="" if evaluation.recorded is None else sentences.number(evaluation.recorded, claim.unit),
        limits=strip_cjk_spaces(sentences.interval_words(claim, evaluation)),
        verdict=evaluation.verdict.value,
        word=sentences.label(claim, evaluation) if is_of_text else str(evaluation.verdict.label),
        label=sentences.label(claim, evaluation),
        reason=sentences.reason(claim, evaluation),
        editors_reason=sentences.editors_reason(claim, evaluation),
        own_reason=sentences.own_reason(claim, evaluation),
        witnesses=tuple(title for title, _kind in evaluation.witnesses),
        numbers=_numbers(claim, evaluation),
        record_url=record.get_absolute_url() if record and record.is_published else "",
    )


def _numbers(claim, evaluation):
    if evaluation.recorded is None:
        return []
    if claim.measure in MADE_OF:
        return list(zip(MADE_OF[claim.measure], map(counted, evaluation.query_results), strict=True))
    if claim.measure == Measure.COUNT_INSTITUTIONS and evaluation.query_results[0].address:
        return [
            ("", Counted(evaluation.recorded, f"{reverse('institution-list')}?{evaluation.query_results[0].address}"))
        ]
    return []


def counted(query_result):
    """Return the number of tenders that the list shows for one of a claim's queries."""
    if query_result.address:
        return Counted(len(query_result.listed), f"{reverse('tender-list')}?{query_result.address}")
    return counted_references(query_result.listed)


def counted_references(references):
    """Return how many tenders some references are, with the list of just these."""
    if not 0 < len(references) <= MOST_REFERENCES:
        return Counted(len(references))
    query = "&".join(f"reference={reference}" for reference in sorted(references))
    return Counted(len(references), f"{reverse('tender-list')}?{query}")


@dataclass(frozen=True)
class CountedPart:
    """One of a claim's queries on its page: the tenders recorded, surely counted, possibly counted, and missing."""

    name: str  # of the query
    listed: Counted
    sure: Counted
    possible: Counted
    query_result: object


def counted_part(query_result):
    listed = counted(query_result)
    sure = listed if query_result.sure == query_result.listed else counted_references(query_result.sure)
    return CountedPart(query_result.name, listed, sure, counted_references(query_result.possible), query_result)


def figure_everywhere(claim, queries):
    """Return the words and the numbers of a claim's figure over the whole database, or None."""
    found = everywhere(claim, queries)
    if found is None:
        return None
    numbers = [
        Counted(number, "" if query is None else f"{reverse('tender-list')}{'?' if query else ''}{query}")
        for number, query in found.parts
    ]
    return sentences.value_words(claim, found.recorded, [part.number for part in numbers]), numbers


@dataclass(frozen=True)
class Drawing:
    """An interval as a bar on a line, in per cent of it, with what was printed and what is recorded on it."""

    left: float
    right: float
    is_open: bool  # nothing bounds it above
    printed_left: float | None
    printed_right: float | None
    is_printed_open: bool
    recorded: float | None
    first: str  # what the ends of the line stand for
    last: str


WIDTH = 100


def drawing(claim, evaluation):
    """Return what is drawn of a claim, or None where there is nothing to draw."""
    interval, printed = evaluation.interval, evaluation.printed
    if interval is None or interval.is_empty or (interval.low is None and interval.high is None):
        return None
    known = [
        number
        for number in (
            interval.low,
            interval.high,
            evaluation.recorded,
            printed and printed.low,
            printed and printed.high,
        )
        if number is not None
    ]
    low, high = min(known), max(known)
    if claim.measure in (Measure.SHARE,):
        first, last = 0, 100
    elif claim.measure in (Measure.FACT, Measure.AMOUNT) and low != high:
        first, last = max(0, low - (high - low)), high + (high - low)
    elif low == high:
        return None
    else:
        first = min(0, low) if claim.measure != Measure.RANK else 1
        last = high if interval.high is not None else first + (high - first) * 5 / 4 or 1
        last = max(last, first + 1)
    is_open = interval.high is None

    def place(number, otherwise):
        if number is None:
            return otherwise
        return round(float(WIDTH * (min(number, last) - first) / (last - first)), 2)

    return Drawing(
        left=place(interval.low, 0),
        right=WIDTH if is_open else place(interval.high, WIDTH),
        is_open=is_open,
        printed_left=place(printed.low, 0) if printed else None,
        printed_right=place(printed.high, WIDTH) if printed else None,
        is_printed_open=bool(printed) and printed.low != printed.high,
        recorded=place(evaluation.recorded, None),
        first=sentences.number(first, claim.unit),
        last=_("and more") if is_open else sentences.number(last, claim.unit),
    )
