"""Audit log: every write of a record leaves a row of history, which belongs to a change: by whom, when and why."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from tenders.choices import ChangeKind


class Change(models.Model):
    """
    One thing that somebody did, in one go: saved a form, published a tender with its parties, imported a file.

    The rows of history that name it hold the records as it left them.
    """

    made_at = models.DateTimeField(_("made at"), default=timezone.now, db_index=True)
    kind = models.CharField(_("what was done"), max_length=10, choices=ChangeKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        related_name="changes",
        null=True,
        blank=True,
        help_text=_("Nobody when a program did it. Who has changed something is deactivated, not deleted."),
    )
    reason = models.TextField(_("why"), blank=True, default="")

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.made_at:%Y-%m-%d %H:%M})"


class HistoryRow(models.Model):
    """A row of history: a record, or what belongs to one, as a change left it."""

    change = models.ForeignKey(Change, models.CASCADE, verbose_name=_("change"), related_name="+")

    class Meta:
        abstract = True


class HistoryListItem(models.Model):
    """A member of a list of a row of history."""

    class Meta:
        abstract = True


def tracked_history(**options):
    """Return the descriptor that makes a model's history tracked."""
    return HistoricalRecords(bases=[HistoryRow], m2m_bases=[HistoryListItem], **options)


def is_history(model):
    """Return whether a model is a part of the history: it refers to records by their primary keys in this database."""
    return issubclass(model, Change | HistoryRow | HistoryListItem)


class _ChangeSet:
    def __init__(self, kind, by, reason):
        self.values = {"kind": kind, "by": by, "reason": reason}

    @cached_property
    def change(self):
        """The change, created as soon as something is written."""
        return Change.objects.create(**self.values)


_current_change_set = ContextVar("current change set", default=None)


@contextmanager
def change_set(kind, by=None, reason=""):
    """
    Make all that is written inside one change, atomically.

    ``by`` is a user, or None for a program. Inside another change set it is a part of that one.
    """
    if _current_change_set.get():
        yield
        return
    with transaction.atomic():
        token = _current_change_set.set(_ChangeSet(kind, by, reason))
        try:
            yield
        finally:
            _current_change_set.reset(token)


def last_change(record):
    """Return the number of the last change of a record or of what belongs to it, 0 for none."""
    rows = [type(record).history.filter(**{record._meta.pk.attname: record.pk})]
    for relation in record._meta.related_objects:
        if relation.on_delete is models.CASCADE and hasattr(relation.related_model, "history"):
            rows.append(relation.related_model.history.filter(**{relation.field.attname: record.pk}))
    return max(history.aggregate(last=Max("change"))["last"] or 0 for history in rows)


def is_created_by(record, user):
    """Return whether a user has created a record."""
    return type(record).history.filter(id=record.pk, history_type="+", change__by=user).exists()


def record_created_history(objs):
    """Record the history of new objects of one model that were saved in bulk; inside ``change_set``."""
    _record_history(objs, is_update=False)


def record_changed_history(objs):
    """Record the history of objects of one model that were changed in bulk; inside ``change_set``."""
    _record_history(objs, is_update=True)


def _record_history(objs, is_update):
    objs = list(objs)
    if not objs:
        return
    history = type(objs[0]).history
    attributes = {"change": _current_change_set.get().change}
    rows = history.bulk_history_create(objs, batch_size=500, update=is_update, custom_historical_attrs=attributes)
    row_of = {getattr(row, row.instance_type._meta.pk.attname): row for row in rows}
    for list_field in history.model._history_m2m_fields:
        through = list_field.remote_field.through
        own = through._meta.get_field(list_field.m2m_field_name()).attname
        members = getattr(history.model, list_field.name).model
        columns = [field.attname for field in through._meta.concrete_fields]
        links = through._base_manager.filter(**{f"{own}__in": list(row_of)}).order_by("pk")
        members.objects.bulk_create(
            (
                members(history=row_of[values[own]], **values)
                for values in links.values(*columns).iterator(chunk_size=2000)
            ),
            batch_size=500,
        )


KINDS = {"+": ChangeKind.ADDED, "~": ChangeKind.CHANGED, "-": ChangeKind.DELETED}


def assign_change(sender, instance, history_instance, **kwargs):
    """Assign a row of history to the current change set; a write outside of any is a change of its own."""
    current = _current_change_set.get() or _ChangeSet(KINDS[history_instance.history_type], None, "")
    history_instance.change = current.change
    computed = [field.attname for field in sender.tracked_fields if _is_expression(history_instance, field)]
    if computed:  # by the database, from a row that is written by now
        values = type(instance)._base_manager.filter(pk=instance.pk).values(*computed).get()
        for name, value in values.items():
            setattr(history_instance, name, value)


def _is_expression(row, field):
    return hasattr(getattr(row, field.attname), "resolve_expression")


def connect():
    """Assign every new row of history to its change."""
    pre_create_historical_record.connect(assign_change, dispatch_uid="tenders.change")
