"""What is said of a claim, in the reader's language and made from the numbers: no sentence is stored anywhere."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tenders.choices import Measure, Printed, SourceKind, Unit, Verdict
from tenders.languages import is_chinese, join_sentences
from tenders.money import format_money

FEW = 3  # tenders on which a rank or a share rests; the reader is told
COUNTS = (Measure.COUNT, Measure.COUNT_INSTITUTIONS, Measure.COUNT_REGIONS)
SHARES = (Measure.SHARE, Measure.RATIO_OF_SHARES)
OF_WHOLE_SETS = (*COUNTS, *SHARES, Measure.RATIO, Measure.RANK)


def number(value, unit):
    """Write a number with its unit, rounded to two digits after the point."""
    if unit == Unit.YEAR:
        return str(int(value))
    rounded = Decimal(round(Fraction(value) * 100)) / 100
    text = f"{rounded:,.2f}".rstrip("0").rstrip(".")
    if unit == Unit.PERCENT:
        return f"{text}%" if is_chinese() else f"{text}\N{NO-BREAK SPACE}%"
    if unit == Unit.YUAN:
        return format_money(rounded)
    if unit == Unit.TIMES:
        return _("%(number)s times") % {"number": text}
    if unit == Unit.RANK:
        return ordinal(int(value))
    return text


def ordinal(n):
    """Write a rank: 1st, 2nd, 3rd, 4th."""
    # Translators: ranks; leave the ending to the number where your language has one form for all.
    patterns = {1: _("%(n)sst"), 2: _("%(n)snd"), 3: _("%(n)srd")}
    ending = patterns.get(n % 10, _("%(n)sth")) if n % 100 not in (11, 12, 13) else _("%(n)sth")
    return ending % {"n": n}


def printed_words(claim):
    """Write what was printed: "14", "more than 50 %", "3 or 4"; no figure is said to be none."""
    low, high = claim.printed_low, claim.printed_high
    if not claim.printed_as:
        return _("no figure")
    if claim.measure == Measure.EXISTS:
        return pgettext("tender", "one")
    if claim.printed_as == Printed.ABOUT:
        return _("about %(number)s") % {"number": number((low + high) / 2, claim.unit)}
    if claim.printed_as == Printed.BETWEEN:
        joined = _("%(low)s or %(high)s") if high - low == 1 else _("%(low)s to %(high)s")
        return joined % {"low": _low_end(low, claim.unit), "high": number(high, claim.unit)}
    text = number(high if low is None else low, claim.unit)
    patterns = {
        Printed.AT_LEAST: _("at least %(number)s"),
        Printed.MORE_THAN: _("more than %(number)s"),
        Printed.AT_MOST: _("at most %(number)s"),
        Printed.LESS_THAN: _("less than %(number)s"),
    }
    return patterns[claim.printed_as] % {"number": text} if claim.printed_as in patterns else text


def recorded_words(claim, evaluation):
    """Write what is recorded; a share as a fraction, "7 of 7", never as a bare percentage."""
    numbers = [len(query_result.listed) for query_result in evaluation.query_results]
    text = value_words(claim, evaluation.recorded, numbers)
    if claim.measure == Measure.RANK and evaluation.ties:
        tied = ngettext("tied with %(n)s other", "tied with %(n)s others", evaluation.ties) % {"n": evaluation.ties}
        return _("%(rank)s, %(tied)s") % {"rank": text, "tied": tied}
    return text


def value_words(claim, value, numbers):
    """Write a value of a claim's measure, of a share with the ``numbers`` of its part and its whole."""
    if value is None:
        return _("unknown")
    if claim.measure == Measure.EXISTS:
        return pgettext("tender", "one") if value else pgettext("tender", "none")
    text = number(value, claim.unit)
    if claim.measure == Measure.SHARE:
        return _("%(part)s of %(whole)s (%(share)s)") % {"part": numbers[0], "whole": numbers[1], "share": text}
    return text


def _low_end(value, unit):
    """Write the lower of two numbers; in English the unit stands with the upper one alone."""
    return number(value, unit if unit in (Unit.RANK, Unit.YEAR) or is_chinese() else "")


def interval_words(claim, evaluation):
    """Write the limits of what is possible: "between 10 and 14", "at least 8,595,000 yuan"."""
    interval = evaluation.interval
    if interval is None:
        return ""
    if interval.is_empty:
        return _("there can be none")
    low, high = interval.low, interval.high
    if low is None and high is None:
        return _("anything")
    if low is None:
        return _("at most %(number)s") % {"number": number(high, claim.unit)}
    if claim.measure == Measure.EXISTS:
        return {(0, 0): pgettext("tender", "none"), (1, 1): pgettext("tender", "one")}.get(
            (low, high), _("one or none")
        )
    if high is None and claim.unit == Unit.RANK:
        return _("%(rank)s or any rank below") % {"rank": number(low, claim.unit)}
    if high is None:
        return _("at least %(number)s") % {"number": number(low, claim.unit)}
    if low == high:
        return _("exactly %(number)s") % {"number": number(low, claim.unit)}
    return _("between %(low)s and %(high)s") % {
        "low": _low_end(low, claim.unit),
        "high": number(high, claim.unit),
    }


def label(claim, evaluation):
    """Write the verdict as readers see it."""
    if evaluation.verdict == Verdict.CONFIRMED:
        return _("Confirmed by another source")
    if evaluation.verdict == Verdict.AGREES:
        if claim.measure == Measure.SUM_OF_CLAIMS:
            return _("Adds up")
        return _("Only the article says so") if evaluation.is_settled else _("Matches so far")
    if evaluation.verdict == Verdict.UNDECIDED:
        return _("Undecided: too little is known")
    if evaluation.verdict == Verdict.CONTRADICTED:
        if evaluation.is_own:
            return _("Contradicted by the article’s own figures")
        if evaluation.witnesses:
            return _("Contradicted by another source")
        return _("Contradicted by what is recorded")
    return _("Cannot be checked")


def reason(claim, evaluation):
    """Write why the verdict is what it is: an editor's words, if there are some, and ours."""
    return join_sentences(filter(None, [editors_reason(claim, evaluation), own_reason(claim, evaluation)]))


def editors_reason(claim, evaluation):
    """Write why a claim cannot be checked as an editor has put it, in a language of their choice."""
    return "" if evaluation.problem else claim.not_checkable_reason


def own_reason(claim, evaluation):
    """Write why the verdict is what it is, in plain words made from the numbers."""
    if evaluation.verdict == Verdict.NOT_CHECKABLE:
        return _not_checkable(claim, evaluation)
    if claim.measure == Measure.SUM_OF_CLAIMS:
        return join_sentences([_sum(claim, evaluation)])
    sentences = [_begin(claim, evaluation), *_caveats(claim, evaluation)]
    return join_sentences(sentences)


def gap_words(claim, evaluation):
    """Write why more could be than what is recorded; empty when nothing more could."""
    if claim.measure == Measure.RATIO:
        query_results = evaluation.query_results
    elif claim.measure == Measure.RATIO_OF_SHARES:
        query_results = evaluation.query_results[1::2]
    else:
        query_results = evaluation.query_results[-1:]  # of a part and its whole, the whole
    return _("; on the other side, ").join(filter(None, map(_gap, query_results)))


def _gap(query_result):
    parts = []
    if query_result.num_unknown:
        parts.append(
            ngettext(
                "of %(n)s counted tender no amount is known",
                "of %(n)s counted tenders no amount is known",
                query_result.num_unknown,
            )
            % {"n": query_result.num_unknown}
        )
    if number_open := len(query_result.possible):
        parts.append(_open_words(query_result.unknown, number_open))
    if query_result.missing is None:
        parts.append(_("how many the article counts there is not printed"))
    elif query_result.missing:
        if query_result.has_doubtful:  # a doubtful tender may be one of those that are missing
            text = ngettext("%(n)s is not surely identified", "%(n)s are not surely identified", query_result.missing)
        else:
            text = ngettext("%(n)s is not identified", "%(n)s are not identified", query_result.missing)
        parts.append(text % {"n": query_result.missing})
    return _(" and ").join(parts)


def _open_words(unknown, n):
    if unknown == "category":
        text = ngettext(
            "%(n)s recorded tender has no category stated closely enough",
            "%(n)s recorded tenders have no category stated closely enough",
            n,
        )
    elif unknown == "region":
        text = ngettext("%(n)s recorded tender has no stated region", "%(n)s recorded tenders have no stated region", n)
    elif unknown in ("institution", "institution_kind", "level"):
        text = ngettext(
            "too little is stated of the buyer of %(n)s recorded tender",
            "too little is stated of the buyers of %(n)s recorded tenders",
            n,
        )
    elif unknown in ("company", "company_size", "supplier_region", "same_region"):
        text = ngettext(
            "too little is stated of the winner of %(n)s recorded tender",
            "too little is stated of the winners of %(n)s recorded tenders",
            n,
        )
    elif unknown == "notice_date":
        text = ngettext(
            "%(n)s recorded tender has no date of notice that is exact enough",
            "%(n)s recorded tenders have no date of notice that is exact enough",
            n,
        )
    elif unknown == "award_amount":
        text = ngettext(
            "%(n)s recorded tender has no amount that is exact enough",
            "%(n)s recorded tenders have no amount that is exact enough",
            n,
        )
    else:
        text = ngettext(
            "of %(n)s recorded tender too little is stated", "of %(n)s recorded tenders too little is stated", n
        )
    return text % {"n": n}


def _begin(claim, evaluation):
    values = {
        "printed": printed_words(claim),
        "recorded": recorded_words(claim, evaluation),
        "limits": interval_words(claim, evaluation),
        "gap": gap_words(claim, evaluation),
        "sources": witness_words(evaluation),
    }
    if claim.measure in COUNTS:
        beginning = ngettext(
            "The article counts %(printed)s; %(recorded)s is recorded",
            "The article counts %(printed)s; %(recorded)s are recorded",
            evaluation.recorded,
        )
    elif claim.measure == Measure.EXISTS:
        beginning = _("The article says that there is such a tender; on record: %(recorded)s")
    elif evaluation.recorded is None:
        beginning = _("The article prints %(printed)s; nothing is on record to compare it with")
    else:
        beginning = _("The article prints %(printed)s; on record: %(recorded)s")
    return (beginning + _end(claim, evaluation, values)) % values


def _end(claim, evaluation, values):
    if evaluation.verdict == Verdict.CONTRADICTED and evaluation.witnesses:
        return _(", as %(sources)s.")
    if evaluation.verdict == Verdict.CONTRADICTED and evaluation.interval.is_empty:
        return _(". Whatever the unknown turns out to be, there is no such figure.")
    if evaluation.verdict == Verdict.CONTRADICTED:
        return _(". Whatever the unknown turns out to be, the figure is %(limits)s.")
    if evaluation.verdict == Verdict.CONFIRMED:
        return _(". That holds without the article’s word, as %(sources)s.")
    if evaluation.is_settled:
        return _(". That fits, whatever the unknown turns out to be; but only the article says so.")
    if claim.measure in COUNTS and evaluation.high is None:
        return _(", and nothing bounds how many more there could be: %(gap)s.")
    if claim.measure in COUNTS and evaluation.high > evaluation.recorded:
        values["more"] = evaluation.high - evaluation.recorded
        return _(", and up to %(more)s more could be: %(gap)s.")
    if claim.measure in COUNTS:
        return _(", and there can be no more.")
    return _(". Possible: %(limits)s; %(gap)s.") if values["gap"] else _(". Possible: %(limits)s.")


def _caveats(claim, evaluation):
    doubtful = max((query_result.num_doubtful for query_result in evaluation.query_results), default=0)
    if doubtful:
        yield (
            ngettext("%(n)s recorded tender is doubtful.", "%(n)s recorded tenders are doubtful.", doubtful)
            % {"n": doubtful}
        )
    if claim.measure in (*SHARES, Measure.RANK) and evaluation.recorded is not None and evaluation.rests_on <= FEW:
        yield (
            ngettext("It rests on %(n)s tender.", "It rests on %(n)s tenders.", evaluation.rests_on)
            % {"n": evaluation.rests_on}
        )


def witness_words(evaluation):
    """Name the sources that confirm or contradict a claim, each with its kind."""
    named = [
        _("“%(title)s” (%(kind)s)") % {"title": title, "kind": str(SourceKind(kind).label).lower()}
        for title, kind in evaluation.witnesses
    ]
    if not named:
        return _("another source states")
    return ngettext("%(sources)s states", "%(sources)s state", len(named)) % {
        "sources": pgettext("between sources", " and ").join(named)
    }


def _not_checkable(claim, evaluation):
    if evaluation.problem:
        return _("What it asks cannot be read any longer; an editor has to look at it.")
    if evaluation.recorded is not None and claim.measure in OF_WHOLE_SETS:
        return _("Recorded: %(recorded)s.") % {"recorded": recorded_words(claim, evaluation)}
    return ""


def _sum(claim, evaluation):
    values = {"printed": printed_words(claim), "sum": interval_words(claim, evaluation)}
    if evaluation.verdict == Verdict.CONTRADICTED:
        return _("The printed figures do not add up: the article prints %(printed)s, they give %(sum)s.") % values
    return _("The printed figures add up to %(printed)s. That tests the text alone.") % values
