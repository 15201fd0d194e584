"""
Formats of amounts of yuan: 8,995,000 yuan in English, 899.5 万元 in Chinese.

Chinese procurement notices state money in units of ten thousand yuan. Amounts are never rounded.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from tenders.languages import is_chinese

WAN = 10_000  # 万


def format_number(number):
    """Format a number with thousands separators: 8,995,000; with two decimals if it is not whole."""
    number = Decimal(number)
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"


def format_yuan(amount):
    """Format an amount in yuan with the unit: 8,995,000 yuan."""
    return _("%(amount)s yuan") % {"amount": format_number(amount)}


def format_money(amount):
    """Format an amount for the active language: 8,995,000 yuan; in Chinese 899.5 万元, below 1 万元 in 元."""
    if not is_in_wan(amount):
        return format_yuan(amount)
    text = f"{Decimal(amount) / WAN:,f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} 万元"


def format_money_long(amount):
    """Format an amount as ``format_money`` does, followed by the amount in yuan if that was in 万元."""
    return f"{format_money(amount)}（{format_yuan(amount)}）" if is_in_wan(amount) else format_money(amount)


def is_in_wan(amount):
    """Return whether ``format_money`` gives an amount in 万元."""
    return is_chinese() and abs(Decimal(amount)) >= WAN
