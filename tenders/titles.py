"""
Titles of notices: what is left of one without the words by which notices of one purchase differ.

Portals print the title of a purchase with the kind of notice (更正公告, 中标公告), the attempt (（二次）), the lot and
the official number behind it or before it. Without these the titles of one purchase are the same. What
stays, because it is a purchase of its own: a later phase (二期), and what is bought for a project beside it (监理,
设计, 运维). All texts here are folded (``tenders.search.fold``).
"""

import re
from functools import lru_cache

DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
ORDINALS = {
    word: number
    for words in (("one", "two", "three", "four", "five"), ("first", "second", "third", "fourth", "fifth"))
    for number, word in enumerate(words, 1)
}
# Words that end a title, or stand in brackets of their own, only because it is that of a notice.
NOTICE_WORDS = """
    公告 公示 通知 通知书 公开招标 邀请招标 竞争性磋商 竞争性谈判 竞争性比选 磋商 谈判 询价 网上竞价 竞价 比选
    单一来源 招标 采购 政府采购 中标 成交 中选 入围 结果 候选人 更正 更改 变更 补充 补遗 澄清 答疑 修改 废标 流标 终止
    中止 暂停 延期 取消 招标失败 采购失败 资格预审 预公告 再次 重招 重新招标 重新采购 重新公告
    重新发布 开标 评标 定标
""".split()  # noqa: SIM905 - a list of words is read as words
# Words that do so before one of those: 合同公告, 采购意向公示.
BEFORE_NOTICE_WORDS = """
    公开 合同 履约 验收 意向 需求 预 资格 预审 征求意见 论证 文件 信息 邀请 重新 项目失败 失败 异常 及 的
""".split()  # noqa: SIM905
ENGLISH_NOTICE_WORDS = [
    *("announcement", "cancell?ation", "corrigendum", "correction", "amendment", "addendum", "clarification"),
    "results?",
    "(?:re-?)tender(?:ing)?",
    "(?:second|third) (?:tender|attempt|round)",
    "(?:(?:contract|award|bid|tender|procurement|correction|cancell?ation|result) )*notice"
    "(?: of (?:contract )?awards?)?",
    "notice of (?:correction|cancell?ation|results?)",
]
# What is bought for a project beside it.
SEPARATE_PURCHASES = """
    监理 设计 勘察 咨询 测评 等保 密评 检测 审计 造价 评估 可行性研究 可研 运维 运行维护 维护 维保 培训 租赁 保险 宣传
    supervision design consulting consultancy audit evaluation assessment maintenance training feasibility
""".split()  # noqa: SIM905

_NUMBER = "(?:[0-9]+|[一二三四五六七八九十]+)"
_LOT = "(?:标段|标包|分包|包件|包组|包|分标|标项|标)"
_LOTS = (
    rf"第?(?:{_NUMBER}|[a-z]){_LOT}|(?:{_LOT}|包号|品目)(?:{_NUMBER}|[a-z](?![a-z]))"
    r"|(?:lot|package) ?(?:[0-9]+|[a-z])\b"
)
_ATTEMPT = "第?[二三四五六七八九十2-9]次"
_COUNTER = rf"(?<=[告示知])\s*\(?\s*{_NUMBER}\s*\)?"  # 更正公告（一）
_LATER = "(?:延长|推迟|顺延)[^\\s()]{0,8}(?:时间|日期|期限)"
_SIGNS = r"[\s:;,.·/()\[\]【】〔〕<>《》\"'、_—–-]"


def _any(words):
    return "|".join(sorted(words, key=len, reverse=True))


_WORD = rf"{_any(NOTICE_WORDS)}|{_ATTEMPT}|{_COUNTER}|{_LATER}|{_LOTS}|\b(?:{_any(ENGLISH_NOTICE_WORDS)})\b"
_WORDS = rf"(?:{_WORD}|{_any(BEFORE_NOTICE_WORDS)}|{_SIGNS})*(?:{_WORD})"
_NUMBERED = r"\s*(?:项目|招标|采购)*编号[^()\[\]【】〔〕]*|(?=[^)\]】〕]*[0-9])[a-z0-9-]{4,}"
BRACKETS = re.compile(rf"[(\[【〔](?:{_WORDS}|{_NUMBERED})\s*[)\]】〕]")
AT_THE_END = re.compile(rf"{_WORDS}{_SIGNS}*$")
AT_THE_START = re.compile(rf"^(?:{_SIGNS})*(?:{_WORDS})\s*[:：\]】〕)—–-]+|^关于")
PHASE = re.compile(
    rf"第?({_NUMBER})(?:期|阶段)|phase ?([0-9]+|[ivx]+|one|two|three|four|five)\b"
    r"|\b(first|second|third|fourth|fifth)[ -]phase"
)
SEPARATE = re.compile("|".join(SEPARATE_PURCHASES))


@lru_cache(maxsize=20_000)
def title_of_purchase(title):
    """Return a folded title without the words of notices; as it is where nothing would be left."""
    text = BRACKETS.sub(" ", title)
    for pattern in (AT_THE_START, AT_THE_END):
        shorter = pattern.sub(" ", text)
        if all(shorter.count(left) == shorter.count(right) for left, right in ("()", "[]", "【】", "〔〕")):
            text = shorter  # otherwise the words are a part of what stands in brackets
    return " ".join(text.split()) or title


@lru_cache(maxsize=20_000)
def part_of_project(title):
    """Return what tells purchases of one project apart: the phases after the first, and what is bought beside it."""
    phases = {_number(next(filter(None, found))) for found in PHASE.findall(title)}
    return frozenset({*(phases - {1}), *SEPARATE.findall(title)})


def _number(text):
    if text.isdecimal():
        return int(text)
    return DIGITS.get(text) or ROMAN.get(text) or ORDINALS.get(text) or text
