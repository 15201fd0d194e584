"""The cells of a sheet as its file has them, row by row, with what is merged and what is hidden."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string, get_column_letter

from tenders.imports.readers.packages import Strings, parse
from tenders.imports.readers.tables import MAX_COLUMNS, MAX_ROWS

MAX_SHEET_COLUMNS = 16_384
MAX_MERGED = 50_000  # ranges
MAX_LENGTH = 32_767  # of the text of a cell, in UTF-16 units
VISIBLE = 0.5  # points of a row, or characters of a column
ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class Range:
    """A merged range; columns and rows are counted from 1."""

    column: int
    row: int
    last_column: int
    last_row: int

    def __str__(self):
        return f"{address(self.column, self.row)}:{address(self.last_column, self.last_row)}"


@dataclass
class RawCell:
    """
    A cell as its file has it: a type, the number of a style, and its text.

    ``formula`` is None for a cell without one, and empty for one that shares that of another cell.
    """

    column: int
    type: str
    style: int
    text: str = ""
    formula: str | None = None


@dataclass
class Row:
    number: int
    is_hidden: bool
    cells: list = field(default_factory=list)


def address(column, row):
    """Return the address of a cell, such as C4."""
    return f"{get_column_letter(column)}{row}"


class SheetParser:
    """Parses the XML of one sheet; merged ranges and hidden columns are known when all of it was parsed."""

    def __init__(self, file):
        self._file = file
        self.merged, self.hidden_columns = [], set()
        self._hides_rows = False  # unless they say otherwise
        self._rows, self._row, self._cell = [], None, None
        self._number = 0
        self._strings, self._pieces, self._length, self._collected = Strings(), [], 0, None

    def rows(self):
        """Yield the rows that have cells, in their order."""
        for _piece in parse(self._file, self._start, self._end, self._text):
            yield from self._rows
            self._rows.clear()

    def _start(self, name, attributes):
        if name == "c":
            self._start_cell(attributes)
        elif name in {"v", "f"} and self._cell:
            self._collected = name
        elif self._cell:
            self._strings.start(name, attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "mergeCell":
            self._add_merged(attributes["ref"])
        elif name == "col" and _is_hidden(attributes, "width"):
            self.hidden_columns.update(range(int(attributes["min"]), min(int(attributes["max"]), MAX_COLUMNS) + 1))
        elif name == "sheetFormatPr":
            self._hides_rows = attributes.get("zeroHeight") in {"1", "true"}

    def _start_row(self, attributes):
        number = int(attributes.get("r", self._number + 1))
        if not self._number < number <= MAX_ROWS:
            raise ValueError(f"row {number}")
        self._number = number
        is_hidden = _is_hidden(attributes, "ht") or (self._hides_rows and not {"ht", "hidden"} & set(attributes))
        self._row = Row(number, is_hidden)

    def _start_cell(self, attributes):
        place = attributes.get("r")
        if place:
            letters = place.rstrip("0123456789")
            column = column_index_from_string(letters)
            if int(place[len(letters) :]) != self._number:
                raise ValueError(f"cell {place}")
        else:
            column = self._row.cells[-1].column + 1 if self._row.cells else 1
        if column > MAX_SHEET_COLUMNS or (self._row.cells and column <= self._row.cells[-1].column):
            raise ValueError(f"cell {place}")
        self._cell = RawCell(column, attributes.get("t", "n"), int(attributes.get("s", 0)))
        self._row.cells.append(self._cell)

    def _end(self, name):
        if name == "c":
            if self._cell.type == "inlineStr":
                self._cell.text = self._strings.take()
            self._cell, self._length = None, 0
        elif name == self._collected:
            text = "".join(self._pieces)
            self._pieces.clear()
            self._collected = None
            if name == "v":
                self._cell.text = text
            else:
                self._cell.formula = text
        elif name == "row":
            self._rows.append(self._row)
            self._row = None
        elif self._cell:
            self._strings.end(name)

    def _text(self, text):
        if self._cell and self._length <= MAX_LENGTH:  # a longer one is refused, however long it is
            self._length += len(text)
            if self._collected:
                self._pieces.append(text)
            else:
                self._strings.add(text)

    def _add_merged(self, reference):
        if ":" not in reference:
            return
        first, last = (ADDRESS.fullmatch(place) for place in reference.split(":"))
        columns = sorted(column_index_from_string(place[1]) for place in (first, last))
        rows = sorted(int(place[2]) for place in (first, last))
        if len(self.merged) >= MAX_MERGED:
            raise ValueError(f"more than {MAX_MERGED} merged ranges")
        self.merged.append(Range(columns[0], rows[0], columns[1], rows[1]))


def at_place(message, sheet, place):
    """Return a message with where in the workbook it applies."""
    return _("%(message)s (Sheet “%(sheet)s”, %(place)s.)") % {"message": message, "sheet": sheet, "place": place}


def _is_hidden(attributes, size):
    """Return whether a row or a column is hidden, or has no height or width."""
    return attributes.get("hidden") in {"1", "true"} or float(attributes.get(size) or 1) < VISIBLE
