"""Values of OCDS: amounts, dates, classifications."""

from decimal import Decimal

CURRENCY = "CNY"
CLASSIFICATION = "X-TENDERWATCH"  # the scheme of our categories, and of our references of parties
CREDIT_CODE = "CN-USCI"  # unified social credit code
END_OF_DAY = "T23:59:59+08:00"  # in China: what the standard has for a day without a time


def number(amount):
    """Return an amount as a number of JSON, digit by digit: a float holds the 15 digits that an amount may have."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def money(amount):
    """Return an amount of yuan as a value of OCDS."""
    return {"amount": number(Decimal(amount)), "currency": CURRENCY}


def date_time(partial_date):
    """Return the moment of a date that is known to the day; None for another."""
    return f"{partial_date}{END_OF_DAY}" if len(partial_date) == len("2019-06-19") else None


def moment_text(moment):
    """Return a moment as releases have it: in UTC with six digits, as merging sorts the texts."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def without_empty(members):
    """Return the members of an object without those that have no value."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def classification(scheme, code, description="", description_zh=""):
    """Return a classification of OCDS."""
    return without_empty({"scheme": scheme, "id": code, "description": description, "description_zh": description_zh})
