"""How lines and parts of lines begin: numbered headings, numerals, words with a colon that no table knows."""

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
