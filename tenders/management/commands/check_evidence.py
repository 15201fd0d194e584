"""``manage.py check_evidence``: compare the folder of evidence with the database; exit 1 if a file is not here."""

from django.core.management.base import BaseCommand, CommandError

from tenders.evidence.files import delete_unknown_bytes, files_without_bytes


class Command(BaseCommand):
    help = "Report files of sources whose bytes are not here or not those of their hash, and delete bytes of no file."

    def handle(self, **options):
        try:
            number = 0
            for file in files_without_bytes():
                self.stdout.write(f"{file.source.slug}: the bytes of {file} (SHA-256 {file.sha256}) are not here.")
                number += 1
            num_deleted = delete_unknown_bytes()
        except OSError as error:
            raise CommandError(f"The folder of evidence cannot be read or written: {error}.") from error
        if num_deleted:
            self.stdout.write(f"Bytes of no file, older than a day, deleted: {num_deleted}.")
        if number:
            raise CommandError("1 file is not here." if number == 1 else f"{number} files are not here.")
        self.stdout.write("Every file is here.")
