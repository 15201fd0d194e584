"""``manage.py find_duplicates``: find and store the pairs of records that may be the same."""

from django.core.management.base import BaseCommand

from tenders.duplicate_pairs import store_pairs
from tenders.duplicates import find_pairs, parts_of
from tenders.management.progress import Progress
from tenders.models import Company, Institution, Tender


class Command(BaseCommand):
    help = "Find possible duplicates for the admin, where there are too many records to compare at once."

    def handle(self, **options):
        for model in (Institution, Company, Tender):
            label, parts = str(model._meta.verbose_name_plural), parts_of(model)
            pairs = find_pairs(Progress(label, len(parts)).of(parts))
            store_pairs(model, pairs)
            self.stdout.write(f"{label.capitalize()}: {len(pairs)} possible duplicate pairs")
