"""
Masking of personal data: experts, contacts, telephone numbers, scores and the fees of agencies.

It is done before anything is read, in place, so that no fact, candidate, place or message can hold any of it, and the
text that is shown neither.
"""

import re
from bisect import bisect_right

from tenders.notices.dates import find_dates
from tenders.notices.labels import LOT, PATTERN, PERSONAL, label_of
from tenders.notices.marks import HEADING, UNKNOWN
from tenders.notices.names import NOTHING, ORGANISATION

MASK = "■"
PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:(?:\+ ?)?86[- ]?)?1[3-9][\d*]{9}(?!\d)|"
    r"(?<![\dA-Za-z-])[(]?0\d{2,3}[)]?[- ]{0,2}[\d*]{7,8}(?:[-转 ]{1,2}\d{1,6})?(?!\d)"
    r"|(?<![\dA-Za-z-])[48]00[- ]?\d{3,4}[- ]?\d{3,4}(?![\dA-Za-z-])"
)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,64}")
IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
AFTER_ROLE = re.compile(
    r"(?:联系人|联络人|经办人|受理人|负责人|项目经理|法定代表人|法人代表|采购人代表|业主代表|授权代表|组长|监标人|监督人员?"
    r"|评审专家|签字|记者|通讯员|编辑)"
    r"[ :为是、]{0,4}(?!及|和|与|名单|姓名|信息|地址|电话|联系|方式|签|的|由|应|须|以|为|对|在|按|详|见|进|组|从|将)"
    r"([\u4e00-\u9fff·]{2,4}?)(?=[\s,。;、()\d■]|说|表示|介绍|告诉|$)",
    re.MULTILINE,
)
SPEAKING = re.compile(r"(?:市民|村民|居民|群众)([\u4e00-\u9fff]{2,3})(?=说|表示|介绍|告诉)")
IN_PROSE = re.compile(
    r"(?:请与|请联系|联系)([\u4e00-\u9fff·]{2,3}(?:先生|女士|老师|同志)?)(?=联系|,? ?(?:电话|"
    r"\d{3}|■))|([\u4e00-\u9fff]{1,2}(?:先生|女士|老师|工))(?=[\s,。;、()\d■]|$)"
)
NAMES_LINE = re.compile(
    r"(?:[\u4e00-\u9fff·]{2,4}|"
    r"[\u4e00-\u9fff] [\u4e00-\u9fff])(?: ?\([^()\n]{1,14}\))?(?:[、,;/\s]{1,4}(?:[\u4e00-\u9fff·]{2,4}|"
    r"[\u4e00-\u9fff] [\u4e00-\u9fff])(?: ?\([^()\n]{1,14}\))?){0,20}[。.;]?"
)
LOT_BEFORE = re.compile(rf" {{0,8}}(?:\d[.、])?{LOT.pattern}(?: ?\([^()\n]{{1,30}}\))? ?[: ]{{1,3}}")
NAME = re.compile(r"(?<![\u4e00-\u9fff·])[\u4e00-\u9fff·]{2,4}(?![\u4e00-\u9fff·])")
NO_NAMES = {
    "详见",
    "附件",
    "公告",
    "电话",
    "传真",
    "邮箱",
    "联系人",
    "采购人",
    "组长",
    "成员",
    "采购办",
    "地址",
    "手机",
    "名单",
    "采购人代表",
}
NO_NAMES |= {
    "业主代表",
    "项目组",
    "招标部",
    "采购科",
    "办公室",
    "总务科",
    "设备科",
    "财务科",
    "信息科",
    "如下",
    "以下",
    "自行",
    "随机抽取",
}
MONEY_WORDS = re.compile(
    r"[\d零〇一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾佰仟百千万亿.,]{1,30}(?= ?(?:[万亿]?元|圆|%|角|分))|\d[\d.,]{2,}"
)
NUMBER_OF_HEADING = re.compile("[一二三四五六七八九十]{1,3}")
# Labels that the table does not have, by their last words: 单一来源采购小组成员, 论证专家姓名, 甲方联系人.
OF_PERSONS = re.compile(
    r"(?:名单|小组成员?|委员会成员?|专家|评委|联系人|联络人|负责人|代表人|授权代表|项目经理|监督人员?|监标人|姓名|经办人"
    r"|编辑|记者|采购人员|业主代表|采购人代表|联系方式|联系电话)(?:姓名|信息|名单)?"
    r"(?:\([^()\n]{0,20}\)(?:名单)?)? {0,3}[:\t|][ \t]{0,6}"
)
SCORE_IN_PROSE = re.compile(
    r"(?:得分|评分|总分|综合分)(?:为|是|:)? {0,2}(?P<score>\d{1,3}(?:\.\d{1,4})?)(?!\d|[万元%])"
)
FEE_IN_PROSE = re.compile(
    r"(?:代理服务费|代理费|招标服务费|中标服务费|服务收费|招标代理费|代理机构收费|评审费)[^。\n:;]{0,60}"
)
DIGITS = re.compile(r"\d[\d.,]*")


def mask(document, entries, grids):
    """Return a text of the same length in which personal data is masked."""
    masker = _Masker(document, entries)
    for entry in entries:
        masker.mask_entry(entry)
    for grid in grids:
        masker.mask_columns(grid)
    masker.mask_patterns()
    return "".join(masker.characters)


class _Masker:
    def __init__(self, document, entries):
        self.document, self.folded = document, document.folded
        self.characters = list(document.text)
        self.names = set()
        numbers = {"project_number", "contract_number", "credit_code"}
        self.protected = [(entry.start, entry.end) for entry in entries if entry.field in numbers]
        self.stops = sorted(entry.label_start for entry in entries)

    def hide(self, start, end):
        """Mask all characters of a part of the text but white space."""
        for offset in range(start, end):
            if not self.characters[offset].isspace():
                self.characters[offset] = MASK

    def mask_entry(self, entry):
        """Mask what stands after a label of persons, contacts, scores or fees."""
        if entry.field not in PERSONAL:
            return
        words = self.folded[entry.start : entry.end]
        if entry.field in {"score", "fee"}:
            if entry.start < entry.end:
                self._hide_all(DIGITS if entry.field == "score" else MONEY_WORDS, entry.start, entry.end)
                self._hide_all(DIGITS, entry.start, entry.end)
            if entry.field == "fee":
                self._hide_all(MONEY_WORDS, *self._below(entry))
        elif entry.start < entry.end and not NOTHING.match(words):
            self._hide_people(entry.start, entry.end, is_cell=entry.is_cell)
            self._hide_lines_of_names(entry.end)
        elif entry.field == "person":
            self._hide_lines_of_names(max(entry.end, entry.label_start + len(entry.label)))

    def _below(self, entry):
        """Return the part of the text from a heading on fees to the next heading or label."""
        start = max(entry.start, entry.label_start)
        following = HEADING.search(self.folded, self._line_end(start))
        end = min(following.start() if following else len(self.folded), start + 1000)
        after = bisect_right(self.stops, max(start, entry.end))
        later = self.stops[after] if after < len(self.stops) else end
        return (self._line_end(start), min(end, later)) if start < min(end, later) else (start, start)

    def _line_end(self, offset):
        end = self.folded.find("\n", offset)
        return len(self.folded) if end < 0 else end

    def _hide_all(self, pattern, start, end):
        for match in pattern.finditer(self.folded, start, end):
            self.hide(match.start(), match.end())

    def _hide_people(self, start, end, *, is_cell=False):
        """Mask names and numbers up to the name of an organisation or a date, which are no part of them."""
        dates = [found.start for found in find_dates(self.folded, start, end)]
        for match in re.finditer(r"[^\s、,;]+", self.folded[start:end]):
            first, last = start + match.start(), start + match.end()
            words = match[0]
            name = words.split("(")[0].rstrip("。.")
            if not is_cell and (
                first in dates
                or ":" in words
                or label_of(words) is not None
                or NUMBER_OF_HEADING.fullmatch(words)
                or (len(name) > 4 and ORGANISATION.search(name))
                or (len(words) > 9 and not re.search(r"\d{3}|@", words) and "(" not in words)
            ):
                break
            self.names.update(name for name in NAME.findall(words) if name not in NO_NAMES and not label_of(name))
            self.hide(first, last)

    def _hide_lines_of_names(self, end):
        """Mask the lines below a list of names that are lists of names too."""
        start = self._line_end(end) + 1
        for _number in range(15):
            stop = self._line_end(start)
            line = self.folded[start:stop].strip()
            if start >= len(self.folded) or HEADING.match(self.folded, start, stop):
                return
            if lot := LOT_BEFORE.match(self.folded, start, stop):
                start = lot.end()
                line = self.folded[start:stop].strip()
            if line and (PATTERN.match(line) or UNKNOWN.match(line) or not NAMES_LINE.fullmatch(line)):
                return
            if line:
                self._hide_people(start, stop, is_cell=True)
            start = stop + 1

    def mask_columns(self, grid):
        """Mask the columns of a table under such headers."""
        columns = {number: column.field for number, column in grid.columns.items() if column.field in PERSONAL}
        if columns:
            for row in grid.table.rows[grid.first_row :]:
                for cell in row:
                    if columns.get(cell.column) in {"person", "contact"}:
                        self._hide_people(cell.start, cell.end, is_cell=True)
                    elif cell.column in columns:
                        self.hide(cell.start, cell.end)
        for row in grid.table.rows[grid.first_row :]:
            label = label_of(self.folded[row[0].start : row[0].end]) if len(row) > 1 else None
            if label is not None and label.field in PERSONAL:
                for cell in row[1:]:
                    self.hide(cell.start, cell.end)
        numbers = {"project_number", "contract_number", "credit_code"}
        for row in grid.table.rows[grid.first_row :]:
            self.protected += [
                (cell.start, cell.end)
                for cell in row
                if cell.column in grid.columns and grid.columns[cell.column].field in numbers
            ]

    def mask_patterns(self):
        """Mask telephone numbers, addresses of mail, and the names met so far, wherever they stand."""
        self.protected.sort()
        for pattern in (PHONE, EMAIL, IDENTITY):
            for match in pattern.finditer(self.folded):
                before = bisect_right(self.protected, (match.start(), len(self.folded))) - 1
                if before < 0 or self.protected[before][1] <= match.start():
                    self.hide(match.start(), match.end())
        for match in OF_PERSONS.finditer(self.folded):
            stop = min(self._line_end(match.end()), match.end() + 300)
            if match[0].rstrip()[-1:] != ":" and (tab := self.folded.find("\t", match.end(), stop)) >= 0:
                stop = tab
            self._hide_people(match.end(), stop)
        for match in SCORE_IN_PROSE.finditer(self.folded):
            self.hide(*match.span("score"))
        for match in FEE_IN_PROSE.finditer(self.folded):
            self._hide_all(MONEY_WORDS, match.start(), match.end())
        for match in AFTER_ROLE.finditer(self.folded):
            if match[1] not in NO_NAMES:
                self.names.add(match[1])
                self.hide(match.start(1), match.end(1))
        self._hide_groups()
        if self.names:
            self._hide_names()

    def _hide_groups(self):
        """Mask names that sentences give."""
        for match in SPEAKING.finditer(self.folded):
            self.hide(*match.span(1))
        for match in IN_PROSE.finditer(self.folded):
            group = 1 if match[1] else 2
            self.hide(match.start(group), match.end(group))

    def _hide_names(self):
        """Mask the names that were found, wherever else they stand alone."""
        alternatives = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True)[:500]))
        everywhere = re.compile(rf"(?<![\u4e00-\u9fff])(?:{alternatives})(?![\u4e00-\u9fff])")
        for match in everywhere.finditer(self.folded):
            self.hide(match.start(), match.end())
