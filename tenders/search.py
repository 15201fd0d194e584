"""Text normalisation for search: case, width and accents folded, Chinese names also in pinyin."""

import re
import unicodedata
from itertools import groupby

from pypinyin import lazy_pinyin

MAX_WORDS = 20  # of a search: each is looked for in all records
HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")


def fold(text):
    """
    Return text folded for comparison: compatibility characters (full width) as plain ones, no case, no accents,
    single spaces.

    Normalisation forms of Unicode Standard Annex #15, caseless matching after section 3.13 of the standard.
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(character for character in text if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFKC", text).split())


def fold_all(*texts):
    """Return several texts as one folded text."""
    return fold(" ".join(texts))


def words(text):
    """Return the folded words of a search, without repeats."""
    return list(dict.fromkeys(fold(text).split()))


def syllables(text):
    """Return (piece, reading) pairs: single Chinese characters with pinyin without tones, other runs unchanged."""
    pairs = []
    for is_han, run in groupby(text, lambda character: bool(HAN.match(character))):
        run = "".join(run)
        # Characters that pypinyin does not know are their own readings: by default it gives one for a run of them.
        pairs += zip(run, lazy_pinyin(run, v_to_u=True, errors=list), strict=True) if is_han else [(run, run)]
    return pairs


def pinyin(text, separator=""):
    """Return a Chinese text as folded pinyin (``ü`` as ``u``)."""
    return fold(separator.join(reading for _piece, reading in syllables(text)))


def name_text(*names):
    """Return the text that a search for a party compares: all lines of names, the Chinese ones also in pinyin."""
    names = [line for name in names for line in name.splitlines()]
    readings = [reading for name in names if HAN.search(name) for reading in _readings(name)]
    return "\n".join(filter(None, dict.fromkeys([*map(fold, names), *readings])))


def sort_key(*names):
    """Return the sort key of the first name that is not empty; a Chinese one as pinyin with separated syllables."""
    return pinyin(next(filter(None, names), ""), " ")


def hits(text, wanted, *, in_pinyin=False):
    """
    Split text into (piece, is_hit) pairs; hits are occurrences of the folded words.

    With ``in_pinyin`` a word also matches Chinese characters by their pinyin.
    """
    is_hit = [False] * len(text)
    _mark(
        [(index, " " if character.isspace() else fold(character)) for index, character in enumerate(text)],
        wanted,
        is_hit,
    )
    ascii_words = [word for word in wanted if word.isascii()]
    if in_pinyin and ascii_words and HAN.search(text):
        for transcribe in (str, _with_v):
            places, start = [], 0
            for piece, reading in syllables(text):
                folded = [fold(transcribe(reading))] if HAN.match(piece) else [fold(char) or " " for char in piece]
                places += enumerate(folded, start)
                start += len(piece)
            _mark(places, ascii_words, is_hit)
    pieces = groupby(zip(text, is_hit, strict=True), lambda pair: pair[1])
    return [("".join(character for character, _ in run), hit) for hit, run in pieces]


def _with_v(reading):
    return reading.replace("ü", "v")


def _readings(name):
    """Return the pinyin of a Chinese name, also with ``v`` for ``ü`` (as typed on keyboards) if it contains one."""
    reading = "".join(reading for _piece, reading in syllables(name))
    return dict.fromkeys([fold(reading), fold(_with_v(reading))])


def _mark(places, wanted, is_hit):
    """Set ``is_hit`` at the indexes of occurrences of words; ``places`` are (index, folded text) pairs."""
    owners = [index for index, folded in places for _ in folded]
    text = "".join(folded for _index, folded in places)
    for word in wanted:
        start = text.find(word)
        while start >= 0:
            for index in owners[start : start + len(word)]:
                is_hit[index] = True
            start = text.find(word, start + 1)
