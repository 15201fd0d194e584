"""What a correction changes: pairs of before and after, from its table or its sentences."""

import re
from decimal import Decimal

from tenders.choices import Fact
from tenders.notices.dates import find_dates
from tenders.notices.grids import header_field
from tenders.notices.labels import label_of
from tenders.notices.readings import CorrectionReading, Span
from tenders.notices.sums import read_sum

FACT_OF_FIELD = {
    "amount": Fact.AWARD_AMOUNT.value,
    "total": Fact.AWARD_AMOUNT.value,
    "supplier": Fact.SUPPLIER.value,
    "award_date": Fact.AWARD_DATE.value,
    "contract_date": Fact.CONTRACT_DATE.value,
    "budget": "budget",
    "ceiling": "ceiling",
    "opening_date": "opening_date",
    "project_name": "project_name",
    "project_number": "project_number",
    "buyer": "buyer",
    "agency": "agency",
    "method": "method",
    "notice_date": "notice_date",
}
OF_MONEY = {"award_amount", "budget", "ceiling"}
FIRST = (
    r"(?:更正前|变更前|修改前|原内容|原公告内容|原公告(?:中)?(?:内容)?(?:为)?|原文(?:为)?"
    r"|原招标文件(?:中)?|原采购文件(?:中)?|原为|原)"
)
SECOND = (
    r"(?:现更正为|现变更为|现修改为|现改为|更正为|变更为|修改为|更改为|调整为|现为|更正后|变更后|修改后|改为|应为|现)"
)
PAIR = re.compile(
    rf"{FIRST}(?:内容|"
    rf"为)?[: ]{{0,3}}(?P<before>[^\n]{{1,200}}?)[ ,;。、\"”]{{0,3}}\n?[ ]{{0,8}}(?:\d[.、])?{SECOND}(?:内容|"
    rf"为)?[: ]{{0,3}}(?P<after>[^\n。;]{{1,200}})"
)
TO = re.compile(
    r"(?:将|由|从)(?P<before>[^\n,。;]{1,120}?)(?:更正|变更|修改|更改|调整|改)(?:为|"
    r"成)[: ]{0,2}(?P<after>[^\n。;,]{1,120})"
)
WORDS_OF_FACTS = (
    ("award_amount", re.compile(r"(?:中标|成交|中选|合同)[^,。;:]{0,8}(?:金额|价|总价|报价)|总中标金额|总成交金额")),
    ("supplier", re.compile(r"(?:中标|成交|中选)[^,。;:]{0,6}(?:供应商|单位|人|商)")),
    ("ceiling", re.compile(r"最高限价|控制价")),
    ("budget", re.compile(r"预算")),
    ("opening_date", re.compile(r"开标|开启|谈判时间|磋商时间|询价时间")),
    ("award_date", re.compile(r"(?:中标|成交|定标)(?:日期|时间)")),
    ("project_number", re.compile(r"项目编号|招标编号|采购编号")),
    ("project_name", re.compile(r"项目名称")),
    ("contract_date", re.compile(r"签订(?:日期|时间)")),
)


def read_corrections(document, entries, grids, reader):
    """Return the pairs of a correction, each with its places."""
    pairs = []
    for grid in grids:
        pairs += _from_grid(document, grid, reader)
    pairs += _from_rows(document, reader)
    if not pairs:
        pairs += _from_entries(document, entries)
    if not pairs:
        pairs += _from_sentences(document, reader)
    return tuple(pairs)


def _from_grid(document, grid, reader):
    before_column, after_column = grid.column("before"), grid.column("after")
    if before_column is None or after_column is None:
        return []
    pairs = []
    for _number, cells in grid.rows():
        before, after = cells.get("before"), cells.get("after")
        if before is None or after is None or (before.start == before.end and after.start == after.end):
            continue
        item = cells.get("correction_item")
        row = grid.table.rows[_number]
        label = document.text[item.start : item.end] if item else _other_words(document, row, before, after)
        place = reader.place(row[0].start, label.strip())
        pairs.append(
            _pair(
                document,
                label,
                (before.start, before.end),
                (after.start, after.end),
                place,
                label + before_column.label,
            )
        )
    return pairs


def _other_words(document, row, before, after):
    """Return the words of the cell of a row that names what is corrected."""
    for cell in row:
        words = document.text[cell.start : cell.end].strip()
        if cell is not before and cell is not after and words and not words.isdigit():
            return words
    return ""


def _from_rows(document, reader):
    """Return the pairs of tables that have 更正前 and 更正后 before their values, not above them."""
    pairs = []
    for table in document.tables:
        label = ""
        for row in table.rows:
            words = [document.folded[cell.start : cell.end].strip() for cell in row]
            if len(words) == 2 and header_field(words[0]) and header_field(words[0])[0] == "correction_item":
                label = words[1]
            fields = [header_field(word) if len(word) < 20 else None for word in words]
            names = [found[0] if found else "" for found in fields]
            if names.count("before") == 1 and names.count("after") == 1 and len(row) >= 4:
                before, after = names.index("before") + 1, names.index("after") + 1
                if before < len(row) and after < len(row) and names[before] != "after":
                    place = reader.place(row[0].start, label)
                    pairs.append(_pair(document, label, _ends(row[before]), _ends(row[after]), place, label))
    return pairs


def _ends(cell):
    return cell.start, cell.end


def _from_entries(document, entries):
    """Return the pairs of lines 更正前：… 更正后：…"""
    pairs, item, before = [], "", None
    for entry in entries:
        if entry.field == "correction_item" and entry.start < entry.end:
            item = document.text[entry.start : entry.end].split("\n")[0]
        elif entry.field == "before" and entry.start < entry.end:
            before = entry
        elif entry.field == "after" and before is not None and entry.start < entry.end:
            pairs.append(_pair(document, item, (before.start, before.end), (entry.start, entry.end), entry.place, item))
            before = None
    return pairs


def _from_sentences(document, reader):
    pairs, last = [], 0
    for pattern in (PAIR, TO):
        for match in pattern.finditer(document.folded[:20_000]):
            if match.start() < last:
                continue
            last = match.end()
            context = document.folded[max(0, document.folded.rfind("\n", 0, match.start())) : match.start()][-40:]
            place = reader.place(match.start())
            pairs.append(_pair(document, "", match.span("before"), match.span("after"), place, context))
    return pairs


def _pair(document, label, before, after, place, context):
    """Return the reading of a pair; its fact is known by the label, or by the words in it."""
    folded = document.folded
    stated = folded[slice(*before)]
    before, after = _trim(document, *before), _trim(document, *after)
    known = label_of(label) if label else None
    fact = FACT_OF_FIELD.get(known.field, "") if known else ""
    for words in (label, stated, context):
        if fact:
            break
        fact = next((name for name, pattern in WORDS_OF_FACTS if pattern.search(words)), "")
    before, before_value = _value(document, fact, *before, context, place)
    after, after_value = _value(document, fact, *after, context, place)
    return CorrectionReading(
        fact=fact,
        label=label.strip(),
        before=document.text[slice(*before)],
        after=document.text[slice(*after)],
        before_span=Span(*before, place, "correction"),
        after_span=Span(*after, place, "correction"),
        before_value=before_value,
        after_value=after_value,
    )


def _trim(document, start, end):
    """Return a part without quotation marks and the words of its label: “中标金额：100 元” is 100 元."""
    folded = document.folded
    start, end = document.strip(start, end)
    while start < end and folded[start] in '":,; ':
        start += 1
    colon = folded.find(":", start, min(end, start + 20))
    if colon > 0 and not folded[colon - 1].isdigit() and label_of(folded[start:colon]) is not None:
        start = colon + 1
    while end > start and folded[end - 1] in '",;。 ':
        end -= 1
    return document.strip(start, end)


def _value(document, fact, start, end, context, place):
    """Return ((start, end), value): an amount in yuan, a date, or the words."""
    if fact in OF_MONEY:
        found = read_sum(document, start, end, label=context, place=place, rule="correction")
        value = found.value if found is not None else None
        if found is not None and found.span.end - found.span.start < end - start:
            start, end = found.span.start, found.span.end
        return (start, end), Decimal(value) if value is not None else None
    if fact.endswith("_date"):
        dates = find_dates(document.folded, start, end, limit=1)
        return (start, end), dates[0].value if dates else None
    return (start, end), document.text[start:end] or None
