"""
The table of labels (``labels.csv``): which words of a notice announce which fact.

Editors can read and extend it: field, label, weight (4 the usual word, 1 a weak one), since (the year from which it is
seen), and a sample of a value, with which a test reads every label. ``VERSION`` names the state of the table.
"""

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from tenders.notices.folding import fold, squeeze

FILE = Path(__file__).parent / "labels.csv"


@dataclass(frozen=True)
class Label:
    """A label with the field that it announces."""

    text: str
    field: str
    weight: int
    since: int
    sample: str


def read_labels(content):
    """Return the labels of the table by their folded text without blanks."""
    labels = {}
    for row in csv.DictReader(content.decode("utf-8").splitlines()):
        text = squeeze(fold(row["label"]))
        labels[text] = Label(text, row["field"], int(row["weight"]), int(row["since"]), row["sample"])
    return labels


_CONTENT = FILE.read_bytes()
LABELS = read_labels(_CONTENT)
VERSION = hashlib.sha256(_CONTENT).hexdigest()[:12]

PERSONAL = {"person", "contact", "score", "fee"}  # fields that are masked and never read

_LOT = (
    r"(?:第 ?[一二三四五六七八九十\d]{1,3} ?(?:标段|标项|分标|包组|子包|标包|采购包|包)"
    r"|(?:采购包|合同包|包组|分包|子包|标段|标项|分标|包件|标包|包) ?[一二三四五六七八九十\dA-Z]{1,3}"
    r"|[\dA-Z一二三四五六七八九十]{1,2} ?(?:包|标段|标项|分标))"
)
LOT = re.compile(_LOT)
_PREFIX = r"(?:本项目|本次|本包|本标段|该项目|最终|确定|现确定|经评审确定|其中|推荐的?|各)?"
_BOUNDARY = r"\s|:,;。、.)(\[\]}>\"*#·▲★■\-!?"


def _spaced(text):
    """Return a pattern of a label between whose characters blanks may stand."""
    return " {0,4}".join(map(re.escape, text))


_TEXTS = sorted(LABELS, key=len, reverse=True)
_FIRST = "".join(sorted({text[0] for text in _TEXTS}))
_BY_FIRST = "|".join(
    re.escape(first)
    + "(?:"
    + "|".join(" {0,4}" + _spaced(text[1:]) if len(text) > 1 else "" for text in _TEXTS if text[0] == first)
    + ")"
    for first in _FIRST
)
_NOTES = r"(?P<notes>(?: ?[(\[][^()\[\]\n:]{0,40}[)\]]){0,2})"
# A label where one can begin, with what stands before it (a lot) and behind it (a unit), and a colon or the like.
PATTERN = re.compile(
    rf"(?:^|(?<=[{_BOUNDARY}\d]))(?=[{re.escape(_FIRST)}本该最确现经其推各第包标分子合\d一二三四五六七八九十A-Z])"
    rf"{_PREFIX}(?P<lot>{_LOT})?(?P<gap>[: 、的]{{0,2}})(?P<label>{_BY_FIRST})(?P<index>[一二三四五1-5]?){_NOTES}"
    rf"(?P<tail> {{0,6}}(?:为|是)? {{0,2}}:|(?:为|是)(?=\S)|\]:?|(?=[ \t|])|$)",
    re.MULTILINE,
)
# The same inside a run of words, for texts that have lost what stood between their parts.
_STRONG = "|".join(
    _spaced(text) for text in _TEXTS if len(text) >= 4 and LABELS[text].weight >= 3 and LABELS[text].field != "other"
)
_FIRST_STRONG = "".join(sorted({text[0] for text in _TEXTS if len(text) >= 4}))
GLUED = re.compile(
    rf"(?=[{re.escape(_FIRST_STRONG)}])(?<![原未非拟预各投其被])(?P<label>{_STRONG}){_NOTES}(?P<tail> {{0,4}}:)"
)


def label_of(words):
    """Return the ``Label`` of some folded words, or None: 中标金额（元）, １、项目名称：."""
    found = PATTERN.match(words.strip(" :*"))
    return LABELS.get(squeeze(found["label"])) if found else None
