"""
Loads data without writing history: a dump brings its own, and fixtures get theirs by ``begin_history``.

django-simple-history skips rows that are loaded (``raw``), but not their many-to-many lists: it would write rows of
history whose keys the dump has as well.
"""

from django.conf import settings
from django.core.management.commands import loaddata
from django.db import connections

from tenders.models.natural_keys import remembered_natural_keys
from tenders.operations.sequences import skip_numbers_of_deleted


class Command(loaddata.Command):
    def handle(self, *fixture_labels, **options):
        settings.SIMPLE_HISTORY_ENABLED = False
        try:
            with remembered_natural_keys():
                super().handle(*fixture_labels, **options)
        finally:
            del settings.SIMPLE_HISTORY_ENABLED
        skip_numbers_of_deleted(connections[self.using])
