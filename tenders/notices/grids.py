"""Tables with a row of headers: which column holds which fact, and in which unit."""

import re
from dataclasses import dataclass, field, replace

from tenders.notices.amounts import unit_of_label
from tenders.notices.document import Cell, Table
from tenders.notices.folding import squeeze
from tenders.notices.labels import LABELS, PATTERN

USEFUL = {
    "supplier",
    "candidate",
    "bidder",
    "amount",
    "total",
    "rate",
    "unit_price",
    "lot",
    "before",
    "after",
    "result",
}
USEFUL |= {"project_name", "budget", "person", "contact", "score", "proposed_supplier", "rank"}
PATTERNS = (
    ("other", re.compile(r"地址|住址")),
    ("score", re.compile(r"得分|评分|总分|分值|分数$")),
    ("contact", re.compile(r"联系|电话|手机|邮箱")),
    ("person", re.compile(r"专家|评委|姓名|负责人|项目经理|法定代表人|法人")),
    ("fee", re.compile(r"服务费|代理费")),
    ("credit_code", re.compile(r"信用代码")),
    ("candidate", re.compile(r"候选(?:人|供应商|单位)|预中标|预成交")),
    ("bidder", re.compile(r"^未|投标人|投标单位|投标供应商|报价供应商|响应供应商|未中标|未成交")),
    ("rate", re.compile(r"折扣|下浮|费率|优惠率")),
    ("unit_price", re.compile(r"单价")),
    ("supplier", re.compile(r"^(?:中标|成交|中选|入围).{0,12}(?:供应商|单位|人|商|公司|机构|企业)(?:名称|全称)?$")),
    ("amount", re.compile(r"^(?:中标|成交|中选|合同).{0,12}(?:金额|总价|价格|报价|价款|价)$")),
    ("budget", re.compile(r"预算")),
    ("lot", re.compile(r"^(?:采购|合同|招标)?(?:包|标段|标项|分标|分包|包组|标包)(?:\(包\))?(?:号|编号|序号|别)?$")),
)
MAX_HEADER_ROWS = 6
MAX_TURNED_ROWS = 100  # of a table whose labels are in its first column
UNIT_ABOVE = re.compile(r"单位 ?:? ?(?:人民币)?[:/ ]{0,2}(万元|元)")
NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}、|\d{1,2}[、.](?!\d)")


@dataclass(frozen=True)
class Column:
    """A column of a table with what its header announces."""

    field: str
    label: str
    unit: int | None
    weight: int
    cell: Cell


@dataclass
class Grid:
    """A table with its columns and the rows below the header."""

    table: Table
    columns: dict[int, Column] = field(default_factory=dict)
    first_row: int = 1
    unit: int | None = None  # that the line above states for all sums: （单位：万元）

    def rows(self):
        """Yield (row number, {field: cell}) of the rows below the header; of two columns the weightier counts."""
        for number in range(self.first_row, len(self.table.rows)):
            yield number, self.cells(self.table.rows[number])

    def cells(self, row):
        """Return the cells of a row by field; ``first`` and ``rest`` are there for rows with merged cells."""
        found = {}
        for cell in row:
            column = self.columns.get(cell.column)
            if column is not None and (
                column.field not in found or column.weight > self.columns[found[column.field].column].weight
            ):
                found[column.field] = cell
        return found

    def all_cells(self, row, name):
        """Return (column, cell) of all columns of a field that weigh most: figures and words of an amount."""
        weightiest = self.column(name)
        found = {}
        for cell in row:
            column = self.columns.get(cell.column)
            if column is not None and column.field == name and column.weight == weightiest.weight:
                found[cell.start] = column, cell
        return list(found.values())

    def column(self, name):
        """Return the weightiest column of a field, or None."""
        columns = [column for column in self.columns.values() if column.field == name]
        return max(columns, key=lambda column: column.weight, default=None)


def header_field(folded):
    """Return (field, weight) of the words of a header, or None."""
    words = squeeze(folded).strip(":*")
    match = PATTERN.match(folded.strip(" :*\n"))
    if match and match.end() >= len(folded.strip(" :*\n")):
        label = LABELS[squeeze(match["label"])]
        if label.field == "amount" and re.search("折扣|下浮|费率|优惠", match["notes"] or ""):
            return "rate", label.weight
        if match["lot"] is None:
            return label.field, label.weight
    bare = re.sub(r"[(\[][^)\]]{0,40}[)\]]", "", words)
    for name, pattern in PATTERNS:
        if pattern.search(bare):
            return name, 2
    if "/" in bare and (label := LABELS.get(bare.split("/")[0])):
        return label.field, label.weight
    return None


def find_grids(document):
    """Return the tables of a document that have a row of headers."""
    found = (_grid(document, table) or _transposed(document, table) for table in document.tables)
    return [grid for grid in found if grid is not None]


def _grid(document, table):
    folded = document.folded
    for number, row in enumerate(table.rows[:MAX_HEADER_ROWS]):
        columns = _header(folded, row)
        if columns is None:
            continue
        below = table.rows[number + 1] if number + 1 < len(table.rows) else None
        fields = {column.field for column in columns.values()}
        is_correction = {"before", "after"} <= fields
        if below is None or (_begins_with_label(folded, below) and not is_correction):
            continue
        grid = Grid(table, columns, number + 1, _unit_above(folded, table))
        second = _header(folded, below, is_second=True)
        if second is not None and number + 2 < len(table.rows):
            grid.columns |= {number: _below(grid.columns.get(number), column) for number, column in second.items()}
            grid.first_row += 1
        return grid
    return None


def _below(above, column):
    """Return a column with two headers: 中标金额 above 小写（元） is an amount."""
    if above is None or column.field not in {"more", "other"}:
        return column
    return replace(column, field=above.field, weight=above.weight, unit=column.unit or above.unit)


def _transposed(document, table):
    """Return the grid of a table whose labels are in its first column, with a column for each lot, or None."""
    folded = document.folded
    if len(table.rows) > MAX_TURNED_ROWS:
        return None
    rows = [row for row in table.rows if len(row) > 2 and header_field(folded[row[0].start : row[0].end])]
    width = max(map(len, rows), default=0)
    rows = [row for row in rows if len(row) == width and not _labels(folded, row[1:])]
    names = {header_field(folded[row[0].start : row[0].end])[0] for row in rows}
    if "supplier" not in names or names.isdisjoint({"amount", "lot", "rate"}):
        return None
    cells = [[replace(row[n], column=k, width=1) for k, row in enumerate(rows)] for n in range(width)]
    turned = Table(table.number, table.start, table.end, cells)
    columns = _header(folded, turned.rows[0])
    return Grid(turned, columns, 1, _unit_above(folded, table)) if columns else None


def _labels(folded, cells):
    return any(header_field(folded[cell.start : cell.end]) for cell in cells if cell.end - cell.start < 25)


def _unit_above(folded, table):
    """Return the unit that one of the two lines above a table states, or None."""
    above = folded[max(0, table.start - 120) : table.start].rstrip().split("\n")[-2:]
    found = {match[1] for line in above if (match := UNIT_ABOVE.search(line))}
    return {"万元": 10_000, "元": 1}[found.pop()] if len(found) == 1 else None


def _header(folded, row, *, is_second=False):
    """Return the columns of a row of headers, or None if it is none."""
    columns, useful, known, filled = {}, set(), 0, 0
    for cell in row:
        words = folded[cell.start : cell.end]
        if not words.strip():
            continue
        filled += 1
        if len(words) > 60 or re.search(r":\s*\S", words) or re.search(r"\d{5}|公司$", words):
            return None
        found = header_field(words)
        if found is None:
            if len(words) > 20 or re.search(r"\d{3}", words):
                return None
            continue
        known += 1
        useful.add(found[0])
        column = Column(found[0], words, unit_of_label(words), found[1], cell)
        columns |= dict.fromkeys(range(cell.column, cell.column + cell.width), column)
    if known < 2 or known * 2 < filled or useful.isdisjoint(USEFUL):
        return None
    return None if is_second and known < filled else columns


def _begins_with_label(folded, row):
    """Return whether a row has a label and its value, and so no header above it."""
    cells = [folded[cell.start : cell.end].strip() for cell in row if cell.end > cell.start]
    if not cells:
        return False
    labels = [bool(header_field(words)) and len(words) < 25 for words in cells]
    is_item = bool(re.fullmatch(r"\d{1,3}", cells[0]))
    return labels[0] and not all(labels) and not is_item and sum(labels) * 2 >= len(cells) - 1


def add_tables(document):
    """Note the tables of a text that neither tabs nor pipes show: cells between single blanks, or one on each line."""
    _add_tables_of_blanks(document)
    _add_tables_of_lines(document)
    document.tables = [table for table in document.tables if len(table.rows) > 1 or table.number]
    document.tables.sort(key=lambda table: table.start)
    for number, table in enumerate(document.tables, 1):
        table.number = number


def _add_tables_of_lines(document):
    folded = document.folded
    lines = [line for line in document.lines() if document.table_at(line[0]) is None]
    headers = [
        end - start < 25 and ":" not in folded[start:end] and header_field(folded[start:end]) for start, end in lines
    ]
    position = 0
    while position < len(lines):
        if headers[position] and headers[position][0] == "other" and folded[slice(*lines[position])] != "序号":
            position += 1  # a heading above the headers
            continue
        width = 0
        while position + width < len(lines) and headers[position + width]:
            width += 1
        names = {found[0] for found in headers[position : position + width]}
        if width >= 3 and "supplier" in names and names & {"amount", "lot", "rate"}:
            rows = [lines[position : position + width]]
            position += width
            while position + width <= len(lines) and _is_row(
                folded, lines[position : position + width], headers, position
            ):
                rows.append(lines[position : position + width])
                position += width
            cells = [[Cell(start, end, column) for column, (start, end) in enumerate(row)] for row in rows]
            if len(rows) > 1:
                document.tables.append(Table(0, rows[0][0][0], rows[-1][-1][1], cells))
        else:
            position += max(width, 1)


def _is_row(folded, row, headers, position):
    """Return whether lines are the cells of a row: none is a label, a heading or a sentence."""
    return not any(headers[position : position + len(row)]) and not any(
        ":" in folded[start:end] or end - start > 80 or NUMERAL.match(folded, start, end) for start, end in row
    )


def _add_tables_of_blanks(document):
    folded, table, width = document.folded, None, 0
    for start, end in document.lines():
        if document.table_at(start) is not None or end - start > 400:
            table = None
            continue
        cells = [
            Cell(start + match.start(), start + match.end(), column)
            for column, match in enumerate(re.finditer(r"[^ ]+", folded[start:end]))
        ]
        if table is not None and len(cells) == width:
            table.rows.append(cells)
            table.end = end
            continue
        table = None
        if len(cells) >= 3 and ":" not in folded[start:end]:
            columns = _header(folded, cells)
            if columns is not None and len({column.field for column in columns.values()}) >= 3:
                table, width = Table(0, start, end, [cells]), len(cells)
                document.tables.append(table)
                document.tables.sort(key=lambda table: table.start)
