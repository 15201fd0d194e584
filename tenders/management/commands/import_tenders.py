"""``manage.py import_tenders FILE``: import tenders from a CSV file or a workbook; exit 1 unless all of it is right."""

from itertools import count
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenders.imports.classifying import RowStatus
from tenders.imports.loading import PlanChanged, load
from tenders.imports.plans import Planner
from tenders.imports.readers import ENCODINGS, open_table
from tenders.management.progress import Progress
from tenders.models import Source


class Command(BaseCommand):
    help = (
        "Import tenders from a CSV file or a workbook with the columns of the download. All rows are "
        "written or none. New tenders are created as drafts."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--encoding",
            choices=ENCODINGS,
            default="",
            help="encoding of a CSV file that is neither UTF-8, UTF-16 nor GB18030",
        )
        parser.add_argument("--source", metavar="SLUG", help="the source that the facts of the file are cited from")
        parser.add_argument("--reason", metavar="TEXT", help="reason, shown to readers (default: the source)")
        parser.add_argument(
            "--dry-run", action="store_true", help="report what would change, row by row; write nothing"
        )
        parser.add_argument(
            "--another",
            metavar="ROW",
            nargs="+",
            type=int,
            default=[],
            help="rows that only look like duplicates: import them as new tenders",
        )

    def handle(self, *, file, encoding, source, reason, dry_run, another, **options):
        if source is not None:
            try:
                source = Source.objects.get(slug=source)
            except Source.DoesNotExist:
                raise CommandError(f"There is no source named “{source}”. Add it in the admin first.") from None
        try:
            with file.open("rb") as opened:
                table = open_table(opened, encoding)
                self._import(table, source, reason, dry_run=dry_run, accepted_duplicates=set(another))
        except OSError as error:
            raise CommandError(f"Can't read {file}: {error.strerror}.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _import(self, table, source, reason, *, dry_run, accepted_duplicates):
        self.stdout.write(" ".join([f"Read as {table.form}.", *table.notes]))
        planner = Planner(table, source)
        bar = Progress("Read", planner.num_rows)
        num_read, report = count(1), []

        def on_row(row_plan):
            bar.update(next(num_read))
            is_duplicate = row_plan.status == RowStatus.DUPLICATE and row_plan.number not in accepted_duplicates
            if dry_run or row_plan.problems or is_duplicate:
                report.extend(_lines(row_plan))

        plan = planner.check(on_row)
        for problem in plan.problems:
            self.stdout.write(f"Row 1: {problem.column}: {problem.message}")
        for line in report:
            self.stdout.write(line)
        self.stdout.write(", ".join(f"{plan.counts[status]} {status.label.lower()}" for status in RowStatus))
        doubtful = plan.rows[RowStatus.DUPLICATE] - accepted_duplicates
        if plan.is_wrong or doubtful:
            raise CommandError(
                "Nothing was imported. Correct the errors"
                + (", and use --another for probable duplicates that are different tenders." if doubtful else ".")
            )
        if dry_run:
            return
        bar = Progress("Written", sum(map(len, plan.rows.values())))
        try:
            loaded = load(planner, plan, reason=reason, accepted_duplicates=accepted_duplicates, progress=bar.update)
        except PlanChanged:
            raise CommandError("Nothing was imported: the records have changed in the meantime. Try again.") from None
        self.stdout.write(f"Imported: {loaded.num_new} new, {loaded.num_changed} changed.")
        for change in loaded.changed_verdicts:
            if change.before is not None:
                self.stdout.write(f"{change.claim}: {change.before.value} → {change.evaluation.verdict.value}")


def _lines(row_plan):
    """Yield the lines of the report on a row."""
    row = f"Row {row_plan.number}"
    for problem in row_plan.problems:
        yield f"{row}: {problem.column}: “{problem.value[:100]}” {problem.message}"
    if row_plan.status == RowStatus.DUPLICATE:
        others = [f"{record.reference} ({record})" for record in row_plan.candidates]
        others += [f"“{name}” (row {number})" for name, number in row_plan.similar_names]
        others += [f"row {row_plan.duplicate_row}"] if row_plan.duplicate_row else []
        yield f"{row}: it may be the same as {', '.join(others)}."
    if row_plan.status in {RowStatus.ERROR, RowStatus.SAME}:
        return
    yield f"{row}: {row_plan.status.label.lower()} {row_plan.tender.reference}".rstrip()
    for difference in row_plan.differences:
        award = f", award {difference.number}" if difference.number is not None else ""
        yield f"    {difference.column}{award}: {difference.was} → {difference.becomes}"
    for reading in row_plan.parsed.readings:
        yield f"    {reading.column}: “{reading.written}” is read as {reading.read}"
