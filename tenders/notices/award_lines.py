"""Awards in lines: behind labels, and behind the number of a lot at the beginning of a line."""

import re
from bisect import bisect_left, bisect_right

from tenders.notices.award_parts import LOT_LINE, Award, AwardParts, name_of
from tenders.notices.labels import LOT
from tenders.notices.marks import HEADING, NUMERAL
from tenders.notices.names import FAILED, ORGANISATION, STRONG, split_organisations
from tenders.notices.parties import span_of
from tenders.notices.readings import Party, Span
from tenders.notices.sums import lot_number, pieces_by_lot, read_sum

LATER_LOT = re.compile(rf"(?<=[;。])[ ]?{LOT_LINE.pattern}")
NAMED_WINNER = re.compile(
    r"(?:确定|决定|评定|选定) ?(?P<name>[^\n。;:]{4,80}?) ?为"
    r"(?:本项目|本次采购|该项目)?的?(?:中标|成交)(?:供应商|人|单位|商)"
)
NEXT_LOT = re.compile(rf"[;。][ ]?{LOT.pattern}")


class LineAwards(AwardParts):
    """The awards of labels and lines, in the order of the text; tables with headers are read elsewhere."""

    def __init__(self, document, entries, grids, reader):
        super().__init__(document, reader)
        self.entries, self.grids = entries, grids
        self.label_starts = sorted(entry.label_start for entry in entries)
        self.by_lot = {}
        self.last_sums = None  # where a line 大写 or 小写 belongs

    def read(self):
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

    def read_sentence(self):
        """Read the winner of a sentence, where no label names one: 确定 X 公司为成交供应商."""
        for match in NAMED_WINNER.finditer(self.folded, 0, 20_000):
            place = self.reader.place(match.start())
            award = next((award for award in self.awards if not award.winners), None) or Award()
            self.add_winners(award, *match.span("name"), place)
            if award.winners and award not in self.awards:
                self.append(award)
            if award.winners:
                return

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
                for later in LATER_LOT.finditer(self.folded[match.end() : end]):
                    yield LOT_LINE.search(self.folded, match.end() + later.start(), end)

    def _read_rest(self, match, lot):
        """Read what stands behind a lot without a label: the winner and the amount, the failure, or the title."""
        start = match.end()
        end = self.folded.find("\n", start)
        end = len(self.folded) if end < 0 else end
        following_label = bisect_left(self.label_starts, start)
        labels = self.label_starts[following_label : following_label + 1]
        following = NEXT_LOT.search(self.folded, start, end)
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
        elif STRONG.search(pieces[0]) and self._speaks_of_winners(start):
            award = self._award(lot, [])
            self.add_winners(
                award, start, start + len(self.folded[start:end].split(pieces[0])[0]) + len(pieces[0]), place
            )
            found = read_sum(self.document, start, end, place=place, rule="line of a lot")
            if found is not None:
                award.sums.append(found)
        elif len(words) <= 60 and not re.search(r"[¥%]|\d{4}|元", words):
            self._award(lot, []).title = self.document.text[start:end].strip(" ,;:。：，；()（）")

    def _speaks_of_winners(self, offset):
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
            award.winners[0] = self.with_code(award.winners[0], entry.start, entry.end, entry.place)
        elif name == "lot_title" and lot:
            self._award(lot, []).title = self.document.text[entry.start : entry.end].split("\n")[0].strip()[:200]

    def _read_winners(self, entry, lot):
        for number, start, end in pieces_by_lot(self.folded, entry.start, entry.end) or [(lot, entry.start, entry.end)]:
            probe = Award()
            self.add_winners(probe, start, end, entry.place)
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
                award.winners.append(Party(name_of(span.words(self.document.text)), span))
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
        self.append(Award(lot=lot))
        of_lot.append(self.awards[-1])
        return self.awards[-1]
