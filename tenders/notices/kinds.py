"""The title of a notice and the kind of notice that it is."""

import re

from tenders.choices import TenderStatus
from tenders.notices.codes import NoticeKind
from tenders.notices.folding import squeeze
from tenders.notices.labels import PATTERN
from tenders.notices.marks import NUMERAL
from tenders.notices.readings import Place, Span

MAX_TITLE = 150
TITLE_END = re.compile(
    r"(?:公告|公示|通告|通知书?|公开|邀请函?|结果|意向|函|说明|"
    r"合同)[\"]?(?: ?[(\[][^()\[\]]{1,40}[)\]]| ?[-_|] ?[^\s]{2,20}(?:网|平台|中心|系统)|"
    r" ?\[[^\]]{0,20}\])*\s*$"
)
NO_TITLE = re.compile(
    r">|»|首页|当前位置|公告概要|显示公告|公告信息|公告类型|凡对本|询问|自本公告|本公告|公告期限|如下[:。]?$|^附件|\.(?:docx?|pdf|xlsx?|zip|rar)"
)
OFFER = (
    "招标|采购公告|磋商|谈判|询价|询比|比选|邀请|征集|预审|竞价|采购项目公告|需求公示|招募|遴选|招标项目|采购$|采购邀请"
)
# The kind by the last words of the title; the first that is found counts.
BY_TITLE = (
    (
        NoticeKind.CORRECTION,
        re.compile(
            r"(?:更正|变更|澄清|补充|补遗|修改|延期|更改|勘误|调整)(?:事项|说明|文件|答疑)?的?(?:公告|公示|通知|说明|函|通告)?$"
        ),
    ),
    (NoticeKind.CONTRACT, re.compile(r"合同(?:签订|信息|备案|履约|结果)?的?(?:公告|公示|公开)?$")),
    (NoticeKind.INTENTION, re.compile(r"意向(?:信息)?的?(?:公开|公告|公示)?$|采购计划(?:公告|公示|公开)$")),
    (NoticeKind.CANDIDATES, re.compile(r"候选|预中标|预成交|拟中标|拟成交|评标结果公示|评审结果公示")),
    (NoticeKind.SINGLE_SOURCE, re.compile(r"单一来源(?!.{0,12}(?:成交|中标|结果|终止|废标|失败|流标))")),
    (
        NoticeKind.FRAMEWORK,
        re.compile(r"入围(?!.{0,3}征集公告)|框架协议.{0,8}(?:结果|成交|中标)|征集结果|供应商库.{0,4}结果|入库结果"),
    ),
    (NoticeKind.AWARD, re.compile(r"(?:中标|成交|中选|定标).{0,8}(?:废标|流标)")),
    (NoticeKind.FAILED, re.compile(r"废标|流标|失败|未成交")),
    (NoticeKind.CANCELLED, re.compile(r"终止|取消|撤销|暂停|中止")),
    (NoticeKind.AWARD, re.compile(r"中标|成交|中选|定标|结果")),
    (NoticeKind.TENDER, re.compile(OFFER)),
)
FAILURE = re.compile(
    r"不足[三3叁]|少于[三3]|不满[三3]|未达到[三3]|实质性响应|废标|流标|无供应商|无.{0,4}投标|无.{0,3}报名|均.{0,3}无效|超.{0,4}预算|有效(?:投标|供应商|响应).{0,8}不足|仅有?[一二12]家|家数不足"
)
STATUS = {
    NoticeKind.AWARD: TenderStatus.COMPLETE,
    NoticeKind.CONTRACT: TenderStatus.COMPLETE,
    NoticeKind.FRAMEWORK: TenderStatus.COMPLETE,
    NoticeKind.TENDER: TenderStatus.ACTIVE,
    NoticeKind.CANDIDATES: TenderStatus.ACTIVE,
    NoticeKind.FAILED: TenderStatus.UNSUCCESSFUL,
    NoticeKind.CANCELLED: TenderStatus.CANCELLED,
    NoticeKind.SINGLE_SOURCE: TenderStatus.PLANNED,
    NoticeKind.INTENTION: TenderStatus.PLANNED,
}
NO_PURCHASE = re.compile(
    r"招聘|录用|放假|停[水电]|拍卖|任前|人事|征兵|考试|拆迁|环评|环境影响|土地|采矿|选举|表彰|拟录|职称"
)
CORE = {
    "project_name",
    "project_number",
    "buyer",
    "agency",
    "supplier",
    "amount",
    "total",
    "budget",
    "method",
    "candidate",
}
CORE |= {
    "proposed_supplier",
    "failure",
    "award_date",
    "tender_notice_date",
    "opening_date",
    "contract_date",
    "before",
    "planned_date",
}


def find_title(document):
    """Return the span of the title of a notice, or None."""
    for start, end in document.headings:
        if (span := _title(document, *document.strip(start, end))) is not None:
            return span
    for number, (start, end) in enumerate(document.lines()):
        if number > 30:
            break
        if (span := _title(document, start, end)) is not None:
            return span
        if end - start > MAX_TITLE and number < 5 and (span := _title_of_run(document, start, end)) is not None:
            return span
    return None


def _title(document, start, end):
    folded = document.folded[start:end]
    if not 4 <= len(squeeze(folded)) <= MAX_TITLE or NO_TITLE.search(folded) or not TITLE_END.search(folded):
        return None
    match = PATTERN.match(folded)
    if match and ":" in match["tail"] and squeeze(match["label"]) not in {"标题", "公告标题"}:
        return None
    if match and ":" in match["tail"]:
        start += match.end()
    elif (":" in folded and folded.index(":") < 8) or NUMERAL.match(folded):
        return None
    return Span(*document.strip(start, end), Place(is_title=True), "title")


def _title_of_run(document, start, end):
    """Return the title with which a notice begins whose lines were lost."""
    folded = document.folded[start : min(end, start + 300)]
    for match in re.finditer(r"(?:公告|公示)(?:\([^()]{1,20}\))?(?=\s|$|[一二三123][、.])", folded):
        words = folded[: match.end()]
        pieces = re.split(r"\s{1,9}|[|>]", words)
        last = pieces[-1] if len(pieces[-1]) > 8 else words[-MAX_TITLE:]
        if 4 <= len(squeeze(last)) <= MAX_TITLE and ":" not in last and not NO_TITLE.search(last):
            return Span(start + match.end() - len(last), start + match.end(), Place(is_title=True), "title")
    return None


def bare_title(folded):
    """Return a title without brackets and the names of web sites at its end, and without blanks."""
    words = squeeze(folded)
    while match := re.search(r"(?:[(\[][^()\[\]]{1,40}[)\]]|[-_|][^\s]{2,20}(?:网|平台|中心|系统))$", words):
        words = words[: match.start()]
    return re.sub(r"[()/、]", "", words)


def find_kind(document, title_span, entries, grids):
    """Return the kind of a notice, by the last words of its title, else by what is in it."""
    fields = {entry.field for entry in entries if entry.end > entry.start or entry.field == "failure"}
    fields |= {column.field for grid in grids for column in grid.columns.values()}
    prose = bool(re.search(r"受.{2,40}委托", document.folded[:3000]))
    title = bare_title(document.folded[title_span.start : title_span.end]) if title_span else ""
    if len(fields & CORE) + prose + bool(re.search("采购|招标|中标|成交", title)) < 2 or NO_PURCHASE.search(title):
        return NoticeKind.NOT_A_NOTICE
    if not fields & CORE and not prose:
        return NoticeKind.NOT_A_NOTICE
    tail = title[-14:]
    kind = next((kind for kind, pattern in BY_TITLE if pattern.search(tail)), None)
    if kind is None and title_span is None:
        head = squeeze(document.folded[:200])
        kind = next((kind for kind, pattern in BY_TITLE if pattern.search(re.split("公告|公示", head)[0][-14:])), None)
    kind = kind or _by_content(document.folded, entries, fields)
    return _by_reason(document.folded, kind, entries, fields)


def _by_content(folded, entries, fields):
    if {"before", "after"} <= fields or re.search("更正内容|更正事项", folded):
        return NoticeKind.CORRECTION
    if "contract_number" in fields or ("contract_date" in fields and "amount" in fields):
        return NoticeKind.CONTRACT
    if "failure" in fields:
        return NoticeKind.FAILED
    if "proposed_supplier" in fields:
        return NoticeKind.SINGLE_SOURCE
    if any("入围" in entry.label for entry in entries):
        return NoticeKind.FRAMEWORK
    if "supplier" in fields or "total" in fields or "award_date" in fields:
        return NoticeKind.AWARD
    if "candidate" in fields:
        return NoticeKind.CANDIDATES
    if "planned_date" in fields:
        return NoticeKind.INTENTION
    return NoticeKind.TENDER


def _by_reason(folded, kind, entries, fields):
    """Return the kind after a look at the reasons and the winners."""
    if kind == NoticeKind.CANCELLED:
        reasons = " ".join(folded[entry.start : entry.end] for entry in entries if entry.field == "failure")
        if FAILURE.search(reasons or " ".join(folded[entry.start : entry.end + 200] for entry in entries[-3:])):
            return NoticeKind.FAILED
    if kind == NoticeKind.AWARD and "candidate" in fields and "supplier" not in fields:
        return NoticeKind.CANDIDATES
    if (
        kind == NoticeKind.AWARD
        and any("入围" in entry.label and entry.field == "supplier" for entry in entries)
        and "amount" not in fields
    ):
        return NoticeKind.FRAMEWORK
    return kind
