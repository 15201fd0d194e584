"""
The labels of a notice with what stands after them: in lines, in one line with others, or in the next cell.

An ``Entry`` knows its heading, the party that is spoken of (``buyer``, ``agency``, …), its lot and its place.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from tenders.notices.folding import squeeze
from tenders.notices.labels import GLUED, LABELS, PATTERN, PERSONAL
from tenders.notices.marks import HEADING, INLINE_NUMERAL, NUMERAL, UNKNOWN, before_open_bracket, closing_bracket
from tenders.notices.names import ORGANISATION, clean_organisation
from tenders.notices.readings import Place
from tenders.notices.sections import SECTIONS, section_of

PARTY_FIELDS = {"buyer", "agency", "supplier", "proposed_supplier", "candidate", "bidder"}
# These are labels only with a colon behind them.
WEAK_ALONE = {
    "单位",
    "日期",
    "时间",
    "金额",
    "报价",
    "其他",
    "结果",
    "成员",
    "包",
    "合计",
    "总计",
    "地区",
    "区域",
    "状态",
}
WEAK_ALONE |= {
    "编号",
    "预算",
    "来源",
    "地点",
    "质疑",
    "排名",
    "评分",
    "总分",
    "折扣",
    "下浮",
    "法人",
    "负责人",
    "组长",
    "标题",
}
WEAK_ALONE |= {"附件", "标段", "标项", "分标", "采购项目", "供应商", "数量", "品牌", "备注", "服务费", "成员单位"}
WEAK_ALONE |= {"牵头人", "成员方", "联合体"}
OF_LOTS = {"lot", "lot_title", "supplier", "amount", "total", "rate", "unit_price", "budget", "credit_code"}
OF_WHOLE = {"buyer", "agency", "method", "region", "buyer_address"}  # columns that state facts of the whole notice
OF_PURCHASE = {"project_name", "project_number", "award_date", "contract_date", "opening_date", "tender_notice_date"}
NO_VALUE_NEXT_LINE = {"other", "before", "after", "correction_item", "failure", "result", "rank"}


@dataclass(frozen=True)
class Entry:
    """A label and the part of the text that is its value (empty if nothing follows)."""

    field: str
    label: str
    weight: int
    notes: str  # what stands in brackets behind the label: （万元）
    lot: str  # the lot before the label: 第一包中标金额
    label_start: int
    start: int
    end: int
    party: str  # whose name or address follows: buyer, agency, supplier, …
    place: Place
    is_cell: bool = False


@dataclass
class Hit:
    """A label found in a text; ``has_colon`` if one follows."""

    match: re.Match
    has_colon: bool

    @property
    def label(self):
        """Return the label of the table."""
        return LABELS[squeeze(self.match["label"])]


class EntryReader:
    """Reads the entries of a document, in the order of its text."""

    def __init__(self, document, *, grids=()):
        self.document, self.folded = document, document.folded
        self.grids = grids  # tables with a row of headers
        self.in_grids = {id(grid.table) for grid in grids}
        self.row_starts = {}  # of tables, by their number
        self.headings = [(match.start(), match) for match in HEADING.finditer(self.folded)]
        self.summary = self._summary()
        self.party = ""
        self.list_hit = None  # a label of parties whose values are numbered lines
        self.entries = []

    def read(self):
        """Return all entries."""
        for start, end, table, row in self._pieces():
            if row is None:
                self._read_line(start, end)
            else:
                self._read_row(table, row)
        for grid in self.grids:
            self._read_columns(grid)
        return self.entries

    def _read_columns(self, grid):
        """Read the columns of a table that state facts of the whole notice, as entries."""
        names = {column.field for column in grid.columns.values()}
        wanted = OF_WHOLE if "lot" in names else OF_WHOLE | OF_PURCHASE
        for _number, cells in grid.rows():
            for field in wanted & cells.keys():
                cell, column = cells[field], grid.column(field)
                start, end = self.document.strip(cell.start, cell.end)
                if start < end:
                    place = self.place(cell.start, column.label)
                    self.entries.append(
                        Entry(field, column.label, column.weight, "", "", cell.start, start, end, field, place, True)
                    )

    def heading_at(self, offset):
        """Return the words of the numbered heading above an offset, or an empty text."""
        found = bisect_right(self.headings, offset, key=lambda pair: pair[0]) - 1
        if found < 0:
            return ""
        match = self.headings[found][1]
        words = match[0].strip()
        cut = re.search(r":", words)
        return self.document.text[match.start() : match.end()].strip()[: cut.start() if cut else 30].strip()

    def place(self, offset, label=""):
        """Return the place of an offset."""
        table = self.document.table_at(offset)
        row = None
        if table is not None:
            if table.number not in self.row_starts:
                self.row_starts[table.number] = [max(cell.start for cell in cells) for cells in table.rows]
            row = min(len(table.rows), 1 + bisect_left(self.row_starts[table.number], offset))
        is_summary = self.summary[0] <= offset < self.summary[1]
        return Place(
            heading="" if is_summary else self.heading_at(offset),
            label=label.strip(" :*"),
            is_summary=is_summary,
            table=table.number if table is not None else None,
            row=row,
            line=self.document.line_at(offset),
        )

    def _summary(self):
        start = self.folded.find("公告概要:")
        start = start if start >= 0 else self.folded.find("公告信息")
        if start < 0:
            return -1, -1
        after = [offset for offset, _match in self.headings if offset > start]
        prose = re.compile(r"受[^\n]{2,60}委托|项目概况|附件[::\d]").search(self.folded, start)
        ends = after[:1] + ([self.folded.rfind("\n", 0, prose.start()) + 1] if prose else [])
        return start, min([end for end in ends if end > start], default=len(self.folded))

    def _pieces(self):
        """Yield (start, end, table, row) of the lines outside tables,
        and of the rows of tables that have no headers."""
        tables = iter(self.document.tables)
        table = next(tables, None)
        for start, end in self.document.lines():
            while table is not None and table.end <= start:
                table = next(tables, None)
            if table is None or start < table.start:
                yield start, end, None, None
            elif id(table) not in self.in_grids and start == self.document.strip(table.start, table.end)[0]:
                yield from ((min(cell.start for cell in row), end, table, row) for row in table.rows)

    def _read_row(self, table, row):
        """Read the cells of a row: a label alone with the cell behind it, else the lines in the cell."""
        position = 0
        cells = [(*self.document.strip(cell.start, cell.end), cell) for cell in row]
        while position < len(cells):
            start, end, _cell = cells[position]
            hit = self._whole(start, end)
            if hit is not None and position + 1 < len(cells) and self._whole(*cells[position + 1][:2]) is None:
                value_start, value_end, _next = cells[position + 1]
                if hit.label.field not in OF_LOTS or self._num_values(cells, position + 1) == 1:
                    self._add(hit, value_start, value_end, is_cell=True)
                position += 2
                while hit.label.field in PERSONAL and position < len(cells):
                    if self._whole(*cells[position][:2]) is not None:
                        break
                    self._add(hit, *cells[position][:2], is_cell=True)
                    position += 1
                continue
            if len(cells) == 1 or hit is None:
                self._read_lines(start, end)
            position += 1

    def _num_values(self, cells, position):
        """Return how many different values follow each other in a row, up to the next label."""
        values = set()
        for start, end, _cell in cells[position:]:
            if self._whole(start, end) is not None:
                break
            values.add(self.folded[start:end])
        return len(values - {""})

    def _whole(self, start, end):
        """Return the hit of a label that is all there is between two offsets, or None."""
        while match := NUMERAL.match(self.folded, start, end):
            start = match.end()
        match = PATTERN.match(self.folded, start, end)
        if match and not self.folded[match.end() : end].strip(" :*"):
            return Hit(match, True)
        return None

    def _read_lines(self, start, end):
        while start < end:
            stop = self.folded.find("\n", start, end)
            stop = end if stop < 0 else stop
            self._read_line(*self.document.strip(start, stop))
            start = stop + 1

    def _read_line(self, start, end):
        hits = self._hits(start, end)
        self._note_section(start, end, hits)
        self._read_item(start, end, hits)
        if not hits:
            return
        stops = [match.start() for match in UNKNOWN.finditer(self.folded, start, end)]
        stops += [match.start() for match in INLINE_NUMERAL.finditer(self.folded, start, end)]
        stops += [hit.match.start() for hit in hits]
        stops.sort()
        for hit in hits:
            first = hit.match.end()
            position = bisect_right(stops, first - 1)
            last = stops[position] if position < len(stops) else end
            last -= self.folded[last - 1] == "[" and last < end
            before = self.folded[hit.match.start() - 1 : hit.match.start()]
            if before == "(":
                last = min(last, closing_bracket(self.folded, first, last))
            if last < end:
                last = before_open_bracket(self.folded, first, last)
            value = self.document.strip(first, last)
            if value[0] >= value[1] and last == end and hit.label.field not in NO_VALUE_NEXT_LINE:
                value = self._next_line(end, hit) or value
            self._add(hit, *value)

    def _read_item(self, start, end, hits):
        """Read a numbered line below a label of parties that stood alone: 1、X 公司 中标金额：…"""
        numeral = NUMERAL.match(self.folded, start, end)
        if self.list_hit is None or numeral is None:
            self.list_hit = None if hits or HEADING.match(self.folded, start, end) else self.list_hit
            return
        last = hits[0].match.start() if hits else end
        name = clean_organisation(self.folded, numeral.end(), last)
        if name is not None and ORGANISATION.search(self.folded[slice(*name)]):
            self._add(self.list_hit, *name, at=name[0])
        else:
            self.list_hit = None

    def _next_line(self, end, hit):
        """Return the line below a label that stands alone, if that line is a value."""
        if not hit.has_colon and self._is_below_label(hit.match.start()):
            return None
        start = end + 1
        while start < len(self.folded) and self.folded[start] in " \n\t":
            start += 1
        stop = self.folded.find("\n", start)
        stop = len(self.folded) if stop < 0 else stop
        if start >= stop or self.document.table_at(start) is not None or self.folded.count("\n", end, start) > 2:
            return None
        if NUMERAL.match(self.folded, start) and hit.label.field not in {"person", "fee"}:
            below = self._list_below(start) if hit.label.field in PARTY_FIELDS else None
            self.list_hit = hit if below is None and hit.label.field in {"supplier", "candidate"} else None
            return below
        if PATTERN.match(self.folded, start, stop) or UNKNOWN.match(self.folded, start, stop):
            return None
        if (
            hit.label.text in SECTIONS
            and hit.label.field not in PERSONAL
            and not ORGANISATION.search(self.folded[start:stop].strip())
        ):
            return None
        return self.document.strip(start, stop)

    def _is_below_label(self, offset):
        """Return whether the line above is a label alone too, as where the cells of a header became lines."""
        end = self.folded.rfind("\n", 0, offset)
        start = self.folded.rfind("\n", 0, max(0, end)) + 1
        return end > 0 and self._whole(*self.document.strip(start, end)) is not None

    def _list_below(self, start):
        """Return the part of the text that numbered lines without labels take, or None."""
        end = None
        first = start
        for _number in range(50):
            stop = self.folded.find("\n", start)
            stop = len(self.folded) if stop < 0 else stop
            numeral = NUMERAL.match(self.folded, start, stop)
            if not numeral or PATTERN.match(self.folded, numeral.end(), stop) or ":" in self.folded[start:stop]:
                break
            end, start = stop, stop + 1
        return None if end is None else self.document.strip(first, end)

    def _is_in_brackets(self, match):
        """Return whether a label stands in brackets of its own: 【项目编号】."""
        return match["tail"] == "]" and self.folded[match.start() - 1 : match.start()] == "["

    def _hits(self, start, end):
        """Return the labels in a line that can be believed."""
        found = [
            Hit(match, ":" in match["tail"] or match["tail"] in {"为", "是"} or self._is_in_brackets(match))
            for match in PATTERN.finditer(self.folded, start, end)
        ]
        first = start
        while match := NUMERAL.match(self.folded, first, end):
            first = match.end()
        bare = [hit for hit in found if not hit.has_colon and hit.label.text not in WEAK_ALONE]
        is_dense = len(bare) > 1 or "|" in self.folded[start:end] or "\t" in self.folded[start:end]
        hits = []
        for hit in found:
            begins = hit.match.start() == first
            if hit.label.field == "lot" and self.folded[hit.match.start() - 1 : hit.match.start()].isdigit():
                continue  # 第1包 is a number of a lot, and 包 no label
            if (hit.label.field == "more" and not begins) or (
                hit.match["index"] and hit.label.field not in PARTY_FIELDS
            ):
                continue
            if hit.has_colon or (hit.label.text not in WEAK_ALONE and (begins or is_dense)):
                hits.append(hit)
        if hits:
            taken = [(hit.match.start(), hit.match.end()) for hit in hits]
            opened = hits[0].match.end()
            for match in GLUED.finditer(self.folded, opened, end):
                position = bisect_right(taken, (match.start(), end)) - 1
                if taken[position][1] <= match.start() and not any(
                    match.start() < a < match.end() for a, _b in taken[position + 1 : position + 2]
                ):
                    hits.append(Hit(match, True))
            hits.sort(key=lambda hit: hit.match.start())
        return hits

    def _note_section(self, start, end, hits):
        """Note of whom the lines below speak, from a heading."""
        first = start
        while match := NUMERAL.match(self.folded, first, end):
            first = match.end()
        words = squeeze(self.folded[first:end]).rstrip(":。")
        is_heading = bool(HEADING.match(self.folded, start, end))
        if words in SECTIONS:
            self.party = SECTIONS[words]
        elif (first > start and not hits) or (is_heading and not any(hit.label.field in PARTY_FIELDS for hit in hits)):
            self.party = section_of(words)

    def _add(self, hit, start, end, *, is_cell=False, at=None):
        label, match = hit.label, hit.match
        field = label.field
        words = self.document.text[match.start() : match.end("label")]
        is_empty = start >= end
        section = SECTIONS.get(label.text)
        if section is not None and (is_empty or section == "contact"):
            self.party = section
        elif field in PARTY_FIELDS and not is_empty:
            self.party = field
        groups = match.groupdict()
        if is_empty and field in PARTY_FIELDS:
            return
        party = self.party
        if field in {"name", "address"} and party in {"", "contact"}:
            return
        self.entries.append(
            Entry(
                field=field,
                label=words,
                weight=label.weight,
                notes=match["notes"] or "",
                lot=groups.get("lot") or "",
                label_start=match.start("label") if at is None else at,
                start=start,
                end=end,
                party=party,
                place=self.place(match.start(), words),
                is_cell=is_cell,
            )
        )
