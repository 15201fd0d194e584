"""
The parts of a workbook's file: which sheets it has, the texts that they share, and the number formats of their cells.

openpyxl reads no merged ranges and no hidden rows without holding a whole sheet, replaces the numbers of dates by days,
and mistakes escaped characters. So the parts are parsed here, as streams; document types, and so entities, are refused.
"""

import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from django.utils.translation import gettext as _

from tenders.imports.readers.format_codes import BUILT_IN
from tenders.imports.readers.tables import Unreadable

BLOCK = 1 << 16  # bytes read at a time
MAX_UNPACKED = 500_000_000  # bytes that a workbook may unpack to
MAX_PART = 20_000_000  # bytes of a part that is no sheet: the texts that cells share are held in memory
SHEETS = "xl/worksheets/"  # where a workbook has them
WORKSHEET = "worksheet"  # the last word of the type of a relationship
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def parse(file, start, end, text=None):
    """
    Parse XML piece by piece, yielding after each piece.

    ``start`` is called with the local name and the attributes of an element, ``end`` with the name, ``text`` with text.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while block := file.read(BLOCK):
        parser.Parse(block, False)
        yield
    parser.Parse(b"", True)
    yield


def _refuse_doctype(*arguments):
    raise ValueError("document type")


def unescape(text):
    """Return a text of a workbook without its escapes: ``_x000D_`` is a carriage return, ``_x005F_`` an underscore."""
    if "_x" not in text:
        return text
    units = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class DoubtfulText(str):
    """A text of which a part is struck out, or raised behind a digit, like the mark of a note."""


def is_on(attributes):
    """Return whether an element such as ``strike`` is set: without a value it is."""
    return attributes.get("val", "1") not in {"0", "false", "off"}


@dataclass(frozen=True)
class Sheet:
    """A sheet as a workbook lists it; ``path`` is None for one without cells, such as a chart."""

    name: str
    path: str | None
    is_visible: bool


class Package:
    """The parts of a workbook but for its sheets; raises ``Unreadable`` for one that is too large."""

    def __init__(self, file):
        self.archive = zipfile.ZipFile(file)
        sizes = {member.filename: member.file_size for member in self.archive.infolist()}
        parts = [size for name, size in sizes.items() if name.endswith(".xml") and not name.startswith(SHEETS)]
        if sum(sizes.values()) > MAX_UNPACKED or max(parts, default=0) > MAX_PART:
            raise Unreadable(
                _("The workbook is too large: at most %(max)s MB, of which texts %(shared)s MB. Save it as CSV UTF-8."),
                params={"max": MAX_UNPACKED // 1_000_000, "shared": MAX_PART // 1_000_000},
            )
        self._names = {name.casefold(): name for name in sizes}
        main = self._related("", "officeDocument") or "xl/workbook.xml"
        self._folder = posixpath.dirname(main)
        relationships = self._relationships(main)
        self.is_1904, self.sheets = self._read_workbook(main, relationships)
        self._paths = dict(relationships.values())
        self.styles = self._read_styles()
        self.texts = self._read_texts()

    def open(self, path):
        """Open a part of the workbook, whatever the case of its name."""
        return self.archive.open(self._names.get(path.casefold(), path))

    def _elements(self, path):
        """Return (name, attributes) of the elements of a part; nothing if there is none."""
        elements = []
        if path and path.casefold() in self._names:
            with self.open(path) as file:
                for _piece in parse(file, lambda *element: elements.append(element), lambda name: None):
                    pass
        return elements

    def _relationships(self, path):
        """Return (kind, path) of the parts that a part refers to, by identifier."""
        folder, name = posixpath.split(path)
        elements = self._elements(posixpath.join(folder, "_rels", f"{name}.rels"))
        return {
            attributes["Id"]: (
                attributes["Type"].rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/"),
            )
            for name, attributes in elements
            if name == "Relationship" and attributes.get("TargetMode") != "External"
        }

    def _related(self, path, kind):
        return next((target for found, target in self._relationships(path).values() if found == kind), None)

    def _read_workbook(self, path, relationships):
        """Return whether days are counted from 1904, and the sheets in their order."""
        is_1904, sheets = False, []
        for name, attributes in self._elements(path):
            if name == "workbookPr":
                is_1904 = attributes.get("date1904") in {"1", "true", "on"}
            elif name == "sheet":
                key = next((value for attribute, value in attributes.items() if attribute.endswith(":id")), None)
                kind, target = relationships.get(key, (None, None))
                state = attributes.get("state", "visible")
                sheets.append(Sheet(attributes["name"], target if kind == WORKSHEET else None, state == "visible"))
        return is_1904, sheets

    def _read_styles(self):
        """
        Return (code of the number format, is_struck) of each style of cells.

        The code is None for a format that is not known, ``is_struck`` whether the text is struck out.
        """
        codes, fonts, styles, part = dict(BUILT_IN), [], [], ""
        for name, attributes in self._elements(self._paths.get("styles")):
            if name == "numFmt" and "numFmtId" in attributes:
                codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif name in {"fonts", "fills", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
                part = name
            elif name == "font" and part == "fonts":
                fonts.append(False)
            elif name == "strike" and part == "fonts":
                fonts[-1] = is_on(attributes)
            elif name == "xf" and part == "cellXfs":
                styles.append((int(attributes.get("numFmtId", 0)), int(attributes.get("fontId", 0))))
        styles = [(codes.get(number), font < len(fonts) and fonts[font]) for number, font in styles]
        return styles or [(codes[0], False)]

    def _read_texts(self):
        """Return the texts that cells refer to by number."""
        path = self._paths.get("sharedStrings")
        if not path or path.casefold() not in self._names:
            return []
        strings = Strings()
        texts = []

        def end(name):
            strings.end(name)
            if name == "si":
                texts.append(strings.take())

        with self.open(path) as file:
            for _piece in parse(file, strings.start, end, strings.add):
                pass
        return texts


class Strings:
    """Collects the text of an element with runs of text (``si``, ``is``), without that of phonetic runs."""

    def __init__(self):
        self._pieces, self._is_text, self._is_phonetic = [], False, False
        self._is_raised = self._is_doubtful = False

    def start(self, name, attributes):
        if name == "t":
            self._is_text = not self._is_phonetic
        elif name == "rPh":
            self._is_phonetic = True
        elif name == "strike":
            self._is_doubtful |= is_on(attributes)
        elif name == "vertAlign":
            self._is_raised = attributes.get("val") != "baseline"

    def end(self, name):
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "r":
            self._is_raised = False

    def add(self, text):
        if self._is_text:
            self._is_doubtful |= self._is_raised and "".join(self._pieces[-1:])[-1:].isdecimal()
            self._pieces.append(text)

    def take(self):
        """Return what was collected, and begin anew."""
        text = unescape("".join(self._pieces))
        text = DoubtfulText(text) if self._is_doubtful else text
        self._pieces.clear()
        self._is_raised = self._is_doubtful = False
        return text
