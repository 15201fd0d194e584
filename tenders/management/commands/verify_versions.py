"""``manage.py verify_versions``: check every file, record and link of the versions of the data set."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenders.operations import OperationError, failing_in_words
from tenders.versions import versions_in
from tenders.versions.checking import problems_of


class Command(BaseCommand):
    help = (
        "Compare the files, the records and the chain of all versions in DATA_VERSIONS with their manifests. "
        "Ends with 1 if anything was altered, is missing or does not belong there."
    )

    def handle(self, **options):
        folder = settings.DATA_VERSIONS
        try:
            with failing_in_words("The versions can't be read"):
                problems = list(problems_of(folder))
        except OperationError as error:
            raise CommandError(error) from error
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"The versions are not what their manifests say ({len(problems)}).")
        names = [version.name for version in versions_in(folder)]
        self.stdout.write(f"As their manifests say: {', '.join(names)}." if names else f"No version in {folder}.")
