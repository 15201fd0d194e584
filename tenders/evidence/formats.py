"""The format of a file, found in its content and never believed of its name."""

import re
from pathlib import PurePosixPath

from tenders.choices import FileFormat

SIGNATURES = (
    (re.compile(rb"\s*%PDF-"), FileFormat.PDF),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), FileFormat.PNG),
    (re.compile(rb"\xff\xd8\xff"), FileFormat.JPEG),
    (re.compile(rb"GIF8[79]a"), FileFormat.GIF),
    (re.compile(rb"RIFF.{4}WEBP", re.S), FileFormat.WEBP),
)
EXTENSIONS = {
    ".pdf": FileFormat.PDF,
    ".htm": FileFormat.HTML,
    ".html": FileFormat.HTML,
    ".shtml": FileFormat.HTML,
    ".xhtml": FileFormat.HTML,
    ".png": FileFormat.PNG,
    ".jpg": FileFormat.JPEG,
    ".jpeg": FileFormat.JPEG,
    ".gif": FileFormat.GIF,
    ".webp": FileFormat.WEBP,
    ".txt": FileFormat.TEXT,
}
# The first element of a web page, behind declarations and comments; possessive, so that no page takes long.
FIRST_ELEMENT = re.compile(
    r"(?:\s|<\?xml[^>]*>|<!--.*?-->)*+"
    r"<(?:!doctype html|html|head|body|title|meta|link|base|script|style|iframe|div|table|h[1-6]|p|center|span|a|br)\b",
    re.I | re.S,
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")  # no text has them


def format_of(content):
    """Return the ``FileFormat`` of some bytes; None for any that is not kept."""
    for signature, found in SIGNATURES:
        if signature.match(content):
            return found
    text = decode(content)
    if text is None or CONTROL.search(text):
        return None
    return FileFormat.HTML if FIRST_ELEMENT.match(text) else FileFormat.TEXT


def named_format(name):
    """Return the format that the name of a file promises; None where it promises none of ours."""
    return EXTENSIONS.get(PurePosixPath(name).suffix.lower())


def decode(content):
    """Return bytes as text, in the encodings of Chinese pages; None for what is no text."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
