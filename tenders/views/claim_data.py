"""
A claim as data: what was printed, what is recorded, the verdict and why, and for each query the tenders that prove it.

The parts are those of an ``Evaluation`` and its ``QueryResult``, so that every number can be counted again.
"""

from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

from tenders.claims import sentences
from tenders.claims.evaluation import over_all_tenders
from tenders.views.figures import counted, counted_over_all_tenders

DIGITS = Decimal("1e-10")  # to which a number that is no decimal is rounded, such as a third


def claim_data(claim, evaluation, absolute):
    """Return a claim with its evaluation as JSON serialisable data; ``absolute`` gives the address of a path."""
    record = claim.record
    return {
        "code": claim.code,
        "address": absolute(claim.get_absolute_url()),
        "statement_en": claim.statement_en,
        "statement_zh": claim.statement_zh,
        "section": claim.section,
        "place": claim.place,
        "place_zh": claim.place_zh,
        "measure": claim.measure,
        "about": record.reference if record and record.is_published else "",
        "reading_of": claim.reading_of.code if claim.reading_of else "",
        "printed": {
            "as": claim.printed_as,
            "low": claim.printed_low,
            "high": claim.printed_high,
            "unit": claim.unit,
        }
        if claim.printed_as
        else None,
        "recorded": number(evaluation.recorded),
        "interval": interval_data(evaluation.interval),
        "verdict": evaluation.verdict.value,
        "finding": evaluation.finding.value,
        "why": sentences.reason(claim, evaluation),
        "note": claim.note,
        "note_zh": claim.note_zh,
        "sources": [source.slug for source in evaluation.corroborating_sources],
        "read_in": sorted(source.slug for source in claim.sources.all()),
        "queries": [query_data(result, absolute) for result in evaluation.query_results],
    }


def query_data(result, absolute):
    """
    Return the tenders of a query of a claim, by their references.

    The address is that of the list of those listed, empty where no list has just these. ``missing`` is how many more
    the article counts, None where it does not say.
    """
    return {
        "name": result.name,
        "address": absolute(counted(result).url),
        "listed": list(result.listed),
        "sure": list(result.certain),
        "possible": list(result.possible),
        "missing": result.missing,
    }


def interval_data(interval):
    """Return an interval, None where none was computed; an end of None is none, an open one does not belong to it."""
    return interval and {
        "low": number(interval.low),
        "high": number(interval.high),
        "low_open": interval.is_low_open,
        "high_open": interval.is_high_open,
        "empty": interval.is_empty,
    }


def counted_data(counted_, absolute):
    """Return a number with the address of the list that proves it, empty where none does."""
    return {"number": counted_.number, "address": absolute(counted_.url)}


def number(value):
    """Return a figure as a number for JSON, rounded to ten digits behind the point where it has more."""
    if not isinstance(value, Fraction):
        return value
    if value.denominator == 1:
        return value.numerator
    return (Decimal(value.numerator) / value.denominator).quantize(DIGITS)


def over_all_tenders_data(claim, absolute):
    """Return a claim's figure over all tenders with the numbers that it is made of; None without one."""
    found = over_all_tenders(claim)
    return found and {
        "recorded": number(found.recorded),
        "numbers": [counted_data(part, absolute) for part in counted_over_all_tenders(found)],
    }


def verdict_change_data(change):
    """Return a change of a verdict as the public may see it (``public_verdict_changes``)."""
    return {
        "date": timezone.localtime(change.changed_at).isoformat(timespec="seconds"),
        "verdict": change.verdict,
        "recorded": change.recorded,
        "low": change.low,
        "high": change.high,
        "cause": change.cause,
        "subject": change.subject,
        "details": change.details,
    }
