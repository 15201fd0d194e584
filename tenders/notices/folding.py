"""
Texts in the form in which labels are looked for, character by character, so that an offset is the same in both.

Full-width forms become half-width (NFKC), traditional characters simplified ones, brackets and dashes one of a kind,
every blank a space. What NFKC would make longer stays as it is.
"""

import unicodedata

from tenders.simplified import SIMPLIFIED

VARIANTS = {"〔": "[", "〕": "]", "【": "[", "】": "]", "「": '"', "」": '"', "『": '"', "』": '"', "“": '"', "”": '"'}
VARIANTS |= dict.fromkeys("—―‐‑‒–−﹣", "-") | dict.fromkeys("～〜", "~") | dict.fromkeys("丨│┃￨", "|")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
INVISIBLE |= dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r\f\v")


class _Folding(dict):
    """The table of ``str.translate``, filled as characters are met."""

    def __missing__(self, code):
        self[code] = folded = _fold(chr(code))
        return folded


def _fold(character):
    """Return the folded form of one character, one character."""
    if character in "\n\t":
        return character
    if character.isspace():
        return " "
    if character in VARIANTS:
        return VARIANTS[character]
    folded = unicodedata.normalize("NFKC", character)
    return SIMPLIFIED.get(ord(folded), folded) if len(folded) == 1 else character


_FOLDING = _Folding()


def fold(text):
    """Return a text of the same length in which labels can be compared."""
    return text.translate(_FOLDING)


def squeeze(text):
    """Return a text without any white space."""
    return "".join(text.split())


def without_invisible(text):
    """Return a text with line feeds only, and without characters that nobody sees."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n").translate(INVISIBLE)
