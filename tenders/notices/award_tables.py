"""Awards in tables with a row of headers: one a row, by lot."""

import re

from tenders.notices.award_parts import LOT_LINE, Award, AwardParts, named
from tenders.notices.labels import LOT
from tenders.notices.marks import NUMERAL
from tenders.notices.names import FAILED
from tenders.notices.parties import span_of
from tenders.notices.readings import Reading
from tenders.notices.sums import lot_number, read_sum

WON = re.compile(r"^(?:中标|成交|中选|是|已成交|已中标|入围|采购成功|成功|√)$")
LOST = re.compile(r"^(?:否|未中标|未成交|未入围|未中选|落标|×)$")
OF_WINNERS = re.compile("中标|成交|中选|入围|乙方")
SUM_ROW = re.compile(r"^(?:合 ?计|总 ?计|小 ?计|共 ?计|总 ?价|总 ?金 ?额|(?:中标|成交)?总(?:金额|价)|合计金额)")


class TableAwards(AwardParts):
    """The awards of tables; ``budget`` is that of the whole, if a row of sums states it."""

    def __init__(self, document, reader):
        super().__init__(document, reader)
        self.budget = Reading()
        self.details = []  # awards of which only a sum is known

    def read(self, grid):
        """Read the awards of one table."""
        fields = {column.field for column in grid.columns.values()}
        if "before" in fields or "after" in fields:
            return
        if "supplier" not in fields and not ("bidder" in fields and "result" in fields):
            if "amount" in fields and fields.isdisjoint({"bidder", "candidate", "project_name"}):
                self._read_details(grid)
            return
        if not fields.isdisjoint({"rank", "score"}) and not self._has_winners(grid):
            return  # a table of all who bid
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
                    self.append(award)
                    last = award
                    continue
                last.winners += [party for party in award.winners if party.name not in last.names()]
                last.sums += award.sums
                continue
            self.append(award)
            last = award

    def _has_winners(self, grid):
        """Return whether a header says that the names below are those of winners, or a column who has won."""
        if grid.column("result") is not None:
            return True
        columns = [grid.column("supplier"), *([] if grid.column("rank") else [grid.column("amount")])]
        return any(column is not None and OF_WINNERS.search(column.label) for column in columns)

    def _read_details(self, grid):
        """Read the amount of a table that has one row and no winners: the details of a lot."""
        rows = list(grid.rows())
        if len(rows) == 1:
            number, cells = rows[0]
            row = grid.table.rows[number]
            award = Award(lot=self._lot_above(grid.table) or self._lot_before(grid.table))
            self._read_grid_sums(grid, row, {"amount": cells.get("amount")}, award, self.reader.place(row[0].start))
            self.details.append(award)

    def _lot_before(self, table):
        """Return the lot with which one of the fifteen lines above a table begins, or an empty text."""
        for line in reversed(self.folded[max(0, table.start - 1500) : table.start].split("\n")[-15:]):
            if match := LOT_LINE.match(line.strip()):
                return lot_number(match["lot"])
        return ""

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
        if (result := cells.get("result")) and LOST.match(folded[result.start : result.end].strip()):
            return None
        if winner is not None:
            self.add_winners(award, winner.start, winner.end, place, grid.column("supplier"))
        self._read_grid_sums(grid, row, cells, award, place)
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

    def _read_grid_sums(self, grid, row, cells, award, place):
        for name in ("amount", "total", "rate", "unit_price"):
            cell, column = cells.get(name), grid.column(name)
            if cell is None or (name != "amount" and award.sums and award.sums[0].value is not None):
                continue
            label = column.label + ("单价" if name == "unit_price" else "")
            found = self._sum(grid, cell, column, place, label=label, is_rate=name == "rate")
            if found is not None:
                award.sums.append(found)
        others = grid.all_cells(row, "amount") if cells.get("amount") is not None else []
        for column, cell in others:
            found = self._sum(grid, cell, column, place) if cell is not cells["amount"] else None
            if found is not None:
                award.sums.append(found)
        if (cell := cells.get("budget")) is not None:
            found = self._sum(grid, cell, grid.column("budget"), place)
            award.budget = found.reading if found is not None else Reading()

    def _sum(self, grid, cell, column, place, *, label="", is_rate=False):
        """Return the sum in a cell, in the unit of its column or of the table."""
        return read_sum(
            self.document,
            cell.start,
            cell.end,
            label=label or column.label,
            unit=column.unit or grid.unit,
            place=named(place, column.label),
            rule="table",
            is_rate=is_rate,
        )

    def _read_sum_row(self, grid, row, cells):
        place = self.reader.place(row[0].start)
        if (budget := cells.get("budget")) is not None:
            found = self._sum(grid, budget, grid.column("budget"), place)
            self.budget = found.reading if found is not None else self.budget
        column = grid.column("amount") or grid.column("total")
        cell = cells.get("amount") or cells.get("total")
        places = [cell] if cell is not None else []
        places += [cell for cell in reversed(row) if cell not in places]
        for found_cell in places:
            found = self._sum(grid, found_cell, column, place) if column is not None else None
            if found is not None:
                self.totals.append(found)
                return

    def _read_code(self, cells, award):
        cell = cells.get("credit_code")
        if cell is not None and len(award.winners) == 1:
            place = self.reader.place(cell.start)
            award.winners[0] = self.with_code(award.winners[0], cell.start, cell.end, place)

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
