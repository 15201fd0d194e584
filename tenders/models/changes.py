"""Write the audit log: rows of history (django-simple-history), grouped into changes with user, time and reason."""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from tenders.choices import ChangeKind
from tenders.models.bulk import insert_from

BATCH = 500  # objects in one statement


class Change(models.Model):
    """A change set: all writes of one action, such as a saved form, a publication with its parties, or an import."""

    made_at = models.DateTimeField(_("made at"), default=timezone.now, db_index=True)
    kind = models.CharField(_("action"), max_length=10, choices=ChangeKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        related_name="changes",
        null=True,
        blank=True,
        help_text=_("Empty if the change was automatic. Accounts that have made changes are deactivated, not deleted."),
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    undoes = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("undoes"), related_name="undone_by", null=True, blank=True
    )

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.made_at:%Y-%m-%d %H:%M})"


class HistoryRow(models.Model):
    """Abstract base of a row of history: the state of an object after a change."""

    change = models.ForeignKey(Change, models.CASCADE, verbose_name=_("change"), related_name="+")

    class Meta:
        abstract = True


class HistoryListItem(models.Model):
    """Abstract base of a row of history of a many-to-many relation."""

    class Meta:
        abstract = True


class TrackedHistory(HistoricalRecords):
    """History of a model; of an object that was just added it reads no many-to-many lists, which are still empty."""

    def create_historical_record_m2ms(self, history_instance, instance):
        """Write the lists of a row in one statement each; the library reads the instance once more for each."""
        if history_instance.history_type != "+":
            pk = getattr(history_instance, instance._meta.pk.attname)
            _record_lists(type(history_instance), history_instance.change, [pk])


class CachedHistoryManager(HistoryManager):
    """A manager whose class is made once; simple_history (3.13) makes one each time that a history is asked for."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class, class_name=None):
        return super().from_queryset(queryset_class, class_name)


def tracked_history(**options):
    """Return the history of a model, whose rows refer to a change."""
    bases = {"bases": [HistoryRow], "m2m_bases": [HistoryListItem]}
    return TrackedHistory(**bases, history_manager=CachedHistoryManager, **options)


@cache
def tracked_models():
    """Return the models that have a history."""
    models = apps.get_app_config("tenders").get_models()
    return tuple(model for model in models if hasattr(model, "history") and not is_history(model))


def is_history(model):
    """Return whether a model is a part of the history, which refers to records by primary key."""
    return issubclass(model, Change | HistoryRow | HistoryListItem)


_current_change = ContextVar("current change", default=None)


@contextmanager
def change_set(kind, by=None, reason="", undoes=None, *, savepoint=True):
    """
    Group all writes of the block into one ``Change``, in a transaction.

    ``by`` is a user, or None for a program; ``undoes`` is the change that this one takes back; without a ``savepoint``
    an error inside undoes the whole transaction that is in progress. A nested change set is a part of the outer one.
    Yields the ``Change``, which is written when it is first used.
    """
    if (outer := _current_change.get()) is not None:
        yield outer
        return
    with transaction.atomic(savepoint=savepoint):
        # Created when a row of history refers to it, so that a set without writes leaves none.
        change = SimpleLazyObject(partial(Change.objects.create, kind=kind, by=by, reason=reason, undoes=undoes))
        token = _current_change.set(change)
        try:
            yield change
        finally:
            _current_change.reset(token)


def last_change(record):
    """Return the primary key of the last change of a record or of an object that belongs to it; 0 without any."""
    histories = [(type(record).history, record._meta.pk.attname)]
    for relation in record._meta.related_objects:
        if relation.on_delete is models.CASCADE and hasattr(relation.related_model, "history"):
            histories.append((relation.related_model.history, relation.field.attname))
    first, *others = (
        history.filter(**{column: record.pk}).order_by().values(column).annotate(last=Max("change")).values_list("last")
        for history, column in histories
    )
    return max((last for (last,) in first.union(*others)), default=0)


def is_created_by(record, user):
    """Return whether a user created a record."""
    return type(record).history.filter(id=record.pk, history_type="+", change__by=user).exists()


def record_created_history(objs):
    """Write rows of history for objects of one model that were created in bulk; inside ``change_set``."""
    _record_history(objs, "+")


def record_changed_history(objs):
    """Write rows of history for objects of one model that were updated in bulk; inside ``change_set``."""
    _record_history(objs, "~")


def delete_leaves(queryset):
    """Delete objects that nothing refers to, with their history in bulk; inside ``change_set``."""
    _record_history(queryset, "-")
    # Private API (Django 5.2): with signals, django-simple-history writes row by row, most of the time of an undo.
    queryset._raw_delete(queryset.db)


@contextmanager
def record_shortened_lists(deleted):
    """Record the history of what has one of some objects in a many-to-many list, when the block deletes them."""
    deleted, holders = list(deleted), []
    for model in tracked_models() if deleted else ():
        for field in model.history.model._history_m2m_fields:
            if isinstance(deleted[0], field.related_model):
                found = model.objects.filter(**{f"{field.name}__in": deleted}).distinct()
                holders.append([holder for holder in found if holder not in deleted])
    yield
    for objs in holders:
        record_changed_history(objs)


def _record_history(objs, history_type):
    if objs := list(objs):
        record_history_of(type(objs[0]), {obj.pk for obj in objs}, history_type)


def record_history_of(model, keys, history_type="~"):
    """
    Write rows of history for objects with some primary keys, as the database has them; inside ``change_set``.

    The database copies the rows: to make an object of each in Python takes most of the time of an import.
    """
    history, change, keys = model.history.model, _current_change.get(), sorted(keys)
    if not keys:
        return
    new = {"change_id": change.pk, "history_date": timezone.now(), "history_type": history_type}
    for start in range(0, len(keys), BATCH):
        pks = keys[start : start + BATCH]
        rows = model._base_manager.filter(pk__in=pks).order_by("pk")
        insert_from(history, rows, [field.attname for field in history.tracked_fields], new)
        if history_type != "-":
            _record_lists(history, change, pks)


def _record_lists(history, change, pks):
    """Write the many-to-many lists of the last rows of history that a change has of some objects, as they are now."""
    for list_field in history._history_m2m_fields:
        through = list_field.remote_field.through
        parent = through._meta.get_field(list_field.m2m_field_name()).attname
        last = history.objects.filter(change=change.pk, id=OuterRef(parent)).order_by("-history_id")
        links = through._base_manager.filter(**{f"{parent}__in": pks}).order_by("pk")
        columns = [field.attname for field in through._meta.concrete_fields]
        members = getattr(history, list_field.name).model
        insert_from(members, links, columns, {"history_id": Subquery(last.values("history_id")[:1])})


CHANGE_KINDS = {"+": ChangeKind.ADDED, "~": ChangeKind.CHANGED, "-": ChangeKind.DELETED}  # by history_type


def set_change(sender, instance, history_instance, **kwargs):
    """Set the change of a new row of history; outside a change set, create one for the row."""
    change = _current_change.get()
    if change is None:
        change = Change.objects.create(kind=CHANGE_KINDS[history_instance.history_type])
    history_instance.change = change
    computed = [field.attname for field in sender.tracked_fields if _is_expression(history_instance, field)]
    if computed:  # expressions, whose values are in the saved row
        values = type(instance)._base_manager.filter(pk=instance.pk).values(*computed).get()
        for name, value in values.items():
            setattr(history_instance, name, value)


def _is_expression(row, field):
    return hasattr(getattr(row, field.attname), "resolve_expression")
