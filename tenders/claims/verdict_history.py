"""The turns of verdicts: what each claim's verdict was before, since when it is what it is, and what caused it."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from tenders.caching import VersionedCache
from tenders.choices import Cause, Verdict
from tenders.claims.evaluation import Evaluation, evaluate_article
from tenders.models import Article, Claim, DatasetVersion, VerdictChange

LARGEST = Decimal("9999999999999.99")  # what a column of the history holds


@dataclass(frozen=True)
class ChangedVerdict:
    """A claim whose verdict is not what it was."""

    claim: Claim
    before: Verdict | None  # None when it has never been judged
    evaluation: Evaluation


@dataclass
class TrackedWrite:
    """Something that is being written, which may turn verdicts; as long as it lasts, more may be said of it."""

    cause: Cause
    subject: str = ""
    details: str = ""
    changed_verdicts: tuple = ()  # when it is done


_writing = ContextVar("the write that is going on", default=None)


def tracked_write():
    """Return the write that is being tracked, None outside of any."""
    return _writing.get()


def evaluations_of(article, cache):
    """Return the judgements of an article's claims, by code; found once for each version of the records."""
    return cache.get_or_compute(["evaluations", article.slug], lambda: evaluate_article(article))


@transaction.atomic
def record_verdict_changes(cause, subject="", details="", articles=None):
    """
    Write down each verdict of a public article that is not what it was when last written down, and return those.

    A claim that has never been judged is written down as first judged, whatever the cause.
    """
    DatasetVersion.lock()
    changed_verdicts = list(_changed_verdicts(Article.objects.published() if articles is None else articles))
    now = timezone.now()
    VerdictChange.objects.bulk_create(
        VerdictChange(
            claim=each.claim,
            changed_at=now,
            verdict=each.evaluation.verdict,
            recorded=_column(each.evaluation.recorded),
            low=_column(each.evaluation.low),
            high=_column(each.evaluation.high),
            cause=Cause.FIRST if each.before is None else cause,
            subject="" if each.before is None else subject,
            details="" if each.before is None else details[:500],
        )
        for each in changed_verdicts
    )
    return changed_verdicts


@contextmanager
def track_verdicts(cause, subject="", details=""):
    """
    Write down the verdicts that turn by what is written inside, and say that it caused them.

    What is written inside another such write is a part of that one.
    """
    if outer := _writing.get():
        yield outer
        return
    write = TrackedWrite(cause, subject, details)
    with transaction.atomic():
        record_verdict_changes(Cause.CHECKED)
        token = _writing.set(write)
        try:
            yield write
        finally:
            _writing.reset(token)
        write.changed_verdicts = tuple(record_verdict_changes(write.cause, write.subject, write.details))


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
    return None if number is None else min(Decimal(round(100 * number)) / 100, LARGEST)
