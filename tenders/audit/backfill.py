"""Backfill of history: first rows for objects written without, by ``loaddata`` or before histories existed."""

from django.db.models import Exists, OuterRef

from tenders.choices import ChangeKind
from tenders.models import DatasetVersion
from tenders.models.changes import change_set, record_created_history, tracked_models

BACKFILL_BATCH = 1000  # objects whose first history is written at once


def backfill_history(progress=lambda label, number, total: None):
    """
    Record the first history of all objects that have none; return how many.

    ``progress`` is told the objects, how many of them have a history by now, and how many there are.
    """
    with change_set(ChangeKind.BASELINE):
        DatasetVersion.lock()
        number = 0
        for model in tracked_models():
            # `loaddata` leaves rows of the lists that it fills, and none of what it creates.
            first = model.history.model.objects.filter(id=OuterRef("pk"), history_type="+")
            missing = model.objects.filter(~Exists(first)).order_by("pk")
            done, total, last = 0, missing.count(), 0
            while batch := list(missing.filter(pk__gt=last)[:BACKFILL_BATCH]):
                record_created_history(batch)
                done, last = done + len(batch), batch[-1].pk
                progress(model._meta.verbose_name_plural, done, total)
            number += done
        return number
