"""The unified social credit code (统一社会信用代码) of Chinese organisations (GB 32100-2015)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V and Z


def check_character(first_seventeen):
    """
    Return the eighteenth character of a code, from the first seventeen.

    GB 32100-2015, 5.2, with the check system of GB/T 17710: the i-th character weighs 3^(i-1) mod 31, and all eighteen
    together, the last with weight 1, are divisible by 31.
    """
    total = sum(CREDIT_CODE_ALPHABET.index(character) * pow(3, i, 31) for i, character in enumerate(first_seventeen))
    return CREDIT_CODE_ALPHABET[-total % 31]


def validate_credit_code(code):
    """Raise ``ValidationError`` unless the code has the form of one and the right check character."""
    validate_form(code)
    if code[-1] != check_character(code[:-1]):
        raise ValidationError(
            _("Check the code for typos: after %(body)s the last character must be %(right)s."),
            params={"body": code[:-1], "right": check_character(code[:-1])},
        )


def validate_form(code):
    """
    Raise ``ValidationError`` unless the code has 18 characters and the region in digits.

    The first two characters (registering authority and type of organisation) may be letters: military units and rural
    collectives have such codes. Some codes were issued with another check character than the standard asks for.
    """
    if len(code) != 18:
        raise ValidationError(
            _("Enter 18 characters: this unified social credit code has %(n)s."), params={"n": len(code)}
        )
    if strange := sorted(set(code) - set(CREDIT_CODE_ALPHABET)):
        raise ValidationError(
            _("Use only digits and capitals (no I, O, S, V, Z): this unified social credit code has %(strange)s."),
            params={"strange": " ".join(strange)},
        )
    if not code[2:8].isdigit():
        raise ValidationError(
            _("Check characters 3 to 8 of the unified social credit code: they must be the digits of a region.")
        )
