"""The turns of verdicts: what each claim's verdict was before, since when it is what it is, and what caused it."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from tenders.caching import Answers
from tenders.choices import Cause, Verdict
from tenders.claims.judging import Judgement, judge_article
from tenders.models import Article, Claim, DatasetVersion, Turn

LARGEST = Decimal("9999999999999.99")  # what a column of the history holds


@dataclass(frozen=True)
class Turned:
    """A claim whose verdict is not what it was."""

    claim: Claim
    before: Verdict | None  # None when it has never been judged
    judgement: Judgement


@dataclass
class Write:
    """Something that is being written, which may turn verdicts; as long as it lasts, more may be said of it."""

    cause: Cause
    subject: str = ""
    details: str = ""
    turned: tuple = ()  # when it is done


_writing = ContextVar("the write that is going on", default=None)


def judgements_of(article, answers):
    """Return the judgements of an article's claims, by code; found once for each version of the records."""
    return answers.once(["judgements", article.slug], lambda: judge_article(article))


@transaction.atomic
def record_turns(cause, subject="", details="", articles=None):
    """
    Write down each verdict of a public article that is not what it was when last written down, and return those.

    A claim that has never been judged is written down as first judged, whatever the cause.
    """
    DatasetVersion.lock()
    turned = list(_turned(Article.objects.published() if articles is None else articles))
    now = timezone.now()
    Turn.objects.bulk_create(
        Turn(
            claim=each.claim,
            turned_at=now,
            verdict=each.judgement.verdict,
            recorded=_column(each.judgement.recorded),
            low=_column(each.judgement.low),
            high=_column(each.judgement.high),
            cause=Cause.FIRST if each.before is None else cause,
            subject="" if each.before is None else subject,
            details="" if each.before is None else details[:500],
        )
        for each in turned
    )
    return turned


@contextmanager
def turning(cause, subject="", details=""):
    """
    Write down the verdicts that turn by what is written inside, and say that it caused them.

    What is written inside another such write is a part of that one.
    """
    if outer := _writing.get():
        yield outer
        return
    write = Write(cause, subject, details)
    with transaction.atomic():
        record_turns(Cause.CHECKED)
        token = _writing.set(write)
        try:
            yield write
        finally:
            _writing.reset(token)
        write.turned = tuple(record_turns(write.cause, write.subject, write.details))


def _turned(articles):
    articles = list(articles)
    claims = Claim.objects.filter(article__in=articles).select_related("article").with_last_verdict()
    answers = Answers()
    judgements = {article.pk: judgements_of(article, answers) for article in articles}
    answers.keep()
    for claim in claims.order_by("article__slug", "code"):
        judgement = judgements[claim.article_id][claim.code]
        if claim.last_verdict != judgement.verdict:
            yield Turned(claim, claim.last_verdict and Verdict(claim.last_verdict), judgement)


def _column(number):
    return None if number is None else min(Decimal(round(100 * number)) / 100, LARGEST)
