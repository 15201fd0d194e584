"""``manage.py import_tenders FILE``: import tenders from a CSV file or a workbook; exit 1 unless all of it is right."""

import re
from itertools import count
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import Truncator

from tenders.imports.classifying import RowStatus
from tenders.imports.loading import PlanChanged, load
from tenders.imports.plans import Planner
from tenders.imports.readers import ENCODINGS, open_table
from tenders.management.progress import Progress
from tenders.models import Source

MAX_LENGTH = 200  # characters of a value in a line of the report
LINE_OF_REPORT = re.compile(r"Row ([0-9]+)(?: \(.*?\))?(?=: it may be the same as )")


class Command(BaseCommand):
    help = (
        "Import tenders from a CSV file or a workbook with the columns of the download. All rows are "
        "written or none. New tenders are created as drafts."
    )

    def add_arguments(self, parser):
        self.add_shared_arguments(parser)
        parser.add_argument(
            "--encoding",
            choices=ENCODINGS,
            default="",
            help="encoding of a CSV file that is neither UTF-8, UTF-16 nor GB18030",
        )

    def add_shared_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--source", metavar="SLUG", help="the source that the facts of the file are cited from")
        parser.add_argument("--reason", metavar="TEXT", help="reason, shown to readers (default: the source)")
        parser.add_argument(
            "--dry-run", action="store_true", help="report what would change, row by row; write nothing"
        )
        parser.add_argument(
            "--accept-duplicates",
            "--another",
            metavar="ROW",
            nargs="+",
            default=[],
            help="rows that only look like duplicates, to import as new tenders: their numbers, a file of these "
            "(or of lines of the report), or “all”",
        )

    def open(self, opened, source, options):
        """Return the table of a file."""
        return open_table(opened, options["encoding"])

    def handle(self, *, file, source, reason, dry_run, accept_duplicates, **options):
        if source is not None:
            try:
                source = Source.objects.get(slug=source)
            except Source.DoesNotExist:
                raise CommandError(f"There is no source named “{source}”. Add it in the admin first.") from None
        try:
            with file.open("rb") as opened:
                table = self.open(opened, source, options)
                self._import(table, source, reason, dry_run=dry_run, is_accepted=_acceptance(accept_duplicates))
        except OSError as error:
            raise CommandError(f"Can't read {file}: {error.strerror}.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _import(self, table, source, reason, *, dry_run, is_accepted):
        self.stdout.write(" ".join([f"Read as {table.form}.", *table.notes]))
        planner = Planner(table, source)
        bar = Progress("Read", planner.num_rows)
        num_read, report = count(1), []

        def on_row(row_plan):
            bar.update(next(num_read))
            is_duplicate = row_plan.status == RowStatus.DUPLICATE and not is_accepted(row_plan.number)
            if dry_run or row_plan.problems or is_duplicate:
                report.extend(_lines(row_plan))

        plan = planner.check(on_row)
        for problem in plan.problems:
            self.stdout.write(f"Row 1: {problem.column}: {problem.message}")
        for line in report:
            self.stdout.write(line)
        for name, paths in table.left_out.items():
            self.stdout.write(f"{name}: no place for {', '.join(paths)}")
        self.stdout.write(", ".join(f"{plan.counts[status]} {status.label.lower()}" for status in RowStatus))
        accepted_duplicates = set(filter(is_accepted, plan.rows[RowStatus.DUPLICATE]))
        doubtful = plan.rows[RowStatus.DUPLICATE] - accepted_duplicates
        if plan.is_wrong or doubtful:
            raise CommandError(
                "Nothing was imported. Correct the errors"
                + (", and use --accept-duplicates for rows that are different tenders." if doubtful else ".")
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


def _acceptance(given):
    """Return the function that says of which rows the probable duplicates are accepted."""
    if given == ["all"]:
        return lambda number: True
    numbers = {int(word) for word in given if word.isdecimal()}
    for name in (word for word in given if not word.isdecimal()):
        try:
            lines = Path(name).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeError):
            raise CommandError(f"Give “all”, numbers of rows, or a file of these: can't read {name}.") from None
        for line in lines:
            of_report = LINE_OF_REPORT.match(line)
            words = [of_report[1]] if of_report else line.replace(",", " ").split()
            if not all(map(str.isdecimal, words)):
                raise CommandError(f"Write numbers of rows in {name}: “{_short(line)}” isn't one.")
            numbers |= set(map(int, words))
    return numbers.__contains__


def _lines(row_plan):
    """Yield the lines of the report on a row."""
    row = f"Row {row_plan.number}"
    if row_plan.parsed.origin:
        row += f" ({row_plan.parsed.origin})"
    for problem in row_plan.problems:
        yield f"{row}: {problem.column}: “{problem.value[:100]}” {problem.message}"
    if row_plan.status == RowStatus.DUPLICATE:
        records, names, rows, num_more = row_plan.shown_look_alikes
        others = [f"{record.reference} ({_short(record)})" for record in records]
        others += [f"“{_short(name)}” (row {number})" for name, number in names]
        others += [f"row {number}" for number in rows]
        others += [f"{num_more} more"] if num_more else []
        yield f"{row}: it may be the same as {', '.join(others)}."
    if row_plan.status in {RowStatus.ERROR, RowStatus.SAME}:
        return
    yield f"{row}: {row_plan.status.label.lower()} {row_plan.tender.reference}".rstrip()
    for difference in row_plan.differences:
        award = f", award {difference.number}" if difference.number is not None else ""
        yield f"    {difference.column}{award}: {_short(difference.was)} → {_short(difference.becomes)}"
    if source := row_plan.parsed.own_source:
        yield f"    source: {_short(source)}" + ("" if source.pk else " (new)")
    for reading in row_plan.parsed.readings:
        yield f"    {reading.column}: “{_short(reading.written)}” is read as {_short(reading.read)}"


def _short(text):
    """Return a value as it stands in a line of the report."""
    return Truncator(str(text)).chars(MAX_LENGTH)
