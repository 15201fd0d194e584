"""``manage.py restore BACKUP``: put a backup in the place of the database and the private files of the site."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from tenders.operations import OperationError, restore


class Command(BaseCommand):
    help = (
        "Restore a backup, bring it to this version of the site, and check its data. Stop the site first. The former "
        "database and files are kept under another name."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", type=Path, help="the folder that `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="also if the database holds data")

    def handle(self, *, backup, replace, **options):
        try:
            kept = restore(backup, replace=replace)
        except OperationError as error:
            raise CommandError(error) from error
        self.stdout.write(f"Restored: {backup}")
        for name in kept:
            self.stdout.write(f"The former data are kept as {name}. Delete them when you no longer need them.")
        self.stdout.write("The site can be started. Checking the data:")
        self.stdout.flush()
        call_command("check_data", stdout=self.stdout)
