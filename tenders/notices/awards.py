"""
Awards of a notice by lot: winners, amounts, rates and lots that failed, from tables with headers and from lines.

Nobody is a winner but after a label or under a header of winners.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from tenders.notices.credit import read_credit_code
from tenders.notices.entries import HEADING, NUMERAL
from tenders.notices.labels import LOT
from tenders.notices.names import FAILED, JOINT, LEADER, ORGANISATION, ROLES, STRONG, split_organisations
from tenders.notices.parties import span_of
from tenders.notices.readings import Party, Reading, Span, UnreadableNotice
from tenders.notices.sums import lot_number, pieces_by_lot, read_sum

LOT_LINE = re.compile(rf"(?P<lot>{LOT.pattern})(?:号)?(?= ?[\s:(、,;]|$)[ :、,]{{0,4}}")
MAX_AWARDS = 500
TOO_MANY = _("This notice has more than 500 lots or winners. Read it by hand, or paste it in parts.")
WON = re.compile(r"^(?:中标|成交|中选|是|已成交|已中标|入围|采购成功|成功|√)$")
SUM_ROW = re.compile(r"^(?:合 ?计|总 ?计|小 ?计|共 ?计|总 ?价|总 ?金 ?额|(?:中标|成交)?总(?:金额|价)|合计金额)")


@dataclass
class Award:
    """An award as it is put together from the places that state parts of it."""

    lot: str = ""
    title: str = ""
    winners: list[Party] = field(default_factory=list)
    joint_span: Span | None = None
    is_joint: bool = False
    sums: list = field(default_factory=list)
    budget: Reading = field(default_factory=Reading)
    failed_span: Span | None = None
    span: Span | None = None

    @property
    def is_failed(self):
        """Return whether the lot has no winner and words that say why."""
        return self.failed_span is not None and not self.winners

    def names(self):
        """Return the names of the winners."""
        return {party.name for party in self.winners}


class AwardReader:
    """Collects the awards and the totals of a document."""

    def __init__(self, document, entries, grids, reader):
        self.document, self.entries, self.grids, self.reader = document, entries, grids, reader
        self.folded = document.folded
        self.awards, self.totals, self.warnings = [], [], []
        self.budget = Reading()  # of the whole, in a row of sums
        self.label_starts = sorted(entry.label_start for entry in entries)
        self.by_lot = {}
        self.last_sums = None  # where a line 大写 or 小写 belongs

    def read(self):
        """Return (awards, sums that are totals, warnings)."""
        for grid in self.grids:
            self._read_grid(grid)
        from_grids, self.awards, self.by_lot = self.awards, [], {}
        self._read_lines()
        self._join(from_grids)
        return self.awards, self.totals, self.warnings

    # Tables

    def _read_grid(self, grid):
        fields = {column.field for column in grid.columns.values()}
        if "before" in fields or "after" in fields:
            return
        if "supplier" not in fields and not ("bidder" in fields and "result" in fields):
            return
        above = self._lot_above(grid.table)
        last = None
        for number, cells in grid.rows():
            row = grid.table.rows[number]
            if SUM_ROW.match(self.folded[row[0].start : row[0].end].strip()):
                self._read_sum_row(grid, row, cells)
                continue
            award = self._read_grid_row(grid, number, row, cells, above)
            if award is None:
                continue
            if last is not None and award.lot and award.lot == last.lot and award.winners and not award.is_failed:
                if not award.names() <= last.names() and award.sums and last.sums:
                    self.awards.append(award)
                    last = award
                    continue
                last.winners += [party for party in award.winners if party.name not in last.names()]
                last.sums += award.sums
                continue
            if len(self.awards) >= MAX_AWARDS:
                raise UnreadableNotice(TOO_MANY)
            self.awards.append(award)
            last = award

    def _read_grid_row(self, grid, number, row, cells, above):
        folded = self.folded
        lot_cell = cells.get("lot")
        lot_words = folded[lot_cell.start : lot_cell.end] if lot_cell else ""
        place = self.reader.place(row[0].start)
        award = Award(lot=lot_number(lot_words)[:20] if lot_words.strip() else above)
        award.span = span_of(self.document, row[0].start, max(cell.end for cell in row), place, "table row")
        if (title := cells.get("lot_title")) and (lot_cell or above):
            award.title = self.document.text[title.start : title.end].strip()[:200]
        elif lot_cell and (named := LOT.match(lot_words)) and len(lot_words) > named.end() + 3:
            award.lot = lot_number(named[0])
            award.title = self.document.text[lot_cell.start + named.end() : lot_cell.end].strip(" :：、")
        winner = cells.get("supplier")
        if winner is None and (bidder := cells.get("bidder")) and (result := cells.get("result")):
            winner = bidder if WON.match(folded[result.start : result.end].strip()) else None
        if winner is not None:
            self._add_winners(award, winner.start, winner.end, place, grid.column("supplier"))
        self._read_grid_sums(grid, cells, award, place)
        if not award.winners:
            others = [cell for cell in row if cell is not title and cell is not lot_cell]
            failed = next((c for c in others if FAILED.search(folded[c.start : c.end])), None)
            if failed is None:
                return None
            award.failed_span = span_of(self.document, failed.start, failed.end, place, "failed lot")
            award.sums = []
        elif (result := cells.get("result")) and FAILED.search(folded[result.start : result.end]):
            award.failed_span = span_of(self.document, result.start, result.end, place, "failed lot")
            award.winners, award.sums = [], []
        self._read_code(cells, award)
        return award

    def _read_grid_sums(self, grid, cells, award, place):
        for name in ("amount", "total", "rate", "unit_price"):
            cell, column = cells.get(name), grid.column(name)
            if cell is None or (name != "amount" and award.sums and award.sums[0].value is not None):
                continue
            label = column.label + ("单价" if name == "unit_price" else "")
            found = read_sum(
                self.document, cell.start, cell.end, label=label, unit=column.unit or grid.unit, place=_named(place, column.label),
                rule="table", is_rate=name == "rate",
            )  # fmt: skip
            if found is not None:
                award.sums.append(found)
        if (cell := cells.get("budget")) is not None:
            column = grid.column("budget")
            found = read_sum(
                self.document, cell.start, cell.end, label=column.label, unit=column.unit or grid.unit,
                place=_named(place, column.label), rule="table",
            )  # fmt: skip
            award.budget = found.reading if found is not None else Reading()

    def _read_sum_row(self, grid, row, cells):
        if (budget := cells.get("budget")) is not None:
            header = grid.column("budget")
            found = read_sum(
                self.document, budget.start, budget.end, label=header.label, unit=header.unit or grid.unit,
                place=_named(self.reader.place(row[0].start), header.label), rule="table, sum",
            )  # fmt: skip
            self.budget = found.reading if found is not None else self.budget
        column = grid.column("amount") or grid.column("total")
        cell = cells.get("amount") or cells.get("total")
        places = [cell] if cell is not None else []
        places += [cell for cell in reversed(row) if cell not in places]
        for found_cell in places:
            found = read_sum(
                self.document, found_cell.start, found_cell.end, label=column.label if column else "",
                unit=(column.unit if column else None) or grid.unit, place=self.reader.place(row[0].start), rule="table, sum",
            )  # fmt: skip
            if found is not None and column is not None:
                self.totals.append(found)
                return

    def _read_code(self, cells, award):
        cell = cells.get("credit_code")
        if cell is not None and len(award.winners) == 1:
            place = self.reader.place(cell.start)
            award.winners[0] = self._with_code(award.winners[0], cell.start, cell.end, place)

    def _with_code(self, party, start, end, place):
        code, warning = read_credit_code(self.document, start, end, place)
        if warning is not None:
            self.warnings.append(warning)
        return Party(party.name, party.span, code or party.credit_code)

    def _lot_above(self, table):
        """Return the lot that the first row of a table or the line above it names, or an empty text."""
        first = table.rows[0]
        if len(first) == 1 and (match := LOT_LINE.match(self.folded[first[0].start : first[0].end].strip())):
            return lot_number(match["lot"])
        before = self.folded[max(0, table.start - 120) : table.start].rstrip().rsplit("\n", 1)[-1].strip()
        while match := NUMERAL.match(before):
            before = before[match.end() :]
        match = LOT_LINE.match(before)
        return lot_number(match["lot"]) if match else ""

    # Lines

    def _read_lines(self):
        """Read labels and lines that begin with a lot, in their order."""
        events = [(entry.label_start, 1, entry) for entry in self.entries]
        events += [(match.start(), 0, match) for match in self._lot_lines()]
        lot = ""
        headings = [match.start() for match in HEADING.finditer(self.folded)]
        lot_at = -1
        for offset, _order, event in sorted(events, key=lambda item: item[:2]):
            if lot and bisect_right(headings, offset) > bisect_right(headings, lot_at):
                lot = ""
            if isinstance(event, re.Match):
                lot, lot_at = lot_number(event["lot"]), offset
                self._read_rest(event, lot)
            elif event.field == "lot" and event.start < event.end:
                words = self.folded[event.start : min(event.end, event.start + 20)].split()[0]
                match = LOT_LINE.match(words)
                lot, lot_at = lot_number(match["lot"] if match else words)[:20], offset
            else:
                self._read_entry(event, lot_number(event.lot) if event.lot else lot)

    def _lot_lines(self):
        tables = {id(grid.table) for grid in self.grids}
        for start, end in self.document.lines():
            table = self.document.table_at(start)
            if table is not None and id(table) in tables:
                continue
            while match := NUMERAL.match(self.folded, start, end):
                start = match.end()
            match = LOT_LINE.match(self.folded, start, end)
            if match:
                yield match
                for later in re.finditer(rf"(?<=[;。])[ ]?{LOT_LINE.pattern}", self.folded[match.end() : end]):
                    yield LOT_LINE.search(self.folded, match.end() + later.start(), end)

    def _read_rest(self, match, lot):
        """Read what stands behind a lot without a label: the winner and the amount, the failure, or the title."""
        start = match.end()
        end = self.folded.find("\n", start)
        end = len(self.folded) if end < 0 else end
        following_label = bisect_left(self.label_starts, start)
        labels = self.label_starts[following_label : following_label + 1]
        following = re.compile(rf"[;。][ ]?{LOT.pattern}").search(self.folded, start, end)
        end = min([end, *(label for label in labels if label < end), *([following.start()] if following else [])])
        words = self.folded[start:end].strip(" ,;:。")
        place = self.reader.place(start)
        if not words or len(words) > 300:
            return
        pieces = re.split(r"[,; ]", words)
        if FAILED.search(words):
            award = self._award(lot, [])
            failed = FAILED.search(self.folded, start, end)
            award.failed_span = Span(failed.start(), failed.end(), place, "failed lot")
        elif STRONG.search(pieces[0]) and self.reader_speaks_of_winners(start):
            award = self._award(lot, [])
            self._add_winners(
                award, start, start + len(self.folded[start:end].split(pieces[0])[0]) + len(pieces[0]), place
            )
            found = read_sum(self.document, start, end, place=place, rule="line of a lot")
            if found is not None:
                award.sums.append(found)
        elif len(words) <= 60 and not re.search(r"[¥%]|\d{4}|元", words):
            self._award(lot, []).title = self.document.text[start:end].strip(" ,;:。：，；()（）")

    def reader_speaks_of_winners(self, offset):
        """Return whether the heading or the label above an offset is about winners."""
        heading = self.reader.heading_at(offset)
        near = self.folded[max(0, offset - 200) : offset]
        return bool(re.search("中标|成交|中选|入围", heading or near)) and not re.search("候选|预算", heading)

    def _read_entry(self, entry, lot):
        if entry.start >= entry.end:
            return
        name = entry.field
        if name == "supplier" or (name == "name" and entry.party == "supplier"):
            self._read_winners(entry, lot)
        elif name == "consortium":
            self._read_members(entry, lot)
        elif name in {"amount", "rate", "unit_price", "total"}:
            self._read_sums(entry, lot)
        elif name == "more" and self.last_sums is not None:
            found = read_sum(self.document, entry.start, entry.end, label=entry.notes, place=entry.place, rule="label")
            if found is not None:
                self.last_sums.append(found)
        elif name == "failure" and lot:
            award = self._award(lot, [])
            award.failed_span = award.failed_span or Span(entry.start, entry.end, entry.place, "failed lot")
        elif name in {"budget", "ceiling"}:
            self.last_sums = None
        elif name == "credit_code" and self.awards and len(self.awards[-1].winners) == 1:
            award = self.awards[-1]
            award.winners[0] = self._with_code(award.winners[0], entry.start, entry.end, entry.place)
        elif name == "lot_title" and lot:
            self._award(lot, []).title = self.document.text[entry.start : entry.end].split("\n")[0].strip()[:200]

    def _read_winners(self, entry, lot):
        for number, start, end in pieces_by_lot(self.folded, entry.start, entry.end) or [(lot, entry.start, entry.end)]:
            probe = Award()
            self._add_winners(probe, start, end, entry.place)
            words = self.folded[start:end]
            if probe.winners:
                award = self._award(number, probe.names())
                award.winners += [party for party in probe.winners if party.name not in award.names()]
                award.is_joint = award.is_joint or probe.is_joint
                award.joint_span = award.joint_span or probe.joint_span
                found = read_sum(self.document, probe.winners[-1].span.end, end, place=entry.place, rule="label")
                if found is not None and found.value is not None:
                    award.sums.append(found)
            elif FAILED.search(words):
                failed = FAILED.search(self.folded, start, end)
                award = self._award(number, [])
                award.failed_span = Span(failed.start(), failed.end(), entry.place, "failed lot")

    def _read_members(self, entry, lot):
        names = split_organisations(self.folded, entry.start, entry.end)
        names = [name for name in names if ORGANISATION.search(self.folded[slice(*name)])]
        if not names:
            return
        award = self.awards[-1] if self.awards and (not lot or self.awards[-1].lot == lot) else self._award(lot, [])
        for name in names:
            span = span_of(self.document, *name, entry.place, f"label {entry.label}")
            if span.words(self.document.text) not in award.names():
                award.winners.append(Party(_name(span.words(self.document.text)), span))
        award.is_joint = True
        start = entry.label_start
        award.joint_span = award.joint_span or Span(start, start + len(entry.label), entry.place, "consortium")

    def _read_sums(self, entry, lot):
        label = entry.label + entry.notes + ("单价" if entry.field == "unit_price" else "")
        pieces = pieces_by_lot(self.folded, entry.start, entry.end) or [(lot, entry.start, entry.end)]
        for number, start, end in pieces:
            found = read_sum(
                self.document, start, end, label=label, place=entry.place, is_rate=entry.field == "rate",
                rule=f"label {entry.label}",
            )  # fmt: skip
            if found is None:
                continue
            if entry.field == "total" and not entry.lot:
                self.totals.append(found)
                self.last_sums = self.totals
                continue
            award = self._award(number, [])
            if (entry.field == "unit_price" and not award.winners) or (entry.weight == 1 and award.sums):
                continue
            award.sums.append(found)
            self.last_sums = award.sums

    def _award(self, lot, names):
        """Return the award of a lot that is being read, or a new one if these winners are others."""
        of_lot = self.by_lot.setdefault(lot, [])
        last = of_lot[-1] if of_lot else None
        if last is not None and (not names or not last.winners or names <= last.names() or not last.sums):
            return last
        if names and (known := next((award for award in of_lot if names <= award.names()), None)):
            return known
        if len(self.awards) >= MAX_AWARDS:
            raise UnreadableNotice(TOO_MANY)
        self.awards.append(Award(lot=lot))
        of_lot.append(self.awards[-1])
        return self.awards[-1]

    def _add_winners(self, award, start, end, place, column=None):
        names = split_organisations(self.folded, start, end)
        words = self.folded[start:end]
        for name in names:
            folded = self.folded[slice(*name)]
            if not ORGANISATION.search(folded) and not re.search("[A-Za-z]{3}", folded):
                continue
            span = span_of(self.document, *name, _named(place, column.label) if column else place, "winner")
            award.winners.append(Party(_name(span.words(self.document.text)), span))
        joint = ROLES.search(words) or JOINT.search(words) or LEADER.search(words)
        if len(award.winners) > 1 and joint:
            award.is_joint = True
            award.joint_span = Span(start + joint.start(), start + joint.end(), place, "consortium")

    # Both

    def _join(self, from_grids):
        """Join what lines say with what tables say of the same lot."""
        from_lines, self.awards = self.awards, from_grids
        for award in from_lines:
            known = [other for other in self.awards if other.lot == award.lot and award.names() & other.names()]
            known = known or [o for o in self.awards if o.lot == award.lot and award.lot and not award.winners]
            if len(self.awards) == 1 and not award.winners and not award.is_failed:
                known = self.awards[:1] if award.lot in {"", self.awards[0].lot} else known
            if known:
                known[0].sums += award.sums
                known[0].title = known[0].title or award.title
                known[0].is_joint = known[0].is_joint or award.is_joint
                known[0].joint_span = known[0].joint_span or award.joint_span
                known[0].winners += [party for party in award.winners if party.name not in known[0].names()]
                known[0].failed_span = known[0].failed_span or award.failed_span
            elif (
                award.winners
                and not award.lot
                and from_grids
                and award.names() <= set().union(*(other.names() for other in from_grids))
            ):
                pass  # named again without its lot
            elif award.winners or award.is_failed or (award.lot and not from_grids):
                self.awards.append(award)
            elif not award.lot and len(self.awards) > 1:
                self.totals += [found for found in award.sums if found.kind == "amount"]
            elif not self.awards and award.sums:
                self.totals += award.sums
        self.awards = [award for award in self.awards if award.winners or award.is_failed]


def _named(place, label):
    return replace(place, label=label.strip())


def _name(words):
    return "".join(words.split()) if "\n" in words else words
