"""Codes of number formats (ECMA-376 part 1, 18.8.31), parsed into sections of tokens."""

import operator
import re
from dataclasses import dataclass, field
from decimal import Decimal

from tenders.imports.readers.date_formats import DATE_TOKENS
from tenders.imports.readers.doubtful import Unknown

ACCOUNT = '_(* #,##0{0}_);_(* (#,##0{0});_(* "-"??_);_(@_)'
# The formats that a file need not explain, by number; 27 to 58 are those of Excel in Chinese. Not here: 5 to 8, 42 and
# 44, which show the currency of whoever opens the file, times in Chinese, and 59 to 81, which are Thai.
NUMBERS = {
    "General": [0],
    "0": [1],
    "0.00": [2],
    "#,##0": [3],
    "#,##0.00": [4],
    "0%": [9],
    "0.00%": [10],
    "0.00E+00": [11],
    "# ?/?": [12],
    "# ??/??": [13],
    "m/d/yyyy": [14],
    "d-mmm-yy": [15],
    "d-mmm": [16],
    "mmm-yy": [17],
    "h:mm": [18, 20],
    "h:mm:ss": [19, 21],
    "m/d/yyyy h:mm": [22],
    "yyyy年m月": [27, 36, 50, 52, 57],
    "m月d日": [28, 29, 51, 53, 54, 58],
    "m-d-yy": [30],
    "yyyy年m月d日": [31],
    "h时mm分": [32],
    "h时mm分ss秒": [33],
    "#,##0_);(#,##0)": [37, 38],
    "#,##0.00_);(#,##0.00)": [39, 40],
    ACCOUNT.format(""): [41],
    ACCOUNT.format(".00"): [43],
    "mm:ss": [45],
    "[h]:mm:ss": [46],
    "mm:ss.0": [47],
    "##0.0E+0": [48],
    "@": [49],
}
BUILT_IN = {number: code for code, numbers in NUMBERS.items() for number in numbers}
TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | [\\!](?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式) | (?P<ampm>AM/PM|A/P|上午/下午) | (?P<exponent>(?<=[0\#?.])E[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+|a{3,4}|g+) | (?P<digit>[0\#?]) | (?P<sign>[.,%/@;])
    | (?P<literal>[-+$():&'^~{}<>=\s]|[^\x00-\x7f])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
OPERATORS = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq
}  # fmt: skip
ELAPSED = re.compile("h+|m+|s+", re.IGNORECASE)
COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|colou?r\s?[0-9]{1,2}|[黑蓝青绿红白黄洋蓝]{1,2}色?|颜色\s?[0-9]{1,2}|ENG",
    re.IGNORECASE,
)
NUMERALS = re.compile("DBNum[1-4]|NatNum[0-9]{1,2}", re.IGNORECASE)
CHINESE = 0x04  # the language in the last ten bits of a locale's number
YUAN_SIGNS = {"¥", "￥"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


@dataclass
class Section:
    """One of the parts of a format between semicolons."""

    tokens: list = field(default_factory=list)
    condition: tuple | None = None
    has_numerals: bool = False  # digits are shown as Chinese or other ones
    has_calendar: bool = False  # days are shown in another calendar

    @property
    def is_date(self):
        return any(token.kind in DATE_TOKENS for token in self.tokens)

    @property
    def literals(self):
        """The text that stands beside a number, or instead of it."""
        return "".join(literal(token) for token in self.tokens if token.kind not in {"digit", "sign"}).strip()

    def holds(self, value):
        """Return whether a value fulfils the condition, if there is one."""
        return self.condition is None or OPERATORS[self.condition[0]](value, self.condition[1])

    @property
    def has_text(self):
        return any(token == Token("sign", "@") for token in self.tokens)


def parse_sections(code):
    """Return the sections of a code; raises ``Unknown``."""
    section, sections, place = Section(), [], 0
    while place < len(code):
        found = TOKEN.match(code, place)
        if not found or found.end() == place:
            raise Unknown(code)
        place, kind = found.end(), found.lastgroup
        text = found[kind]
        if kind == "bracket":
            _add_bracket(section, text, code)
        elif kind == "sign" and text == ";":
            sections.append(section)
            section = Section()
        elif kind == "fill" and not re.fullmatch(r"[\s.\-_]", text):
            raise Unknown(code)
        else:
            section.tokens.append(Token("literal" if kind in {"quoted", "escaped"} else kind, text))
    return [*sections, section]


def _add_bracket(section, text, code):
    """Add what stands in brackets to a section: a currency, a condition, an elapsed time, a colour."""
    if text.startswith("$"):
        symbol, _separator, locale = text[1:].partition("-")
        language, calendar, numerals = _locale(locale)
        if symbol in YUAN_SIGNS and language not in {None, CHINESE}:
            raise Unknown(code)  # yen
        section.has_calendar |= calendar > 1
        section.has_numerals |= numerals > 1
        section.tokens.append(Token("literal", symbol))
    elif condition := CONDITION.fullmatch(text.strip()):
        section.condition = (condition[1], Decimal(condition[2]))
    elif ELAPSED.fullmatch(text):
        section.tokens.append(Token("elapsed", text))
    elif NUMERALS.fullmatch(text):
        section.has_numerals = True
    elif not COLOUR.fullmatch(text):
        raise Unknown(code)


def _locale(text):
    """Return (language, calendar, numerals) of a locale such as 804, 2010411 or zh-CN; the language None for none."""
    if not text:
        return None, 0, 0
    if re.fullmatch("[0-9A-Fa-f]{1,8}", text):
        number = int(text, 16)
        return number & 0x3FF, number >> 16 & 0xFF, number >> 24
    return (CHINESE if text.casefold().startswith("zh") else -1), (2 if "," in text else 0), 0


def literal(token):
    """Return the text of a token that shows no part of a number."""
    return {"space": " ", "fill": " " if token.text.isspace() else ""}.get(token.kind, token.text)
