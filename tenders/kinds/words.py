"""
The words of notices for the codes of codelists, beside the labels in both languages: 废标 is ``unsuccessful``.

``docs/editing.md`` says what they mean. A word that does not decide between codes is refused with the reason.
"""

from functools import cache

from django.utils.translation import gettext_lazy, override

from tenders.choices import (
    AmountQualifier,
    AwardStatus,
    Certainty,
    CompanyKind,
    InstitutionKind,
    NameStatus,
    ProcurementMethod,
    SourceKind,
    TenderStatus,
)
from tenders.search import fold

WORDS = {
    TenderStatus: {
        TenderStatus.PLANNED: "采购意向 意向公开 预公告",
        TenderStatus.ACTIVE: "招标公告 采购公告 招标中 采购中 公告中 open",
        TenderStatus.CANCELLED: "终止 终止公告 取消 已取消 terminated canceled",
        TenderStatus.UNSUCCESSFUL: "废标 废标公告 流标 流标公告 采购失败 failed",
        TenderStatus.COMPLETE: "中标 成交 中标公告 成交公告 中标（成交） 已完成 已成交 已中标 awarded completed",
    },
    AwardStatus: {
        AwardStatus.ACTIVE: "中标 成交 中标公告 成交公告 awarded",
        AwardStatus.PENDING: "候选 中标候选人 公示",
        AwardStatus.CANCELLED: "终止 取消 已取消 中标无效",
        AwardStatus.UNSUCCESSFUL: "废标 流标",
    },
    ProcurementMethod: {
        ProcurementMethod.OPEN: "公开招标 公开",
        ProcurementMethod.SELECTIVE: "邀请招标",
        ProcurementMethod.DIRECT: "单一来源 单一来源采购 直接采购",
    },
    AmountQualifier: {
        AmountQualifier.EXACT: "exact 确切 准确",
        AmountQualifier.ABOUT: "约 大约 左右",
        AmountQualifier.AT_LEAST: "至少 不低于 以上",
    },
    NameStatus: {NameStatus.SOURCED: "原文 来源", NameStatus.UNVERIFIED: "翻译 译名"},
    Certainty: {Certainty.HIGH: "高 high", Certainty.MEDIUM: "中 medium", Certainty.LOW: "低 low"},
    SourceKind: {
        SourceKind.OFFICIAL_NOTICE: "公告 招标公告 采购公告 notice",
        SourceKind.AWARD_NOTICE: "中标公告 成交公告 结果公告",
        SourceKind.CONTRACT: "合同 合同公告",
        SourceKind.NEWS: "新闻 报道",
        SourceKind.OPEN_DATA: "开放数据 数据集",
    },
    InstitutionKind: {
        InstitutionKind.GOVERNMENT_DEPARTMENT: "机关 行政机关 政府部门",
        InstitutionKind.PUBLIC_INSTITUTION: "事业单位",
        InstitutionKind.STATE_OWNED_ENTERPRISE: "国企 国有企业",
        InstitutionKind.UNIVERSITY_OR_COLLEGE: "高校 大学 学院",
    },
    CompanyKind: {CompanyKind.COMPANY: "企业 公司", CompanyKind.PUBLIC_INSTITUTION: "事业单位"},
}
AMBIGUOUS = {
    ProcurementMethod: dict.fromkeys(
        map(fold, ["竞争性谈判", "竞争性磋商", "询价", "询价采购", "磋商", "谈判"]),
        gettext_lazy(
            "Write selective if a public notice called for suppliers or they came from a list, limited if they were "
            "recommended; leave it empty if the notice doesn’t say."
        ),
    ),
    TenderStatus: {
        fold("closed"): gettext_lazy("Write complete, unsuccessful or cancelled: “closed” may mean any of them.")
    },
}


@cache
def words_of(codelist):
    """Return {folded word: code} of a codelist: the words of notices, and the labels, whole and before their colon."""
    found, ambiguous = {}, set()
    for language in ("en", "zh-hans"):
        with override(language):
            for code, label in codelist.choices:
                for text in (str(label), fold(str(label)).partition(":")[0]):
                    if found.setdefault(fold(text), code) != code:
                        ambiguous.add(fold(text))
    own = {fold(word): code.value for code, words in WORDS.get(codelist, {}).items() for word in words.split()}
    return {word: code for word, code in found.items() if word not in ambiguous} | own


def reason_against(codelist, text):
    """Return why a word does not decide between the codes of a codelist; empty text for another word."""
    reason = AMBIGUOUS.get(codelist, {}).get(fold(text), "")
    return str(reason)
