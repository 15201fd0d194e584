"""``manage.py check_evidence``: compare the folder of evidence with the database; exit 1 if a file is not here."""

from django.core.management.base import BaseCommand, CommandError

from tenders.evidence.files import delete_unknown_bytes, files_without_bytes


class Command(BaseCommand):
    help = "Report source files whose content is missing or changed; delete content that belongs to no file."

    def handle(self, **options):
        try:
            number = 0
            for file in files_without_bytes():
                self.stdout.write(f"{file.source.slug}: the content of {file} (SHA-256 {file.sha256}) is missing.")
                number += 1
            num_deleted = delete_unknown_bytes()
        except OSError as error:
            raise CommandError(f"Can't read or write the evidence folder: {error}.") from error
        if num_deleted:
            self.stdout.write(f"Deleted content that belongs to no file: {num_deleted}.")
        if number:
            raise CommandError("1 file is missing." if number == 1 else f"{number} files are missing.")
        self.stdout.write("No file is missing.")
