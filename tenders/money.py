"""
Amounts of yuan in the reader's language: 8,995,000 in English, 899.5 万元 in Chinese.

Chinese counts money by ten thousand, as procurement notices do. Whichever is written, it is the whole amount: nothing
is rounded.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from tenders.languages import is_chinese

WAN = 10_000  # 万


def format_number(number):
    """Write a number in full, with separators: 8,995,000; of an amount with cents all of them."""
    number = Decimal(number)
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"


def format_yuan(amount):
    """Write an amount by the yuan, with its unit: 8,995,000 yuan."""
    return _("%(amount)s yuan") % {"amount": format_number(amount)}


def format_money(amount):
    """Write an amount with its unit as readers of the language do: 8,995,000 yuan; 899.5 万元, below 1 万元 in 元."""
    if not is_in_wan(amount):
        return format_yuan(amount)
    text = f"{Decimal(amount) / WAN:,f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} 万元"


def format_money_long(amount):
    """Write an amount as ``format_money`` does and, where that is not by the yuan, by the yuan as well."""
    return f"{format_money(amount)}（{format_yuan(amount)}）" if is_in_wan(amount) else format_money(amount)


def is_in_wan(amount):
    """Tell whether the reader is given an amount in 万元."""
    return is_chinese() and abs(Decimal(amount)) >= WAN
