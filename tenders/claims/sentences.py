"""Verdicts of claims and their reasons in the reader's language, made from the numbers: no sentence is stored."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext

from tenders.choices import Finding, Verdict
from tenders.claims.evaluation import FEW, guarded
from tenders.claims.measures import measure_of
from tenders.claims.wording import Wording
from tenders.languages import join_sentences, strip_cjk_spaces

# How strong the evidence for a finding is, as a claim's page says it.
STRENGTHS = {
    Finding.CONFIRMED: gettext_lazy("Strong: another source says the same."),
    Finding.SO_FAR: gettext_lazy("Weak: what is still unknown could change this."),
    Finding.FEW_RECORDS: gettext_lazy("Weak: few records support it, and what is still unknown could change this."),
    Finding.ARTICLE_ONLY: gettext_lazy("Weak: no other source says so."),
    Finding.ADDS_UP: gettext_lazy("None beyond the text: this only checks its arithmetic."),
    Finding.INCONCLUSIVE: gettext_lazy("None either way: too little is known."),
    Finding.CONTRADICTS_ITSELF: gettext_lazy("Strong against it: the article’s own figures rule it out."),
    Finding.CONTRADICTED_BY_SOURCE: gettext_lazy("Strong against it: another source rules it out."),
    Finding.CONTRADICTED_BY_RECORDS: gettext_lazy("Strong against it: our records rule it out."),
    Finding.NOT_CHECKABLE: gettext_lazy("None: our records cannot test it."),
}

# Why recorded tenders may or may not match, by the one attribute of which too little is known.
OF_BUYERS = ngettext_lazy(
    "too little is known of the buyer of %(n)s recorded tender",
    "too little is known of the buyers of %(n)s recorded tenders",
    "n",
)
OF_WINNERS = ngettext_lazy(
    "too little is known of the winner of %(n)s recorded tender",
    "too little is known of the winners of %(n)s recorded tenders",
    "n",
)
OPEN = {
    **dict.fromkeys(("institution", "institution_kind", "level"), OF_BUYERS),
    **dict.fromkeys(("company", "company_size", "supplier_region", "same_region"), OF_WINNERS),
    "category": ngettext_lazy(
        "%(n)s recorded tender has no sufficiently specific category",
        "%(n)s recorded tenders have no sufficiently specific category",
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
    "too little is known of %(n)s recorded tender", "too little is known of %(n)s recorded tenders", "n"
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


def label(evaluation):
    """Return the verdict as readers see it."""
    return str(evaluation.finding.label)


def summary(claim, evaluation, names):
    """
    Return what is recorded in one sentence, and the numbers of tenders whose places are in it (``wording.NUMBER``).

    The sentence is empty where a claim cannot be evaluated.
    """
    wording = Wording(names)
    text = "" if evaluation.problem else measure_of(claim).summary(claim, evaluation, wording)
    return strip_cjk_spaces(text), wording.tallies


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
        text = ngettext(
            "the amount of %(n)s counted tender is unknown", "the amounts of %(n)s counted tenders are unknown", n
        )
        parts.append(text % {"n": n})
    if n := len(query_result.possible):
        parts.append(OPEN.get(query_result.unknown, OTHERWISE_OPEN) % {"n": n})
    if query_result.missing is None:
        parts.append(_("the article doesn’t say how many it counts there"))
    elif query_result.missing:
        if query_result.has_doubtful:  # a doubtful tender may be one of those that are missing
            text = ngettext(
                "%(n)s is not identified for certain", "%(n)s are not identified for certain", query_result.missing
            )
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
        return _(". Whatever the missing facts turn out to be, there is no such figure.")
    if evaluation.verdict == Verdict.CONTRADICTED:
        return _(". Whatever the missing facts turn out to be, the figure must be %(limits)s.")
    if evaluation.verdict == Verdict.CONFIRMED:
        return _(". That holds without the article, as %(sources)s.")
    if evaluation.is_settled:
        return _(". That fits, whatever the missing facts turn out to be, but only the article says so.")
    return measure_of(claim).open_ending(evaluation, has_gap)


def _caveats(claim, evaluation):
    doubtful = max((query_result.num_doubtful for query_result in evaluation.query_results), default=0)
    if doubtful:
        text = ngettext("%(n)s recorded tender is doubtful.", "%(n)s recorded tenders are doubtful.", doubtful)
        yield text % {"n": doubtful}
    n = evaluation.rests_on
    if n is not None and evaluation.recorded is not None and n <= FEW:
        yield ngettext("Based on only %(n)s tender.", "Based on only %(n)s tenders.", n) % {"n": n}


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
        return _("We can no longer read what this claim asks for; an editor has to look at it.")
    if evaluation.recorded is not None and measure_of(claim).is_of_sets:
        return _("Our records: %(recorded)s.") % {"recorded": recorded_text(claim, evaluation)}
    return ""


def _sum(claim, evaluation):
    values = {"printed": printed_text(claim), "sum": interval_text(claim, evaluation)}
    if evaluation.verdict == Verdict.CONTRADICTED:
        return _("The article’s figures don’t add up: it says %(printed)s, they give %(sum)s.") % values
    return _("The article’s figures add up to %(printed)s. This tests only the text.") % values
