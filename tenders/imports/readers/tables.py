"""The rows of a file under the names in its first row, and what their cells may be."""

from contextlib import closing
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from tenders.imports.columns import find_column

MAX_ROWS = 1_048_576  # of a sheet
MAX_LETTERED = 18_278  # the number of the column ZZZ
MAX_COLUMNS = 200


class Unreadable(ValidationError):  # noqa: N818 as ValidationError says already
    """Raised for a file that is no table; the message says what would be one."""


class ReadCell(str):
    """The text that was read of a cell which shows something else: ``written``."""

    def __new__(cls, text, written):
        cell = super().__new__(cls, text)
        cell.written = written
        return cell


class RefusedCell(str):
    """What stands in a cell that can't be read with certainty; ``message`` says what would be right."""

    def __new__(cls, text, message, quotations=()):
        cell = super().__new__(cls, text)
        cell.message, cell.quotations = message, list(quotations)
        return cell


@dataclass(frozen=True)
class Quotation:
    """What a source states, as it stands there, and where."""

    place: str
    stated: str


class StatedCell(str):
    """
    A cell that was read from data which can be quoted.

    ``quotations`` are those of its value, or of the value of each award (None where it has none). ``parties`` are those
    of what else the row says of the organisations that the cell names: {name or reference: {fact: quotation}}.
    """

    def __new__(cls, text, quotations=(), parties=None):
        cell = super().__new__(cls, text)
        cell.quotations, cell.parties = list(quotations), parties or {}
        return cell


class Table:
    """
    The rows of a file under the names in its first row.

    A row is (number, cells): the number that spreadsheets show beside it, and the texts by the names of their columns.
    Empty rows are left out. ``form`` describes the format of the file; ``notes`` are sentences on what of the file was
    read, for the preview.
    """

    form = ""
    has_source = False  # whether it says what its facts are cited from
    left_out = {}  # {name of a row: [what of it has no column]}, of a file that is no table

    def __init__(self):
        self.notes = []
        with closing(self._lines()) as lines:
            _number, header = next(lines, (1, []))
        names = [name.strip() for name in header]
        while names and not names[-1]:
            names.pop()
        if not names:
            raise Unreadable(_("Put the column names in the first row; it is empty."))
        if len(names) > MAX_COLUMNS:
            raise Unreadable(
                _("Delete the columns that don’t belong to the table: the file has %(n)s, the limit is %(max)s."),
                params={"n": len(names), "max": MAX_COLUMNS},
            )
        self.header = [find_column(name) or name for name in names]

    def rows(self):
        """Yield each row; raises ``Unreadable`` where the file breaks off or is damaged."""
        with closing(self._lines()) as lines:
            next(lines)
            for number, line in lines:
                if any(cell.strip() for cell in line):
                    yield number, self._named(line)

    def _named(self, line):
        cells = dict(zip(self.header, line, strict=False))
        for number, cell in enumerate(line[len(self.header) :], len(self.header) + 1):
            if cell.strip():  # the first beyond the header stands for all: there may be thousands
                letter = get_column_letter(number) if number <= MAX_LETTERED else str(number)
                cells[_("column %(letter)s") % {"letter": letter}] = cell
                break
        return cells

    def _lines(self):
        """Yield (number, texts) of each row of the file, the header first."""
        raise NotImplementedError
