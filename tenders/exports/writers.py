"""Write a download as CSV, XLSX, JSON or JSON Lines, row by row: a long list takes no more memory than a short one."""

import csv
import datetime
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from tenders.choices import ValueType
from tenders.exports.archives import save_workbook
from tenders.exports.cells import cell_text
from tenders.kinds import canonical

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
CHUNK = 1000  # records loaded at a time
BATCH = 100  # rows sent at a time
BLOCK = 1 << 16  # bytes of a file sent at a time

# The first day that all spreadsheets count alike: for some, 1900 has a 29 February.
FIRST_DAY = datetime.date(1900, 3, 1)
FORMATS = {ValueType.NUMBER: "0", ValueType.MONEY: "#,##0.00", ValueType.DATE: "yyyy-mm-dd"}
TEXT = "@"
MAX_LENGTH = 32_767  # of the text of a cell of XLSX, in UTF-16 units
CUT = _(" … [The text goes on: CSV and JSON have all of it.]")  # an import refuses a cell of that length
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # a workbook would take _x000D_ for a line break
WIDTHS = {ValueType.TEXT: 40, ValueType.ADDRESS: 50, ValueType.CODE: 18, ValueType.REFERENCE: 14, ValueType.MONEY: 18}

CONVENTIONS = [
    (
        "unknown",
        _(
            "The word “unknown” means that no source states it. An empty cell means that there is no "
            "value or it does not apply."
        ),
    ),
    (
        "lists",
        _(
            "Several values are separated by “; ”, values of several awards by “ | ”. These signs are "
            "doubled inside a value."
        ),
    ),
    (
        "apostrophe",
        _("An apostrophe precedes a text that a spreadsheet would take for a formula or for “unknown”."),
    ),
]


@dataclass(frozen=True)
class Export:
    """
    The records of a list, the columns to write of them, and the metadata of the file.

    ``changed_at`` is the moment of the last public change, None without any: the same data give the same bytes.
    ``page_records`` are those of one page of the list, if one is asked for; ``meta`` is what JSON says besides.
    """

    name: str
    columns: list
    records: QuerySet
    site: str
    address: str
    page: str
    changed_at: datetime.datetime | None
    page_records: list | None = None
    meta: dict = field(default_factory=dict)

    def about(self):
        """Return the metadata: addresses, date, licence, and the number of rows."""
        return {
            "address": self.address,
            "page": self.page,
            "date": self.changed_at and self.changed_at.isoformat(timespec="seconds"),
            "licence": LICENCE,
            "total": self.records.count(),
        }

    def rows(self):
        """Yield a list of values for each record, in the order of the columns."""
        records = self.records.iterator(chunk_size=CHUNK) if self.page_records is None else self.page_records
        for record in records:
            yield [
                self.site + column.value(record) if column.type == ValueType.ADDRESS else column.value(record)
                for column in self.columns
            ]

    def batches(self):
        """Yield lists of rows."""
        rows = self.rows()
        while batch := list(islice(rows, BATCH)):
            yield batch


class Echo:
    """A file for ``csv.writer`` whose ``write`` returns the line."""

    def write(self, line):
        return line


def write_csv(export):
    """Yield a table as CSV: a header and the rows, with a byte order mark, by which spreadsheets recognise UTF-8."""
    line = csv.writer(Echo()).writerow
    yield "\N{BYTE ORDER MARK}" + line([column.name for column in export.columns])
    for batch in export.batches():
        yield "".join(
            line(cell_text(value, column.separators) for column, value in zip(export.columns, row, strict=True))
            for row in batch
        )


encode = json.JSONEncoder(ensure_ascii=False).encode


def json_text(value):
    """Return a value as JSON; amounts as numbers, digit by digit."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encode(name)}: {json_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json_text(item) for item in value) + "]"
    return canonical(value) if isinstance(value, Decimal) else encode(value)


def write_json(export):
    """Yield a JSON object: the metadata, and the rows as objects."""
    names = [column.name for column in export.columns]
    yield f'{{"meta": {json_text(export.about() | export.meta)},\n"results": ['
    separator = "\n"
    for batch in export.batches():
        yield separator + ",\n".join(json_text(dict(zip(names, row, strict=True))) for row in batch)
        separator = ",\n"
    yield "\n]}\n"


def write_jsonl(export):
    """Yield a JSON object a line for each row, and nothing else (JSON Lines)."""
    names = [column.name for column in export.columns]
    for batch in export.batches():
        yield "".join(json_text(dict(zip(names, row, strict=True))) + "\n" for row in batch)


def write_xlsx(export):
    """Yield a workbook: a sheet of the rows, and one of the metadata and the columns."""
    with TemporaryFile() as file:
        workbook = Workbook(write_only=True)
        _write_rows(workbook.create_sheet(export.name), export)
        _write_about(workbook.create_sheet("About"), export)
        save_workbook(workbook, file)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _write_rows(sheet, export):
    sheet.freeze_panes = "A2"
    for number, column in enumerate(export.columns, 1):
        width = max(WIDTHS.get(column.type, 12), len(column.name) + 2)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_bold(sheet, column.name) for column in export.columns])
    # A cell is written as soon as it is yielded, so one of each format serves all rows.
    cells = {form: WriteOnlyCell(sheet) for form in (TEXT, *FORMATS.values())}
    for form, cell in cells.items():
        cell.number_format = form
    for row in export.rows():
        sheet.append(_filled(cells, column, value) for column, value in zip(export.columns, row, strict=True))


def _filled(cells, column, value):
    """Return the cell of a value: a number or a day, else text that is never a formula; None for an empty one."""
    if column.type == ValueType.DATE:
        value = _day(value) or value
    if isinstance(value, int | Decimal | datetime.date) and not isinstance(value, bool):
        cell = cells[FORMATS[column.type]]
        cell.value = value
        return cell
    if text := cell_text(value, column.separators):
        cells[TEXT].value, cells[TEXT].data_type = workbook_text(text), "s"
        return cells[TEXT]
    return None


def workbook_text(text):
    """Return a text as a cell of a workbook holds it; one that is too long says so at its end."""
    units = text.encode("utf-16-le")
    if len(units) > 2 * MAX_LENGTH:
        note = str(CUT)
        text = units[: 2 * (MAX_LENGTH - len(note))].decode("utf-16-le", "ignore")
        text += note.rjust(MAX_LENGTH - len(text.encode("utf-16-le")) // 2)
    return ESCAPE.sub("_x005F_", text)


def _day(text):
    """Return a partial date as a day, if it is one that all spreadsheets count alike, else None."""
    try:
        day = datetime.date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return day if day >= FIRST_DAY else None


def _write_about(sheet, export):
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 100
    for name, text in [*export.about().items(), *((name, str(text)) for name, text in CONVENTIONS)]:
        sheet.append([_bold(sheet, name), text])
    sheet.append([_bold(sheet, "Column"), _bold(sheet, "Meaning")])
    for column in export.columns:
        sheet.append([_bold(sheet, column.name), str(column.description)])


def _bold(sheet, text):
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


# How each form is written, and the content type it is sent with.
FORMS = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (write_json, "application/json"),
    "jsonl": (write_jsonl, "application/jsonl"),
}
