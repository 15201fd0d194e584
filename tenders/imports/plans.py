"""
Plan the import of a file: what each row would do to the records. Nothing is written here.

A file goes through these steps, each a module of this package; ``Planner`` has their order.

    file -> readers -> parsing -> matching -> comparing -> validating -> classifying -> row plans -> loading

It is read in chunks, and never held: once for its references, once for the plan, once to be written.
"""

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, islice

from django.utils.translation import gettext as _

from tenders.duplicates import Index
from tenders.imports.classifying import Classifier, RowPlan, RowStatus
from tenders.imports.columns import REFERENCE, header_problems
from tenders.imports.comparing import compare
from tenders.imports.matching import match
from tenders.imports.parsing import Problem, RowParser, find_references
from tenders.imports.parties import Parties
from tenders.imports.readers import Unreadable
from tenders.imports.validating import validate
from tenders.models import Company, DatasetVersion, Institution, Tender

CHUNK = 500  # rows
WRITABLE = (RowStatus.NEW, RowStatus.CHANGED, RowStatus.DUPLICATE)


class TooSlow(Unreadable):
    """Raised for a file that takes longer than there is time."""


@dataclass
class Plan:
    """
    What a whole file would do to the records as they were in one version.

    ``problems`` are those of the header; ``rows`` are the numbers of the rows of each status that may be written.
    """

    version: str
    problems: list
    counts: Counter = field(default_factory=Counter)
    rows: dict = field(default_factory=lambda: {status: set() for status in WRITABLE})
    digest: str = ""

    @property
    def num_rows(self):
        return self.counts.total()

    @property
    def is_wrong(self):
        return bool(self.problems or self.counts[RowStatus.ERROR])


class Planner:
    """
    Plans the import of a table; ``source`` is what the file's facts are cited from, unless a row names another, if any.

    Problems of the header, and the number of rows, are known at once. Reading raises ``TooSlow`` when it takes, all in
    all, more than so many ``seconds`` from now on: a web server does not end a request.
    """

    def __init__(self, table, source=None, *, seconds=None):
        self.table, self.source, self.seconds = table, source, seconds
        self._ends_at = None if seconds is None else time.monotonic() + seconds
        self.problems = [Problem(name, "", message) for name, message in header_problems(table.header)]
        self.num_rows = 0
        self._index = cache(lambda model, **part: Index(model, model.objects.filter(**part)))
        self.row_numbers = {}  # by reference, of the rows that have it
        for number, cells in table.rows():
            self.check_time()
            self.num_rows += 1
            if REFERENCE in cells:
                for reference in find_references(Tender, [cells[REFERENCE]]):
                    self.row_numbers.setdefault(reference, []).append(number)

    def check_time(self):
        """Raise ``TooSlow`` after the time that there was."""
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            raise TooSlow(
                _("Split the file or import it with the command: reading it takes more than %(n)s seconds."),
                params={"n": self.seconds},
            )

    def check(self, on_row=lambda row_plan: None):
        """Return the plan; each row plan is passed to ``on_row`` on the way."""
        plan = Plan(DatasetVersion.current(), self.problems)
        digest = hashlib.sha256(repr(self.table.header).encode("utf-8", "backslashreplace"))
        for row_plan in chain.from_iterable(self.row_plans()):
            plan.counts[row_plan.status] += 1
            if row_plan.status in plan.rows:
                plan.rows[row_plan.status].add(row_plan.number)
            digest.update(row_plan.as_text().encode("utf-8", "backslashreplace"))
            on_row(row_plan)
        plan.digest = digest.hexdigest()
        return plan

    def row_plans(self, only=None):
        """
        Yield the row plans of each chunk, whose records are loaded together. This is the order of the steps.

        ``only`` are the numbers of rows without problems, which a plan of the same records has: they are read again to
        be written, and neither validated nor classified once more.
        """
        is_plan = only is None
        parties = [Parties(model, self._index, finds_similar=is_plan) for model in (Institution, Company)]
        parser = RowParser(*parties, source=self.source, on_row=self.check_time)
        classifier = Classifier(self._index, self.table.header)
        rows = (row for row in self.table.rows() if is_plan or row[0] in only)
        while cells := list(islice(rows, CHUNK)):
            matched = match(parser.parse(cells), self.row_numbers)
            same = classifier.find_same(matched) if is_plan else {}
            row_plans = []
            for row in matched:
                if tender := same.get(row.parsed.number):
                    row, differences, problems = replace(row, tender=tender), [], []
                else:
                    differences, problems = compare(row.parsed, row.tender)
                if is_plan:
                    differences, problems = validate(row, differences, problems)
                located = [row.parsed.located(problem) for problem in problems]
                row_plans.append(RowPlan(row.parsed, row.tender, differences, located))
            yield map(classifier.classify, row_plans) if is_plan else row_plans
