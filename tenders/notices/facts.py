"""Name, number, method, budget, ceiling and dates of a notice."""

import re

from tenders.notices.choosing import Statement, choose, doubtful
from tenders.notices.codes import NoticeKind, WarningCode
from tenders.notices.dates import find_dates
from tenders.notices.folding import squeeze
from tenders.notices.kinds import TITLE_END
from tenders.notices.methods import PROSE, TITLE_WORDS, find_method, hints
from tenders.notices.names import clean_number, clean_organisation, clean_title
from tenders.notices.parties import span_of
from tenders.notices.readings import Candidate, NoticeWarning, Place, Reading, Span
from tenders.notices.sums import lot_number, pieces_by_lot, read_sum

KIND_WORDS = re.compile(
    r"(?:的)?(?:国内)?(?:公开招标|邀请招标|竞争性磋商|竞争性谈判|单一来源(?:采购)?|询价|框架协议|入围|电子招投标|招标|比选|征集)?(?:采购)?(?:方式)?"
    r"(?:中标|成交|中选|定标|结果|招标|废标|流标|终止|失败|更正|变更|澄清|合同|意向|候选人|候选供应商|取消|撤销|中止|暂停|评标|评审|采购|磋商|谈判|询价|入围|资格预审|征集|预中标|政府采购合同|政府采购)?"
    r"(?:\((?:中标|成交)\)|[/、](?:中标|成交))?(?:结果|项目|成交|采购|更正|变更|失败|终止|信息|废标|流标)?(?:结果)?(?:更正|变更)?的?(?:公告|公示|通知书?|通告|公开|邀请函?)$"
)
IN_SENTENCE = re.compile(
    r"(?:就|对|关于)[ ]?[\"《]?(?P<name>[^\n。;,:\"》(]{4,80}(?:\([^()\n]{1,20}\)[^\n。;,:\"》(]{0,40})?)"
    r"[\"》]?(?P<rest> ?\(|,? ?(?:进行|组织|实施|采用|以))"
)
DATE_FACTS = {
    "tender_notice_date": ("tender_notice_date",),
    "first_notice_date": ("first_notice_date",),
    "opening_date": ("opening_date",),
    "award_date": ("award_date",),
    "contract_date": ("contract_date",),
}
SIGNED = re.compile(r"(?:发布)?(?:日期|时间)?[: ]{0,3}$")
UNDER_TITLE = re.compile(r"来源|发布|浏览|阅读|点击|字体|打印|作者|发稿|【|\[|时间|日期")


def _quoted(document, start, end):
    """Return the words between two offsets on one line, without blanks at a line break."""
    words = document.text[start:end]
    return squeeze(words) if "\n" in words else words


def read_project_name(document, entries, reader, title_span):
    """Return the name of the project: from a label, else from the first sentence, else from the title."""
    statements = []
    for entry in entries:
        if entry.field == "project_name" and (found := clean_title(document.folded, entry.start, entry.end)):
            span = span_of(document, *found, entry.place, f"label {entry.label}")
            statements.append(Statement(_quoted(document, span.start, span.end), span, entry.weight))
    if not statements and (match := IN_SENTENCE.search(document.folded, 0, 20_000)):
        start, end = clean_title(document.folded, *match.span("name")) or match.span("name")
        span = span_of(document, start, end, reader.place(start), "first sentence")
        if not re.search("招标文件|本次|公告|询问|供应商", document.folded[start:end]):
            statements.append(Statement(span.words(document.text), span, 2))
    if not statements and title_span is not None:
        statements += _from_title(document, title_span)
    return choose(statements)


def _from_title(document, title_span):
    folded = document.folded[title_span.start : title_span.end]
    end = len(folded)
    while match := re.search(r" ?[(\[][^()\[\]]{1,60}[)\]] ?$", folded[:end]):
        end = match.start()
    match = KIND_WORDS.search(folded[:end])
    if match is None or match.start() < 6 or not TITLE_END.search(folded):
        return []
    start = title_span.start + (2 if folded.startswith("关于") else 0)
    found = clean_title(document.folded, start, title_span.start + match.start())
    if found is None:
        return []
    span = span_of(document, *found, Place(is_title=True), "title")
    return [Statement(span.words(document.text), span, 1)]


def read_number(document, entries, field="project_number", title_span=None):
    """Return an official number."""
    statements = []
    for entry in entries:
        if entry.field == field and (found := clean_number(document.folded, entry.start, entry.end)):
            span = span_of(document, *found, entry.place, f"label {entry.label}")
            statements.append(Statement(_quoted(document, span.start, span.end), span, entry.weight))
    if not statements and title_span is not None and field == "project_number":
        pattern = re.compile(r"[(\[](?:项目编号|编号)?:? ?(?=[^)\]]{0,60}\d)([A-Za-z0-9\[\]\-_./]{6,60})[)\]]")
        if match := pattern.search(document.folded, title_span.start, title_span.end):
            span = Span(match.start(1), match.end(1), Place(is_title=True), "title")
            statements.append(Statement(span.words(document.text), span, 1))
    return choose(statements)


def read_method(document, entries, reader, title_span, kind):
    """Return the procurement method: from a label, else the title, else a sentence; else the hints beside no value."""
    folded = document.folded
    rules = [
        [(entry.start, entry.end, entry.place, f"label {entry.label}") for entry in entries if entry.field == "method"],
        [(title_span.start, title_span.end, title_span.place, "title")]
        if title_span and TITLE_WORDS.search(folded, max(title_span.start, title_span.end - 30), title_span.end)
        else [],
    ]
    for places in rules:
        statements = [
            Statement(found[0], Span(found[1], found[2], place, rule))
            for start, end, place, rule in places
            if (found := find_method(folded, max(start, end - 30) if rule == "title" else start, end)) is not None
        ]
        if statements:
            return choose(statements), []
    in_prose = list(PROSE.finditer(folded, 0, 30_000))
    if len({match[1] for match in in_prose}) == 1:
        start, end = in_prose[0].span(1)
        return Reading(in_prose[0][1], (Span(start, end, reader.place(start), "sentence"),)), []
    hinted = hints(folded)
    if len(hinted) == 1 and kind != NoticeKind.NOT_A_NOTICE:
        method, start, end = hinted[0]
        span = Span(start, end, reader.place(start), "implied")
        reading = doubtful([Statement(method, span)], WarningCode.METHOD_INFERRED, span.words(document.text))
        return reading, [reading.reason]
    return Reading(), []


def read_dates(document, entries, kind):
    """Return the dates that stand behind labels, by fact, but for that of the notice."""
    dates = {}
    for fact, fields in DATE_FACTS.items():
        labelled = [entry for entry in entries if entry.field in fields]
        if fact == "tender_notice_date" and kind != NoticeKind.CORRECTION:
            labelled += [entry for entry in entries if entry.field == "first_notice_date"]
        statements = [statement for entry in labelled if (statement := _date(document, entry)) is not None]
        dates[fact] = choose(statements)
    return dates


def _date(document, entry):
    found = find_dates(document.folded, entry.start, min(entry.end, entry.start + 200), limit=1)
    if not found or (
        entry.field == "notice_date"
        and re.match(r" ?(?:\d\d:\d\d)? ?(?:至|到|-|~)", document.folded[found[0].end :][:20])
    ):
        return None
    words = document.folded[entry.start : found[0].start]
    if len(words) > 12 and re.search("[\u4e00-\u9fff]{6}", words):
        return None
    span = Span(found[0].start, found[0].end, entry.place, f"label {entry.label}")
    return Statement(found[0].value, span, entry.weight)


def read_notice_date(document, entries, reader, title_span, kind):
    """Return the date of this notice: from a label, else from the line under the title, else from the signature."""
    own = {"notice_date"} | ({"correction_date"} if kind == NoticeKind.CORRECTION else set())
    labelled = [entry for entry in entries if entry.field in own]
    if kind == NoticeKind.CONTRACT and any("合同公告" in entry.label for entry in labelled):
        labelled = [entry for entry in labelled if "合同公告" in entry.label]
    statements = []
    for entry in labelled:
        statement = _date(document, entry)
        if statement is not None and (entry.weight > 1 or _is_near_title(document, entry, title_span)):
            weight = entry.weight - (1 if entry.field == "correction_date" else 0)
            statements.append(Statement(statement.value, statement.span, weight))
    if not statements:
        statements = _under_title(document, reader, title_span) or _signature(document, reader)
    return choose(statements)


def _is_near_title(document, entry, title_span):
    line = document.line_at(entry.start)
    top = document.line_at(title_span.end) if title_span is not None else 1
    return 0 <= line - top <= 4 or line >= document.text.count("\n") - 3


def _under_title(document, reader, title_span):
    """Return the date in one of the three lines under the title, if the line has little else."""
    if title_span is None:
        return []
    first = document.line_at(title_span.end - 1)
    for start, end in document.lines():
        line = document.line_at(start)
        if line > first + 4:
            break
        found = find_dates(document.folded, start, min(end, start + 150), limit=3)
        if line <= first or len(found) != 1:
            continue
        words = document.folded[start:end]
        begins = not words[: found[0].start - start].strip(" [(:")
        if (begins and len(words) < 80) or (UNDER_TITLE.search(words) and len(words) < 120 and "截止" not in words):
            if re.search("受.*委托|月[^日]*日[^\n]{0,20}前", words):
                continue
            place = Place(label="", line=line)
            return [Statement(found[0].value, Span(found[0].start, found[0].end, place, "line under the title"))]
    return []


def _signature(document, reader):
    """Return the date at the end of the notice: a line of its own, or behind the name of who signs."""
    lines = list(document.lines())[-8:]
    for start, end in reversed(lines):
        found = find_dates(document.folded, max(start, end - 80), end, limit=3)
        if not found or document.folded[found[-1].end : end].strip(" 。.()"):
            continue
        before = document.folded[max(start, found[-1].start - 60) : found[-1].start].strip()
        alone = not before or SIGNED.fullmatch(before)
        signed = (
            before and clean_organisation(before, 0, len(before)) is not None and not re.search(":$|至$|日期", before)
        )
        if alone or (signed and re.search(r"(?:公司|中心|局|院|学|厅|委员会|处|所|部|府)\)?$", before)):
            span = Span(found[-1].start, found[-1].end, reader.place(found[-1].start), "signature")
            return [Statement(found[-1].value, span)]
    return []


def read_budget(document, entries, field):
    """Return (reading, {lot: reading}) of the budget or the ceiling; budgets of lots make no sum."""
    whole, by_lot = [], {}
    for entry in entries:
        if entry.field != field or entry.start >= entry.end:
            continue
        pieces = pieces_by_lot(document.folded, entry.start, entry.end)
        lot = entry.lot
        if not pieces and lot:
            pieces = [(lot_number(lot), entry.start, entry.end)]
        for number, start, end in pieces:
            found = read_sum(document, start, end, label=entry.label + entry.notes, place=entry.place)
            if found is not None:
                by_lot.setdefault(number, found.reading)
        if not pieces:
            found = read_sum(document, entry.start, entry.end, label=entry.label + entry.notes, place=entry.place)
            if found is not None and (found.value is not None or found.reading.candidates):
                whole.append((entry.weight, found))
    readings = [found.reading for _weight, found in whole]
    known = [reading for reading in readings if reading.value is not None]
    if known and len({reading.value for reading in known}) == 1:
        return known[0], by_lot
    if known:
        candidates = tuple(Candidate(reading.value, reading.span) for reading in known)
        return Reading(None, (), candidates, NoticeWarning(WarningCode.VALUES_DIFFER, known[0].span)), by_lot
    if readings:
        return readings[0], by_lot
    return _in_sentence(document, field), by_lot


def _in_sentence(document, field):
    """Return a budget that a sentence states without a colon: 采购预算800000元."""
    words = "预算(?:金额|资金|总额)?" if field == "budget" else "(?:最高限价|招标控制价|最高投标限价)"
    pattern = re.compile(
        rf"(?:采购|项目|本项目|总)?{words}(?:为|是|共|约|总计|:)? ?(?:人民币)?[¥\d][\d,. ]{{0,20}}(?:万元|亿元|元)"
    )
    found = list(pattern.finditer(document.folded))
    readings = [
        read_sum(
            document, match.start(), match.end(), place=Place(line=document.line_at(match.start())), rule="sentence"
        )
        for match in found[:5]
    ]
    values = {reading.value for reading in readings if reading is not None and reading.value is not None}
    return readings[0].reading if len(values) == 1 else Reading()
