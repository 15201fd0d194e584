"""
What a cell shows of a number: number formats (ECMA-376 part 1, 18.8.31) applied to it.

A number is read as the cell shows it: ``0.00"万元"`` of 899.5 is the text "899.50万元", which is parsed like any other.
Where the format hides a part of the number, or shows another one, the cell is ``Doubtful``.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.imports.readers.date_formats import DateSection
from tenders.imports.readers.doubtful import Doubtful, Unknown, differs
from tenders.imports.readers.format_codes import Token, literal, parse_sections
from tenders.imports.readers.tables import ReadCell
from tenders.kinds import Money, canonical

DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)  # those that spreadsheets keep; the rest of a float is noise
MAX_GENERAL = 10**11  # from here on, General shows a power of ten
SECTIONS = 4


class NumberFormat:
    """A parsed number format; raises ``Unknown`` for one that is not understood."""

    def __init__(self, code):
        self.code = code
        sections = parse_sections(code or "General")
        if len(sections) > SECTIONS:
            raise Unknown(code)
        self._text = None
        if len(sections) == SECTIONS or (len(sections) > 1 and sections[-1].has_text):
            self._text = sections.pop()
        elif sections[0].has_text:
            self._text = sections[0]
        if self._text and self._text.tokens == [Token("sign", "@")]:
            self._text = None
        self._sections = sections

    @property
    def is_date(self):
        return any(section.is_date for section in self._sections)

    def read(self, number, *, is_1904=False):
        """Return the text that a cell shows for a ``Decimal``; raises ``Doubtful``."""
        value = DIGITS.plus(number)
        section, shows_sign = self._section_of(value)
        if section.is_date:
            if section.has_calendar:
                raise Unknown(self.code)
            return DateSection(section.tokens, self.code).read(value, is_1904=is_1904)
        if section.has_numerals:
            raise Unknown(self.code)
        return _read_number(section, value, shows_sign=shows_sign)

    def read_text(self, text):
        """Return what a cell shows of a text; raises ``Doubtful`` where that is nothing of it."""
        if self._text is None:
            return text
        if not self._text.has_text:
            raise differs(text, self._text.literals)
        shown = "".join(text if token.text == "@" else literal(token) for token in self._text.tokens)
        return text if shown.strip() == text.strip() else ReadCell(shown.strip(), text)

    def _section_of(self, value):
        """Return (section, shows_sign): the section that shows a number, and whether a minus precedes it by itself."""
        sections = self._sections
        if any(section.condition for section in sections):
            for section in sections[:-1]:
                if section.condition is None:
                    raise Unknown(self.code)
                if section.holds(value):
                    break
            else:
                section = sections[-1]
                if not section.holds(value):
                    raise differs(canonical(value), "####")
            if value < 0:
                raise Unknown(self.code)
            return section, False
        if len(sections) == 1:
            return sections[0], value < 0
        if value < 0:
            return sections[1], False
        return sections[2 if len(sections) == 3 and value == 0 else 0], False


@lru_cache(maxsize=512)
def number_format(code):
    """Return a number format by its code, or None for one that is not understood."""
    try:
        return None if code is None else NumberFormat(code)
    except Unknown:
        return None


def parse_number(text):
    """Return the number of a cell; raises ``Doubtful`` for one that has more digits than spreadsheets keep."""
    try:
        number = Decimal(text.strip()) if len(text) < 400 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise Doubtful(text[:50], _("Enter a number: this isn’t one."))
    if abs(number) >= 10**15:
        raise Doubtful(text, _("Write all digits, as text: a spreadsheet keeps only 15 digits of a number."))
    return number


@dataclass
class Layout:
    """How a section shows a number: where digits stand, and what is done to the number before."""

    tokens: list
    whole: list = field(default_factory=list)  # places of the digits before the decimal point
    part: list = field(default_factory=list)  # and behind it
    point: int | None = None
    is_grouped: bool = False
    thousands: int = 0  # how often it is divided by a thousand
    percents: int = 0

    @property
    def digits(self):
        return [*self.whole, *self.part]

    @property
    def has_inner_text(self):
        """Whether text stands between the digits."""
        inner = self.tokens[self.digits[0] : self.digits[-1]]
        return any(token.kind == "literal" and token.text.strip() for token in inner)

    @classmethod
    def of(cls, section):
        layout = cls(section.tokens)
        signs = [(place, token.text) for place, token in enumerate(section.tokens) if token.kind == "sign"]
        digits = [place for place, token in enumerate(section.tokens) if token.kind == "digit"]
        layout.point = next((place for place, text in signs if text == "."), None)
        layout.whole = [place for place in digits if layout.point is None or place < layout.point]
        layout.part = digits[len(layout.whole) :]
        for place, text in signs:
            if text == ",":
                if layout.whole and layout.whole[0] < place < layout.whole[-1]:
                    layout.is_grouped = True
                else:
                    layout.thousands += 1
            layout.percents += text == "%"
        return layout

    def render(self, value):
        """Return (pieces, is_exact): what stands for each token, and whether that is all of a positive number."""
        scaled = value * 100**self.percents / 1000**self.thousands
        rounded = round_to(scaled, len(self.part))
        whole, _point, part = f"{rounded:f}".partition(".")
        pieces = [literal(token) if token.kind in {"literal", "space", "fill"} else "" for token in self.tokens]
        self._fill_whole(pieces, "" if whole == "0" else whole)
        part = part.rstrip("0")
        for number, place in enumerate(self.part):
            pieces[place] = part[number] if number < len(part) else "0" if self.tokens[place].text == "0" else ""
        if any(pieces[place] for place in self.part):
            pieces[self.point] = "."
        for place, token in enumerate(self.tokens):
            if token == Token("sign", "%"):
                pieces[place] = "%"
        return pieces, rounded == scaled

    def _fill_whole(self, pieces, digits):
        shown = 0
        for place in reversed(self.whole):
            last = digits if place == self.whole[0] else digits[-1:]
            digits = digits[: len(digits) - len(last)]
            text = ""
            for digit in reversed(last or ("0" if self.tokens[place].text == "0" else "")):
                text = digit + ("," if self.is_grouped and shown and shown % 3 == 0 else "") + text
                shown += 1
            pieces[place] = text


def round_to(value, places):
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=Context(prec=60))


def _read_number(section, value, *, shows_sign):
    """Return what a section shows of a number; raises ``Doubtful``."""
    held, kinds = canonical(value), {token.kind for token in section.tokens}
    if section.has_text or "general" in kinds:
        return _read_general(section, value, held, shows_sign=shows_sign)
    layout = Layout.of(section)
    pieces, is_exact = layout.render(abs(value))
    shown = _shown(pieces, minus=shows_sign)
    if "exponent" in kinds or "/" in [token.text for token in section.tokens if token.kind == "sign"]:
        shown = f"{value:.2E}" if "exponent" in kinds else held
        raise differs(held, shown)
    literals = re.sub(r"\s", "", section.literals)
    if not _has_digits("".join(pieces[place] for place in layout.digits)) or not _shows_minus(shown, value):
        raise differs(held, shown)
    if layout.thousands or _has_point(section, layout):
        return _agreed(value, held, shown)
    if not is_exact or _has_digits(literals):
        raise differs(held, shown)
    is_plain = not literals or (value < 0 and literals in {"-", "()"})
    if not is_plain or layout.percents or layout.has_inner_text:
        return shown
    has_zeros = shown.replace(",", "").lstrip("-(").startswith("0") and abs(value) >= 1
    return shown.replace(",", "") if has_zeros else held


def _read_general(section, value, held, *, shows_sign):
    """Return what the format General shows of a number, with the text around it."""
    has_others = any(token.kind == "digit" or (token.kind == "sign" and token.text != "@") for token in section.tokens)
    if has_others or (section.has_text and section.literals):  # of a number with "x"@, programs show one or the other
        raise differs(held, f"{section.literals}{held}")
    if abs(value) >= MAX_GENERAL:
        raise differs(held, f"{value:.5E}")
    number = canonical(abs(value))
    pieces = [number if token.kind == "general" or token.text == "@" else literal(token) for token in section.tokens]
    shown = _shown(pieces, minus=shows_sign)
    if not _shows_minus(shown, value) or re.search(
        "[0-9]", unicodedata.normalize("NFKC", shown.replace(number, "", 1))
    ):
        raise differs(held, shown)
    return shown


def _has_digits(text):
    return re.search("[0-9]", unicodedata.normalize("NFKC", text)) is not None


def _shown(pieces, *, minus):
    return ("-" if minus else "") + "".join(pieces).strip()


def _shows_minus(shown, value):
    """Return whether a shown number has a minus, or parentheses, just where it is negative."""
    return shown.startswith(("-", "(")) == (value < 0)


def _has_point(section, layout):
    """Return whether a literal text could be taken for a decimal point, or for a comma between digits."""
    return any(
        token.kind == "literal" and re.search("[.,．，]", token.text) and place < layout.digits[-1]
        for place, token in enumerate(section.tokens)
    )


def _agreed(value, held, shown):
    """Return the number that a cell holds, if what it shows is the same as an amount: 899.5万 for 8995000."""
    try:
        is_same = Money().parse(shown) == value
    except ValidationError:
        is_same = False
    if not is_same:
        raise differs(held, shown)
    return ReadCell(held, shown)
