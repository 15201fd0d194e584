"""
Work queues of the admin: named conditions on records, shown as counts that link to filtered lists.

The count and the list use the same condition. Withdrawn records are in no queue. Editors may change whatever waits;
other users see apart what waits in their own drafts, which they may change, and what they may only look up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.choices import AddressStatus, Cause, Certainty, Fact, NameStatus, Verdict
from tenders.choices import EditorialState as State
from tenders.models import (
    Article,
    Award,
    AwardSupplier,
    Citation,
    Claim,
    Company,
    Institution,
    Report,
    Source,
    Tender,
    VerdictChange,
)
from tenders.models.reports import IS_WAITING
from tenders.models.sources import TYPED_FACTS

RECENT = timedelta(days=30)

RECORDS = (Tender, Institution, Company)
EDITORIAL = (*RECORDS, Article)
QUEUED_MODELS = (*EDITORIAL, Claim, Source, Report)
# What somebody may do who sees the queues of editors, where that is not to publish.
PERMISSIONS = {Claim: "tenders.publish_article", Source: "tenders.change_source", Report: "tenders.change_report"}
NOT_WITHDRAWN = ~Q(state=State.WITHDRAWN)


@dataclass(frozen=True)
class WorkQueue:
    """A work queue; ``condition(model, user)`` returns the ``Q`` that selects its records."""

    name: str  # in URLs
    label: str
    models: tuple
    condition: Callable
    is_for_editors: bool = False  # only they can do it
    is_own: bool = False  # of records of the user

    @property
    def of_own_drafts(self):
        """The part of the queue that is in drafts of the user, who may change them."""

        def condition(model, user):
            return self.condition(model, user) & own_drafts(model, user)

        return replace(self, name=f"my-{self.name}", condition=condition, is_own=True)


def _always(condition):
    """Return the condition that is the same for every model and user."""
    return lambda model, user: condition


def _own(state):
    """Return the condition for records in a state that the user created."""

    def condition(model, user):
        created = model.history.filter(history_type="+", change__by=user)
        return Q(state=state, pk__in=created.values(model._meta.pk.attname))

    return condition


own_drafts = _own(State.DRAFT)  # what a user may change who may not change all


def _without_source(model, user):
    if model is Article:
        return NOT_WITHDRAWN & ~Q(pk__in=Article.sources.through.objects.values("article"))
    return NOT_WITHDRAWN & ~Q(pk__in=citations_of(model).values(model._meta.model_name))


def _with_uncited_fact(model, user):
    name = model._meta.model_name
    uncited = Q(pk__in=_without_chosen_citation(model, name).values("pk"))
    if model is Tender:
        uncited |= Q(pk__in=_without_chosen_citation(Award, "award").values("tender"))
    return NOT_WITHDRAWN & uncited


def _without_chosen_citation(model, target):
    """Return the records, or awards, with a known fact that no chosen citation states."""
    of_award = {} if model is Award else {"award": None}
    condition = Q()
    for fact, attribute in model.FACTS.items():
        chosen = Citation.objects.filter(**{target: OuterRef("pk")}, **of_award, fact=fact, is_chosen=True)
        condition |= _is_known(model, fact, attribute) & ~Exists(chosen)
    return model._base_manager.filter(condition)


def _is_known(model, fact, attribute):
    if fact == Fact.EXISTENCE:
        return Q(pk__isnull=False)
    if fact == Fact.IS_JOINT:
        suppliers = AwardSupplier.objects.order_by().values("award").annotate(n=Count("pk"))
        return Q(pk__in=suppliers.filter(n__gt=1).values("award"))
    field = model._meta.get_field(attribute.name)
    if field.many_to_many:
        return Q(pk__in=field.remote_field.through.objects.values(field.m2m_field_name()))
    if field.null:
        return Q(**{f"{attribute.name}__isnull": False})
    return ~Q(**{attribute.name: ""}) if field.empty_strings_allowed else Q(pk__isnull=False)


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
    WorkQueue("waiting", _("Waiting for review"), EDITORIAL, _always(Q(state=State.IN_REVIEW)), is_for_editors=True),
    # Settled ones too whose answer could not be mailed: their address is still there.
    WorkQueue(
        "reports", _("Errors reported by readers"), (Report,), _always(IS_WAITING | ~Q(email="")), is_for_editors=True
    ),
    WorkQueue("my-drafts", _("My drafts"), EDITORIAL, own_drafts, is_own=True),
    WorkQueue("mine-in-review", _("My submissions awaiting review"), EDITORIAL, _own(State.IN_REVIEW), is_own=True),
    WorkQueue("no-source", _("No source"), EDITORIAL, _without_source),
    WorkQueue("uncited", _("Uncited facts"), RECORDS, _with_uncited_fact),
    WorkQueue("unverified", _("Unverified translation"), RECORDS, _with_unverified_translation),
    WorkQueue("no-amount", _("No amount"), (Tender,), _always(NOT_WITHDRAWN & Q(figures__award_amount=None))),
    WorkQueue("disputed", _("Sources disagree"), RECORDS, _disputed),
    WorkQueue("doubtful", _("Doubtful"), (Tender,), _always(NOT_WITHDRAWN & Q(certainty=Certainty.LOW))),
    WorkQueue("contradicted", _("Contradicted by the records"), (Claim,), _contradicted, is_for_editors=True),
    WorkQueue(
        "turned", _("Verdict changed in the last 30 days"), (Claim,), _verdict_changed_recently, is_for_editors=True
    ),
    WorkQueue(
        "no-answer",
        _("Address not reachable, no archived copy"),
        (Source,),
        _address(AddressStatus.GONE, AddressStatus.UNREACHABLE, archived_url=""),
        is_for_editors=True,
    ),
    WorkQueue("moved", _("Address has moved"), (Source,), _address(AddressStatus.MOVED), is_for_editors=True),
    WorkQueue(
        "other-content",
        _("Content at the address has changed"),
        (Source,),
        _address(AddressStatus.OTHER_CONTENT),
        is_for_editors=True,
    ),
)
OWN_PARTS = tuple(queue.of_own_drafts for queue in WORK_QUEUES if not (queue.is_for_editors or queue.is_own))


ALL_QUEUES = (*WORK_QUEUES[:4], *OWN_PARTS, *WORK_QUEUES[4:])  # in the order in which they are shown


def may_change_all(model, user):
    """Return whether a user may change all records of a model: editors, who may publish them."""
    return user.has_perm(PERMISSIONS.get(model, f"tenders.publish_{model._meta.model_name}"))


def work_queues(model, user):
    """Return the work queues of a model that a user may see, those of own records apart from all others."""
    of_users = [queue for queue in ALL_QUEUES if not queue.is_for_editors]
    return [queue for queue in (WORK_QUEUES if may_change_all(model, user) else of_users) if model in queue.models]


def queue_counts(model, user):
    """Return (work queue, number of records) for the queues of a model that a user may see, in one query."""
    queues = work_queues(model, user)
    if not queues:
        return []
    conditions = {queue.name: Count("pk", filter=queue.condition(model, user)) for queue in queues}
    numbers = model._base_manager.aggregate(**conditions)
    return [(queue, numbers[queue.name]) for queue in queues]
