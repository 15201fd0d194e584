"""
``manage.py dumpdata`` without computed tables, which would conflict with the triggers on loading, and without uploads.

With ``--natural-primary`` it leaves out the history too, which refers to records by primary key.
"""

from django.apps import apps
from django.core.management.commands import dumpdata

from tenders.models.changes import is_history
from tenders.triggers import COMPUTED_MODELS, TRANSIENT_MODELS


class Command(dumpdata.Command):
    def handle(self, *app_labels, **options):
        excluded = COMPUTED_MODELS | TRANSIENT_MODELS
        if options["use_natural_primary_keys"]:
            excluded |= set(filter(is_history, apps.get_app_config("tenders").get_models()))
        options["exclude"] = [*options["exclude"], *(model._meta.label for model in excluded)]
        return super().handle(*app_labels, **options)
