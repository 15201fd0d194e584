"""
Read tables from CSV files and workbooks: rows of cells, each the text that it would be in CSV.

A table is read again whenever its rows are iterated, so that no file is held in memory.
"""

import codecs
import csv
import datetime
import io
import re
import zipfile
from contextlib import closing
from decimal import Decimal
from itertools import islice

import openpyxl
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from tenders.kinds import canonical

BLOCK = 1 << 16  # bytes read at a time
MAX_ROWS = 1_048_576  # of a sheet
MAX_LETTERED = 18_278  # the number of the column ZZZ
MAX_COLUMNS = 200
MAX_UNPACKED = 500_000_000  # bytes that a workbook may unpack to
SHEETS = "xl/worksheets/"  # where a workbook has them
MAX_SHARED = 20_000_000  # bytes of the texts that a workbook's cells share: all of them are held in memory
ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
DELIMITERS = ",;\t"
# In CSV, what a spreadsheet would compute; downloads have an apostrophe before such a text. A signed number is none.
FORMULA = re.compile(r"\s*(?:[=@]|[+\-](?!\s*[0-9][0-9.,]*\s*\Z))")


class Unreadable(ValidationError):  # noqa: N818 as ValidationError says already
    """Raised for a file that is no table; the message says what would be one."""


class FormulaCell(str):
    """The formula of a cell, or the error of one."""


def open_table(file):
    """Return the table of a binary file that can be read several times; raises ``Unreadable``."""
    file.seek(0)
    beginning = file.read(8)
    if beginning.startswith(b"PK\x03\x04"):
        return Workbook(file)
    if beginning.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("Save the workbook as .xlsx or as CSV UTF-8: the old format (.xls) can’t be read."))
    return CSV(file)


class Table:
    """
    The rows of a file under the names in its first row.

    A row is (number, cells): the number that spreadsheets show beside it, and the texts by the names of their columns.
    Empty rows are left out. ``form`` describes the format of the file.
    """

    form = ""

    def __init__(self):
        with closing(self._lines()) as lines:
            header = next(lines, None)
        if not header or not any(header):
            raise Unreadable(_("Put the column names in the first row; it is empty."))
        while not header[-1]:
            header.pop()
        if len(header) > MAX_COLUMNS:
            raise Unreadable(
                _("Delete the columns that don’t belong to the table: the file has %(n)s, the limit is %(max)s."),
                params={"n": len(header), "max": MAX_COLUMNS},
            )
        self.header = [name.strip() for name in header]

    def rows(self):
        """Yield each row; raises ``Unreadable`` where the file breaks off or is damaged."""
        with closing(self._lines()) as lines:
            next(lines)
            for number, line in enumerate(lines, 2):
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
        """Yield each row of the file as a list of texts, the header first."""
        raise NotImplementedError


class CSV(Table):
    """UTF-8 with or without a byte order mark, or GB18030 (GBK, GB2312), as Chinese office programs write it."""

    def __init__(self, file):
        self.file = file
        self.encoding = _encoding(file)
        self.file.seek(0)
        header = self.file.readline(BLOCK).decode(self.encoding, "replace")
        # Mostly commas stand between the names, elsewhere semicolons or tabs.
        self.delimiter = max(DELIMITERS, key=header.count)
        self.form = f"CSV, {ENCODINGS[self.encoding]}"
        super().__init__()

    def _lines(self):
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding=self.encoding, newline="")
        try:
            for row in csv.reader(text, delimiter=self.delimiter):
                yield [FormulaCell(cell) if FORMULA.match(cell) else cell for cell in row]
        except csv.Error as error:
            raise Unreadable(_("The file can’t be read as CSV: %(error)s."), params={"error": error}) from None
        finally:
            text.detach()  # else the file would be closed with it


def _encoding(file):
    """Return the encoding of a text file, after reading all of it."""
    file.seek(0)
    beginning = file.read(20)
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in beginning:
        raise Unreadable(
            _("Save the file as CSV UTF-8 or XLSX: this isn’t UTF-8, but perhaps “Unicode text” (UTF-16).")
        )
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable(_("Save the table as CSV UTF-8 or XLSX: this file is neither UTF-8 nor GB18030."))


class Workbook(Table):
    """The first sheet of an XLSX file: texts, numbers, dates and flags. Formulas are not computed."""

    form = "XLSX"

    def __init__(self, file):
        self.file = file
        try:
            with zipfile.ZipFile(file) as archive:
                sizes = {member.filename: member.file_size for member in archive.infolist()}
        except zipfile.BadZipFile:
            raise Unreadable(_("The workbook is damaged. Save it again as XLSX.")) from None
        # Sheets are read row by row; of the other parts, the shared texts are large.
        shared = [size for name, size in sizes.items() if name.endswith(".xml") and not name.startswith(SHEETS)]
        if sum(sizes.values()) > MAX_UNPACKED or max(shared, default=0) > MAX_SHARED:
            raise Unreadable(
                _("The workbook is too large: at most %(max)s MB, of which texts %(shared)s MB. Save it as CSV UTF-8."),
                params={"max": MAX_UNPACKED // 1_000_000, "shared": MAX_SHARED // 1_000_000},
            )
        super().__init__()

    def _lines(self):
        try:
            workbook = openpyxl.load_workbook(self.file, read_only=True)
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()  # some programs write wrong ones
            for row in islice(sheet.iter_rows(), MAX_ROWS):
                yield [_cell_text(cell) for cell in row]
        except Exception as error:  # whatever openpyxl meets in a damaged file
            raise Unreadable(
                _("The workbook can’t be read (%(error)s). Save it again as XLSX, or as CSV UTF-8."),
                params={"error": f"{type(error).__name__}: {error}"[:200]},
            ) from None


def _cell_text(cell):
    """Return a cell of a workbook as the text that it would be in CSV."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in {"f", "e"}:
        return FormulaCell(getattr(value, "text", None) or value)
    if isinstance(value, bool):
        return canonical(value)
    if isinstance(value, int | float):
        return canonical(Decimal(repr(value)))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    return str(value)
