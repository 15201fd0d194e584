"""``manage.py loaddata_if_empty FIXTURE…``: load fixtures, but only into a database without records."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tenders import audit
from tenders.choices import Cause, ChangeKind
from tenders.claims.verdict_history import record_verdict_changes
from tenders.models import Article, Category, Company, Institution, Region, Source, Tender
from tenders.models.changes import change_set


class Command(BaseCommand):
    help = "Load fixtures into a database without records; leave any other unchanged."

    def add_arguments(self, parser):
        parser.add_argument("fixtures", nargs="+", metavar="FIXTURE")

    def handle(self, *, fixtures, **options):
        for model in (Article, Tender, Institution, Company, Source, Category, Region):
            if model.objects.exists():
                self.stdout.write(
                    f"Data: kept as it is; there are {model._meta.verbose_name_plural} in the database already"
                )
                return
        self.stdout.write(f"Data: loading {', '.join(fixtures)}")
        with change_set(ChangeKind.BASELINE):
            call_command("loaddata", *fixtures, verbosity=0)
            audit.backfill_history()
        if evaluated := len(record_verdict_changes(Cause.CHECKED)):
            self.stdout.write(f"Data: evaluated {evaluated} claims for the first time")
