"""``manage.py release_data VERSION``: freeze the public data as a version that readers can download and cite."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenders.operations import OperationError
from tenders.versions.releasing import release


def site_address():
    """Return the address of the site by its settings."""
    return f"{'https' if settings.IS_PRODUCTION else 'http'}://{settings.ALLOWED_HOSTS[0]}"


class Command(BaseCommand):
    help = (
        "Write all public data as a version, such as 2026.1, into the folder DATA_VERSIONS: from one state of the "
        "database, while the site runs. A version is never written again."
    )

    def add_arguments(self, parser):
        parser.add_argument("version", help="the year and the number of the version in it, such as 2026.1")

        parser.add_argument(
            "--site", default=site_address(), help="the address of the site, for OCDS (default: %(default)s)"
        )

    def handle(self, *, version, site, **options):
        try:
            released = release(settings.DATA_VERSIONS, version, site=site.rstrip("/"), on_file=self._tell)
        except OperationError as error:
            raise CommandError(error) from error
        size = sum(file["bytes"] for file in released.files.values())
        self.stdout.write(f"Version {released.name}: {released.folder}")
        self.stdout.write(f"{len(released.leaves)} records, {len(released.files)} files, {size / 1_000_000:.1f} MB")
        self.stdout.write(f"sha256 of the manifest: {released.sha256}")

    def _tell(self, name):
        self.stdout.write(f"Writing {name}")
        self.stdout.flush()
