"""
Text normalisation for search: case, width, accents and traditional characters folded, Chinese also in pinyin.

Of names pinyin is stored as one word, any part of which is found. In titles, which are long, parts of English words
would be found too: there it is stored by syllables, as in ``'qu'kuai'lian``, and read by syllables in what is sought.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse, groupby, product

from pypinyin import lazy_pinyin
from pypinyin.seg.simpleseg import seg as cut_into_words

from tenders.place_readings import load_readings
from tenders.simplified import simplify

load_readings()

MAX_WORDS = 20  # of a search: each is looked for in all records
MAX_READINGS = 8  # of a word as syllables of pinyin, those of fewest syllables
MIN_INITIALS = 2  # initials of pinyin that are marked in a name; one letter would mark much
MIN_TITLE_INITIALS = 3
SAME_SIGNS = str.maketrans("‐‑‒–—―−－[]【】〔〕［］", "--------()()()()")  # in numbers of notices
# Format characters and variation selectors that show nothing, and characters that look like a blank and are none.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
LOOKS_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
PLACE_OF_LONG = re.compile("(?<=[市省县区])(?=[长長])")
HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
CONSONANTS = ["", *"bpmfdtnlgkhjqxrzcsyw", "zh", "ch", "sh"]
BARE = {"a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er"}  # vowels that may stand alone
VOWELS = {"i", "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong", "u", "ua", "uo", "uai", "ui", "uan", "un"}
VOWELS |= {*BARE, "uang", "ong", "ue", "v", "ve"}
SYLLABLES = {consonant + vowel for consonant, vowel in product(CONSONANTS, VOWELS) if consonant or vowel in BARE}
NO_INITIALS = set("iuv")  # no syllable begins with them
BEGUN = {syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable))}
MAX_SYLLABLE = max(map(len, SYLLABLES))


def visible(text):
    """Return a text without the characters that show nothing, and with what only looks like a blank as one."""
    return text if text.isascii() else INVISIBLE.sub("", LOOKS_BLANK.sub(" ", text))


def fold(text):
    """
    Return text folded for comparison: compatibility characters (full width) as plain ones, no case, no accents,
    no invisible characters, simplified characters, single spaces.

    Normalisation forms of Unicode Standard Annex #15, caseless matching after section 3.13 of the standard.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", visible(text)).casefold())
    text = "".join(filterfalse(unicodedata.combining, text))
    return " ".join(simplify(unicodedata.normalize("NFKC", text)).split())


_fold_character = lru_cache(maxsize=8192)(fold)


def fold_all(*texts):
    """Return several texts as one folded text."""
    return fold(" ".join(texts))


def fold_number(text):
    """Return a number of notices (``〔2019〕 001号``) for comparison: folded, no blanks, one form of brackets."""
    return "".join(fold(text).split()).translate(SAME_SIGNS)


def words(text):
    """Return the folded words of a search, without repeats; punctuation parts words."""
    signs = (" " if unicodedata.category(sign).startswith("P") else sign for sign in fold(text))
    return list(dict.fromkeys("".join(signs).split()))


def syllables(text):
    """Return (piece, reading) pairs: single Chinese characters with pinyin without tones, other runs unchanged."""
    pairs = []
    for is_han, run in groupby(text, lambda character: bool(HAN.match(character))):
        run = "".join(run)
        # Characters that pypinyin does not know are their own readings: by default it gives one for a run of them.
        pairs += zip(run, _pinyin_of_run(run), strict=True) if is_han else [(run, run)]
    return pairs


def _pinyin_of_run(run):
    """Return the readings of Chinese characters, word by word, as pypinyin reads a text: titles share most words."""
    return [reading for word in cut_into_words(run) for reading in _pinyin_of_word(word)]


@lru_cache(maxsize=8192)
def _pinyin_of_word(word):
    return lazy_pinyin(word, v_to_u=True, errors=list)


def reading_variants(text):
    """
    Return a text as one or two lists of its ``syllables``.

    Behind 市, 省, 县 and 区, 长 ends an office (市长, mayor) or begins the name of a place (长宁): it is read as both.
    """
    parts = PLACE_OF_LONG.split(text)
    of_parts = [[pair for part in parts for pair in syllables(part)]] if len(parts) > 1 else []
    return [syllables(text), *of_parts]


def pinyin(text, separator=""):
    """Return a Chinese text as folded pinyin (``ü`` as ``u``)."""
    return fold(separator.join(reading for _piece, reading in syllables(text)))


def _initials(variants):
    """Return the variants of a Chinese text as the first letters of its syllables, ``qkl`` for ``区块链``."""
    return [fold("".join(reading[:1] if HAN.match(piece) else piece for piece, reading in pairs)) for pairs in variants]


@lru_cache(maxsize=4096)
def name_text(*names):
    """Return the text that a search for a party compares: all lines of names, the Chinese ones also in pinyin."""
    names = [line for name in names for line in name.splitlines()]
    chinese = list(filter(HAN.search, names))
    readings = [reading for name in chinese for reading in _readings(name)]
    all_initials = [initials for name in chinese for initials in _initials(reading_variants(name))]
    return "\n".join(filter(None, dict.fromkeys([*map(fold, names), *readings, *all_initials])))


def option_text(*names):
    """Return the text that a search for a region or a category compares: of names with brackets also the parts."""
    parts = [part.strip() for name in names for part in re.split("[()（）]", name)]
    return name_text(*names, *parts)


def title_pinyin(title):
    """
    Return a Chinese title by syllables, and in another line by initials in capitals; empty for another title.

    So no part of a syllable and no initials are found by a word that is meant otherwise.
    """
    if not HAN.search(title):
        return ""
    lines, variants = [], reading_variants(title)
    for pairs in variants:
        lines.append(fold("".join(f"'{reading}" if HAN.match(piece) else piece for piece, reading in pairs)))
    return "\n".join(dict.fromkeys([*lines, *(initials.upper() for initials in _initials(variants))]))


def pinyin_patterns(word):
    """Return the texts any of which ``title_pinyin`` of a title contains if a word is pinyin or initials of it."""
    if not (word.isascii() and word.isalpha()):
        return []
    patterns = ["".join(f"'{syllable}" for syllable in reading) for reading in _read(word)] if len(word) > 1 else []
    may_be_initials = len(word) >= MIN_TITLE_INITIALS and NO_INITIALS.isdisjoint(word)
    return [*patterns, word.upper()] if may_be_initials else patterns


def sort_key(*names):
    """Return the sort key of the first name that is not empty; a Chinese one as pinyin with separated syllables."""
    return pinyin(next(filter(None, names), ""), " ")


def hits(text, wanted, *, in_pinyin=False, in_syllables=False):
    """
    Split text into (piece, is_hit) pairs; hits are occurrences of the folded words.

    With ``in_pinyin`` a word also matches Chinese characters by their pinyin, as in names; with ``in_syllables`` by
    whole syllables, as in titles. Both match initials.
    """
    is_hit = [False] * len(text)
    _mark(
        [(index, " " if character.isspace() else _fold_character(character)) for index, character in enumerate(text)],
        wanted,
        is_hit,
    )
    ascii_words = [word for word in wanted if word.isascii()]
    if (in_pinyin or in_syllables) and ascii_words and HAN.search(text):
        for transcribe, readings in _readings_of(ascii_words, in_pinyin=in_pinyin, in_syllables=in_syllables):
            if readings:  # transcribing takes most of the time
                _mark(_transcribed(text, transcribe), readings, is_hit)
    pieces = groupby(zip(text, is_hit, strict=True), lambda pair: pair[1])
    return [("".join(character for character, _ in run), hit) for hit, run in pieces]


def _readings_of(wanted, *, in_pinyin, in_syllables):
    """Yield (how Chinese characters are transcribed, what is looked for in that) for words in Latin letters."""
    if in_pinyin:
        yield from ((str, wanted), (_with_v, wanted))
        yield _initial, [word for word in wanted if len(word) >= MIN_INITIALS and NO_INITIALS.isdisjoint(word)]
    if in_syllables:
        patterns = [pattern for word in wanted for pattern in pinyin_patterns(word)]
        yield "'{}".format, [pattern for pattern in patterns if pattern.startswith("'")]
        yield _initial, [pattern.lower() for pattern in patterns if pattern.isupper()]


def _transcribed(text, transcribe):
    """Return the places of a text for ``_mark``, with Chinese characters as what ``transcribe`` makes of a reading."""
    places, start = [], 0
    for piece, reading in syllables(text):
        folded = [fold(transcribe(reading))] if HAN.match(piece) else [fold(char) or " " for char in piece]
        places += enumerate(folded, start)
        start += len(piece)
    return places


def _with_v(reading):
    return reading.replace("ü", "v")


def _initial(reading):
    return reading[:1]


def _readings(name):
    """Return the pinyin of a Chinese name, also with ``v`` for ``ü`` (as typed on keyboards) if it contains one."""
    readings = ["".join(reading for _piece, reading in pairs) for pairs in reading_variants(name)]
    return dict.fromkeys(fold(text) for reading in readings for text in (reading, _with_v(reading)))


@lru_cache(maxsize=4096)
def _read(word):
    """
    Return the readings of a word as syllables of pinyin, those of fewest syllables first; ``v`` is read as ``u``.

    The last syllable may be begun, as it is while one types, if there is no other reading.
    """
    whole = _read_whole(word)
    if whole:
        return whole
    begun = (word[-length:] for length in range(1, MAX_SYLLABLE) if word[-length:] in BEGUN)
    readings = [[*reading, _u(end)] for end in begun for reading in _read_whole(word.removesuffix(end))]
    return sorted(readings, key=len)[:MAX_READINGS]


def _read_whole(word):
    """Return the readings of a word as whole syllables."""
    readings = [[[]]]  # of the first letters of the word, by their number
    for end in range(1, len(word) + 1):
        found = [
            [*reading, _u(word[start:end])]
            for start in range(max(0, end - MAX_SYLLABLE), end)
            if word[start:end] in SYLLABLES
            for reading in readings[start]
        ]
        readings.append(sorted(found, key=len)[:MAX_READINGS])
    return readings[-1]


def _u(syllable):
    return syllable.replace("v", "u")


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
