"""
HTML of a notice to text with tables, by lxml: no network, no markup, nothing that the page hides.

A row of a table becomes a line with its cells between tabs; a table that holds another table is only layout. The text
of a page is what a browser shows, line by line.
"""

import re

from django.utils.translation import gettext_lazy as _
from lxml import etree

from tenders.notices.codes import WarningCode
from tenders.notices.decoding import check_length
from tenders.notices.document import Cell, Document, Table
from tenders.notices.readings import UnreadableNotice

MAX_CELLS = 200_000
MAX_COLSPAN = 50
MAX_ROWSPAN = 200
MAX_OPEN_ROWSPANS = 20  # cells of earlier rows that reach into a row
MAX_CARRIED = 5_000  # and into all rows of a page

SILENT = {"script", "style", "head", "title", "template", "noscript", "select", "textarea", "button", "iframe"}
SILENT |= {"object", "svg", "canvas", "audio", "video", "math", "input"}
BLOCKS = {
    "p",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tbody",
    "thead",
    "tfoot",
    "caption",
    "h1",
    "h2",
}
BLOCKS |= {"h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "nav", "aside", "form", "fieldset"}
BLOCKS |= {"blockquote", "pre", "address", "center", "hr", "body", "figure", "details", "summary", "legend"}
HIDING = re.compile(
    r"display\s?:\s?none|visibility\s?:\s?(?:hidden|collapse)|font-size\s?:\s?0(?![.\d])|opacity\s?:\s?0(?![.\d])"
    r"|(?:left|top|text-indent)\s?:\s?-\d{3,}",
    re.IGNORECASE,
)
BLANKS = re.compile(r"\s+")
SELECTOR = re.compile(r"\s*([a-z0-9]*)([.#])([\w-]+)\s*$", re.IGNORECASE)
HEADINGS = {"h1", "h2", "h3"}
CELLS = {"td", "th"}
TOO_MANY_CELLS = _("This page has more than 200,000 cells. Paste the text of the notice instead.")
PAIRED = ("table", "tr", "td", "th", "div")


def read_page(html):
    """Return the ``Document`` of a page."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(html.encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise UnreadableNotice(_("There is no text in this page. Paste the text of the notice instead."))
    document = _Page(root).document()
    if len(parser.error_log) or _is_damaged(html):
        document.remarks.add(WarningCode.PAGE_REPAIRED)
    return document


def _is_damaged(html):
    """Return whether tags of tables or blocks don't pair, a comment never ends, or the page breaks off in a tag."""
    if "\ufffd" in html or html.rfind("<!--") > html.rfind("-->") or html.rfind("<") > html.rfind(">"):
        return True
    lower = html.lower()
    return any(len(re.findall(rf"<{tag}[\s>/]", lower)) != len(re.findall(rf"</{tag}[\s>]", lower)) for tag in PAIRED)


def _hidden_selectors(root):
    """Return the classes and identifiers (with their sign) that style sheets of the page hide."""
    hidden = set()
    for style in root.iter("style"):
        for rule in (style.text or "")[:100_000].split("}"):
            selectors, _brace, body = rule.partition("{")
            if HIDING.search(body):
                found = (SELECTOR.match(selector) for selector in selectors.split(","))
                hidden.update(match[2] + match[3] for match in found if match)
    return hidden


class _Flow:
    """Text that is written line by line, as a browser breaks it."""

    def __init__(self):
        self.parts = []
        self.ends_line = True

    def write(self, text):
        """Append text; runs of blanks are one blank, and none begins a line."""
        text = BLANKS.sub(" ", text)
        text = text.lstrip(" ") if self.ends_line else text
        if text:
            self.parts.append(text)
            self.ends_line = False

    def write_lines(self, text):
        """Append preformatted text."""
        self.parts.append(text)
        self.ends_line = text.endswith("\n")

    def break_line(self):
        """Begin a new line, unless one has just begun."""
        if not self.ends_line:
            self.parts.append("\n")
            self.ends_line = True

    def text(self):
        """Return what was written, without white space around it."""
        return "".join(self.parts).strip()


class _Page:
    """Writes the visible text of a tree, without recursion, and notes where tables, cells and headings lie."""

    def __init__(self, root):
        self.parts, self.length = [], 0
        self.tables, self.headings, self.remarks = [], [], set()
        self.num_cells = self.num_carried = 0
        self.hidden_selectors = _hidden_selectors(root)
        self.layout = set()
        for table in root.iter("table"):
            for ancestor in table.iterancestors("table"):
                if ancestor in self.layout:
                    break  # what is above it has been met
                self.layout.add(ancestor)
        self.flow = _Flow()
        self._write(root, self.flow, self._begin_table)
        self._flush()

    def document(self):
        """Return what was written."""
        return Document("".join(self.parts), self.tables, self.remarks, self.headings)

    def _flush(self):
        text = self.flow.text()
        if text:
            self._append(text + "\n")
        self.flow.parts, self.flow.ends_line = [], True

    def _append(self, text):
        self.parts.append(text)
        self.length += len(text)
        check_length(self.length)

    def _write(self, root, flow, on_table):
        """Write an element and all below it into a flow; ``on_table`` writes a table of data."""
        stack = [(root, False)]
        while stack:
            element, is_done = stack.pop()
            tag = element.tag
            is_inside = is_done or (isinstance(tag, str) and tag not in SILENT and not self._is_hidden(element))
            if is_inside and not is_done and tag == "table" and on_table and self._is_data(element):
                on_table(element)
            elif is_inside:
                if tag == "br" or tag in BLOCKS:
                    flow.break_line()
                if is_done:
                    if tag in HEADINGS:
                        self._end_heading()
                else:
                    if tag in HEADINGS and on_table:
                        self._flush()
                    write = flow.write_lines if tag == "pre" else flow.write
                    write(element.text or "")
                    stack.append((element, True))
                    stack.extend((child, False) for child in reversed(element))
                    continue
            if element is not root:
                flow.write(element.tail or "")

    def _end_heading(self):
        start = self.length
        self._flush()
        self.headings.append((start, self.length - 1))

    def _is_hidden(self, element):
        is_hidden = element.get("hidden") is not None or bool(HIDING.search((element.get("style") or "")[:2000]))
        if not is_hidden and self.hidden_selectors:
            names = {f".{name}" for name in (element.get("class") or "")[:2000].split()} | {f"#{element.get('id')}"}
            is_hidden = not names.isdisjoint(self.hidden_selectors)
        if is_hidden and any(text.strip() for text in element.itertext()):
            self.remarks.add(WarningCode.HIDDEN_TEXT_IGNORED)
        return is_hidden

    def _is_data(self, table):
        """Return whether a table has rows of several cells and no table in it."""
        return table not in self.layout and any(sum(cell.tag in CELLS for cell in row) > 1 for row in table.iter("tr"))

    def _begin_table(self, element):
        for caption in element.iterchildren("caption"):
            self._write(caption, self.flow, None)
            self.flow.break_line()
        self._flush()
        table = Table(len(self.tables) + 1, self.length, self.length)
        self.tables.append(table)
        open_rowspans = {}  # first column: [cell, rows that are left]
        for row in element.iter("tr"):
            if not self._is_hidden(row):
                cells = [cell for cell in row if cell.tag in CELLS and not self._is_hidden(cell)]
                if cells:
                    table.rows.append(self._write_row(cells, open_rowspans))
        table.end = self.length

    def _write_row(self, elements, open_rowspans):
        self.num_cells += len(elements)
        if self.num_cells > MAX_CELLS:
            raise UnreadableNotice(TOO_MANY_CELLS)
        cells, column = [], 0
        for element in elements:
            column = _after_open(cells, column, open_rowspans)
            flow = _Flow()
            self._write(element, flow, None)
            if cells and self.length and self.parts[-1] != "\n":
                self._append("\t")
            start = self.length
            self._append(flow.text())
            width = _number(element.get("colspan"), MAX_COLSPAN)
            cell = Cell(start, self.length, column, width)
            cells.append(cell)
            rows = _number(element.get("rowspan"), MAX_ROWSPAN)
            if rows > 1 and len(open_rowspans) < MAX_OPEN_ROWSPANS and self.num_carried < MAX_CARRIED:
                self.num_carried += rows
                open_rowspans[column] = [cell, rows]
            column += width
        _after_open(cells, column, open_rowspans)
        for first in list(open_rowspans):
            open_rowspans[first][1] -= 1
            if open_rowspans[first][1] <= 0:
                del open_rowspans[first]
        self._append("\n")
        return cells


def _after_open(cells, column, open_rowspans):
    """Append the cells of earlier rows that reach into this column, and return the first free column."""
    while column in open_rowspans and open_rowspans[column][0] not in cells:
        cell = open_rowspans[column][0]
        cells.append(cell)
        column += cell.width
    return column


def _number(text, largest):
    """Return the number of an attribute, at least 1 and at most the largest."""
    return max(1, min(int(text), largest)) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
