"""
The encoding of a text file: UTF-8, UTF-16 with a byte order mark, GB18030, or the one that the user chose.

Nearly every file can be decoded as GB18030, so it is accepted only for what is Chinese beyond doubt. No other encoding
is guessed.
"""

import codecs
import re
from collections import Counter

from django.utils.translation import gettext as _

from tenders.imports.readers.characters import COMMON, HAN, improbable
from tenders.imports.readers.tables import Unreadable

BLOCK = 1 << 16  # bytes read at a time
# The codec of each encoding that a user may choose; names as the IANA has them.
ENCODINGS = {
    "UTF-8": "utf-8",
    "GB18030": "gb18030",
    "UTF-16LE": "utf-16-le",
    "UTF-16BE": "utf-16-be",
    "Big5": "cp950",
    "Shift_JIS": "cp932",
    "EUC-JP": "euc_jp",
    "EUC-KR": "cp949",
    "Windows-1252": "cp1252",
    "Windows-1250": "cp1250",
    "Windows-1251": "cp1251",
}
MARKS = {  # UTF-32's begins with that of UTF-16
    codecs.BOM_UTF8: ("UTF-8", "utf-8-sig"),
    codecs.BOM_UTF32_LE: ("UTF-32", "utf-32"),
    codecs.BOM_UTF32_BE: ("UTF-32", "utf-32"),
    codecs.BOM_UTF16_LE: ("UTF-16", "utf-16"),
    codecs.BOM_UTF16_BE: ("UTF-16", "utf-16"),
    b"\x84\x31\x95\x33": ("GB18030", "gb18030"),
}

MIN_COMMON = 0.4  # of the Han that take two bytes
# Scripts that a table in Chinese hardly has: kana, Hangul, Cyrillic, boxes, letters with accents beyond pinyin.
FOREIGN = re.compile(r"[\u3040-\u312f\u1100-\u11ff\uac00-\ud7af\uff61-\uffdf\u0400-\u058f\u0590-\u06ff\u2500-\u259f]")
PUNCTUATION = re.compile(r"[\u2010-\u203b\u3000-\u303f\uff00-\uff60·×¥￥§°±÷]")
BESIDE_LATIN = re.compile(r"[A-Za-z]([^\x00-\x7f])|([^\x00-\x7f])(?=[A-Za-z])")


def find_encoding(file, chosen=""):
    """Return (name, codec) of a binary file's encoding after reading all of it; raises ``Unreadable``."""
    file.seek(0)
    beginning = file.read(64)
    mark = next((mark for mark in MARKS if beginning.startswith(mark)), None)
    if mark or chosen:
        name, codec = MARKS[mark] if mark else (chosen, ENCODINGS[chosen])
        if not _is_decoded(file, codec):
            raise Unreadable(_("Choose another encoding: this file isn’t %(encoding)s."), params={"encoding": name})
        return name, codec
    if b"\0" in beginning:
        raise Unreadable(_("Choose the encoding of the file, perhaps UTF-16LE, or save it as CSV UTF-8 or XLSX."))
    if _is_decoded(file, "utf-8"):
        return "UTF-8", "utf-8"
    evidence = Evidence()
    if not _is_decoded(file, "gb18030", evidence.add):
        raise Unreadable(
            _("Choose the encoding of the file, or save it as CSV UTF-8: it is neither UTF-8 nor GB18030.")
        )
    if not evidence.is_chinese:
        raise Unreadable(
            _("Choose the encoding of the file, or save it as CSV UTF-8: as GB18030 it would read “%(sample)s”."),
            params={"sample": evidence.sample},
        )
    return "GB18030", "gb18030"


def _is_decoded(file, codec, use=lambda text: None):
    """Return whether a file can be decoded; each part of its text is passed to a function."""
    decoder = codecs.getincrementaldecoder(codec)()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            use(decoder.decode(block))
        use(decoder.decode(b"", final=True))
    except UnicodeError:
        return False
    return True


class Evidence:
    """Counts what speaks for and against GB18030 in the decoded parts of a file."""

    def __init__(self):
        self.common = self.han = 0
        self.sample = ""  # what speaks against it, else the first of what is not ASCII
        self.is_refuted = False

    def add(self, text):
        if text.isascii():
            return
        for sign, number in Counter(text).items():
            if HAN.match(sign):
                self.common += number * (sign in COMMON)
                self.han += number * (sign <= "\uffff")  # the others take four bytes, which only GB18030 has
            elif not sign.isascii() and (improbable(sign) or FOREIGN.match(sign)):
                self._refute(text, text.index(sign))
        for found in BESIDE_LATIN.finditer(text):
            sign = found[1] or found[2]
            if HAN.match(sign) and not _is_simplified(sign):
                self._refute(text, found.start())
        if not self.sample:
            self._show(text, next(place for place, sign in enumerate(text) if not sign.isascii()))
        self.han += 0 if self.han else any(not (sign.isascii() or PUNCTUATION.match(sign)) for sign in text)

    def _refute(self, text, place):
        if not self.is_refuted:
            self.is_refuted = True
            self._show(text, place)

    def _show(self, text, place):
        self.sample = " ".join(text[max(0, place - 4) : place + 12].split())

    @property
    def is_chinese(self):
        return not self.is_refuted and (not self.han or self.common >= 1 + MIN_COMMON * self.han)


def _is_simplified(sign):
    """Return whether GB 2312 has a character: of its two bytes, none is a letter."""
    try:
        sign.encode("gb2312")
    except UnicodeError:
        return False
    return True
