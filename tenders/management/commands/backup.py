"""``manage.py backup [FOLDER]``: write a backup of the database and the files of sources, and try to restore it."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenders.operations import OperationError, back_up


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


class Command(BaseCommand):
    help = (
        "Write a backup of the database and the files of sources, while the site runs. It is restored into a scratch "
        "database and checked before it counts as one."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=Path, help="where to write it (default: BACKUP_ROOT)")
        parser.add_argument(
            "--keep", metavar="N", type=positive, help="delete all backups in the folder but the last N"
        )
        parser.add_argument("--no-verify", action="store_false", dest="verify", help="do not restore and check it")

    def handle(self, *, folder, keep, verify, **options):
        folder = folder or Path(settings.BACKUP_ROOT)
        try:
            path, problems = back_up(folder, verify=verify, keep=keep, on_written=self._tell_size)
        except OperationError as error:
            raise CommandError(error) from error
        self.stdout.write(f"Backup: {path}")
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(
                f"The backup is whole, but check_data finds something wrong in the data ({len(problems)})."
            )

    def _tell_size(self, size):
        self.stdout.write(f"Written: {size / 1_000_000:.0f} MB")
        self.stdout.flush()
