"""``manage.py check_data``: report what is wrong in the database, one plain line each; exit 1 if anything is."""

from django.core.management.base import BaseCommand, CommandError

from tenders import integrity


class Command(BaseCommand):
    help = "Report what is wrong in the database that no constraint can forbid."

    def handle(self, **options):
        found = 0
        for problem in integrity.problems():
            self.stdout.write(problem)
            found += 1
        if found:
            raise CommandError("1 problem found." if found == 1 else f"{found} problems found.")
        self.stdout.write("Nothing wrong found.")
