"""
What a file would do: each row is new, changed, the same, a probable duplicate, or wrong. Nothing is written here.

A file is read in chunks, twice: once for the references that it holds, once to compare its rows with the records.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.duplicates import Index
from tenders.imports import columns
from tenders.imports.cells import format_value
from tenders.imports.comparing import differences
from tenders.imports.parties import Parties
from tenders.imports.rows import Problem, RowReader, references_in
from tenders.models import Company, DatasetVersion, Institution, RedirectedReference, Tender
from tenders.search import fold

CHUNK = 500  # rows


class Kind(models.TextChoices):
    """What a row of a file is to the records."""

    NEW = "new", gettext_lazy("New")
    CHANGED = "changed", gettext_lazy("Changed")
    SAME = "same", gettext_lazy("Same")
    DUPLICATE = "duplicate", gettext_lazy("Probable duplicate")
    ERROR = "error", gettext_lazy("Error")


@dataclass
class RowPlan:
    """
    A row and what it would do to which tender.

    ``candidates`` are records that it may be a double of; ``duplicate_row`` is the row of the same file that it may
    repeat, and ``similar_names`` are bodies that may be the same as one that it names, each with the row that names it
    first.
    """

    number: int
    kind: Kind
    tender: Tender
    differences: list
    problems: list
    readings: list
    candidates: list = field(default_factory=list)
    duplicate_row: int | None = None
    similar_names: list = field(default_factory=list)

    def as_text(self):
        """Return all that it says, as one text."""
        parts = [self.number, self.kind, self.tender.reference, self.duplicate_row or ""]
        for each in self.differences:
            parts += [each.column, each.number or "", each.was, each.becomes]
        for each in self.problems:
            parts += [each.column, each.value, each.message]
        for each in self.similar_names:
            parts += each
        return "\x1f".join([*map(str, parts), *(each.reference for each in self.candidates)])


@dataclass
class Plan:
    """
    What a whole file would do to the records as they were in one version.

    ``problems`` are those of the header; ``rows`` are the numbers of the rows of each kind that may be written.
    """

    version: str
    problems: list
    numbers: Counter = field(default_factory=Counter)
    rows: dict = field(default_factory=lambda: {kind: set() for kind in (Kind.NEW, Kind.CHANGED, Kind.DUPLICATE)})
    digest: str = ""

    @property
    def num_rows(self):
        return self.numbers.total()

    @property
    def is_wrong(self):
        return bool(self.problems or self.numbers[Kind.ERROR])


class Planner:
    """
    Sorts the rows of a table; ``source`` is what the file's facts are cited from, if anything.

    Problems of the file as a whole, and how many rows it has, are known at once.
    """

    def __init__(self, table, source=None):
        self.table, self.source = table, source
        self.problems = [Problem(name, "", message) for name, message in columns.problems(table.header)]
        self.index = cache(Index)
        self._rows_of = {}  # by reference, the rows that have it
        self.num_rows = 0
        for number, cells in table.rows():
            self.num_rows += 1
            for reference in references_in(Tender, [cells.get(columns.REFERENCE, "")]):
                self._rows_of.setdefault(reference, []).append(number)

    @property
    def references(self):
        """The references of tenders that the file holds."""
        return self._rows_of.keys()

    def check(self, on_row=lambda row_plan: None):
        """Return the plan; each row is shown to ``on_row`` on the way."""
        plan = Plan(DatasetVersion.current(), self.problems)
        digest = hashlib.sha256(repr(self.table.header).encode("utf-8", "backslashreplace"))
        for row_plan in self.rows():
            plan.numbers[row_plan.kind] += 1
            if row_plan.kind in plan.rows:
                plan.rows[row_plan.kind].add(row_plan.number)
            digest.update(row_plan.as_text().encode("utf-8", "backslashreplace"))
            on_row(row_plan)
        plan.digest = digest.hexdigest()
        return plan

    def rows(self, only=None):
        """
        Yield each row as it is planned, in chunks of which the records are loaded together.

        ``only`` are the numbers of rows that have been found to be new or changed: they are read again to be written.
        """
        self._first = {}  # by what they say, the first of the new rows
        parties = [Parties(model, self.index, is_sourced=self.source is not None) for model in (Institution, Company)]
        reader = RowReader(*parties)
        rows = (row for row in self.table.rows() if only is None or row[0] in only)
        while chunk := list(islice(rows, CHUNK)):
            reader.know(chunk)
            yield from self._planned([reader.read(*row) for row in chunk], is_sorted=only is not None)

    def _planned(self, rows, *, is_sorted):
        self._resolve_references(rows)
        wanted = {row.reference for row in rows} | {
            reference for row in rows for reference in row.values.get("possibly_same_as", ())
        }
        known = Tender.objects.for_download().in_bulk(wanted - {""}, field_name="reference")
        namesakes = {} if is_sorted else self._tenders_called_like([row for row in rows if row.reference not in known])
        for row in rows:
            yield self._sorted(row, known, namesakes.get(row.number, ()), is_sorted=is_sorted)

    @staticmethod
    def _resolve_references(rows):
        """Say which reference to write where a row has that of a merged tender; lead on those of possible repeats."""
        repeats = {reference for row in rows for reference in row.values.get("possibly_same_as", ())}
        former = RedirectedReference.objects.resolve({row.reference for row in rows} | repeats)
        for row in rows:
            if row.reference in former:
                message = _("%(reference)s was merged into %(kept)s: write that reference.")
                message %= {"reference": row.reference, "kept": former[row.reference]}
                row.problems.append(Problem(columns.REFERENCE, row.reference, message))
            if named := row.values.get("possibly_same_as"):
                resolved = dict.fromkeys(former.get(each, each) for each in named)
                row.values["possibly_same_as"] = [each for each in resolved if each != row.reference or each in named]

    def _sorted(self, row, known, namesakes, *, is_sorted):
        tender = known.get(row.reference) or Tender(reference=row.reference)
        found, problems = differences(row, tender)
        unread = {problem.column for problem in row.problems}
        found = [each for each in found if each.column not in unread]
        problems = [*row.problems, *(each for each in problems if each.column not in unread)]
        problems += self._problems(row, tender, found, known)
        row_plan = RowPlan(row.number, Kind.SAME, tender, found, problems, row.readings)
        if problems:
            row_plan.kind = Kind.ERROR
        elif tender.pk and found:
            row_plan.kind = Kind.CHANGED
        elif not tender.pk:
            row_plan.kind = Kind.NEW
            if not is_sorted:
                self._compare_with_others(row, row_plan, namesakes)
        if row_plan.kind == Kind.CHANGED and (row.candidates or row.similar_names):
            row_plan.kind, row_plan.candidates, row_plan.similar_names = (
                Kind.DUPLICATE,
                row.candidates,
                row.similar_names,
            )
        return row_plan

    def _problems(self, row, tender, found, known):
        """Yield what is wrong with a row beside its cells."""
        if len(self._rows_of.get(row.reference, ())) > 1:
            rows = _(", ").join(map(str, self._rows_of[row.reference]))
            yield Problem(columns.REFERENCE, row.reference, _("This reference stands in several rows: %s.") % rows)
        for reference in row.values.get("possibly_same_as") or ():
            if reference not in known and reference not in self._rows_of:
                yield Problem("possibly_same_as", reference, _("There is no such tender, and none in this file."))
            if reference == row.reference:
                yield Problem("possibly_same_as", reference, _("A tender is not compared with itself."))
        if not tender.is_published:
            return
        for each in found:
            if each.needs_source and self.source is None:
                message = _("This is public, and its change needs a source: name the one that the file comes from.")
                yield Problem(each.column, format_value(each.new), message)
            if each.attribute in {"buyer", "suppliers"}:
                parties = each.new if isinstance(each.new, list) else [each.new] if each.new else []
                for party in parties:
                    if not party.is_published:
                        message = _("The tender is public and this is not. Publish it first, then import the file.")
                        yield Problem(each.column, format_value(party), message)

    # Doubles

    def _compare_with_others(self, row, row_plan, namesakes):
        """Find out whether a new row says what a record says already, or may be another account of it."""
        if not row.reference and (same := next((each for each in namesakes if not _differs(row, each)), None)):
            row_plan.kind, row_plan.tender, row_plan.differences = Kind.SAME, same, []
            return
        changed = {each.attribute: each.new for each in row_plan.differences if each.number is None}
        described = Tender(
            **{name: changed.get(name) for name in ("year", "buyer", "region")},
            **{name: changed.get(name, "") for name in ("title_en", "title_zh")},
        )
        others = [each.record for each in self.index(Tender).similar(described)]
        if described.buyer and not described.buyer.pk:
            others = [each for each in others if each.buyer_id is None]
        row_plan.candidates, row_plan.similar_names = [*row.candidates, *others], row.similar_names
        if not row.reference:
            says = (described.year, format_value(described.buyer), fold(described.title_en), fold(described.title_zh))
            if not any(says[2:]):
                says = tuple(sorted((each.column, each.number or 0, each.becomes) for each in row_plan.differences))
            first = self._first.setdefault(hash(says), row.number)
            row_plan.duplicate_row = first if first != row.number else None
        if row_plan.candidates or row_plan.duplicate_row or row_plan.similar_names:
            row_plan.kind = Kind.DUPLICATE

    def _tenders_called_like(self, rows):
        """Return the tenders that have a title of each row, or if it has none as little as it, by the row's number."""
        titles, pks = {row.number: _titles(row) for row in rows}, {}
        years = {row.values.get("year") for row in rows if not titles[row.number]} - {None}
        nameless = Tender.objects.filter(title_en="", title_zh="", year__in=years).values_list("pk", "year", "buyer")
        for row in rows:
            if titles[row.number]:
                pks[row.number] = [each.pk for each in self.index(Tender).exact(*titles[row.number])]
            elif years:
                buyer = row.values.get("institution")
                known = (row.values.get("year"), buyer and buyer.pk)
                pks[row.number] = [pk for pk, *each in nameless if tuple(each) == known]
        tenders = Tender.objects.for_download().in_bulk({pk for found in pks.values() for pk in found})
        return {number: [tenders[pk] for pk in found] for number, found in pks.items()}


def _titles(row):
    return [title for name in ("title_en", "title_zh") if (title := row.values.get(name))]


def _differs(row, tender):
    found, problems = differences(row, tender)
    return bool(found or problems)
