"""Kinds of plain value: texts, amounts, dates, numbers, flags and codes."""

import re
from decimal import Decimal
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.choices import ValueType
from tenders.credit_codes import validate_credit_code
from tenders.fields import validate_partial_date
from tenders.kinds.base import LINE_BREAK, UNPRINTABLE, Kind, canonical, plain, sanitize
from tenders.money import format_number
from tenders.search import fold

YEARS = range(1978, 2100)
OFFICIAL_NUMBER_REGEX = r"^[^\s]*[0-9][^\s]*$"
NOT_AN_OFFICIAL_NUMBER = gettext_lazy(
    "Write the number of the notice, such as ZFCG2019-001, without spaces. Leave it empty if the notice has none."
)

FACTORS = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
AMOUNT = re.compile(
    r"(?:CNY|RMB|人民币|¥)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,30})(?P<part>\.[0-9]{1,30})?"
    r"(?P<unit>千|万|百万|千万|亿|)(?:元|圆|CNY|RMB)?整?",
    re.IGNORECASE,
)
YEAR_MONTH_DAY = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?|年)?")
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}


class CodeIndex:
    """Values by code, found whatever the case and the spaces of a text."""

    def __init__(self, values):
        self.values = values
        self._codes = {fold(code): code for code in values}

    def find(self, text):
        """Return the value of a code; raises ``ValidationError`` with the code that is meant, or with all codes."""
        wanted = fold(text)
        for candidate in (wanted, wanted.replace(" ", "-")):
            if candidate in self._codes:
                return self.values[self._codes[candidate]]
        if near := get_close_matches(wanted, self._codes, n=1):
            raise ValidationError(
                _("There is no such code. Did you mean “%(code)s”?"), params={"code": self._codes[near[0]]}
            )
        if len(self.values) > 12:
            raise ValidationError(_("There is no such code. See the data dictionary."))
        raise ValidationError(
            _("There is no such code. Use one of: %(codes)s."), params={"codes": _(", ").join(self.values)}
        )


class Text(Kind):
    """Free text, which may differ from source to source without a contradiction."""

    component = "words"
    is_typed = False

    def parse(self, text, codes=None):
        if match := UNPRINTABLE.search(text):
            raise ValidationError(
                _("Remove the control character (U+%(code)s)."),
                params={"code": f"{ord(match[0]):04X}"},
            )
        return LINE_BREAK.sub("\n", text).strip()

    def validate(self, text):
        """Accept any text."""

    def is_same(self, old, new):
        return sanitize(old).strip() == new


class BilingualText(Text):
    """Free text that editors write in two languages, such as the name of a city."""

    component = "bilingual"

    def page_value(self, record, name):
        return getattr(record, f"shown_{name}")


class Lines(Text):
    """Several texts, one on each line."""

    is_list = True

    def export_value(self, value):
        return [line.strip() for line in value.splitlines() if line.strip()]


class CreditCode(Text):
    """A unified social credit code."""

    component = "text"
    is_typed = True

    def parse(self, text, codes=None):
        """Parse "9144 0300 …" and "９１４４…" in any case to the same code."""
        return re.sub(r"\s", "", plain(text)).upper()

    def validate(self, text):
        validate_credit_code(text)


class OfficialNumber(Text):
    """The number by which notices name a purchase (项目编号), without the blanks that some of them print in it."""

    component = "text"
    is_typed = True

    def parse(self, text, codes=None):
        """Parse "ZFCG 2019-001" and "ＺＦＣＧ２０１９－００１" to the same number."""
        number = re.sub(r"\s", "", plain(super().parse(text)))
        if number:
            self.validate(number)
        return number

    def validate(self, text):
        if not re.fullmatch(OFFICIAL_NUMBER_REGEX, text):
            raise ValidationError(NOT_AN_OFFICIAL_NUMBER)


class Existence(Kind):
    """The existence of the record: the only statement is ``yes``."""

    component = "words"
    is_typed = False
    pattern, message = "yes", gettext_lazy("Write yes: the source shows that the tender took place.")

    def normalize(self, text):
        return text

    def choices(self):
        return [("yes", _("Yes"))]

    def own_words(self, text):
        return {text}

    def page_value(self, record, name):
        return record.get_certainty_display()


class Money(Kind):
    """An amount in yuan; as a statement also a lower bound, ``>8500000``."""

    type = ValueType.MONEY
    component = "amount"
    statement_component = "stated-amount"
    pattern = r">?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?"
    message = gettext_lazy("Write the amount in yuan as a plain number, such as 8595000; >8500000 for “more than”.")

    def parse(self, text, codes=None):
        """Parse "8,995,000", "899.5万元" and "８９９５０００" to the same amount of yuan."""
        match = AMOUNT.fullmatch(re.sub(r"\s", "", plain(text)))
        if match is None:
            raise ValidationError(_("Write a plain number of yuan, such as 8995000, or 899.5万元."))
        value = Decimal(match["whole"].replace(",", "") + (match["part"] or "")) * FACTORS[match["unit"]]
        if value >= 10**13:
            raise ValidationError(_("Use at most 13 digits before the decimal point."))
        if value != round(value, 2):
            raise ValidationError(_("Use at most two digits after the decimal point."))
        return round(value, 2)

    def normalize(self, text):
        bound = ">" if plain(text).startswith(">") else ""
        try:
            return bound + canonical(self.parse(plain(text).removeprefix(">")))
        except ValidationError:
            return plain(text)

    def format(self, text):
        return format_number(text) if text.replace(".", "", 1).isdecimal() else text


class PartialDate(Kind):
    """A date with the precision of its source: a year, a month or a day."""

    type = ValueType.DATE
    component = statement_component = "date"

    def parse(self, text, codes=None):
        """Parse "2019-06-19", "2019/6/19" and "2019年6月19日" to the same date."""
        match = YEAR_MONTH_DAY.fullmatch(re.sub(r"\s", "", plain(text)))
        if match is None:
            raise ValidationError(_("Write a date as 2019, 2019-06 or 2019-06-19."))
        return "-".join(part.zfill(2) for part in match.groups() if part)

    def validate(self, text):
        validate_partial_date(text)


class Count(Kind):
    """A whole number."""

    type = ValueType.NUMBER
    pattern, message = "0|[1-9][0-9]{0,8}", gettext_lazy("Write a whole number in digits.")

    def parse(self, text, codes=None):
        text = plain(text)
        if not re.fullmatch("[0-9]{1,9}", text):
            raise ValidationError(Count.message)
        return int(text)


class Year(Count):
    """A year of four digits."""

    pattern, message = "[0-9]{4}", gettext_lazy("Write the year with four digits, such as 2019.")

    def parse(self, text, codes=None):
        return super().parse(plain(text).removesuffix("年"))


class Flag(Kind):
    """Yes or no."""

    type = ValueType.FLAG
    component = "flag"
    pattern, message = "yes|no", gettext_lazy("Write yes or no.")

    def parse(self, text, codes=None):
        try:
            return FLAGS[plain(text).casefold()]
        except KeyError:
            raise ValidationError(_("Write yes, no or unknown.")) from None

    def choices(self):
        return [("yes", _("Yes")), ("no", _("No"))]

    def from_canonical(self, text, field):
        return text == "yes"

    def own_words(self, text):
        return {text, self.format(text)}

    def page_statement(self, text):
        return text == "yes", self.component

    def format(self, text):
        return _("Yes") if text == "yes" else _("No")


class Code(Kind):
    """A code of a codelist (``TextChoices``)."""

    type = ValueType.CODE

    def __init__(self, codelist):
        self.codelist = codelist
        self._index = CodeIndex({code: code for code in codelist.values})

    def parse(self, text, codes=None):
        return self._index.find(text)

    def validate(self, text):
        if text not in self.codelist.values:
            raise ValidationError(
                _("“%(value)s” isn’t a code of this fact. Use one of: %(codes)s."),
                params={"value": text, "codes": _(", ").join(self.codelist.values)},
            )

    def choices(self):
        return self.codelist.choices

    def own_words(self, text):
        return {text, text.replace("-", " "), self.format(text)}

    def page_value(self, record, name):
        return getattr(record, f"get_{name}_display")()

    def page_statement(self, text):
        return self._label(text), "text"

    def format(self, text):
        return str(self._label(text))

    def _label(self, text):
        return dict(self.codelist.choices).get(text, text)
