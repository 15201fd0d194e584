"""Amounts of notices: figures and capital numerals, with their unit; rates and prices of a unit are no amounts."""

import re
from dataclasses import dataclass
from decimal import Decimal

from tenders.notices.codes import AmountKind

SCALES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
SCALES["万亿"] = 10**12
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,8})?|\d{1,3}(?: \d{3}){2,4}(?:\.\d\d?)?(?= ?[元圆])|\d{1,15}(?:\.\d{1,8})?"
SCALE = r"十万|百万|千万|万亿|[万亿千百]"
FIGURES = re.compile(
    rf"(?P<sign>¥|人民币|RMB|CNY)?[: ]{{0,3}}(?P<signed>¥)?[ ]{{0,3}}(?<![\d.])(?<!\d,)"
    rf"(?P<parts>(?:(?:{NUMBER})[ ]{{0,3}}(?:{SCALE})[ ]{{0,2}}){{1,3}}"
    rf"(?:{NUMBER})?|{NUMBER})[ ]{{0,3}}(?P<unit>元|圆|块)?(?P<dime>\d角)?(?P<cent>\d分)?(?!\d|[.,]\d)"
)
PART = re.compile(rf"({NUMBER})[ ]{{0,3}}({SCALE})?")
RATE = re.compile(r"\d{1,9}(?:\.\d{1,8})?[ ]{0,2}(?:[%‰]|折)|百分之[零一二三四五六七八九十百点]{1,9}")
OF_RATE = re.compile(r"折扣|下浮|上浮|费率|优惠率|让利|税率|利率|折率|比例|百分")
PER_UNIT = re.compile(
    r"^[ ]{0,2}[(]?[ ]{0,2}(?:/|每|／)[ ]{0,2}(?!套?总)[\u4e00-\u9fffA-Za-z㎡m]|^[ ]{0,2}/[ ]{0,2}[\u4e00-\u9fff㎡m]"
)
COUNTED = re.compile(r" ?(?![大小]写|人民币|[整万亿])[\u4e00-\u9fffA-Za-z]")  # 180日, 3家, 60kg
CUT_GROUP = re.compile(r"\d \d{3}(?!\d)")  # the end of a number that is grouped by blanks
FOREIGN = re.compile(r"美元|欧元|港[元币]|日元|英镑|澳元|USD|EUR|HKD|JPY|[$€£]")

CAPITALS = dict(zip("零〇○一二三四五六七八九", (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
CAPITALS |= dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)) | {"弍": 2, "两": 2, "参": 3, "叄": 3, "仨": 3}
TENS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
WORDS = re.compile(
    r"(?:人民币)?[: ]{0,3}(?P<number>[零〇○一二三四五六七八九壹贰叁肆伍陆柒捌玖弍两参叄拾十佰百仟千万亿 ]{2,60})"
    r"[元圆](?P<small>[零〇○一二三四五六七八九壹贰叁肆伍陆柒捌玖参角分 ]{0,9})[整正]?"
)
SMALL = re.compile(
    r"[零〇]?(?:([一二三四五六七八九壹贰叁肆伍陆柒捌玖参])角)?[零〇]?(?:([一二三四五六七八九壹贰叁肆伍陆柒捌玖参])分)?$"
)
UNIT_OF_LABEL = re.compile(
    r"(?:[(\[/:,]|单位|^)[ ]{0,3}(?:单位|人民币|币种|大写|"
    r"小写)?[: ,/、]{0,4}(?:人民币)?[ ]{0,2}(万元|亿元|元|万|千元|百万元)"
)


@dataclass(frozen=True)
class Money:
    """
    A sum in a text, with its place.

    ``value`` is in yuan if ``has_unit``, else the bare number. ``kind`` tells rates and prices of a unit from amounts.
    """

    value: Decimal
    start: int
    end: int
    has_unit: bool = True
    is_words: bool = False
    kind: AmountKind = AmountKind.AMOUNT
    is_foreign: bool = False
    scale: int = 1  # of the unit that is stated: 10,000 for 万元


def find_money(folded, start=0, end=None, *, limit=50):
    """Return the sums of a part of a folded text, in their order: figures, capital numerals and rates."""
    end = len(folded) if end is None else end
    found = []
    rates = [(match.start(), match.end()) for match in RATE.finditer(folded, start, end)][:limit]
    words = list(_in_words(folded, start, end, limit))
    taken = rates + [(money.start, money.end) for money in words]
    found += [Money(_rate(folded[a:b]), a, b, kind=AmountKind.RATE) for a, b in rates]
    for match in FIGURES.finditer(folded, start, end):
        money = _in_figures(folded, match, end)
        if money is not None and not any(a < money.end and money.start < b for a, b in taken):
            found.append(money)
        if len(found) >= limit:
            break
    return sorted(found + words, key=lambda money: money.start)


def unit_of_label(folded):
    """Return the unit that a label or header states in yuan (万元: 10,000), or None: 中标金额（万元）."""
    found = {SCALES[unit.rstrip("元")] for unit in UNIT_OF_LABEL.findall(folded)}
    return found.pop() if len(found) == 1 else None


def _rate(words):
    digits = re.match(r"[\d.]+", words)
    return Decimal(digits[0].strip(".")) if digits else Decimal(0)


def _in_figures(folded, match, end):
    first = match.start("sign") if match["sign"] else match.start("signed") if match["signed"] else match.start("parts")
    value, scale = _composed(match["parts"])
    for group, small in (("dime", Decimal("0.1")), ("cent", Decimal("0.01"))):
        value += int(match[group][0]) * small if match[group] else 0
    rest = folded[match.end() : min(end, match.end() + 8)]
    last = match.end()
    while folded[last - 1] == " ":
        last -= 1
    if (match["unit"] is None and COUNTED.match(rest)) or CUT_GROUP.search(folded[max(0, first - 4) : first + 4]):
        return None
    has_sign = match["sign"] is not None or match["signed"] is not None
    has_unit = match["unit"] is not None or (scale != 1) or (has_sign and value >= 1000)
    kind = AmountKind.UNIT_PRICE if match["unit"] and PER_UNIT.match(rest) else AmountKind.AMOUNT
    is_foreign = bool(FOREIGN.match(rest) or FOREIGN.search(folded[max(0, first - 6) : first]))
    return Money(value, first, last, has_unit, kind=kind, is_foreign=is_foreign, scale=scale)


def _composed(text):
    """Return the value and the scale of 1286万6千 and the like."""
    if not re.search(SCALE, text):
        return Decimal(re.sub("[, ]", "", text)), 1
    parts = PART.findall(text)
    scales = [SCALES[scale] for _number, scale in parts]
    value = sum(Decimal(number.replace(",", "")) * scale for (number, _s), scale in zip(parts, scales, strict=True))
    return value, scales[0]


def _in_words(folded, start, end, limit):
    for match in list(WORDS.finditer(folded, start, end))[:limit]:
        value = parse_capitals(match["number"].replace(" ", ""))
        small = match["small"].replace(" ", "")
        cut = 0
        if value is None:
            continue
        if small:
            found = SMALL.match(small.rstrip("整正"))
            if found and (found[1] or found[2]):
                value += Decimal(CAPITALS[found[1]] if found[1] else 0) / 10
                value += Decimal(CAPITALS[found[2]] if found[2] else 0) / 100
            elif re.search("[角分]", small):
                continue  # not certain, so no amount
            elif small.strip("零〇整正"):
                cut = match.end() - match.start("small")
        yield Money(value, _after_blanks(folded, match.start()), match.end() - cut, is_words=True)


def _after_blanks(folded, offset):
    while folded[offset] in ": ":
        offset += 1
    return offset


def parse_capitals(text):
    """Return the whole number of Chinese numerals, small or capital, or None if they are none."""
    total = section = number = 0
    has_digit = False
    for character in text:
        if character in CAPITALS:
            number, has_digit = CAPITALS[character], True
        elif character in TENS:
            section += (number or 1) * TENS[character]
            number, has_digit = 0, True
        elif character == "万":
            total += (section + number) * 10**4
            section = number = 0
        elif character == "亿":
            total = (total + section + number) * 10**8
            section = number = 0
        else:
            return None
    return Decimal(total + section + number) if has_digit else None
