"""``manage.py amend_versions REFERENCE …``: take records that had to be withdrawn out of all versions."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenders.operations import OperationError
from tenders.versions.amending import amend


class Command(BaseCommand):
    help = (
        "Take records that had to be withdrawn out of all versions of the data set that hold them. Each of these is "
        "amended: 2026.1 by 2026.1.1, which has new files, the same hashes of records, and the reason."
    )

    def add_arguments(self, parser):
        parser.add_argument("references", nargs="+", metavar="reference", help="of a withdrawn record, as TW-7K3M9Q")
        parser.add_argument("--reason", required=True, help="why, for readers: it stands in the manifest")

    def handle(self, *, references, reason, **options):
        try:
            amended = amend(settings.DATA_VERSIONS, references, reason)
        except OperationError as error:
            raise CommandError(error) from error
        for version, amendment in amended:
            gone = sorted(set(amendment.withdrawn) - set(version.withdrawn))
            self.stdout.write(f"{version.name} is amended by {amendment.name}, without {', '.join(gone)}.")
        if not amended:
            self.stdout.write("The versions are amended already.")
