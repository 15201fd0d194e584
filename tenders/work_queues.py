"""
Work queues of the admin: named conditions on records, shown as counts that link to filtered lists.

The count and the list use the same condition. Withdrawn records are in no queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.choices import AddressStatus, Cause, Certainty, NameStatus, Verdict
from tenders.choices import EditorialState as State
from tenders.models import Article, Citation, Claim, Company, Institution, Source, Tender, VerdictChange
from tenders.models.sources import TYPED_FACTS

RECENT = timedelta(days=30)

RECORDS = (Tender, Institution, Company)
EDITORIAL = (*RECORDS, Article)
QUEUED_MODELS = (*EDITORIAL, Claim, Source)
# What somebody may do who sees the queues of editors, where that is not to publish.
PERMISSIONS = {Claim: "tenders.publish_article", Source: "tenders.change_source"}
NOT_WITHDRAWN = ~Q(state=State.WITHDRAWN)


@dataclass(frozen=True)
class WorkQueue:
    """A work queue; ``condition(model, user)`` returns the ``Q`` that selects its records."""

    name: str  # in URLs
    label: str
    models: tuple
    condition: Callable
    is_for_editors: bool = True  # contributors see only queues of their own drafts


def _always(condition):
    """Return the condition that is the same for every model and user."""
    return lambda model, user: condition


def _own(state):
    """Return the condition for records in a state that the user created."""

    def condition(model, user):
        created = model.history.filter(history_type="+", change__by=user)
        return Q(state=state, pk__in=created.values(model._meta.pk.attname))

    return condition


def _without_source(model, user):
    if model is Article:
        return NOT_WITHDRAWN & ~Q(pk__in=Article.sources.through.objects.values("article"))
    return NOT_WITHDRAWN & ~Q(pk__in=citations_of(model).values(model._meta.model_name))


def _with_unverified_translation(model, user):
    name = "title" if model is Tender else "name"
    unverified = NameStatus.UNVERIFIED
    return NOT_WITHDRAWN & (Q(**{f"{name}_en_status": unverified}) | Q(**{f"{name}_zh_status": unverified}))


def _disputed(model, user):
    if model is Tender:
        return NOT_WITHDRAWN & Q(figures__is_disputed=True)
    name = model._meta.model_name
    stated = citations_of(model).filter(fact__in=TYPED_FACTS).order_by().values(name, "fact")
    disputed = stated.annotate(num_values=Count("value", distinct=True)).filter(num_values__gt=1)
    return NOT_WITHDRAWN & Q(pk__in=disputed.values(name))


def _contradicted(model, user):
    later = VerdictChange.objects.filter(claim=OuterRef("claim"), changed_at__gt=OuterRef("changed_at"))
    last = VerdictChange.objects.exclude(Exists(later))
    return Q(article__state=State.PUBLISHED, pk__in=last.filter(verdict=Verdict.CONTRADICTED).values("claim"))


def _verdict_changed_recently(model, user):
    verdict_changes = VerdictChange.objects.filter(changed_at__gte=timezone.now() - RECENT).exclude(cause=Cause.FIRST)
    return Q(article__state=State.PUBLISHED, pk__in=verdict_changes.values("claim"))


def _address(*statuses, **conditions):
    """Return the condition for sources whose address, as it is now, was last found so."""
    return _always(Q(address_check__url=F("url"), address_check__status__in=statuses, **conditions))


def citations_of(model):
    """Return the citations of the records of a model."""
    return Citation.objects.filter(**{f"{model._meta.model_name}__isnull": False})


WORK_QUEUES = (
    WorkQueue("waiting", _("Waiting for review"), EDITORIAL, _always(Q(state=State.IN_REVIEW))),
    WorkQueue("my-drafts", _("My drafts"), EDITORIAL, _own(State.DRAFT), is_for_editors=False),
    WorkQueue("mine-in-review", _("Mine, waiting for review"), EDITORIAL, _own(State.IN_REVIEW), is_for_editors=False),
    WorkQueue("no-source", _("No source"), EDITORIAL, _without_source),
    WorkQueue("unverified", _("Unverified translation"), RECORDS, _with_unverified_translation),
    WorkQueue("no-amount", _("No amount"), (Tender,), _always(NOT_WITHDRAWN & Q(figures__award_amount=None))),
    WorkQueue("disputed", _("Sources disagree"), RECORDS, _disputed),
    WorkQueue("doubtful", _("Doubtful"), (Tender,), _always(NOT_WITHDRAWN & Q(certainty=Certainty.LOW))),
    WorkQueue("contradicted", _("Contradicted by the records"), (Claim,), _contradicted),
    WorkQueue("turned", _("Verdict turned in the last 30 days"), (Claim,), _verdict_changed_recently),
    WorkQueue(
        "no-answer",
        _("Address no longer answers, no archived copy"),
        (Source,),
        _address(AddressStatus.GONE, AddressStatus.UNREACHABLE, archived_url=""),
    ),
    WorkQueue("moved", _("Address has moved"), (Source,), _address(AddressStatus.MOVED)),
    WorkQueue("other-content", _("Other content at the address"), (Source,), _address(AddressStatus.OTHER_CONTENT)),
)


def work_queues(model, user):
    """Return the work queues of a model that a user may see."""
    is_editor = user.has_perm(PERMISSIONS.get(model, f"tenders.publish_{model._meta.model_name}"))
    return [queue for queue in WORK_QUEUES if model in queue.models and (is_editor or not queue.is_for_editors)]


def queue_counts(model, user):
    """Return (work queue, number of records) for the queues of a model that a user may see, in one query."""
    queues = work_queues(model, user)
    if not queues:
        return []
    conditions = {queue.name: Count("pk", filter=queue.condition(model, user)) for queue in queues}
    numbers = model._base_manager.aggregate(**conditions)
    return [(queue, numbers[queue.name]) for queue in queues]
