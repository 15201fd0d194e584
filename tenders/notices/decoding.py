"""Bytes of a notice to text: what is refused, and in which encoding the rest is read."""

import codecs
import re
from pathlib import PurePath

from django.utils.translation import gettext_lazy as _

from tenders.notices.folding import fold, without_invisible
from tenders.notices.readings import UnreadableNotice

MAX_BYTES = 1024 * 1024
MAX_CHARACTERS = 200_000  # of text, without markup
TOO_LONG = _("This text has more than 200,000 characters. Paste the text of the notice alone.")
PDF = _("This is a PDF file. Open it, copy its text, and paste the text here.")
IMAGE = _("This is a picture. Paste the text of the notice instead.")
WORD = _("This is a document of an office program. Open it, copy its text, and paste the text here.")
ARCHIVE = _("This is a web archive or a packed file. Open it in a browser, and paste the text of the notice here.")
BINARY = _("Upload a web page (.html) or a text file (.txt), or paste the text of the notice: this file isn’t text.")
ENCODING = _("The encoding of this file is not known. Open it, copy its text, and paste the text here.")

BEGINNINGS = {
    b"%PDF": PDF,
    b"\x89PNG": IMAGE,
    b"\xff\xd8\xff": IMAGE,
    b"GIF8": IMAGE,
    b"RIFF": IMAGE,
    b"BM": IMAGE,
    b"II*\0": IMAGE,
    b"MM\0*": IMAGE,
    b"\xd0\xcf\x11\xe0": WORD,
    b"{\\rtf": WORD,
    b"PK\x03\x04": WORD,
    b"MIME-Version:": ARCHIVE,
    b"From: <Saved by": ARCHIVE,
    b"\x1f\x8b": ARCHIVE,
    b"Rar!": ARCHIVE,
    b"7z\xbc\xaf": ARCHIVE,
}
ENDINGS = dict.fromkeys((".doc", ".docx", ".wps", ".rtf", ".odt", ".xls", ".xlsx", ".ods", ".ppt", ".pptx"), WORD)
ENDINGS |= dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic"), IMAGE)
ENDINGS |= dict.fromkeys((".mht", ".mhtml", ".eml", ".zip", ".rar", ".7z", ".gz"), ARCHIVE) | {".pdf": PDF}

DECLARED = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_-]{1,30})", re.IGNORECASE)
USUAL_WORDS = re.compile("公告|采购|项目|招标|中标|成交|供应商|单位|公示|合同")
PRIVATE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
CHINESE = re.compile("[\u4e00-\u9fff]")


def decode(content, *, name="", is_text=False):
    """Return (text, encoding) of the bytes of a notice, or raise ``UnreadableNotice``."""
    if len(content) > MAX_BYTES:
        raise UnreadableNotice(
            _("This file has more than 1 MiB. Paste the text of the notice, without the rest of the page.")
        )
    if not content.strip():
        raise UnreadableNotice(_("There is no text in it. Paste the text of the notice, or choose another file."))
    if not is_text:
        _refuse_other_formats(content, name)
    text, encoding = _decoded(content)
    text = without_invisible(text)
    if not text.strip():
        raise UnreadableNotice(_("There is no text in it. Paste the text of the notice, or choose another file."))
    return text, encoding


def _refuse_other_formats(content, name):
    head = content[:512].lstrip()
    refusal = ENDINGS.get(PurePath(name).suffix.lower())
    if refusal is None:
        refusal = next((text for beginning, text in BEGINNINGS.items() if head.startswith(beginning)), None)
        if head.startswith(b"BM") and b"\0" not in content[:64]:
            refusal = None  # a text that begins with these letters
    if refusal is None and (b"Content-Type: multipart/related" in content[:2048]):
        refusal = ARCHIVE
    if refusal is not None:
        raise UnreadableNotice(refusal)


def _decoded(content):
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if content.startswith(mark):
            try:
                return content.decode("utf-16"), "utf-16"
            except UnicodeDecodeError:
                raise UnreadableNotice(ENCODING) from None
    if b"\0" in content:
        raise UnreadableNotice(BINARY)
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    found = DECLARED.search(content[:4096])
    declared = found[1].decode("ascii").lower() if found else ""
    if declared in {"utf-8", "utf8"}:
        text = content.decode("utf-8-sig", errors="replace")
        if text.count("\ufffd") * 100 <= len(text):
            return text, "utf-8"
    order = ("big5hkscs", "gb18030") if declared.startswith("big5") else ("gb18030", "big5hkscs")
    for encoding in order:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_plausible(text):
            return text, "big5" if encoding == "big5hkscs" else encoding
    raise UnreadableNotice(ENCODING)


def check_length(length):
    """Raise ``UnreadableNotice`` if a text is longer than any notice."""
    if length > MAX_CHARACTERS:
        raise UnreadableNotice(TOO_LONG)


def _is_plausible(text):
    """Return whether a text has Chinese words, or at least common characters and none of private use."""
    if len(PRIVATE.findall(text)) * 200 > len(text):
        return False
    if USUAL_WORDS.search(fold(text)):
        return True
    chinese = "".join(CHINESE.findall(text))
    return bool(chinese) and len(chinese.encode("gb2312", errors="ignore")) >= 2 * len(chinese) * 0.98
