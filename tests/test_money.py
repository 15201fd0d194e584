"""Formats of amounts: exact in both languages; English in yuan, Chinese in 万 (ten thousands)."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tenders import money
from tenders.kinds import Money

AMOUNTS = st.decimals(0, "9999999999999.99", places=2)


@given(AMOUNTS)
def test_parsing_a_chinese_amount_gives_the_amount(amount):
    with translation.override("zh-hans"):
        assert Money().parse(money.format_money(amount)) == amount


@given(AMOUNTS)
def test_parsing_an_amount_in_yuan_gives_the_amount(amount):
    with translation.override("zh-hans"):
        assert Money().parse(money.format_yuan(amount)) == amount
    assert Money().parse(money.format_number(amount)) == amount


@given(AMOUNTS)
def test_the_long_format_begins_with_the_short_one_and_has_the_yuan(amount):
    with translation.override("zh-hans"):
        text = money.format_money_long(amount)

        assert money.format_yuan(amount) in text
        assert text.startswith(money.format_money(amount))


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        ("8995000", "8,995,000 yuan", "899.5 万元（8,995,000 元）"),
        ("10000", "10,000 yuan", "1 万元（10,000 元）"),
        ("9999.99", "9,999.99 yuan", "9,999.99 元"),
        ("400", "400 yuan", "400 元"),
        ("238000000", "238,000,000 yuan", "23,800 万元（238,000,000 元）"),
        ("1234567.89", "1,234,567.89 yuan", "123.456789 万元（1,234,567.89 元）"),
    ],
)
def test_amounts_in_both_languages(amount, english, chinese):
    assert money.format_money_long(Decimal(amount)) == english
    with translation.override("zh-hans"):
        assert money.format_money_long(Decimal(amount)) == chinese


@pytest.mark.parametrize(
    ("language", "cell"),
    [
        ("en", '<data value="8995000.00">8,995,000</data>'),
        ("zh-hans", '<data value="8995000.00" title="8,995,000 元">899.5 万元</data>'),
    ],
)
def test_a_cell_has_the_exact_yuan_as_data(language, cell):
    template = Template('{% include "components/money.html" %}')

    with translation.override(language):
        rendered = template.render(Context({"amount": Decimal("8995000.00")}))

    assert cell in " ".join(rendered.split())
