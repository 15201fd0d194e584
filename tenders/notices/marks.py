"""How lines and parts of lines begin and end: numbered headings, numerals, words with a colon that no table knows."""

import re

from tenders.notices.labels import LOT

HEADING = re.compile(
    r"^ {0,8}(?:第?[一二三四五六七八九十]{1,3} ?(?:[、.:]|[章部]分?)|"
    r"[(][一二三四五六七八九十]{1,3}[)]) ?(?P<words>[^\n\t|]{1,60})",
    re.MULTILINE,
)
NUMERAL = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.]|[(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)]|"
    r"\d{1,2}(?:[.、](?!\d)|\.\d{1,2}(?=[^\d.])))[、.]? {0,3}"
)
INLINE_NUMERAL = re.compile(
    r"(?<=[\s。;,])(?:[一二三四五六七八九十]{1,3}、|[(](?:[一二三四五六七八九十]{1,3}|"
    r"\d{1,2})[)]|\d{1,2}[、.] {0,2}(?=[\u4e00-\u9fff]))"
)
# Any words with a colon end the value before them, whether the table has them or not.
UNKNOWN = re.compile(
    r"(?:^|(?<=[\s|;。,]))(?=[^\s:]{0,30}[\u4e00-\u9fff])(?!.{0,4}[大小]写)(?!"
    + LOT.pattern
    + r")[^\s|:;。,0-9()\[\]\"]{2,18}(?:\([^()\n]{0,20}\))? {0,3}:",
    re.MULTILINE,
)


def closing_bracket(folded, start, end):
    """Return the offset of the bracket that closes one opened before the offset."""
    depth = 1
    for offset in range(start, end):
        depth += {"(": 1, ")": -1}.get(folded[offset], 0)
        if not depth:
            return offset
    return end


def before_open_bracket(folded, start, end):
    """Return where a bracket opens that is not closed before the next label: 公司（地址：…）."""
    opened = []
    for offset in range(start, end):
        if folded[offset] == "(":
            opened.append(offset)
        elif folded[offset] == ")" and opened:
            opened.pop()
    return opened[0] if opened else end
