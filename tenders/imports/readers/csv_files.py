"""CSV files of any spreadsheet program: commas, semicolons or tabs, with or without a line ``sep=``."""

import csv
import io
import re
from contextlib import contextmanager

from django.utils.translation import gettext as _

from tenders.imports.columns import NAMES
from tenders.imports.readers.characters import checked
from tenders.imports.readers.encodings import BLOCK, find_encoding
from tenders.imports.readers.tables import RefusedCell, Table, Unreadable

DELIMITERS = ",;\t"
SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=([^\r\n"])"?\s*\Z', re.IGNORECASE)
# What a spreadsheet would compute; downloads have an apostrophe before such a text. A signed number is none.
FORMULA = re.compile(r"\s*(?:[=@]|[+\-](?!\s*[0-9][0-9.,]*\s*\Z))")
ERROR = re.compile(r"\s*(?:#(?:N/A|NV|DIV/0!|NAME\?|GETTING_DATA|[A-Z]+!)|Err:[0-9]{3})\s*")
BEGINNING = re.compile(r"\s*[=@+\-#E0-9]")  # of all these
TOO_NARROW = re.compile(r"\s*#{3,}\s*")
SHORTENED = re.compile(r"\s*[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}\s*")


class CSV(Table):
    """Text in an encoding that is certain or was chosen. A line ``sep=;`` before the header is no row."""

    def __init__(self, file, encoding=""):
        self.file, self.header = file, []
        name, self.codec = find_encoding(file, encoding)
        self.form = f"CSV, {name}"
        with self._text() as text:
            first = text.readline(BLOCK)
        self.has_separator_line = separator = SEPARATOR_LINE.match(first)
        # Mostly commas stand between the names, elsewhere semicolons or tabs.
        self.delimiter = separator[1] if separator else max(DELIMITERS, key=first.count)
        super().__init__()

    @contextmanager
    def _text(self):
        """Open the file as text, from its beginning; it stays open afterwards."""
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding=self.codec, newline="")
        try:
            yield text
        finally:
            text.detach()

    def _lines(self):
        with self._text() as text:
            if self.has_separator_line:
                text.readline()
            try:
                for number, row in enumerate(csv.reader(text, delimiter=self.delimiter, strict=True), 1):
                    yield number, self._completed([_cell(cell) for cell in row])
            except csv.Error as error:
                raise Unreadable(_("The file can’t be read as CSV: %(error)s."), params={"error": error}) from None

    def _completed(self, cells):
        """Return the cells of a row; one that is cut short would else empty what stands in the missing cells."""
        missing = [place for place in range(len(cells), len(self.header)) if self.header[place] in NAMES]
        if cells and missing:
            message = _("Complete the row: it has %(n)s cells, and there are %(m)s column names.")
            refused = RefusedCell("", message % {"n": len(cells), "m": len(self.header)})
            cells += [*[""] * (missing[0] - len(cells)), refused]
        return cells


def _cell(text):
    """Return the text of a cell, or why it is refused."""
    return (_doubtful(text) if BEGINNING.match(text) else None) or checked(text)


def _doubtful(text):
    """Return why a text is refused that a spreadsheet wrote in place of a value, or would compute; else None."""
    if FORMULA.match(text):
        return RefusedCell(text, _("Enter the value instead of a formula, or put an apostrophe before a text."))
    if ERROR.fullmatch(text):
        return RefusedCell(text, _("Enter the value, or leave the cell empty: this is the error of a formula."))
    if TOO_NARROW.fullmatch(text):
        return RefusedCell(text, _("Widen the column, then save the file again: the value was not shown."))
    if SHORTENED.fullmatch(text):
        return RefusedCell(text, _("Write all digits, as text: the spreadsheet shortened the number."))
    return None
