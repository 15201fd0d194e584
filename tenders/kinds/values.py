"""Kinds of plain value: texts, amounts, dates, numbers, flags and codes."""

import re
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.choices import ValueType
from tenders.credit_codes import validate_form
from tenders.fields import validate_partial_date
from tenders.kinds.amounts import parse_amount
from tenders.kinds.base import UNPRINTABLE, Kind, canonical, clean_text, plain, sanitize
from tenders.kinds.words import reason_against, words_of
from tenders.money import format_number
from tenders.search import fold

YEARS = range(1978, 2100)
OFFICIAL_NUMBER_REGEX = r"^[^\s]*[0-9][^\s]*$"
NOT_AN_OFFICIAL_NUMBER = gettext_lazy(
    "Write the number of the notice, such as ZFCG2019-001, without spaces. Leave it empty if the notice has none."
)

YEAR_MONTH_DAY = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?|年)?")
TIME_OF_DAY = re.compile(
    r"(?P<day>[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}(?:\s*日)?)\s*"
    r"(?:\(?(?:星期|周)[一二三四五六日天]\)?\s*)?(?:(?<=[\s日)])|T)\s*(?:(?P<noon>凌晨|早上|上午|中午|下午|晚上)\s*)?"
    r"(?P<hour>[01]?[0-9]|2[0-4])\s*[:时点]\s*(?P<minute>[0-5][0-9])?\s*(?:[:分]\s*(?:[0-5][0-9](?:\.[0-9]+)?秒?)?)?\s*"
    r"(?:[AP]M)?\s*(?:\(?北京时间\)?|(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)
DASHES = str.maketrans("‐‑‒–—―−", "-------")
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}

# What stands in place of a name: folded, without punctuation; nothing but that is none either.
PLACEHOLDERS = {
    *("", "无", "暂无", "没有", "空", "略", "同上", "未知", "不详", "不明", "待定", "未定", "待公布", "不适用", "保密"),
    *("na", "none", "null", "nil", "nan", "tbd", "tba", "tbc", "unknown", "notavailable", "notapplicable", "x", "xx"),
}
NO_NAME = re.compile(
    r"^(?:本|该|此)?(?:项目|采购|次|包|标段)*(?:已|作)?(?:废标|流标)(?:处理|公告)?(?:$|[（(，,：:。；;\s])"
    r"|^未(?:中标|成交|公布|公示|定)|^以\S+为准$|^(?:详?见|参见)\S{0,6}(?:附件|附表|公告|正文|清单|文件)$"
    r"|^无(?:人)?(?:中标|成交|投标|报价|应答|供应商)(?:人|单位|供应商|企业|机构)?(?:$|[（(，,：:。；;\s])"
    r"|^(?:采购|招标)?(?:项目)?(?:终止|失败)$"
)


class CodeIndex:
    """
    Values by code, found whatever the case and the spaces of a text.

    ``words`` are other texts for codes, by their folded form. A code that is almost right is offered, unless a wrong
    guess would look right (``may_guess``).
    """

    def __init__(self, values, words=None, *, may_guess=True):
        self.values, self.may_guess = values, may_guess
        self._codes = {**(words or {}), **{fold(code): code for code in values}}

    def find(self, text):
        """Return the value of a code; raises ``ValidationError`` with the code that is meant, or with all codes."""
        wanted = fold(text)
        for candidate in (wanted, wanted.replace(" ", "-")):
            if candidate in self._codes:
                return self.values[self._codes[candidate]]
        if self.may_guess and (near := get_close_matches(wanted, self._codes, n=1)):
            raise ValidationError(
                _("There is no such code. Did you mean “%(code)s”?"), params={"code": self._codes[near[0]]}
            )
        if not self.may_guess:
            message = _("There is no such code or name. Use one such as %(code)s.")
            raise ValidationError(message, params={"code": next(iter(self.values), "")})
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
        return clean_text(text)

    def validate(self, text):
        """Accept any text."""

    def is_same(self, old, new):
        return clean_text(sanitize(old)) == new


class Line(Text):
    """Text on one line, such as a title."""

    def parse(self, text, codes=None):
        line = super().parse(text)
        if "\n" in line:
            raise ValidationError(_("Write it on one line."))
        return line


class Name(Line):
    """
    The name of an organisation.

    What notices have where there is no name is none: ``/``, 无, 详见附件, 废标.
    """

    def parse(self, text, codes=None):
        name = super().parse(text)
        if name and (NO_NAME.search(name) or re.sub(r"[\W\d_]", "", fold(name)) in PLACEHOLDERS):
            raise ValidationError(_("“%(text)s” isn’t a name: leave it empty if there is none."), params={"text": name})
        return name.rstrip("。；，、;,")


class BilingualText(Line):
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
        """Accept a code with another check character too: some were issued so, and sources have them."""
        validate_form(text)


class OfficialNumber(Text):
    """The number by which notices name a purchase (项目编号), without the blanks that some of them print in it."""

    component = "text"
    is_typed = True

    def parse(self, text, codes=None):
        """Parse "ZFCG 2019-001" and "项目编号：ＺＦＣＧ２０１９－００１" to the same number."""
        text = super().parse(text)
        if re.search("[\n、;；，]", text):
            raise ValidationError(_("Write one number. Others of the same purchase belong into the notes."))
        number = re.sub(r"\s|^(?:采购|招标)?(?:项目)?编号:", "", plain(text))
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
        return parse_amount(text)

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
        """Parse "2019-06-19", "2019/6/19", "2019年6月19日" and "2019-06-19T10:30:00+08:00" to the same date."""
        text = plain(text).translate(DASHES)
        if with_time := TIME_OF_DAY.fullmatch(text):
            if not _is_day_in_china(with_time):
                raise ValidationError(_("Write the date alone: at this time it may be another day in China."))
            text = with_time["day"]
        match = YEAR_MONTH_DAY.fullmatch(re.sub(r"\s", "", text))
        if match is None:
            raise ValidationError(_("Write a date as 2019, 2019-06 or 2019-06-19."))
        return "-".join(part.zfill(2) for part in match.groups() if part)

    def validate(self, text):
        validate_partial_date(text)


def _is_day_in_china(match):
    """Return whether a moment, perhaps with the offset of another place, has the same date in China."""
    if not match["offset"]:
        return True
    offset = "+0000" if match["offset"].upper() == "Z" else match["offset"].replace(":", "")
    minutes = (int(offset[1:3]) * 60 + int(offset[3:5])) * (-1 if offset[0] == "-" else 1)
    return 0 <= int(match["hour"]) * 60 + int(match["minute"] or 0) - minutes + 8 * 60 < 24 * 60


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

    @cached_property
    def _index(self):
        return CodeIndex({code: code for code in self.codelist.values}, words_of(self.codelist))

    def parse(self, text, codes=None):
        if reason := reason_against(self.codelist, text):
            raise ValidationError(reason)
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
