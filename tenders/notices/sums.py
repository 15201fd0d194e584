"""
What a value after a label of money states: an amount in yuan with certainty, a rate, a price of a unit, or a doubt.

A unit must stand in the value, in the label or in the header; words and figures must agree.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from tenders.notices.amounts import OF_RATE, find_money, unit_of_label
from tenders.notices.choosing import Statement, doubtful
from tenders.notices.codes import AmountKind, WarningCode
from tenders.notices.labels import LOT
from tenders.notices.readings import Place, Reading, Span

UNIT_BEHIND = re.compile(r"[ ]{0,3}[(\[][ ]{0,2}(?:人民币)?[ /]{0,2}(万元|亿元|元)[ ]{0,2}(?:人民币)?[)\]]")
PART_OF_WHOLE = re.compile(r"其中|包括|包含|含|分别为|扣除|比预算|节约|节省|低于|保证金|服务费")
UNIT_PRICE_LABEL = re.compile(r"单价|/ ?(?:年|月|次|人|吨|台|套|个|天|小时)|每(?:年|月|次|人|吨|台|套|个|天)")
MAX_STATED = 60
LOT_NUMERALS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"十": 10}
LOT_PIECE = re.compile(
    rf"(?:^|(?<=[\s;,。、:()]))(?P<lot>{LOT.pattern})(?: ?\([^()\n]{{1,30}}\))? ?(?:为|是)?[: ]{{0,3}}"
)


@dataclass(frozen=True)
class Sum:
    """
    A reading of a sum: of what kind it is, its value in yuan or the reason why there is none, and the words.

    ``is_words`` if it is stated in capital numerals only, ``is_figures`` if in figures only.
    """

    kind: AmountKind
    reading: Reading
    stated: str = ""
    span: Span | None = None
    is_words: bool = False
    code: WarningCode | None = None

    @property
    def is_zero(self):
        """Return whether zero is stated, by which systems mean that there is no amount."""
        return bool(self.reading.candidates) and all(not candidate.value for candidate in self.reading.candidates)

    @property
    def value(self):
        """Return the amount in yuan, or None."""
        return self.reading.value


def read_sum(document, start, end, *, label="", unit=None, place=None, rule="", is_rate=False):
    """Return the ``Sum`` that a part of the text states, or None if it has no number."""
    folded = document.folded
    start, end = document.strip(start, end)
    stop = folded.find("。", start, end)
    end = stop if stop > start else end
    place = place or Place()
    unit = unit or unit_of_label(label)
    found = find_money(folded, start, end)
    if not found:
        return None
    rates = [money for money in found if money.kind == AmountKind.RATE]
    sums = [money for money in found if money.kind == AmountKind.AMOUNT]
    prices = [money for money in found if money.kind == AmountKind.UNIT_PRICE]
    with_unit = [money for money in sums if money.has_unit]
    reader = _Reader(document, start, end, place, rule or (f"label {label}" if label else ""))
    speaks_of_rate = OF_RATE.search(label) or OF_RATE.search(folded[start:end])
    if (rates and not with_unit) or is_rate or (speaks_of_rate and not with_unit):
        return reader.no_amount(AmountKind.RATE, WarningCode.AMOUNT_IS_RATE, found)
    if UNIT_PRICE_LABEL.search(label) or (prices and not with_unit):
        return reader.no_amount(AmountKind.UNIT_PRICE, WarningCode.AMOUNT_IS_UNIT_PRICE, prices or sums)
    return reader.amount(_main(folded, sums, start), unit)


def _main(folded, sums, start):
    """Return the sums before 其中 and the like, after which come parts or others."""
    if len(sums) > 1 and (cut := PART_OF_WHOLE.search(folded, sums[0].end, sums[-1].start)):
        return [money for money in sums if money.start < cut.start()]
    return sums


class _Reader:
    def __init__(self, document, start, end, place, rule):
        self.document, self.start, self.end = document, start, end
        self.place, self.rule = place, rule

    def span(self, found):
        """Return the whole value if it is short, else the part with the sums."""
        start, end = (self.start, self.end)
        if end - start > MAX_STATED or "\n" in self.document.text[start:end]:
            start, end = found[0].start, found[-1].end
        while end > start and self.document.folded[end - 1] in "(（,;、。:":
            end -= 1
        return Span(start, end, self.place, self.rule)

    def no_amount(self, kind, code, found):
        """Return a rate or a price of a unit, which is no amount."""
        span = self.span(found)
        return Sum(kind, Reading(), span.words(self.document.text), span, code=code)

    def amount(self, sums, unit):
        """Return the amount that all sums state, or the doubt."""
        span = self.span(sums)
        stated = span.words(self.document.text)
        known, bare, conflict = [], [], False
        for money in sums:
            behind = UNIT_BEHIND.match(self.document.folded, money.end)
            scale = unit_of_label(behind[0]) if behind else unit
            if money.has_unit or money.is_words:
                own = money.scale if not money.is_words else scale
                conflict = conflict or (scale is not None and not money.is_words and own != scale)
                known.append(money)
            elif scale is not None:
                known.append(replace(money, value=money.value * scale, has_unit=True))
            else:
                bare.append(money)
        values = {money.value for money in known}
        statements = [Statement(money.value, Span(money.start, money.end, self.place, self.rule)) for money in known]
        is_words = any(money.is_words for money in known) and not any(not money.is_words for money in sums)
        code = None
        if any(money.is_foreign for money in sums):
            code, statements = WarningCode.UNIT_CONFLICT, []  # no amount of yuan, not even a candidate
        elif conflict:
            code = WarningCode.UNIT_CONFLICT
        elif not values:
            code = WarningCode.UNIT_MISSING
            statements = [
                Statement(money.value * scale, Span(money.start, money.end, self.place, self.rule))
                for money in bare
                for scale in (1, 10_000)
            ]
        elif len(values) > 1:
            code = _difference(known)
        elif any(money.value not in values and money.value * 10_000 not in values for money in bare):
            code = WarningCode.WORDS_AND_FIGURES_DIFFER if is_words else WarningCode.VALUES_DIFFER
            statements += [
                Statement(money.value, Span(money.start, money.end, self.place, self.rule)) for money in bare
            ]
        elif min(values) < 1:
            code = WarningCode.AMOUNT_BELOW_ONE_YUAN
        if code is not None:
            return Sum(AmountKind.AMOUNT, doubtful(statements, code, stated), stated, span, code=code)
        return Sum(AmountKind.AMOUNT, Reading(values.pop().normalize(), (span,)), stated, span, is_words)


def _difference(known):
    """Return why sums differ: words and figures, or one of them in another unit."""
    words = {money.value for money in known if money.is_words}
    figures = {money.value for money in known if not money.is_words}
    if words and figures and len(words | figures) > 1:
        return WarningCode.WORDS_AND_FIGURES_DIFFER
    return WarningCode.UNIT_CONFLICT if is_unit_apart(known[0].value, known[-1].value) else WarningCode.VALUES_DIFFER


def is_unit_apart(one, other):
    """Return whether two amounts differ by a power of ten that a mistaken unit explains."""
    small, large = sorted((Decimal(one), Decimal(other)))
    return small > 0 and large / small in {10_000, 1000, 100_000_000}


def lot_number(folded):
    """Return the number of a lot as digits or a letter: 第一标段 and 包01 are 1, A包 is A."""
    words = re.sub(r"采购包|合同包|标段|标项|分标|包组|子包|标包|包件|分包|包|第|[\s:、的()号]", "", folded)
    if re.fullmatch("[一二三四五六七八九十]{1,3}", words):
        tens, ten, ones = words.partition("十")
        number = (LOT_NUMERALS.get(tens, 1) * 10 if ten else LOT_NUMERALS[words]) + LOT_NUMERALS.get(ones, 0)
        return str(number)
    return words.lstrip("0") or words


def pieces_by_lot(folded, start, end):
    """Return [(lot, start, end)] of a value that is divided by lots (第一包：…；第二包：…), or an empty list."""
    found = list(LOT_PIECE.finditer(folded, start, end))
    if not found or folded[start : found[0].start()].strip(" ;,:、()"):
        return []
    ends = [match.start() for match in found[1:]] + [end]
    return [(lot_number(match["lot"]), match.end(), stop) for match, stop in zip(found, ends, strict=True)]
