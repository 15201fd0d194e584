"""A notice as text with its lines and tables: what pages and pasted text have in common."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from tenders.notices.folding import fold


@dataclass(frozen=True)
class Cell:
    """A cell of a table: a part of the text, and the columns it covers."""

    start: int
    end: int
    column: int = 0
    width: int = 1


@dataclass
class Table:
    """A table: rows of cells, with the part of the text that it takes."""

    number: int
    start: int
    end: int
    rows: list[list[Cell]] = field(default_factory=list)


@dataclass
class Document:
    """The text of a notice, its tables, and what was noticed while it was read (codes of warnings)."""

    text: str
    tables: list[Table] = field(default_factory=list)
    remarks: set = field(default_factory=set)
    headings: list[tuple[int, int]] = field(default_factory=list)  # h1 to h3 of a page

    @cached_property
    def folded(self):
        """Return the text in the form in which labels are compared, of the same length."""
        return fold(self.text)

    @cached_property
    def _line_starts(self):
        starts = [0]
        while (found := self.text.find("\n", starts[-1])) != -1:
            starts.append(found + 1)
        return starts

    def line_at(self, offset):
        """Return the number of the line of an offset, from 1."""
        return bisect_right(self._line_starts, offset)

    def lines(self):
        """Yield the start and end of every line that is not blank, without the blanks around it."""
        ends = [start - 1 for start in self._line_starts[1:]] + [len(self.text)]
        for start, end in zip(self._line_starts, ends, strict=True):
            start, end = self.strip(start, end)
            if start < end:
                yield start, end

    def strip(self, start, end):
        """Return a part of the text without the white space around it."""
        words = self.text[start:end]
        return start + len(words) - len(words.lstrip()), max(start, end - (len(words) - len(words.rstrip())))

    def table_at(self, offset):
        """Return the table in which an offset lies, or None."""
        found = bisect_right(self.tables, offset, key=lambda table: table.start) - 1
        return self.tables[found] if found >= 0 and offset < self.tables[found].end else None

    def masked(self, text):
        """Return the same document with another text of the same length."""
        return Document(text, self.tables, self.remarks, self.headings)
