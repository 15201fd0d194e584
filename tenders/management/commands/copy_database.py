"""``manage.py copy_database --to URL``: copy all data, with its history, to another database of either engine."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from tenders.operations import OperationError, connect, copy_database


class Command(BaseCommand):
    help = (
        "Copy all data with its history to an empty database, from SQLite to PostgreSQL or back. Give a password as "
        "PGPASSWORD rather than in a URL, which other users of the machine can read."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--from", metavar="URL", dest="source", help="database to copy (default: DATABASE_URL)")
        parser.add_argument("--to", metavar="URL", dest="target", required=True, help="an empty database")

    def handle(self, *, source, target, verbosity, **options):
        def on_table(table, number):
            if number and verbosity:
                self.stdout.write(f"{table}: {number}")

        try:
            number = copy_database(connect(source) if source else connection.copy(), connect(target), on_table=on_table)
        except OperationError as error:
            raise CommandError(error) from error
        self.stdout.write(f"Copied: {number} rows. Now set DATABASE_URL to the copy.")
