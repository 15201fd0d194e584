"""Verdict history: records the changes of claims' verdicts, with time and cause."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal

from django.core.cache import cache as stored
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from tenders.caching import VersionedCache, version_digest
from tenders.choices import Cause, Verdict
from tenders.claims.evaluation import Evaluation, evaluate_changed
from tenders.models import Article, Claim, DatasetVersion, VerdictChange

MAX_STORED_NUMBER = Decimal("9999999999999.99")  # of a column of ``VerdictChange``


@dataclass(frozen=True)
class ChangedVerdict:
    """A claim whose verdict differs from the last recorded one."""

    claim: Claim
    before: Verdict | None  # None if it was never evaluated before
    evaluation: Evaluation


@dataclass
class TrackedWrite:
    """A write in progress that may change verdicts; ``cause``, ``subject`` and ``details`` may be set until it ends."""

    cause: Cause
    subject: str = ""
    details: str = ""
    changed_verdicts: tuple = ()  # set when it ends


_writing = ContextVar("the tracked write in progress", default=None)


def tracked_write():
    """Return the tracked write in progress, or None."""
    return _writing.get()


def evaluations_of(article, cache, claims=None):
    """
    Return the evaluations of an article's claims by code, cached until what they are computed from changes.

    Then those claims alone are evaluated anew that read something else than before. ``claims`` are all that it has
    (``claims_of``), for a page that has read them anyway.
    """

    def compute():
        key = key_of_claims(article)
        before = stored.get(key, {}) if cache.version else {}
        found = evaluate_changed(article, before, claims)
        if cache.version and found != before:
            stored.set(key, found)
        return {code: evaluation for code, (_digest, evaluation) in found.items()}

    return cache.get_or_compute(["evaluations", article.slug], compute, subject="evaluated")


def key_of_claims(article):
    """Return the key in the cache of an article's evaluations with their digests."""
    return version_digest("", ["evaluated claims", article.slug])


def cached_evaluations(article):
    """Return the same for a page that caches nothing else."""
    cache = VersionedCache()
    evaluations = evaluations_of(article, cache)
    cache.store()
    return evaluations


@transaction.atomic
def record_verdict_changes(cause, subject="", details="", articles=None):
    """
    Record a ``VerdictChange`` for each claim whose verdict differs from the last recorded one; return the claims.

    ``articles`` defaults to all published ones; they are evaluated only if something was written that evaluations are
    computed from. The first change of a claim has the cause ``Cause.FIRST``.
    """
    DatasetVersion.lock()
    return _record(cause, subject, details, articles)


def _record(cause, subject="", details="", articles=None):
    """Do what ``record_verdict_changes`` does, inside a transaction that has the lock."""
    short = Truncator(subject).chars(VerdictChange._meta.get_field("subject").max_length)
    details = details or ("" if short == subject else subject)
    if articles is None and DatasetVersion.has_recorded_verdicts():
        return []
    changed_verdicts = list(_changed_verdicts(Article.objects.published() if articles is None else articles))
    now = timezone.now()
    VerdictChange.objects.bulk_create(
        VerdictChange(
            claim=changed.claim,
            changed_at=now,
            verdict=changed.evaluation.verdict,
            recorded=_column(changed.evaluation.recorded),
            low=_column(changed.evaluation.low),
            high=_column(changed.evaluation.high),
            cause=Cause.FIRST if changed.before is None else cause,
            subject="" if changed.before is None else short,
            details="" if changed.before is None else details[:500],
        )
        for changed in changed_verdicts
    )
    if articles is None:
        DatasetVersion.set_recorded_verdicts()
    return changed_verdicts


@contextmanager
def track_verdicts(cause, subject="", details="", *, savepoint=True):
    """
    Context manager: record the verdicts that the writes inside it change, with the given cause.

    Without a ``savepoint`` an error inside undoes the whole transaction that is in progress. Inside another tracked
    write, the writes belong to that one. Yields the ``TrackedWrite``.
    """
    if outer := _writing.get():
        yield outer
        return
    write = TrackedWrite(cause, subject, details)
    with transaction.atomic(savepoint=savepoint):
        DatasetVersion.lock()
        _record(Cause.CHECKED)
        token = _writing.set(write)
        try:
            yield write
        finally:
            _writing.reset(token)
        write.changed_verdicts = tuple(_record(write.cause, write.subject, write.details))


def _changed_verdicts(articles):
    articles = list(articles)
    claims = Claim.objects.filter(article__in=articles).select_related("article").with_last_verdict()
    cache = VersionedCache()
    evaluations = {article.pk: evaluations_of(article, cache) for article in articles}
    cache.store()
    for claim in claims.order_by("article__slug", "code"):
        evaluation = evaluations[claim.article_id][claim.code]
        if claim.last_verdict != evaluation.verdict:
            yield ChangedVerdict(claim, claim.last_verdict and Verdict(claim.last_verdict), evaluation)


def _column(number):
    return None if number is None else min(Decimal(round(100 * number)) / 100, MAX_STORED_NUMBER)
