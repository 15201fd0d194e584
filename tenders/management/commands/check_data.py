"""``manage.py check_data``: report inconsistencies in the database, one per line; exit 1 if there are any."""

import sys

from django.core.management.base import BaseCommand, CommandError

from tenders import integrity
from tenders.management.progress import Progress


def _read(label, queryset):
    rows = queryset.iterator(integrity.RECORDS_PER_QUERY)
    return Progress(str(label), queryset.count()).of(rows) if sys.stderr.isatty() else rows


class Command(BaseCommand):
    help = "Report inconsistencies that database constraints can't prevent."

    def handle(self, **options):
        number = 0
        for problem in integrity.find_problems(_read):
            self.stdout.write(problem)
            number += 1
        if number:
            raise CommandError("1 problem found." if number == 1 else f"{number} problems found.")
        self.stdout.write("No problems found.")
