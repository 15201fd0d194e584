"""Cells that name several organisations, or one with its role: they are refused, as only people know what is a name."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.kinds import plain
from tenders.search import simplify

# What the names of organisations end with. A word stands before it.
ENDING = re.compile(
    r"\w(?:公司|集团|企业|厂|银行|分行|支行|事务所|研究院|研究所|设计院|学院|大学|学校|医院|中心|协会|学会|合作社|商行|工作室|经营部"
    r"|局|厅|委员会|法院|检察院)$"
    r"|\S\s+(?:ltd|limited|inc|corp|corporation|co|company|llc|llp|plc|gmbh|ag|s\.?a|s\.?r\.?l|b\.?v|pte|pty|university)\.?$",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"[、,;/|\\\n+—]|\s和\s|\sand\s|\s&\s", re.IGNORECASE)
BETWEEN_FIRMS = re.compile(r"(?<=公司)(?:\s+|和|与|及|&)(?=\w)")
BRACKETS = re.compile(r"\([^()]*\)|〔[^〕]*〕|【[^】]*】")
ROLE = re.compile(
    r"联合体(?![育检验制系])|牵头(?:人|方|单位|公司)|(?:成员|参与)(?:单位|方|公司)|\((?:主办|协办|牵头|成员)[^)]*\)|\bconsortium\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(
    r"(?:中标|成交|供应商|采购|单位名称)[^:]{0,6}:|(?:\(?[0-9]{1,2}[.、)]|[①-⑳]|[一二三四五六七八九十][、.])\s*\w*[^\x00-\x7f]"
)


def check_one_name(text):
    """Raise ``ValidationError`` for a text that seems to be several names, or a name with a number or a role."""
    name = simplify(plain(text))
    alone = BRACKETS.sub("", name)
    parts = [part.strip(" .。") for part in BETWEEN.split(alone)]
    are_several = sum(bool(ENDING.search(part)) for part in parts) > 1
    firms = [part for part in BETWEEN_FIRMS.split(alone) if ENDING.search(part.strip())]
    has_firm_inside = re.search(r"公司\s*[、/;|\n]\s*\w", alone) or len(re.findall("有限(?:责任)?公司", alone)) > 1
    if are_several or len(firms) > 1 or has_firm_inside:
        raise ValidationError(
            _(
                "These seem to be several names: write “; ” between joint winners and “ | ” between winners of several "
                "lots. If it is one name, add the organisation in the admin first."
            )
        )
    if ROLE.search(name) or NUMBERED.match(plain(text)):
        raise ValidationError(
            _(
                "Write the name alone, without its number or role. Joint winners (联合体) share one award, with “; ” "
                "between their names."
            )
        )
