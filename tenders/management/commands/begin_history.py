"""``manage.py begin_history``: write a baseline row of history for every record without one."""

from django.core.management.base import BaseCommand

from tenders import audit


class Command(BaseCommand):
    help = "Write the first row of history of what has none, after `loaddata`; a second time there is nothing to write."

    def handle(self, **options):
        self.stdout.write(f"History: begun for {audit.backfill_history()} records and what belongs to them")
