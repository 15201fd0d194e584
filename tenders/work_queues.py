"""
What waits to be done: questions of the records, each of which is counted and opens the list of what it counts.

A question is a condition, so that the count and the list ask the same. Of what has been withdrawn nothing is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.choices import Cause, Certainty, EditorialState, NameStatus, Verdict
from tenders.models import Article, Citation, Claim, Company, Institution, Tender, VerdictChange
from tenders.models.facts import TYPED_FACTS

LATELY = timedelta(days=30)

RECORDS = (Tender, Institution, Company)
KINDS = (*RECORDS, Article, Claim)
NOT_WITHDRAWN = ~Q(state=EditorialState.WITHDRAWN)


@dataclass(frozen=True)
class WorkQueue:
    """A question of records of some kinds; ``condition`` gives it for one kind and whoever asks."""

    name: str  # in addresses
    label: str
    kinds: tuple
    condition: Callable
    is_for_editors: bool = True  # who writes drafts only is asked nothing of the records of others


def _own_in_state(state):
    """Return the question which records of a state somebody has begun."""

    def condition(model, user):
        begun = model.history.filter(history_type="+", change__by=user)
        return Q(state=state, pk__in=begun.values(model._meta.pk.attname))

    return condition


def _waiting_for_review(model, user):
    return Q(state=EditorialState.IN_REVIEW)


def _without_source(model, user):
    if model is Article:
        return NOT_WITHDRAWN & ~Q(pk__in=Article.sources.through.objects.values("article"))
    return NOT_WITHDRAWN & ~Q(pk__in=_of_citations(model).values(model._meta.model_name))


def _with_unverified_translation(model, user):
    name = "title" if model is Tender else "name"
    unverified = NameStatus.UNVERIFIED
    return NOT_WITHDRAWN & (Q(**{f"{name}_en_status": unverified}) | Q(**{f"{name}_zh_status": unverified}))


def _without_amount(model, user):
    return NOT_WITHDRAWN & Q(figures__award_amount=None)


def _disputed(model, user):
    if model is Tender:
        return NOT_WITHDRAWN & Q(figures__is_disputed=True)
    name = model._meta.model_name
    stated = _of_citations(model).filter(fact__in=TYPED_FACTS).order_by().values(name, "fact")
    disputed = stated.annotate(num_values=Count("value", distinct=True)).filter(num_values__gt=1)
    return NOT_WITHDRAWN & Q(pk__in=disputed.values(name))


def _doubtful(model, user):
    return NOT_WITHDRAWN & Q(certainty=Certainty.LOW)


def _contradicted(model, user):
    later = VerdictChange.objects.filter(claim=OuterRef("claim"), changed_at__gt=OuterRef("changed_at"))
    last = VerdictChange.objects.exclude(Exists(later))
    return Q(article__state=EditorialState.PUBLISHED, pk__in=last.filter(verdict=Verdict.CONTRADICTED).values("claim"))


def _verdict_changed_lately(model, user):
    verdict_changes = VerdictChange.objects.filter(changed_at__gte=timezone.now() - LATELY).exclude(cause=Cause.FIRST)
    return Q(article__state=EditorialState.PUBLISHED, pk__in=verdict_changes.values("claim"))


def _of_citations(model):
    return Citation.objects.filter(**{f"{model._meta.model_name}__isnull": False})


WORK_QUEUES = (
    WorkQueue("waiting", _("Waiting for review"), (*RECORDS, Article), _waiting_for_review),
    WorkQueue(
        "my-drafts", _("My drafts"), (*RECORDS, Article), _own_in_state(EditorialState.DRAFT), is_for_editors=False
    ),
    WorkQueue(
        "mine-in-review",
        _("Mine, waiting for review"),
        (*RECORDS, Article),
        _own_in_state(EditorialState.IN_REVIEW),
        is_for_editors=False,
    ),
    WorkQueue("no-source", _("No source"), (*RECORDS, Article), _without_source),
    WorkQueue("unverified", _("Unverified translation"), RECORDS, _with_unverified_translation),
    WorkQueue("no-amount", _("No amount"), (Tender,), _without_amount),
    WorkQueue("disputed", _("Sources disagree"), RECORDS, _disputed),
    WorkQueue("doubtful", _("Doubtful"), (Tender,), _doubtful),
    WorkQueue("contradicted", _("Contradicted by the records"), (Claim,), _contradicted),
    WorkQueue("turned", _("Verdict turned in the last 30 days"), (Claim,), _verdict_changed_lately),
)


def work_queues(model, user):
    """Return what may be asked of one kind of records by a user."""
    of = Article if model is Claim else model
    is_editor = user.has_perm(f"tenders.publish_{of._meta.model_name}")
    return [each for each in WORK_QUEUES if model in each.kinds and (is_editor or not each.is_for_editors)]


def counts(model, user):
    """Return (work queue, number of records) for all that a user may ask of one kind of records; one query."""
    asked = work_queues(model, user)
    if not asked:
        return []
    conditions = {each.name: Count("pk", filter=each.condition(model, user)) for each in asked}
    numbers = model._base_manager.aggregate(**conditions)
    return [(each, numbers[each.name]) for each in asked]
