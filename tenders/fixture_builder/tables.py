"""Reader of the CSV tables of the data set, and of the texts of articles beside them."""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLES = (
    "regions",
    "categories",
    "sources",
    "institutions",
    "companies",
    "tenders",
    "awards",
    "citations",
    "articles",
    "claims",
)
TEXT_LANGUAGES = ("en", "zh")


class DatasetError(ValueError):
    """An invalid cell; the message names table, row, column, value and what is expected."""


@dataclass(frozen=True)
class TableRow:
    """A row of a table, with a method for each type of cell; they raise ``DatasetError``."""

    table: str
    number: int
    cells: dict

    def text(self, column):
        if column not in self.cells:
            raise DatasetError(f"{self.table}.csv has no column '{column}'.")
        return self.cells[column]

    def error(self, column, expected):
        return DatasetError(
            f"{self.table}.csv, row {self.number}, column '{column}': "
            f"'{self.text(column)}' is wrong; expected {expected}."
        )

    def code(self, column, codes):
        """Return the code of words: ``small-or-micro`` for "small or micro"."""
        code = self.text(column).replace(" ", "-")
        if code and code not in codes:
            raise self.error(column, "one of " + ", ".join(known.replace("-", " ") for known in codes))
        return code

    def flag(self, column):
        """Return True for yes, False for no, None for an empty cell."""
        try:
            return {"yes": True, "no": False, "": None}[self.text(column)]
        except KeyError:
            raise self.error(column, "yes, no or nothing") from None

    def integer(self, column):
        if not self.text(column):
            return None
        if not self.text(column).isdecimal():
            raise self.error(column, "a whole number")
        return int(self.text(column))

    def values(self, column):
        """Return the values of a cell, which are separated by ``|``."""
        return [value for value in self.text(column).split("|") if value]

    def lines(self, column):
        return "\n".join(self.values(column))

    def key_of(self, column, keys):
        """Return the natural key (in ``keys``) for the key of another table; None for an empty cell."""
        return self._look_up(column, self.text(column), keys) if self.text(column) else None

    def keys_of(self, column, keys):
        return sorted(self._look_up(column, value, keys) for value in self.values(column))

    def _look_up(self, column, value, keys):
        if value not in keys:
            raise self.error(column, "a key of the table it names")
        return keys[value]


def read_tables(folder):
    """Return {table name: rows} of a folder of CSV files; raises ``DatasetError`` or ``OSError``."""
    tables = {}
    for name in TABLES:
        with (Path(folder) / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [TableRow(name, number, cells) for number, cells in enumerate(csv.DictReader(file), start=2)]
        for row in rows:
            if None in row.cells or None in row.cells.values():
                raise DatasetError(f"{name}.csv, row {row.number}: it has a different number of cells from the header.")
        tables[name] = rows
    _read_texts(Path(folder) / "articles", tables["articles"])
    return tables


def _read_texts(folder, articles):
    """Add the texts of articles to their rows: ``<slug>.en.md`` becomes the cell ``text_en``."""
    texts = {path.name: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.md"))}
    for row in articles:
        for language in TEXT_LANGUAGES:
            row.cells[f"text_{language}"] = texts.pop(f"{row.text('slug')}.{language}.md", "")
    if texts:
        raise DatasetError(f"articles/{min(texts)} belongs to no article; expected a name such as <slug>.en.md.")
