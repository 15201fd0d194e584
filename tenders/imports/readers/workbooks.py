"""
Workbooks: the first visible sheet of an XLSX file that has our columns.

Hidden rows and columns are read like the others, and the notes say so. A cell that is merged down a column stands for
each of its rows.
"""

import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenders.choices import ValueType
from tenders.imports.columns import COLUMNS, DETAILS, SOURCE, find_column
from tenders.imports.readers.characters import checked
from tenders.imports.readers.date_formats import FIRST
from tenders.imports.readers.doubtful import Doubtful, Unknown
from tenders.imports.readers.merged import Filling, merged_by_row
from tenders.imports.readers.number_formats import number_format, parse_number
from tenders.imports.readers.packages import DoubtfulText, Package, unescape
from tenders.imports.readers.sheets import MAX_LENGTH, SheetParser, address, at_place
from tenders.imports.readers.tables import RefusedCell, Table, Unreadable
from tenders.kinds import canonical

FLAGS = {"1": True, "true": True, "0": False, "false": False}
TEXTS = {"s", "str", "inlineStr"}  # types of cells
MAX_LISTED = 10  # hidden rows that a note lists
TYPES = {name: column.type for name, column in COLUMNS.items()}
TYPES |= {name: attribute.kind.type for name, attribute in (DETAILS | SOURCE).items()}
STRUCK = gettext_lazy("Write the text again: a part of it is struck out, or raised like the mark of a note.")
SECOND, SECONDS = datetime.timedelta(seconds=1), 86_400  # of a day


class Workbook(Table):
    """One sheet of an XLSX file: texts, numbers, dates and flags. Formulas are not computed."""

    form = "XLSX"

    def __init__(self, file):
        self.header, self.sheet, self._merged = [], None, {}
        try:
            self._package = Package(file)
            self._styles = [(code, number_format(code), is_struck) for code, is_struck in self._package.styles]
            self.sheet = self._choose_sheet()
            super().__init__()
            self._say_which_sheet()
            self._look_ahead()
        except Unreadable:
            raise
        except Exception as error:  # whatever a damaged file has
            raise damaged(error) from None

    def _choose_sheet(self):
        """Return the first visible sheet that has mostly our columns, else the first with a header, else the first."""
        visible = [sheet for sheet in self._package.sheets if sheet.is_visible and sheet.path]
        if not visible:
            raise Unreadable(_("Show the sheet with the table: the workbook has no visible sheet with cells."))
        with_header = None
        for sheet in visible:
            self.sheet = sheet
            with self._package.open(sheet.path) as file:
                row = next(SheetParser(file).rows(), None)
            names = [name for name in map(self._header_text, row.cells) if name] if row and row.number == 1 else []
            if names and 2 * sum(find_column(name) is not None for name in names) >= len(names):
                return sheet
            if names and with_header is None:
                with_header = sheet
        return with_header or visible[0]

    def _header_text(self, cell):
        return self._text(cell, 1).strip()

    def _say_which_sheet(self):
        others = [f"“{sheet.name}”" for sheet in self._package.sheets if sheet != self.sheet]
        if others:
            note = _("The sheet “%(sheet)s” was read. Not read: %(others)s.")
            self.notes.append(note % {"sheet": self.sheet.name, "others": _(", ").join(others)})
        else:
            self.notes.append(_("The sheet “%(sheet)s” was read.") % {"sheet": self.sheet.name})

    def _look_ahead(self):
        """Find out what is merged and hidden: a sheet says so behind its rows, or of each of them."""
        hidden = []
        with self._package.open(self.sheet.path) as file:
            parser = SheetParser(file)
            for row in parser.rows():
                if row.is_hidden and any(cell.text for cell in row.cells):
                    hidden.append(row.number)
        self._merged = merged_by_row(parser.merged, self.header, self.sheet.name)
        if hidden:
            note = ngettext(
                "%(n)s hidden row was read as well: row %(rows)s.",
                "%(n)s hidden rows were read as well: rows %(rows)s.",
                len(hidden),
            )
            rows = [*map(str, hidden[:MAX_LISTED]), *(["…"] if len(hidden) > MAX_LISTED else [])]
            self.notes.append(note % {"n": len(hidden), "rows": _(", ").join(rows)})
        if names := [name for number, name in enumerate(self.header, 1) if number in parser.hidden_columns]:
            note = ngettext(
                "%(n)s hidden column was read as well: %(names)s.",
                "%(n)s hidden columns were read as well: %(names)s.",
                len(names),
            )
            self.notes.append(note % {"n": len(names), "names": _(", ").join(names)})

    def _lines(self):
        try:
            filling = Filling(self._merged, self.header, self.sheet.name)
            with self._package.open(self.sheet.path) as file:
                for row in SheetParser(file).rows():
                    texts = self._texts(row)
                    if row.number == 1 or any(text.strip() for text in texts):
                        yield row.number, filling.fill(row.number, texts)
        except Unreadable:
            raise
        except Exception as error:
            raise damaged(error) from None

    def _texts(self, row):
        texts = []
        for cell in row.cells:
            texts += [""] * (cell.column - 1 - len(texts))
            texts.append(self._text(cell, row.number))
        return texts

    def _text(self, cell, number):
        """Return the text of a cell, or why it is refused."""
        try:
            return self._read(cell)
        except Doubtful as doubt:
            return RefusedCell(
                doubt.shown or cell.text, at_place(doubt.message, self.sheet.name, address(cell.column, number))
            )

    def _read(self, cell):
        """Return the text of a cell; raises ``Doubtful``."""
        if cell.formula is not None:
            message = _("Enter the value instead of a formula, or put an apostrophe before a text.")
            raise Doubtful(f"={cell.formula}" if cell.formula else cell.text or "=", message)
        if not cell.text:
            return ""
        code, form, is_struck = self._styles[cell.style if cell.style < len(self._styles) else 0]
        if is_struck:
            raise Doubtful(self._stored_text(cell), STRUCK)
        if cell.type in TEXTS:
            return self._read_text(cell, form)
        if cell.type == "b":
            return canonical(FLAGS[cell.text])
        if cell.type == "e":
            raise Doubtful(cell.text, _("Enter the value, or leave the cell empty: this is the error of a formula."))
        return self._read_number(cell, code, form)

    def _stored_text(self, cell):
        if cell.type == "s":
            return self._package.texts[int(cell.text)]
        return unescape(cell.text) if cell.type == "str" else cell.text

    def _read_text(self, cell, form):
        text = self._stored_text(cell)
        if isinstance(text, DoubtfulText):
            raise Doubtful(text, STRUCK)
        if len(text) >= MAX_LENGTH // 2 and len(text.encode("utf-16-le", "replace")) // 2 >= MAX_LENGTH:
            message = _("Import the text as CSV: a workbook’s cell holds 32,767 characters, so this one may be cut.")
            raise Doubtful(text[:50], message)
        text = checked(text)
        if isinstance(text, RefusedCell):
            raise Doubtful(text, text.message)
        return form.read_text(text) if form else text

    def _read_number(self, cell, code, form):
        if form is None:
            raise Unknown(code)
        is_1904 = self._package.is_1904
        if cell.type == "d":
            number, form = self._count_days(cell.text), form if form.is_date else number_format("yyyy-mm-dd")
        else:
            number = parse_number(cell.text)
        text = form.read(number, is_1904=is_1904)
        type_of_column = TYPES.get(self.header[cell.column - 1]) if cell.column <= len(self.header) else None
        if type_of_column == ValueType.DATE and "." in text:  # 2019.1 may have been 2019.10
            raise Doubtful(text, _("Write the date as text, such as 2019, 2019-06 or 2019-06-19: this is a number."))
        if type_of_column not in {None, ValueType.DATE, ValueType.NUMBER} and form.is_date:
            raise Doubtful(text, _("Write it as text: the spreadsheet made a date of what was typed."))
        return text

    def _count_days(self, text):
        """Return the number of a date that a cell holds as text (``t="d"``)."""
        try:
            moment = datetime.datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            raise Doubtful(text, _("Write a date as 2019, 2019-06 or 2019-06-19.")) from None
        return Decimal((moment - FIRST[self._package.is_1904]) // SECOND) / SECONDS


def damaged(error):
    return Unreadable(
        _("The workbook can’t be read (%(error)s). Save it again as XLSX, or as CSV UTF-8."),
        params={"error": f"{type(error).__name__}: {error}"[:200]},
    )
