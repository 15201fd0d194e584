"""Dumps data, but for what the database keeps by itself: loaded again it would be in the way of the triggers."""

from django.core.management.commands import dumpdata

from tenders.triggers import KEPT


class Command(dumpdata.Command):
    def handle(self, *app_labels, **options):
        kept = {model._meta.label for model in KEPT}
        options["exclude"] = [*options["exclude"], *kept]
        return super().handle(*app_labels, **options)
