"""Find out what kind of file a table is in; other kinds than CSV and XLSX are refused by name."""

import re
import zipfile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.imports.readers.csv_files import CSV
from tenders.imports.readers.tables import Unreadable
from tenders.imports.readers.workbooks import Workbook

BEGINNING = 4096  # bytes
MARKUP = gettext_lazy("a web page, which some programs save as .xls")
ARCHIVE = gettext_lazy("an archive; unpack it first")
FOREIGN = [  # (how a file begins, what it is)
    (rb"%PDF", gettext_lazy("a PDF")),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!|BZh[1-9]|\xfd7zXZ|\x28\xb5\x2f\xfd", ARCHIVE),
    (rb"\{\\rtf", gettext_lazy("an RTF document")),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|BM.{4}\0{4}|RIFF.{4}WEBP", gettext_lazy("an image")),
    (rb"(?:From|MIME-Version|Content-Type|X-\w+): ?[^\r\n]*\r?\n[\w-]+: ", gettext_lazy("a web archive (.mht)")),
    (rb"ID;P", gettext_lazy("a SYLK file (.slk)")),
    (rb"SQLite format 3\0", gettext_lazy("a database")),
    (rb"\s*<\?xml(?s:.*)(?:Excel\.Sheet|office:spreadsheet)", gettext_lazy("an XML spreadsheet of 2003")),
    (rb"\s*<\?xml(?s:.*)opendocument", gettext_lazy("a flat OpenDocument spreadsheet (.fods)")),
    (rb"\s*<(?:!--|!doctype|\?xml|html|head|meta|body|table|div|style)", MARKUP),
    (rb"\s*[\[{]\s*[\[{\"]", gettext_lazy("a JSON file")),
]
COMPOUND = b"\xd0\xcf\x11\xe0"  # the container of Office before 2007, and of encrypted workbooks
COMPOUNDS = [  # (name of a stream in it, what it is)
    ("EncryptedPackage", gettext_lazy("a workbook with a password; remove the password first")),
    ("WordDocument", gettext_lazy("a text document of Word")),
    ("PowerPoint Document", gettext_lazy("a presentation")),
    ("", gettext_lazy("a workbook in the old format (.xls, or .et of WPS)")),
]
MEMBERS = [  # (pattern of the name of a member of a ZIP archive, what it is)
    (r"xl/workbook\.bin", gettext_lazy("a binary workbook (.xlsb)")),
    (r"Index(?:\.zip|/.*\.iwa)", gettext_lazy("a table of Numbers")),
    (r"word/.*", gettext_lazy("a text document of Word")),
    (r"ppt/.*", gettext_lazy("a presentation")),
    (r"content\.xml", gettext_lazy("an OpenDocument spreadsheet (.ods)")),
]


def open_table(file, encoding=""):
    """
    Return the table of a binary file that can be read several times; raises ``Unreadable``.

    ``encoding``, a key of ``ENCODINGS``, is for text that is neither UTF-8, UTF-16 with its mark nor GB18030.
    """
    file.seek(0)
    beginning = file.read(BEGINNING)
    if beginning.startswith(b"PK\x03\x04"):
        return _open_archive(file)
    if beginning.startswith(COMPOUND):
        raise _foreign(_find_compound(file))
    readable = beginning.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")
    for pattern, kind in FOREIGN:
        if re.match(pattern, beginning, re.DOTALL) or re.match(pattern, readable, re.IGNORECASE):
            raise _foreign(kind)
    return CSV(file, encoding)


def _foreign(kind):
    return Unreadable(
        _("Save the table as XLSX or CSV UTF-8: this file is %(kind)s, which can’t be read."), params={"kind": kind}
    )


def _open_archive(file):
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Unreadable(_("The workbook is damaged. Save it again as XLSX.")) from None
    kinds = (kind for pattern, kind in MEMBERS if any(re.fullmatch(pattern, name) for name in names))
    if kind := next(kinds, None):
        raise _foreign(kind)
    if any(name.startswith("xl/") for name in names):
        return Workbook(file)
    raise _foreign(ARCHIVE)


def _find_compound(file):
    """Return what a compound file is, by the names of its streams, which stand somewhere in it."""
    file.seek(0)
    overlap, found = b"", set()
    while block := file.read(1 << 20):
        data = overlap + block
        found |= {name for name, _kind in COMPOUNDS if name.encode("utf-16-le") in data}
        overlap = data[-100:]
    return next(kind for name, kind in COMPOUNDS if name in found or not name)
