"""``manage.py import_ocds FILE``: import tenders from a package of OCDS; exit 1 unless all of it is right."""

from tenders.imports.ocds import OcdsTable
from tenders.management.commands import import_tenders


class Command(import_tenders.Command):
    help = (
        "Import the contracting processes of an OCDS 1.0 or 1.1 file: a release package, a record package, or JSON "
        "lines. All are written or none. New tenders are created as drafts; what has no place in them is listed."
    )

    def add_arguments(self, parser):
        self.add_shared_arguments(parser)

    def open(self, opened, source, options):
        return OcdsTable(opened, source)
