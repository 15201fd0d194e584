"""``manage.py begin_history``: write a baseline row of history for every record without one."""

from functools import cache

from django.core.management.base import BaseCommand

from tenders import audit
from tenders.management.progress import Progress


@cache
def _progress(label, total):
    return Progress(label, total)


def _show(label, number, total):
    _progress(str(label), total).update(number)


class Command(BaseCommand):
    help = "Write the first history row of records that have none, after `loaddata`. Running it again writes nothing."

    def handle(self, **options):
        self.stdout.write(f"History: started for {audit.backfill_history(_show)} records and their parts")
