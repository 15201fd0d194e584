"""
Verdicts: what the records say today of each claim of an article.

A claim is judged twice, with everything and again without what only the article states. ``confirmed``: every completion
agrees with what was printed, both times. ``agrees``: the recorded value does. ``undecided``: some completion agrees.
``contradicted``: none does. ``not-checkable``: no figure was printed, or no field holds what it speaks of.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import Fact, Measure, Verdict
from tenders.claims.intervals import Interval, printed
from tenders.claims.matching import outcomes
from tenders.claims.measures import MEASURES
from tenders.claims.queries import OF_TIME, Queries
from tenders.claims.scopes import Scope
from tenders.claims.sets import ArticleSet

OF_AWARDS = (Measure.LARGEST_AWARD, Measure.NTH_AWARD, Measure.SUM_AWARD)
WHOLE_OF = {"query": "base_query", "to_query": "to_base_query"}
NESTED = (Measure.SHARE, Measure.RATIO_OF_SHARES, Measure.RANK)


@dataclass(frozen=True)
class QueryResult:
    """The tenders of one of a claim's queries, by their references."""

    name: str  # of the query
    listed: tuple  # as the tender list shows them, doubtful ones included
    sure: tuple
    possible: tuple
    missing: int | None  # None when nothing bounds it
    num_doubtful: int  # of those listed
    has_doubtful: bool  # whether a doubtful tender may be one of the missing
    num_unknown: int  # of those sure, of how many no amount is known, where the measure asks for amounts
    unknown: str  # the one parameter for which the possible ones are only possible; empty when there are several
    address: str  # the query string of the list of those listed; empty when no query but their references gives them


@dataclass(frozen=True)
class Evaluation:
    """What the records say of a claim; plain values, which may be kept as long as the records stay as they are."""

    code: str
    verdict: Verdict
    printed: Interval | None = None
    recorded: Fraction | int | None = None
    interval: Interval | None = None
    is_settled: bool = False  # every completion agrees
    is_own: bool = False  # the article's own figures contradict it
    witnesses: tuple = ()  # (title, kind) of the sources beside the article's that confirm or contradict it
    query_results: tuple = ()
    ties: int = 0
    rests_on: int | None = None
    problem: str = ""  # why its query cannot be read (any longer)

    @property
    def low(self):
        return self.interval.low if self.interval else None

    @property
    def high(self):
        return self.interval.high if self.interval else None


def evaluate_article(article):
    """Return the judgements of an article's claims, by code."""
    found = ArticleSet(article)
    return {claim.code: evaluate(claim, found) for claim in found.claims}


def evaluate(claim, article_set):
    """Return the judgement of one claim; one whose query cannot be read is not checkable."""
    evaluation = Evaluation(claim.code, Verdict.NOT_CHECKABLE, printed(claim))
    if claim.measure == Measure.NONE:
        return evaluation
    if claim.measure not in MEASURES:
        return replace(evaluation, problem=_("There is no measure “%(measure)s”.") % {"measure": claim.measure})
    try:
        queries = Queries(claim, article_set.reader, article_set.claims)
    except ValidationError as error:
        return replace(evaluation, problem=" ".join(error.messages))
    result = MEASURES[claim.measure](Scope(article_set.recorded), queries)
    evaluation = replace(
        evaluation,
        recorded=result.recorded,
        interval=result.interval,
        ties=result.ties,
        rests_on=result.rests_on,
        query_results=tuple(_query_results(claim, queries, Scope(article_set.recorded))),
    )
    if claim.not_checkable_reason or evaluation.printed is None:
        return evaluation
    return replace(evaluation, **_verdict(evaluation, claim, queries, article_set))


def _verdict(evaluation, claim, queries, article_set):
    def interval_in(world):
        return MEASURES[claim.measure](Scope(world), queries).interval

    agreeing, witnesses = evaluation.printed, ()
    is_settled, is_own = agreeing.holds(evaluation.interval), False
    if not agreeing.meets(evaluation.interval):
        verdict = Verdict.CONTRADICTED
        is_own = not agreeing.meets(interval_in(article_set.own))
        witnesses = () if is_own else _witnesses(claim, queries, article_set.recorded, article_set)
    elif (
        is_settled
        and claim.measure != Measure.SUM_OF_CLAIMS
        and agreeing.holds(interval_in(article_set.struck))
        and not agreeing.holds(interval_in(article_set.unidentified))  # that would be the article's own totals alone
    ):
        verdict = Verdict.CONFIRMED
        witnesses = _witnesses(claim, queries, article_set.struck, article_set)
    elif claim.measure == Measure.SUM_OF_CLAIMS or (
        evaluation.recorded is not None and agreeing.has(evaluation.recorded)
    ):
        verdict = Verdict.AGREES
    else:
        verdict = Verdict.UNDECIDED
    return {
        "verdict": verdict,
        "is_settled": is_settled,
        "is_own": is_own,
        "witnesses": tuple((source.title, source.kind) for source in witnesses),
    }


def _witnesses(claim, queries, world, article_set):
    """Return the sources beside the article's that state the facts which the measure uses."""
    if claim.measure == Measure.FACT:
        return article_set.witnesses([(*queries.record_key, Fact(queries.fact))])
    if claim.measure == Measure.AMOUNT:
        facts = world.about.get(queries.record_key)
        return article_set.witnesses(facts.evidence["award_amount"]) if facts else ()
    names = {"existence", *(["award_amount"] if claim.measure in OF_AWARDS else [])}
    for query in queries.asked.values():
        names |= {getattr(query.filters[name], "about", name) for name in query.asked}
    rows = {row.pk: row for query in queries.asked.values() for row in Scope(world).part(query).sure}
    return article_set.witnesses(key for row in rows.values() for name in names for key in row.evidence.get(name, ()))


def _query_results(claim, queries, scope):
    """Yield the tenders of each query; those of a part are those that are in its whole as well."""
    for name, query in queries.asked.items():
        whole = queries.asked.get(WHOLE_OF.get(name)) if claim.measure in NESTED else None
        part = scope.part(query, whole)
        alone = part if whole is None else scope.part(query)
        times = replace(query, asked={each: value for each, value in query.asked.items() if each in OF_TIME})
        yield QueryResult(
            name=name,
            listed=tuple(row.reference for row in part.listed),
            sure=tuple(row.reference for row in part.sure),
            possible=tuple(row.reference for row in part.possible),
            missing=part.missing,
            num_doubtful=sum(row.is_doubtful for row in part.listed),
            has_doubtful=any(
                any(all(way) for way in outcomes(row, [times]))
                for row in scope.world.rows
                if row.is_doubtful and part.missing
            ),
            num_unknown=_num_unknown(claim, part.sure),
            unknown=_unknown(part.possible, query),
            address=query.address if alone.listed == part.listed else "",
        )


def _num_unknown(claim, rows):
    if claim.measure in OF_AWARDS:
        return sum(row.amount is None for row in rows)
    return sum(row.budget is None for row in rows) if claim.measure == Measure.SUM_BUDGET else 0


def _unknown(rows, query):
    """Return the one parameter of which it is unknown whether any of some tenders matches, or empty text."""
    open_ = {
        getattr(query.filters[name], "about", name)
        for row in rows
        for name, value in query.asked.items()
        if len(outcomes(row, [replace(query, asked={name: value})])) > 1
    }
    return open_.pop() if len(open_) == 1 else ""
