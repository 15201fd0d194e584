"""``manage.py build_fixtures``: build the fixtures from the CSV tables, or check that they are up to date."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenders.fixture_builder.builder import build
from tenders.fixture_builder.tables import DatasetError, read_tables

FIXTURE_FOLDER = Path(settings.FIXTURE_DIRS[0])


class Command(BaseCommand):
    help = "Build the fixtures from the CSV tables in fixtures/source/."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--source", type=Path, default=FIXTURE_FOLDER / "source", help="the folder of the CSV tables"
        )
        parser.add_argument("--output", type=Path, default=FIXTURE_FOLDER, help="the folder of the fixtures")
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a fixture would change")

    def handle(self, *, source, output, check, **options):
        try:
            fixtures = build(read_tables(source))
        except (DatasetError, OSError, UnicodeDecodeError) as error:
            raise CommandError(error) from error

        changed = []
        for name, text in fixtures.items():
            path = output / f"{name}.json"
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            changed.append(path.name)
            if not check:
                path.write_text(text, encoding="utf-8")
        if check and changed:
            raise CommandError(f"These fixtures are not what the tables give: {', '.join(changed)}.")
        self.stdout.write(f"{len(fixtures)} fixtures, {len(changed)} changed.")
