"""Joining of lines that a break divides in the middle of a label, a name, a number or a date."""

import re

from tenders.notices.folding import fold, squeeze
from tenders.notices.labels import LABELS, PATTERN
from tenders.notices.marks import NUMERAL, UNKNOWN
from tenders.notices.methods import WORDS
from tenders.notices.names import ORGANISATION

ORGANISATIONS = {"buyer", "agency", "supplier", "proposed_supplier", "candidate", "name", "consortium"}
MONEY = {"amount", "total", "budget", "ceiling", "more"}
PROJECT_END = re.compile(
    r"(?:项目|采购|服务|平台|系统|工程|建设|设备|课题|研究|运维|开发|改造|升级)(?:\([^()]{1,12}\))?$"
)
NAME_END = re.compile(r"^[^\s:,;。]{1,30}")
DIVIDED_SUMS = (
    (re.compile(r"[\d.,]$"), re.compile(r"[\d,.]{0,12}(?:万|亿)?元|[\d,.]{1,12}$")),
    (re.compile(r"[\d)][万亿]$"), re.compile("元")),
    (re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟万亿零]$"), re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟万亿零]{0,20}[元圆]")),
)
NAMES_GO_ON = re.compile(r"[\u4e00-\u9fff]{1,2}(?:[、,]|$)")
MAX_LINES = 20_000


def join_broken_lines(text):
    """Return (text, whether lines were joined)."""
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        return text, False
    folded = fold(text).split("\n")
    width = _wrap_width(folded)
    joined, last_folded, is_joined = [lines[0]], folded[0], False
    for line, folded_line in zip(lines[1:], folded[1:], strict=True):
        if len(last_folded) < 400 and _is_broken(last_folded, folded_line, width):
            joined[-1] = joined[-1].rstrip() + line.lstrip()
            last_folded = last_folded.rstrip() + folded_line.strip()
            is_joined = True
        else:
            joined.append(line)
            last_folded = folded_line
    return "\n".join(joined), is_joined


def _wrap_width(lines):
    """Return the width at which a text was wrapped, or None: three or more lines of that very length."""
    lengths = [len(line) for line in lines if len(line) >= 24]
    longest = max(lengths, default=0)
    full = [length for length in lengths if length >= longest - 1]
    return longest if len(full) >= 3 and longest <= 100 else None


def _is_broken(above, below, width):
    above, below = above.rstrip(), below.strip()
    if not above.strip() or not below or "\t" in above + below or "|" in above + below:
        return False
    if _divides_label(above, below):
        return True
    if PATTERN.match(below) or UNKNOWN.match(below):
        return False
    found = None
    for match in PATTERN.finditer(above):
        found = match if ":" in match["tail"] else found
    value = above[found.end() :].strip() if found else ""
    field = LABELS[squeeze(found["label"])].field if value else ""
    is_numbered = bool(NUMERAL.match(below)) and field not in MONEY and not field.endswith("_date")
    if is_numbered and field != "project_number":
        return False
    if value and _continues(field, value, below):
        return True
    if NUMERAL.match(below):
        return False
    return width is not None and len(above) >= width - 1 and not re.search(r"[。;:!?)]$", above)


def _divides_label(above, below):
    """Return whether a label begins at the end of a line and ends with its colon in the next."""
    tail = re.search(r"(?:^|[\s、.;。,)])([^\s、.;。,:()]{1,8})$", above)
    head = re.match(r"([^\s:]{1,10}) {0,2}:", below)
    if not tail or not head:
        return False
    label = squeeze(tail[1] + head[1])
    return label in LABELS and head[1] not in LABELS and len(label) >= 3


def _continues(field, value, below):
    """Return whether a value goes on in the next line."""
    first = NAME_END.match(below)
    if field in ORGANISATIONS:
        whole = value + (first[0] if first else "")
        return bool(first) and not ORGANISATION.search(value) and bool(ORGANISATION.search(whole)) and len(below) <= 40
    if field in MONEY:
        return any(above.search(value) and under.match(below) for above, under in DIVIDED_SUMS)
    if field in {"person", "contact"}:
        return bool(re.search(r"[\u4e00-\u9fff]$", value) and NAMES_GO_ON.match(below))
    if field == "method":
        return not WORDS.search(value) and bool(WORDS.match(value + below))
    if field.endswith("_date"):
        return bool(re.search(r"[年月\d-]$", value) and re.match(r"\d{1,2}[月日-]|\d{1,2}$|[年月日]", below))
    if field == "project_name":
        return len(below) <= 40 and not PROJECT_END.search(value) and bool(PROJECT_END.search(below))
    if field == "project_number":
        return bool(re.search(r"[-/]$", value) and re.match(r"[A-Za-z0-9]", below))
    return False
