"""Amounts of yuan as people write them: 8,995,000, 捌佰玖拾玖万元整. Others are refused with a reason."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import AmountQualifier
from tenders.kinds.base import plain
from tenders.search import simplify

FACTORS = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
AMOUNT = re.compile(
    r"(?:CNY|RMB|人民币|¥)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,30})(?P<part>\.[0-9]{1,30})?"
    r"(?P<unit>千|万|百万|千万|亿|)(?:元|圆)?(?:人民币|CNY|RMB)?整?",
    re.IGNORECASE,
)
BESIDE = re.compile(r"^(?:\(?大写\)?[::]?)|\((?:含税|人民币|大写)\)|含税价?$")
UNIT_IN_BRACKETS = re.compile(r"\(((?:千|万|百万|千万|亿)?元)\)$")
DIGITS = {digit: number for number, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
DIGIT = "[壹贰叁肆伍陆柒捌玖]"
BELOW_WAN = rf"(?:({DIGIT})仟)?零?(?:({DIGIT})佰)?零?(?:({DIGIT}?)(拾))?零?({DIGIT})?"
CAPITALS = re.compile(
    r"(?:人民币)?(?P<whole>[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+)[元圆]"
    rf"(?:零?(?P<jiao>{DIGIT})角)?(?:零?(?P<fen>{DIGIT})分)?[整正]?"
)
# Words for how exactly an amount is stated, before or behind it.
QUALIFIERS = {
    AmountQualifier.ABOUT: re.compile(r"^(?:约为?|大约|近)\s*|\s*左右$"),
    AmountQualifier.AT_LEAST: re.compile(r"^(?:不低于|不少于|至少|超过)\s*|\s*以上$"),
}
CURRENCIES = (
    r"[$€£₩₽₹฿]|美元|美金|欧元|日元|英镑|港元|港币|澳门元|新?台币|韩元|卢布|法郎|加元|澳元|新加坡元|泰铢"
    r"|\b(?:USD|EUR|JPY|GBP|HKD|MOP|TWD|KRW|SGD|CHF|AUD|CAD|PEN|INR|RUB)\b|soles"
)


def parse_amount(text):
    """Return the amount of yuan that a text states; raises ``ValidationError`` with what is wrong with it."""
    written = re.sub(r"\s", "", plain(text))
    written = UNIT_IN_BRACKETS.sub(r"\1", BESIDE.sub("", written))
    match = AMOUNT.fullmatch(written)
    if match:
        value = Decimal(match["whole"].replace(",", "") + (match["part"] or "")) * FACTORS[match["unit"]]
    else:
        value = _in_capitals(simplify(written))
    if value is None:
        raise ValidationError(_reason(plain(text)))
    if value >= 10**13:
        raise ValidationError(_("Use at most 13 digits before the decimal point."))
    if value != round(value, 2):
        raise ValidationError(_("Use at most two digits after the decimal point."))
    return round(value, 2)


def split_qualifier(text):
    """Return (qualifier, amount) of a text such as 约900万元; the qualifier is empty where it has none."""
    for qualifier, words in QUALIFIERS.items():
        if words.search(plain(text)):
            return qualifier.value, words.sub("", plain(text))
    return "", text


def _in_capitals(text):
    """Return the value of an amount in capital numerals; None for another text."""
    match = CAPITALS.fullmatch(text)
    if match is None:
        return None
    total, rest = 0, match["whole"]
    for unit, factor in (("亿", 10**8), ("万", 10**4), ("", 1)):
        section, found, behind = rest.partition(unit) if unit else (rest, True, "")
        if not found:
            continue
        value = _below_wan(section)
        if value is None or (unit and not value):
            return None
        total, rest = total + value * factor, behind
    return Decimal(total) + Decimal(DIGITS[match["jiao"] or "零"]) / 10 + Decimal(DIGITS[match["fen"] or "零"]) / 100


def _below_wan(text):
    match = re.fullmatch(BELOW_WAN, text)
    if match is None:
        return None
    thousands, hundreds, tens, has_tens, ones = match.groups()
    tens = tens or ("壹" if has_tens else "零")
    digits = [thousands or "零", hundreds or "零", tens, ones or "零"]
    return int("".join(str(DIGITS[digit]) for digit in digits))


def _reason(text):
    """Return why a text is no amount of yuan."""
    if re.search(CURRENCIES, text, re.IGNORECASE):
        return _("Leave this empty and write it into the notes: only amounts in yuan are recorded.")
    if re.search(r"[%‰折]|下浮|上浮|费率|折扣", text):
        return _("Leave this empty and write it into the notes: a rate or a discount isn’t an amount.")
    if re.search(r"[/每](?:年|月|日|天|人|次|项|台|套|个|吨|平方米|季度)", text):
        return _("Leave this empty and write it into the notes: a price per unit or per year isn’t the whole amount.")
    if any(words.search(text) for words in QUALIFIERS.values()):
        return _("Leave this empty and write it into the notes: how exact this amount is can’t be recorded here.")
    if re.search(r"[0-9元]\s*(?:[-~/;、至到–—]|－)\s*[0-9]", text):
        return _("Write one amount: this is a range, or several. Those of several lots have “ | ” between them.")
    return _("Write a plain number of yuan, such as 8995000, or 899.5万元.")
