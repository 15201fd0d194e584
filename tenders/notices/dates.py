"""Dates of notices: 2019年6月19日, 2019-06-19, 二〇一九年六月十九日. A partial date stays partial."""

import re
from dataclasses import dataclass
from datetime import date

DIGITS = dict(zip("〇○零一二三四五六七八九", (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
IN_FIGURES = re.compile(
    r"(?<![\d.])((?:19|20)\d\d) ?年 ?(?:(\d{1,2}) ?月 ?(?:(\d{1,2}) ?[日号])?)?"
    r"|(?<![\d.-])((?:19|20)\d\d)([-/.])(\d{1,2})(?:\5(\d{1,2}))?(?![\d-]|\.\d|/\d)"
    r"|(?<!\d)(20[0-3]\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)"
)
IN_WORDS = re.compile(
    r"([二一][〇○零九][〇○零一二三四五六七八九]{2})年(?:([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)


@dataclass(frozen=True)
class FoundDate:
    """A date in a text: a partial date (2019, 2019-06, 2019-06-19) with its place."""

    value: str
    start: int
    end: int


def find_dates(folded, start=0, end=None, *, limit=20):
    """Return the dates in a part of a folded text, in their order; what is no date of the calendar is left out."""
    end = len(folded) if end is None else end
    found = []
    for pattern in (IN_FIGURES, IN_WORDS):
        for match in pattern.finditer(folded, start, end):
            value = _value(match, pattern is IN_WORDS)
            if value:
                found.append(FoundDate(value, match.start(), _without_blank(folded, match)))
            if len(found) >= limit:
                break
    return sorted(found, key=lambda found_date: found_date.start)


def _without_blank(folded, match):
    return match.start() + len(folded[match.start() : match.end()].rstrip())


def _value(match, is_words):
    groups = match.groups()
    if is_words:
        year, month, day = groups
        year = "".join(str(DIGITS[character]) for character in year)
        month, day = (part and str(_number(part)) for part in (month, day))
    elif groups[0]:
        year, month, day = groups[:3]
    elif groups[3]:
        year, month, day = groups[3], groups[5], groups[6]
    else:
        year, month, day = groups[7:]
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


def _number(words):
    """Return the number of 十, 十一, 二十 or 三十一."""
    tens, ten, ones = words.partition("十")
    if not ten:
        return DIGITS.get(words, 99) if len(words) == 1 else 99
    return (DIGITS.get(tens, 9) if tens else 1) * 10 + (DIGITS.get(ones, 9) if ones else 0)
