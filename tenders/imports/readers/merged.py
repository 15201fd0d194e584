"""Merged cells: one down a column stands for each of its rows; others are refused with their range."""

from collections import defaultdict

from django.utils.translation import gettext as _

from tenders import kinds
from tenders.imports.columns import ATTRIBUTES, REFERENCE
from tenders.imports.readers.sheets import at_place
from tenders.imports.readers.tables import ReadCell, RefusedCell, Unreadable

# A value of several rows is that of each of them; but an amount may be their sum, and a title that of one tender.
AMOUNTS = {column for column, attribute in ATTRIBUTES.items() if isinstance(attribute.kind, kinds.Money)}
IDENTIFYING = {REFERENCE, "title_en", "title_zh", "official_number"}


def merged_by_row(ranges, header, sheet):
    """Return the merged ranges of a sheet that touch the table, by their first row; none may touch the header."""
    ranges = [merged for merged in ranges if merged.column <= len(header)]
    for merged in ranges:
        if merged.row == 1:
            raise Unreadable(
                _("Unmerge %(range)s in the sheet “%(sheet)s”: each column needs its own name in row 1."),
                params={"range": merged, "sheet": sheet},
            )
    by_row = defaultdict(list)
    for merged in ranges:
        by_row[merged.row].append(merged)
    return dict(by_row)


class Filling:
    """Fills in the cells that are merged with one above them, while the rows of a sheet pass by."""

    def __init__(self, merged, header, sheet):
        self._merged, self._header, self._sheet = merged, header, sheet
        self._open = []  # (range, its text) of those that the last row is in

    def fill(self, number, texts):
        """Return the texts of a row, those of merged cells filled in or refused."""
        self._open = [(merged, text) for merged, text in self._open if merged.last_row >= number]
        for merged, text in self._open:
            self._refuse_covered(merged, texts, merged.column)
            if text:
                place = merged.column - 1
                texts += [""] * (place + 1 - len(texts))
                texts[place] = texts[place] or ReadCell(text, _("merged cells %(range)s") % {"range": merged})
        for merged in self._merged.get(number, ()):
            self._begin(merged, texts)
        if len(self._open) > len(self._header):
            raise ValueError("merged ranges overlap")
        return texts

    def _begin(self, merged, texts):
        """Begin a range at the cell that has its value."""
        place = merged.column - 1
        text = texts[place] if place < len(texts) else ""
        if not text.strip():
            self._open.append((merged, ""))
        elif merged.column != merged.last_column:
            message = _("Unmerge %(range)s and write in each cell what is meant: the range crosses columns.")
            texts[place] = self._refused(text, merged, message)
        elif self._header[place] in AMOUNTS:
            message = _("Unmerge %(range)s and write the amount of each row: it may be that of all rows together.")
            texts[place] = self._refused(text, merged, message)
        elif self._header[place] in IDENTIFYING:
            message = _("Unmerge %(range)s: make lots of one tender one row, or write in each row what is its own.")
            texts[place] = self._refused(text, merged, message)
        elif not isinstance(text, RefusedCell):
            self._open.append((merged, str(text)))
        self._refuse_covered(merged, texts, merged.column + 1)

    def _refuse_covered(self, merged, texts, first):
        """Refuse values in cells of a range that no spreadsheet shows, from a column on."""
        for place in range(first - 1, min(merged.last_column, len(texts), len(self._header))):
            if texts[place].strip():
                message = _("Unmerge %(range)s: the range hides a value of this cell.")
                texts[place] = self._refused(texts[place], merged, message)

    def _refused(self, text, merged, message):
        return RefusedCell(text, at_place(message % {"range": merged}, self._sheet, merged))
