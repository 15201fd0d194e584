"""
Facts: what a citation may speak of, and the canonical form in which statements are compared.

A record lists its facts in ``FACTS``: the code of each, and the attribute that holds the chosen value. Canonical
forms are text: a reference for a party, a code for a region, a slug for a category, a plain number for an amount,
``yes`` or ``no`` for a flag; several suppliers are joined by ``|``. An amount may be a bound: ``>8500000``.
"""

import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenders import choices, references
from tenders.choices import Fact
from tenders.credit_codes import validate_credit_code
from tenders.fields import validate_partial_date

YEARS = range(1978, 2100)

AMOUNT_FACTS = {Fact.AWARD_AMOUNT, Fact.BUDGET}
DATE_FACTS = {Fact.NOTICE_DATE, Fact.AWARD_DATE, Fact.CONTRACT_DATE}
YEAR_FACTS = {Fact.YEAR, Fact.FOUNDED}
REGION_FACTS = {Fact.REGION, Fact.GROUP_REGION}
FLAG_FACTS = {Fact.IS_MAIN_SUBJECT, Fact.IS_JOINT}
CODELISTS = {
    Fact.STATUS: [choices.TenderStatus],
    Fact.METHOD: [choices.ProcurementMethod],
    Fact.AWARD_STATUS: [choices.AwardStatus],
    Fact.KIND: [choices.InstitutionKind, choices.CompanyKind],
    Fact.LEVEL: [choices.Level],
    Fact.SIZE: [choices.CompanySize],
}
# Words differ from source to source without contradicting each other: these facts are never disputed.
TEXT_FACTS = {
    Fact.EXISTENCE,
    Fact.TITLE_EN,
    Fact.TITLE_ZH,
    Fact.NAME_EN,
    Fact.NAME_ZH,
    Fact.CITY,
    Fact.GROUP,
    Fact.LOT,
}
TYPED_FACTS = tuple(fact for fact in Fact if fact not in TEXT_FACTS)


def canonical(value):
    """Return the canonical form of a column's value; empty text for an unknown one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, list):
        return "|".join(sorted(canonical(item) for item in value))
    if isinstance(value, models.Model):
        return value.natural_key()[0]
    return str(value)


def validate_statement(fact, value):
    """Accept the canonical form of what a source states of a fact; raises ``ValidationError``."""
    if fact == Fact.EXISTENCE:
        if value != "yes":
            raise ValidationError(_("Write yes: the source shows that there was such a tender."))
    elif fact in AMOUNT_FACTS:
        try:
            amount = Decimal(value.removeprefix(">"))
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount < 0 or canonical(amount) != value.removeprefix(">"):
            raise ValidationError(
                _("Write the amount in yuan as a plain number, such as 8595000; >8500000 for “more than”.")
            )
    elif fact in DATE_FACTS:
        validate_partial_date(value)
    elif fact in YEAR_FACTS:
        if not re.fullmatch("[0-9]{4}", value):
            raise ValidationError(_("Write the year with four digits, such as 2019."))
    elif fact in REGION_FACTS:
        if not re.fullmatch("CN-[A-Z]{2}", value):
            raise ValidationError(_("Write the region’s code, such as CN-BJ."))
    elif fact == Fact.CATEGORY:
        validate_slug(value)
    elif fact in FLAG_FACTS:
        if value not in {"yes", "no"}:
            raise ValidationError(_("Write yes or no."))
    elif fact == Fact.INSTITUTION:
        if not re.fullmatch(f"I-{references.PATTERN}", value):
            raise ValidationError(_("Write the institution’s reference, such as I-4QX2VD."))
    elif fact == Fact.SUPPLIER:
        each = value.split("|")
        if each != sorted(set(each)) or not all(re.fullmatch(f"C-{references.PATTERN}", one) for one in each):
            raise ValidationError(_("Write the company’s reference, such as C-9TR6WB; several sorted and joined by |."))
    elif fact == Fact.CREDIT_CODE:
        validate_credit_code(value)
    elif fact in CODELISTS:
        codes = [code for codelist in CODELISTS[fact] for code in codelist.values]
        if value not in codes:
            raise ValidationError(
                _("“%(value)s” is no code of this fact; the codes are: %(codes)s."),
                params={"value": value, "codes": _(", ").join(dict.fromkeys(codes))},
            )


def _value(field, text):
    """Return what a column holds for a canonical text."""
    if field.is_relation:
        return field.related_model._default_manager.get_by_natural_key(text)
    if isinstance(field, models.BooleanField):
        return text == "yes"
    return field.to_python(text)


def _cannot_hold(fact, text):
    return ValidationError(
        _("“%(text)s” cannot be chosen for “%(fact)s”: the record has no place for it."),
        params={"text": text, "fact": Fact(fact).label},
    )


class Citable(models.Model):
    """A record whose facts sources state: what each of them is, and where its value stands."""

    FACTS = {}

    class Meta:
        abstract = True

    def canonical(self, fact):
        """Return the canonical form of the chosen value of a fact; empty text when it is unknown."""
        if fact == Fact.EXISTENCE:
            return "yes"
        return canonical(getattr(self, self.FACTS[fact]))

    def assign(self, fact, text):
        """
        Let the column of a fact hold what a canonical text says; nothing is saved.

        Raises ``ValidationError`` for a text that the column cannot hold, and for a fact that follows from others.
        """
        name = self.FACTS[fact]
        if not name:
            return
        try:
            field = self._meta.get_field(name)
        except FieldDoesNotExist:
            raise _cannot_hold(fact, text) from None
        validate_statement(fact, text)
        try:
            value = _value(field, text)
        except (ObjectDoesNotExist, ValidationError, ValueError, ArithmeticError):
            raise _cannot_hold(fact, text) from None
        setattr(self, name, value)

    def known_facts(self):
        """Return the facts of which this record holds a value."""
        return [fact for fact in self.FACTS if self.canonical(fact)]
