"""Pasted text to a document: rows of cells between tabs, pipes or wide gaps are tables."""

import re

from tenders.notices.document import Cell, Document, Table

GAP = re.compile(r"[ ]*\t[ ]*|[ ]*[|│┃｜丨][ ]*|[ \u3000]{2,}")
RULE = re.compile(r"[\s|+:=\-─━│┃┼┌┐└┘├┤┬┴]+")


def read_pasted(text):
    """Return the ``Document`` of a text: lines that follow each other with at least two cells are one table."""
    document = Document(text.strip("\n"))
    table, last_end = None, None
    for start, end in document.lines():
        line = document.text[start:end]
        if RULE.fullmatch(line):
            continue  # drawn lines of a table
        cells = _cells(document, start, end)
        if len(cells) < 2:
            table = None
            continue
        if table is None or document.text.count("\n", last_end, start) > 2:
            table = Table(len(document.tables) + 1, start, end)
            document.tables.append(table)
        table.rows.append(cells)
        table.end = last_end = end
    return document


def _cells(document, start, end):
    """Return the cells of a line; an empty one between two tabs or pipes counts."""
    text = document.text[start:end]
    cells, column, first = [], 0, 0
    is_framed = text[:1] in "|│┃｜丨"
    for gap in GAP.finditer(text):
        if gap.start() or not is_framed:
            cells.append(Cell(start + first, start + gap.start(), column))
            column += 1
        first = gap.end()
    if first < len(text) or not cells:
        cells.append(Cell(start + first, end, column))
    return cells
