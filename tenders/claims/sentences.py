"""Verdicts of claims and their reasons in the reader's language, made from the numbers: no sentence is stored."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from tenders.choices import Verdict
from tenders.claims.evaluation import guarded
from tenders.claims.measures import measure_of
from tenders.languages import join_sentences

FEW = 3  # tenders on which a rank or a share rests; then the sentence says so

# Why recorded tenders may or may not match, by the one attribute of which too little is known.
OF_BUYERS = ngettext_lazy(
    "too little is stated of the buyer of %(n)s recorded tender",
    "too little is stated of the buyers of %(n)s recorded tenders",
    "n",
)
OF_WINNERS = ngettext_lazy(
    "too little is stated of the winner of %(n)s recorded tender",
    "too little is stated of the winners of %(n)s recorded tenders",
    "n",
)
OPEN = {
    **dict.fromkeys(("institution", "institution_kind", "level"), OF_BUYERS),
    **dict.fromkeys(("company", "company_size", "supplier_region", "same_region"), OF_WINNERS),
    "category": ngettext_lazy(
        "%(n)s recorded tender has no category stated closely enough",
        "%(n)s recorded tenders have no category stated closely enough",
        "n",
    ),
    "region": ngettext_lazy(
        "%(n)s recorded tender has no stated region", "%(n)s recorded tenders have no stated region", "n"
    ),
    "notice_date": ngettext_lazy(
        "%(n)s recorded tender has no date of notice that is exact enough",
        "%(n)s recorded tenders have no date of notice that is exact enough",
        "n",
    ),
    "award_amount": ngettext_lazy(
        "%(n)s recorded tender has no amount that is exact enough",
        "%(n)s recorded tenders have no amount that is exact enough",
        "n",
    ),
}
OTHERWISE_OPEN = ngettext_lazy(
    "of %(n)s recorded tender too little is stated", "of %(n)s recorded tenders too little is stated", "n"
)


def printed_text(claim):
    """Return what was printed: "14", "more than 50 %", "3 or 4"."""
    return measure_of(claim).format_printed(claim)


def recorded_text(claim, evaluation):
    """Return what is recorded; a share as a fraction, "7 of 7", never as a bare percentage."""
    return measure_of(claim).format_recorded(evaluation, claim.unit)


def interval_text(claim, evaluation):
    """Return the limits of what is possible: "between 10 and 14"; empty where nothing was computed."""
    return "" if evaluation.interval is None else measure_of(claim).format_interval(evaluation.interval, claim.unit)


def label(claim, evaluation):
    """Return the verdict as readers see it."""
    if evaluation.verdict == Verdict.CONFIRMED:
        return _("Confirmed by another source")
    if evaluation.verdict == Verdict.AGREES:
        if measure_of(claim).is_of_text:
            return _("Adds up")
        return _("Only the article says so") if evaluation.is_settled else _("Matches so far")
    if evaluation.verdict == Verdict.UNDECIDED:
        return _("Undecided: too little is known")
    if evaluation.verdict == Verdict.CONTRADICTED:
        if evaluation.contradicts_itself:
            return _("Contradicted by the article’s own figures")
        if evaluation.corroborating_sources:
            return _("Contradicted by another source")
        return _("Contradicted by what is recorded")
    return _("Cannot be checked")


def reason(claim, evaluation):
    """Return why the verdict is what it is: an editor's words, if there are some, and ours."""
    own, problem = guarded(claim, lambda: own_reason(claim, evaluation))
    return join_sentences([editors_reason(claim, evaluation), problem if own is None else own])


def editors_reason(claim, evaluation):
    """Return why a claim cannot be checked as an editor has put it."""
    return "" if evaluation.problem else claim.shown_not_checkable_reason


def own_reason(claim, evaluation):
    """Return why the verdict is what it is, in plain words made from the numbers."""
    if evaluation.verdict == Verdict.NOT_CHECKABLE:
        return _not_checkable(claim, evaluation)
    if measure_of(claim).is_of_text:
        return join_sentences([_sum(claim, evaluation)])
    return join_sentences([_explanation(claim, evaluation), *_caveats(claim, evaluation)])


def _gap(query_result):
    """Return why more could match a query than what is recorded; empty when nothing more could."""
    parts = []
    if n := query_result.num_unknown:
        text = ngettext("of %(n)s counted tender no amount is known", "of %(n)s counted tenders no amount is known", n)
        parts.append(text % {"n": n})
    if n := len(query_result.possible):
        parts.append(OPEN.get(query_result.unknown, OTHERWISE_OPEN) % {"n": n})
    if query_result.missing is None:
        parts.append(_("how many the article counts there is not printed"))
    elif query_result.missing:
        if query_result.has_doubtful:  # a doubtful tender may be one of those that are missing
            text = ngettext("%(n)s is not surely identified", "%(n)s are not surely identified", query_result.missing)
        else:
            text = ngettext("%(n)s is not identified", "%(n)s are not identified", query_result.missing)
        parts.append(text % {"n": query_result.missing})
    return _(" and ").join(parts)


def _explanation(claim, evaluation):
    measure = measure_of(claim)
    gaps = map(_gap, measure.gap_results(evaluation.query_results))
    values = {
        "printed": printed_text(claim),
        "recorded": recorded_text(claim, evaluation),
        "limits": interval_text(claim, evaluation),
        "gap": _("; on the other side, ").join(filter(None, gaps)),
        "sources": sources_text(evaluation),
    }
    if measure.is_count and evaluation.high is not None:
        values["more"] = evaluation.high - evaluation.recorded
    return (measure.opening(evaluation) + _end(claim, evaluation, bool(values["gap"]))) % values


def _end(claim, evaluation, has_gap):
    if evaluation.verdict == Verdict.CONTRADICTED and evaluation.corroborating_sources:
        return _(", as %(sources)s.")
    if evaluation.verdict == Verdict.CONTRADICTED and evaluation.interval.is_empty:
        return _(". Whatever the unknown turns out to be, there is no such figure.")
    if evaluation.verdict == Verdict.CONTRADICTED:
        return _(". Whatever the unknown turns out to be, the figure is %(limits)s.")
    if evaluation.verdict == Verdict.CONFIRMED:
        return _(". That holds without the article’s word, as %(sources)s.")
    if evaluation.is_settled:
        return _(". That fits, whatever the unknown turns out to be; but only the article says so.")
    return measure_of(claim).open_ending(evaluation, has_gap)


def _caveats(claim, evaluation):
    doubtful = max((query_result.num_doubtful for query_result in evaluation.query_results), default=0)
    if doubtful:
        text = ngettext("%(n)s recorded tender is doubtful.", "%(n)s recorded tenders are doubtful.", doubtful)
        yield text % {"n": doubtful}
    n = evaluation.rests_on
    if n is not None and evaluation.recorded is not None and n <= FEW:
        yield ngettext("It rests on %(n)s tender.", "It rests on %(n)s tenders.", n) % {"n": n}


def sources_text(evaluation):
    """Return the sources that confirm or contradict a claim, with their kinds."""
    named = [
        _("“%(title)s” (%(kind)s)") % {"title": source.shown_title, "kind": source.get_kind_display().lower()}
        for source in evaluation.corroborating_sources
    ]
    if not named:
        return _("another source states")
    return ngettext("%(sources)s states", "%(sources)s state", len(named)) % {
        "sources": pgettext("between sources", " and ").join(named)
    }


def _not_checkable(claim, evaluation):
    if evaluation.problem:
        return _("What it asks cannot be read any longer; an editor has to look at it.")
    if evaluation.recorded is not None and measure_of(claim).is_of_sets:
        return _("Recorded: %(recorded)s.") % {"recorded": recorded_text(claim, evaluation)}
    return ""


def _sum(claim, evaluation):
    values = {"printed": printed_text(claim), "sum": interval_text(claim, evaluation)}
    if evaluation.verdict == Verdict.CONTRADICTED:
        return _("The printed figures do not add up: the article prints %(printed)s, they give %(sum)s.") % values
    return _("The printed figures add up to %(printed)s. That tests the text alone.") % values
