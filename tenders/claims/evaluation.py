"""
Verdicts: what the records say today of each claim of an article.

A claim is evaluated twice, with everything and again without what only the article states. ``confirmed``: every
completion agrees with what was printed, both times. ``agrees``: the recorded value does. ``undecided``: some completion
agrees. ``contradicted``: none does. ``not-checkable``: no figure was printed, or no field holds what it speaks of.
"""

import logging
from dataclasses import dataclass, replace
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.http import QueryDict
from django.utils.translation import gettext as _
from prometheus_client import Histogram

from tenders.choices import Finding, Measure, Verdict
from tenders.claims.facts import OF_TIME
from tenders.claims.inputs import Inputs
from tenders.claims.intervals import Interval, printed
from tenders.claims.matching import outcomes
from tenders.claims.measures import MEASURES
from tenders.claims.queries import ClaimQueries, QueryParser
from tenders.claims.sets import ArticleSet

logger = logging.getLogger(__name__)

FEW = 3  # tenders on which a rank or a share rests: its evidence is weak

SECONDS = Histogram(
    "tenderwatch_claim_evaluation_seconds",
    "Time to evaluate a claim",
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3),
)


@dataclass(frozen=True)
class QueryResult:
    """The tenders of one of a claim's queries, by their references."""

    name: str  # of the query
    query: str  # the query string
    listed: tuple  # as the tender list shows them, doubtful ones included
    certain: tuple
    possible: tuple
    missing: int | None  # None when nothing bounds it
    num_doubtful: int  # of those listed
    has_doubtful: bool  # whether a doubtful tender may be one of the missing
    num_unknown: int  # of those certain, of how many no amount is known, where the measure asks for amounts
    unknown: str  # the one attribute for which the possible ones are only possible; empty when there are several
    address: str  # the query string of the list of those listed; empty when no query but their references gives them
    known: tuple  # those listed whose value is known that the measure counts or adds up
    undecided: tuple  # recorded tenders of which it is unknown whether they match, doubtful ones included


@dataclass(frozen=True)
class Evaluation:
    """What the records say of a claim; plain values, which may be cached as long as the records stay as they are."""

    code: str
    verdict: Verdict
    printed: Interval | None = None
    recorded: Fraction | int | None = None
    interval: Interval | None = None
    is_settled: bool = False  # every completion agrees
    contradicts_itself: bool = False  # the article's own figures contradict it
    corroborating_sources: tuple = ()  # those beside the article's that confirm or contradict it
    query_results: tuple = ()
    whole: tuple = ()  # the references of all recorded tenders of the time that the query asks for
    whole_query: str = ""  # the query string of their list
    ties: int = 0
    rests_on: int | None = None
    ranked: tuple = ()  # of a rank: (values, references) of each group of values that tenders have
    unranked: tuple = ()  # of a rank: the references of the tenders whose value is unknown
    is_of_text: bool = False
    problem: str = ""  # why it cannot be evaluated (any longer)
    reads: frozenset | None = None  # the attributes that it is computed from; None where that is not known

    @property
    def finding(self):
        """The verdict with what it rests on."""
        if self.verdict == Verdict.AGREES:
            if self.is_of_text:
                return Finding.ADDS_UP
            if self.is_settled:
                return Finding.ARTICLE_ONLY
            return Finding.FEW_RECORDS if self.rests_on is not None and self.rests_on <= FEW else Finding.SO_FAR
        if self.verdict == Verdict.CONTRADICTED:
            if self.contradicts_itself:
                return Finding.CONTRADICTS_ITSELF
            return Finding.CONTRADICTED_BY_SOURCE if self.corroborating_sources else Finding.CONTRADICTED_BY_RECORDS
        return FINDINGS[self.verdict]

    @property
    def low(self):
        return self.interval.low if self.interval else None

    @property
    def high(self):
        return self.interval.high if self.interval else None


FINDINGS = {
    Verdict.CONFIRMED: Finding.CONFIRMED,
    Verdict.UNDECIDED: Finding.INCONCLUSIVE,
    Verdict.NOT_CHECKABLE: Finding.NOT_CHECKABLE,
}


def evaluate_article(article, claims=None):
    """Return the evaluations of an article's claims (``claims_of``), by code."""
    article_set = ArticleSet(article, claims)
    return {claim.code: evaluate(claim, article_set) for claim in article_set.claims}


def evaluate_changed(article, before, claims=None):
    """
    Return (digest, evaluation) of each of an article's claims (``claims_of``), by code.

    What stands in ``before``, the same of an earlier moment, is taken over where the claim reads the same as then.
    """
    article_set = ArticleSet(article, claims)
    inputs, found = Inputs(article_set), {}
    for claim in article_set.claims:
        digest, evaluation = before.get(claim.code, (None, None))
        if digest is None or digest != inputs.digest_of(evaluation.reads):
            evaluation = evaluate(claim, article_set)
            digest = None if evaluation.reads is None else inputs.digest_of(evaluation.reads)
        found[claim.code] = digest, evaluation
    return found


@SECONDS.time()
def evaluate(claim, article_set):
    """Return the evaluation of one claim; one that cannot be evaluated is not checkable, and says why."""
    evaluation = Evaluation(claim.code, Verdict.NOT_CHECKABLE, printed(claim))
    if claim.measure == Measure.NONE:
        return replace(evaluation, reads=frozenset())
    if claim.measure not in MEASURES:
        return replace(evaluation, problem=_("There is no measure “%(measure)s”.") % {"measure": claim.measure})
    evaluated, problem = guarded(claim, lambda: _evaluated(evaluation, claim, article_set))
    return evaluated or replace(evaluation, problem=problem)


def over_all_tenders(claim):
    """Return the figure of a claim over all tenders; None where there is none, or it cannot be computed."""

    def compute():
        queries = ClaimQueries(claim, QueryParser(claim.article, [claim]))
        return queries.measure.over_all_tenders(queries)

    return guarded(claim, compute)[0]


def guarded(claim, compute):
    """Return what is computed of a claim and "", or None and the problem: no claim breaks the pages of others."""
    try:
        return compute(), ""
    except ValidationError as error:
        return None, " ".join(error.messages)
    except DatabaseError:
        raise  # no fault of the claim, and nothing could be read after it
    except Exception:
        logger.exception("The claim %s of %s cannot be evaluated", claim.code, claim.article.slug)
        return None, _("This claim could not be evaluated because of a program error. The log has the details.")


def _evaluated(evaluation, claim, article_set):
    queries = ClaimQueries(claim, article_set.parser, article_set.claims)
    result = queries.measure.evaluate(article_set.recorded, queries)
    whole, whole_query = _whole(queries, article_set.recorded)
    evaluation = replace(
        evaluation,
        recorded=result.recorded,
        interval=result.interval,
        ties=result.ties,
        rests_on=result.rests_on,
        ranked=result.ranked,
        unranked=result.unranked,
        query_results=tuple(_query_results(queries, article_set.recorded)),
        reads=frozenset(queries.measure.attributes_read(queries)),
        whole=whole,
        whole_query=whole_query,
        is_of_text=queries.measure.is_of_text,
    )
    if claim.not_checkable_reason or evaluation.printed is None:
        return evaluation
    return replace(evaluation, **_verdict(evaluation, queries, article_set))


def _verdict(evaluation, queries, article_set):
    def interval_in(population):
        return queries.measure.evaluate(population, queries).interval

    def sources_in(population):
        return article_set.corroborating_sources(queries.measure.evidence(population, queries))

    agreeing, sources = evaluation.printed, ()
    is_settled, contradicts_itself = agreeing.covers(evaluation.interval), False
    if not agreeing.overlaps(evaluation.interval):
        verdict = Verdict.CONTRADICTED
        contradicts_itself = not agreeing.overlaps(interval_in(article_set.article_only))
        sources = () if contradicts_itself else sources_in(article_set.recorded)
    elif (
        is_settled
        and not queries.measure.is_of_text
        and agreeing.covers(interval_in(article_set.without_article))
        and not agreeing.covers(interval_in(article_set.unidentified))  # that would be the article's own totals alone
    ):
        verdict = Verdict.CONFIRMED
        sources = sources_in(article_set.without_article)
    elif queries.measure.is_of_text or (evaluation.recorded is not None and agreeing.contains(evaluation.recorded)):
        verdict = Verdict.AGREES
    else:
        verdict = Verdict.UNDECIDED
    return {
        "verdict": verdict,
        "is_settled": is_settled,
        "contradicts_itself": contradicts_itself,
        "corroborating_sources": tuple(sources),
    }


def _whole(queries, population):
    """Return the references of all tenders of the time that a claim asks for, and the query string of their list."""
    if "query" not in queries.by_name:
        return (), ""
    asked = QueryDict(queries.query.address).copy()
    for name in set(asked) - OF_TIME:
        del asked[name]
    query = queries.parser.parse(asked.urlencode())
    return references(population.match(query).listed), query.address


def references(rows):
    return tuple(row.reference for row in rows)


def _query_results(queries, population):
    """Yield the tenders of each query; those of a part are those that are in its whole as well."""
    for name, query in queries.by_name.items():
        whole = queries.by_name.get(queries.measure.wholes.get(name))
        match = population.match(query) if whole is None else population.match(query, whole)
        alone = match if whole is None else population.match(query)
        times = {asked: value for asked, value in query.active_filters.items() if asked in OF_TIME}
        yield QueryResult(
            name=name,
            query=query.address,
            listed=references(match.listed),
            certain=references(match.certain),
            possible=references(match.possible),
            missing=match.missing,
            num_doubtful=sum(row.is_doubtful for row in match.listed),
            has_doubtful=bool(match.missing) and _has_doubtful(population, replace(query, active_filters=times)),
            num_unknown=queries.measure.num_unknown(match.certain),
            unknown=_unknown(match.possible or match.undecided, query),
            address=query.address if alone.listed == match.listed else "",
            known=references(queries.measure.known(match.listed)),
            undecided=references(match.undecided),
        )


def _has_doubtful(population, query):
    """Return whether a doubtful tender may match a query."""
    return any(row.is_doubtful and (True,) in outcomes(row, [query]) for row in population.rows)


def _unknown(rows, query):
    """Return the one attribute of which it is unknown whether any of some tenders matches, or empty text."""
    attributes = {
        query.filters[name].attribute
        for row in rows
        for name, value in query.active_filters.items()
        if len(outcomes(row, [replace(query, active_filters={name: value})])) > 1
    }
    return attributes.pop() if len(attributes) == 1 else ""
