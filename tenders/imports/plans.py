"""
Plan the import of a file: what each row would do to the records. Nothing is written here.

A file goes through these steps, each a module of this package; ``Planner`` has their order.

    file -> readers -> parsing -> matching -> comparing -> validating -> classifying -> row plans -> loading

It is read in chunks, and never held: once for its references, once for the plan, once to be written.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from tenders.duplicates import Index
from tenders.imports.classifying import Classifier, RowStatus, ValidatedRow
from tenders.imports.columns import REFERENCE, header_problems
from tenders.imports.comparing import compare
from tenders.imports.matching import match
from tenders.imports.parsing import Problem, RowParser, find_references
from tenders.imports.parties import Parties
from tenders.imports.validating import validate
from tenders.models import Company, DatasetVersion, Institution, Tender

CHUNK = 500  # rows


@dataclass
class Plan:
    """
    What a whole file would do to the records as they were in one version.

    ``problems`` are those of the header; ``rows`` are the numbers of the rows of each status that may be written.
    """

    version: str
    problems: list
    counts: Counter = field(default_factory=Counter)
    rows: dict = field(
        default_factory=lambda: {status: set() for status in (RowStatus.NEW, RowStatus.CHANGED, RowStatus.DUPLICATE)}
    )
    digest: str = ""

    @property
    def num_rows(self):
        return self.counts.total()

    @property
    def is_wrong(self):
        return bool(self.problems or self.counts[RowStatus.ERROR])


class Planner:
    """
    Plans the import of a table; ``source`` is what the file's facts are cited from, if anything.

    Problems of the header, and the number of rows, are known at once.
    """

    def __init__(self, table, source=None):
        self.table, self.source = table, source
        self.problems = [Problem(name, "", message) for name, message in header_problems(table.header)]
        self.num_rows = 0
        self._index = cache(Index)
        self._row_numbers = {}  # by reference, of the rows that have it
        for number, cells in table.rows():
            self.num_rows += 1
            for reference in find_references(Tender, [cells.get(REFERENCE, "")]):
                self._row_numbers.setdefault(reference, []).append(number)

    @property
    def references(self):
        """The references of tenders that the file holds."""
        return self._row_numbers.keys()

    def check(self, on_row=lambda row_plan: None):
        """Return the plan; each row plan is passed to ``on_row`` on the way."""
        plan = Plan(DatasetVersion.current(), self.problems)
        digest = hashlib.sha256(repr(self.table.header).encode("utf-8", "backslashreplace"))
        for row_plan in self._row_plans():
            plan.counts[row_plan.status] += 1
            if row_plan.status in plan.rows:
                plan.rows[row_plan.status].add(row_plan.number)
            digest.update(row_plan.as_text().encode("utf-8", "backslashreplace"))
            on_row(row_plan)
        plan.digest = digest.hexdigest()
        return plan

    def _row_plans(self):
        classifier = Classifier(self._index)
        for rows in self.validated_rows():
            yield from classifier.classify(rows)

    def validated_rows(self, only=None):
        """
        Yield lists of validated rows, whose records are loaded together; this is the order of the steps.

        ``only`` are the numbers of rows that a plan found to be new or changed: they are read again to be written.
        """
        parser = RowParser(
            *(Parties(model, self._index, is_sourced=bool(self.source)) for model in (Institution, Company))
        )
        rows = ((number, cells) for number, cells in self.table.rows() if only is None or number in only)
        while chunk := list(islice(rows, CHUNK)):
            parsed = parser.parse(chunk)
            matched = match(parsed, self._row_numbers)
            yield [self._validate(row, compare(row.parsed, row.tender)) for row in matched]

    def _validate(self, row, comparison):
        problems = validate(row, comparison, source=self.source)
        return ValidatedRow(row.parsed, row.tender, comparison.differences, problems)
