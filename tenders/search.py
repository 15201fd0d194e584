"""What a search compares: text without differences of case, width and accents, and Chinese names in pinyin."""

import re
import unicodedata
from itertools import groupby

from pypinyin import lazy_pinyin

HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")


def fold(text):
    """
    Return text in the form that is compared: compatibility characters (full width) as their plain ones, no case,
    no accents, single spaces.

    Normalisation forms after Unicode Standard Annex #15, caseless matching after section 3.13 of the standard.
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(each for each in text if not unicodedata.combining(each))
    return " ".join(unicodedata.normalize("NFKC", text).split())


def words(text):
    """Return the words of a search, folded, each once."""
    return list(dict.fromkeys(fold(text).split()))


def syllables(text):
    """Return (piece, reading) pairs: each Chinese character with its pinyin without tones, other runs as they are."""
    pairs = []
    for is_han, run in groupby(text, lambda each: bool(HAN.match(each))):
        run = "".join(run)
        pairs += zip(run, lazy_pinyin(run, v_to_u=True), strict=True) if is_han else [(run, run)]
    return pairs


def pinyin(text, separator=""):
    """Return a Chinese text in pinyin, folded (``ü`` as ``u``)."""
    return fold(separator.join(reading for _piece, reading in syllables(text)))


def name_text(*names):
    """Return what a search for a body compares: its names, and the Chinese ones in pinyin as well."""
    readings = [reading for name in names if HAN.search(name) for reading in _readings(name)]
    return "\n".join(filter(None, dict.fromkeys([*map(fold, names), *readings])))


def sort_key(*names):
    """Return the text by which a name is sorted: the first one that there is, a Chinese one syllable by syllable."""
    return pinyin(next(filter(None, names), ""), " ")


def hits(text, wanted, *, in_pinyin=False):
    """
    Return text as (piece, is_hit) pairs: which parts of it are one of the folded words.

    With ``in_pinyin`` a word also hits the Chinese characters whose pinyin it is.
    """
    is_hit = [False] * len(text)
    _mark([(index, " " if each.isspace() else fold(each)) for index, each in enumerate(text)], wanted, is_hit)
    spelt = [word for word in wanted if word.isascii()]
    if in_pinyin and spelt and HAN.search(text):
        for spell in (str, _with_v):
            places, start = [], 0
            for piece, reading in syllables(text):
                spelled = [fold(spell(reading))] if HAN.match(piece) else [fold(each) or " " for each in piece]
                places += enumerate(spelled, start)
                start += len(piece)
            _mark(places, spelt, is_hit)
    pieces = groupby(zip(text, is_hit, strict=True), lambda pair: pair[1])
    return [("".join(each for each, _ in run), hit) for hit, run in pieces]


def _with_v(reading):
    return reading.replace("ü", "v")


def _readings(name):
    """Return a Chinese name in pinyin, and with the ``v`` that keyboards have for ``ü`` if it has one."""
    reading = "".join(reading for _piece, reading in syllables(name))
    return dict.fromkeys([fold(reading), fold(_with_v(reading))])


def _mark(places, wanted, is_hit):
    """Mark the places, (index, folded text) pairs, that an occurrence of a wanted word covers."""
    owners = [index for index, folded in places for _ in folded]
    text = "".join(folded for _index, folded in places)
    for word in wanted:
        start = text.find(word)
        while start >= 0:
            for index in owners[start : start + len(word)]:
                is_hit[index] = True
            start = text.find(word, start + 1)
