"""Characters that no text of a table has: they show that a file was read in another encoding than it was written in."""

import codecs
import re
import unicodedata

from django.utils.translation import gettext as _

from tenders.imports.readers.tables import RefusedCell

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
UNASSIGNED = {"Cn", "Co", "Cs"}
REPLACEMENT = "\ufffd"  # stands for what could not be decoded
REPLACED = "锟斤拷"  # two of them in UTF-8, read as GBK
# The beginning of a character in UTF-8, read as Windows-1252: "åŒº" for 区.
AS_LATIN = re.compile(r"[Â-ô][\x80-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def improbable(text):
    """Return the first character of a text that no table has, or None: an unassigned, private or control one."""
    if text.isprintable() and REPLACEMENT not in text:
        return None
    return next((sign for sign in text if sign == REPLACEMENT or _is_improbable(sign)), None)


def _is_improbable(sign):
    category = unicodedata.category(sign)
    if category == "Cc":
        return sign not in "\t\n\r"
    return category in UNASSIGNED and not HAN.match(sign)  # Han is still added to Unicode


def misread(text):
    """Return what a text was before its UTF-8 was read in another encoding, or None for a text that is none of that."""
    if text.isascii():
        return None
    if AS_LATIN.search(text):
        return _decoded(text, "cp1252")
    found = _decoded(text.rstrip("?"), "gb18030") if HAN.search(text) else None
    is_chinese = found and len(found) > 1 and all(sign.isascii() or HAN.match(sign) for sign in found)
    return found if is_chinese and not found.isascii() else None


def _decoded(text, encoding):
    """Return the text whose UTF-8, read in an encoding, gave another text; its last character may be cut off."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(text.encode(encoding))
    except UnicodeError:
        return None


def checked(text):
    """Return a text, or why a cell that has it is refused."""
    if sign := improbable(text):
        if unicodedata.category(sign) == "Cc":
            message = _("Remove the control character (U+%(code)s).")
        else:
            message = _("Type the text again without U+%(code)s: no writing has this character.")
        return RefusedCell(text, message % {"code": f"{ord(sign):04X}"})
    if REPLACED in text:
        return RefusedCell(text, _("Type the text again: its characters were lost in a wrong encoding."))
    if meant := misread(text):
        message = _("Type the text again: in a wrong encoding “%(meant)s” became this.")
        return RefusedCell(text, message % {"meant": meant[:50]})
    return text
