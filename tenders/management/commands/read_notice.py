"""``manage.py read_notice FILE``: read a Chinese procurement notice, and print what it states; nothing is written."""

import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenders.notices import read_notice
from tenders.notices.as_json import as_json, as_text
from tenders.notices.decoding import MAX_BYTES


class Command(BaseCommand):
    help = "Read a Chinese procurement notice (.html, .htm or .txt, at most 1 MiB), and print what it states."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, file, format, **options):  # noqa: A002 - the name of the option
        try:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"Can't read {file}: {error.strerror}.") from None
        try:
            reading = read_notice(content, name=file.name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if format == "json":
            self.stdout.write(json.dumps(as_json(reading, file.name), ensure_ascii=False, indent=1))
        else:
            self.stdout.write(as_text(reading))
