"""Procurement methods: the Chinese word in its usual form, where the words of a notice state it."""

import re

from tenders.choices import ProcurementMethod

# The code only where the word alone decides who could bid (docs/editing.md).
METHODS = {
    "公开招标": ProcurementMethod.OPEN,
    "邀请招标": ProcurementMethod.SELECTIVE,
    "竞争性磋商": None,
    "竞争性谈判": None,
    "单一来源": ProcurementMethod.DIRECT,
    "询价": None,
    "框架协议": None,
    "电子卖场": None,
    "网上竞价": None,
    "协议供货": None,
    "定点采购": None,
    "比选": None,
    "自行采购": None,
}
WORDS = re.compile(
    "公开招标|公开招投标|国内公开|邀请招标|竞争性磋商|竞争性谈判|竞争谈判|竞争磋商|单一来源|询价|框架协议|电子卖场|网上超市|网上竞价|竞价|协议供货|定点采购|比选|自行采购"
)
USUAL = {
    "公开招投标": "公开招标",
    "国内公开": "公开招标",
    "竞争谈判": "竞争性谈判",
    "竞争磋商": "竞争性磋商",
    "网上超市": "电子卖场",
    "竞价": "网上竞价",
}
TITLE_WORDS = re.compile("公开招标|邀请招标|竞争性磋商|竞争性谈判|单一来源|询价")
PROSE = re.compile(
    "(?:采用|以|通过|进行|实行|组织|的)(公开招标|邀请招标|竞争性磋商|竞争性谈判|单一来源|询价)(?:方式|的方式|采购|形式|,|。|;|$)?"
)
# Words that only follow from a method, each with the method they hint at.
HINTS = {
    "竞争性磋商": re.compile(r"磋商小组|磋商文件|磋商时间|磋商响应|磋商地点|磋商保证金"),
    "竞争性谈判": re.compile(r"谈判小组|谈判文件|谈判时间|谈判响应|谈判地点|谈判保证金"),
    "询价": re.compile(r"询价小组|询价文件|询价通知书|询价时间|询价书"),
    "公开招标": re.compile(r"公开招标文件|公开招投标"),
}


def find_method(folded, start, end):
    """Return (method, start, end) of the first method named in a part of a text, or None; also if several are."""
    found = list(WORDS.finditer(folded, start, end))
    if len({USUAL.get(match[0], match[0]) for match in found}) != 1:
        return None
    return USUAL.get(found[0][0], found[0][0]), found[0].start(), found[0].end()


def hints(folded):
    """Return (method, start, end) for each method that other words of a notice hint at."""
    found = ((method, pattern.search(folded)) for method, pattern in HINTS.items())
    return [(method, match.start(), match.end()) for method, match in found if match]
