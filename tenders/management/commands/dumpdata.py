"""
Dumps data, but for what the database keeps by itself: loaded again it would be in the way of the triggers.

Files that wait to be imported are left out too. Without the numbers of the records (``--natural-primary``) it leaves
out their history as well, which knows them by these.
"""

from django.apps import apps
from django.core.management.commands import dumpdata

from tenders.models.changes import is_history
from tenders.triggers import COMPUTED_MODELS, PASSING


class Command(dumpdata.Command):
    def handle(self, *app_labels, **options):
        left_out = COMPUTED_MODELS | PASSING
        if options["use_natural_primary_keys"]:
            left_out |= set(filter(is_history, apps.get_app_config("tenders").get_models()))
        options["exclude"] = [*options["exclude"], *(model._meta.label for model in left_out)]
        return super().handle(*app_labels, **options)
