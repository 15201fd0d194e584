"""From the bytes of a notice to its reading: text, masking, labels, facts, awards, checks, warnings."""

import re
from dataclasses import replace

from tenders.choices import AwardStatus, TenderStatus
from tenders.notices import labels
from tenders.notices.awards import read_awards
from tenders.notices.checks import AmountChecker
from tenders.notices.codes import AmountKind, NoticeKind, WarningCode
from tenders.notices.corrections import read_corrections
from tenders.notices.decoding import check_length, decode
from tenders.notices.entries import EntryReader
from tenders.notices.facts import (
    read_budget,
    read_dates,
    read_method,
    read_notice_date,
    read_number,
    read_project_name,
)
from tenders.notices.grids import add_tables, find_grids
from tenders.notices.joining import join_broken_lines
from tenders.notices.kinds import STATUS, find_kind, find_title
from tenders.notices.listings import read_candidates, read_projects
from tenders.notices.names import clean_organisation
from tenders.notices.pages import read_page
from tenders.notices.parties import (
    buyer_of_title,
    entrusting,
    read_agency,
    read_buyers,
    read_city,
    read_region,
    region_warning,
    span_of,
)
from tenders.notices.pasted import read_pasted
from tenders.notices.personal import mask
from tenders.notices.readings import FACTS, LotReading, NoticeReading, NoticeWarning, Party, Reading, Span
from tenders.notices.sums import lot_number

MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|table|tr|td|div|p|span|br|h[1-6]|meta|ul|li|section)[\s>/]", re.IGNORECASE
)
AWARDED = {NoticeKind.AWARD, NoticeKind.CONTRACT, NoticeKind.FRAMEWORK, NoticeKind.CORRECTION}
OTHER_LOTS = re.compile(
    r"(?:其他|其它|其余|另外?|剩余)[^。\n,;]{0,6}(?:包|标段|标项|分标|品目|子包)[^。\n]{0,20}(?:另行|详见|见|公告|公布|公示|待|后续|单独)"
    r"|(?:包|标段|标项|分标)(?:的)?(?:中标|成交|采购)?结果[^。\n,]{0,6}(?:另行|详见其|见另|将另)|(?:另行|另)(?:公告|公示|公布)[^。\n]{0,8}(?:包|标段|标项|分标)"
)
LOT_OF_TITLE = re.compile(rf"{labels.LOT.pattern}")
FAILURE_WORDS = re.compile("按?废标处理|作?废标|流标|终止|取消|失败")
TRADITIONAL_SHARE = 50  # one in fifty Chinese characters


def read_notice(content, *, name="", is_text=False):
    """
    Return the ``NoticeReading`` of the bytes of a page or a text; ``is_text`` says that they were pasted.

    Raises ``UnreadableNotice`` for what is refused: more than 1 MiB or 200,000 cells, other formats, nothing to read.
    """
    text, encoding = decode(content, name=name, is_text=is_text)
    document = document_of(text)
    grids = find_grids(document)
    reader = EntryReader(document, grids=grids)
    masked = mask(document, reader.read(), grids)
    if masked != document.text:
        document = document.masked(masked)
        reader = EntryReader(document, grids=grids)
        reader.read()
    return _Notice(document, encoding, grids, reader).reading()


def document_of(text):
    """Return the document of a text, as a page if it has the markup of one."""
    if len(MARKUP.findall(text, 0, 20_000)) >= 2 or text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        document = read_page(text)
    else:
        check_length(len(text.strip()))
        text, is_joined = join_broken_lines(text)
        document = read_pasted(text)
        if is_joined:
            document.remarks.add(WarningCode.BROKEN_LINES_JOINED)
    add_tables(document)
    return document


class _Notice:
    """Reads all facts of a document from which personal data is gone."""

    def __init__(self, document, encoding, grids, reader):
        self.document, self.encoding, self.grids = document, encoding, grids
        self.reader, self.entries = reader, reader.entries
        self.title_span = find_title(document)
        self.kind = find_kind(document, self.title_span, self.entries, grids)
        self.facts = dict.fromkeys(FACTS, Reading())
        self.warnings = [NoticeWarning(code) for code in sorted(document.remarks)]
        self.lots, self.corrects, self.projects, self.ranked = (), (), (), ()

    def reading(self):
        """Return the reading."""
        if self._is_traditional():
            self._warn(WarningCode.TRADITIONAL_CHARACTERS)
        if self.kind == NoticeKind.NOT_A_NOTICE:
            self._warn(WarningCode.NOT_A_NOTICE, details="")
        else:
            if self.kind == NoticeKind.CORRECTION:
                self._read_corrections()
            self._read_facts()
            self._read_money()
            self._read_lists()
            self._apply_corrections()
            self._read_status()
            self._tell_reasons()
        title = self.title_span.words(self.document.text) if self.title_span else ""
        return NoticeReading(
            text=self.document.text,
            encoding=self.encoding,
            kind=self.kind,
            labels_version=labels.VERSION,
            title=" ".join(title.split()),
            title_span=self.title_span,
            facts=self.facts,
            lots=tuple(self.lots),
            corrects=self.corrects,
            projects=self.projects,
            ranked=self.ranked,
            warnings=tuple(self.warnings),
        )

    def _warn(self, code, span=None, *, details=""):
        if code not in {warning.code for warning in self.warnings}:
            self.warnings.append(NoticeWarning(code, span, {"details": details} if details else {}))

    def _add(self, warnings):
        for warning in warnings:
            if warning.code not in {known.code for known in self.warnings}:
                self.warnings.append(warning)

    def _is_traditional(self):
        changed = sum(
            1
            for one, other in zip(self.document.text, self.document.folded, strict=True)
            if one != other and "\u4e00" <= one <= "\u9fff"
        )
        chinese = sum(1 for character in self.document.text if "\u4e00" <= character <= "\u9fff")
        return changed >= 5 and changed * TRADITIONAL_SHARE >= chinese

    def _read_facts(self):
        document, entries, facts = self.document, self.entries, self.facts
        agency, buyer = entrusting(document, self.reader)
        facts["project_name"] = read_project_name(document, entries, self.reader, self.title_span)
        facts["project_number"] = read_number(document, entries, title_span=self.title_span)
        facts["contract_number"] = read_number(document, entries, "contract_number")
        facts["buyer"] = buyers = read_buyers(document, entries, buyer)
        if self.kind == NoticeKind.INTENTION and not buyers.spans and not buyers.candidates and self.title_span:
            facts["buyer"] = buyers = buyer_of_title(document, self.title_span)
        facts["agency"] = read_agency(document, entries, agency)
        facts["method"], warnings = read_method(document, entries, self.reader, self.title_span, self.kind)
        self._add(warnings)
        facts["region"] = region = read_region(document, entries, buyers)
        facts["city"] = read_city(document, entries, buyers, region)
        facts |= read_dates(document, entries, self.kind)
        facts["notice_date"] = read_notice_date(document, entries, self.reader, self.title_span, self.kind)
        self._add(region_warning(region, True))
        if len(buyers.spans) > 1:
            self._warn(WarningCode.SEVERAL_BUYERS, buyers.spans[0])

    def _read_money(self):
        document, facts = self.document, self.facts
        facts["budget"], budgets = read_budget(document, self.entries, "budget")
        facts["ceiling"], _ceilings = read_budget(document, self.entries, "ceiling")
        if budgets and facts["budget"].value is None and not facts["budget"].candidates:
            self._warn(WarningCode.BUDGET_BY_LOT, next(iter(budgets.values())).span)
        if self.kind in AWARDED:
            awards, totals, whole_budget, warnings = read_awards(document, self.entries, self.grids, self.reader)
            self._name_only_lot(awards)
            if facts["budget"].value is None and not facts["budget"].candidates:
                facts["budget"] = whole_budget
            if any(award.budget.value is not None and award.lot for award in awards) and facts["budget"].value is None:
                self._warn(WarningCode.BUDGET_BY_LOT, next(a.budget.span for a in awards if a.budget.value is not None))
            checker = AmountChecker(
                awards, totals, facts["budget"], facts["ceiling"], budgets, is_contract=self.kind == NoticeKind.CONTRACT
            )
            self.lots = checker.lots
            self._fail_without_winner()
            facts["total"] = checker.total
            self._add([*warnings, *(w for w in checker.warnings if w.code != WarningCode.VALUES_DIFFER)])
            if other := OTHER_LOTS.search(document.folded):
                self._warn(
                    WarningCode.OTHER_LOTS_ELSEWHERE, Span(other.start(), other.end(), self.reader.place(other.start()))
                )
        elif self.kind not in {NoticeKind.INTENTION}:
            self._warn_lot_budgets()

    def _fail_without_winner(self):
        """Call a notice of results that names no winner, but why there is none, a failure."""
        reasons = [entry for entry in self.entries if entry.field == "failure" and entry.start < entry.end]
        if self.kind == NoticeKind.AWARD and reasons and not any(lot.winners for lot in self.lots):
            self.kind, self.lots = NoticeKind.FAILED, ()

    def _warn_lot_budgets(self):
        for grid in self.grids:
            if grid.column("budget") and grid.column("lot") and self.facts["budget"].value is None:
                self._warn(WarningCode.BUDGET_BY_LOT, self._span(grid.column("budget").cell))

    def _span(self, cell):
        return Span(cell.start, cell.end, self.reader.place(cell.start), "table")

    def _name_only_lot(self, awards):
        """Give the lot that the title names to the only award, and say that others are elsewhere."""
        if self.title_span is None or ({award.lot for award in awards} - {""} and len(awards) > 1):
            return
        title = self.document.folded[self.title_span.start : self.title_span.end]
        found = list(LOT_OF_TITLE.finditer(title))
        if len(found) == 1 and len(awards) == 1 and not re.search("分包$|包括", title[: found[0].start()][-2:]):
            number = lot_number(found[0][0])
            if awards[0].lot in {"", number}:
                awards[0].lot = number
                start = self.title_span.start + found[0].start()
                self._warn(
                    WarningCode.OTHER_LOTS_ELSEWHERE,
                    Span(start, start + len(found[0][0]), self.title_span.place, "title"),
                    details=found[0][0],
                )

    def _read_lists(self):
        document, entries = self.document, self.entries
        if self.kind == NoticeKind.INTENTION:
            self.projects = read_projects(document, entries, self.grids, self.reader)
            if len(self.projects) > 1:
                self._warn(WarningCode.SEVERAL_PROJECTS, self.projects[0].span)
                self.facts["project_name"], self.facts["budget"] = Reading(), Reading()
            elif self.projects:
                project = self.projects[0]
                self.facts["project_name"] = Reading(project.name, (project.span,))
                if project.budget.value is not None or project.budget.candidates:
                    self.facts["budget"] = project.budget
                    self._add([project.budget.reason] if project.budget.reason else [])
        elif self.kind == NoticeKind.CANDIDATES:
            self.ranked = read_candidates(document, entries, self.grids, self.reader)
            self._warn(WarningCode.CANDIDATE_IS_NO_WINNER, self.ranked[0].span if self.ranked else None)
        elif self.kind == NoticeKind.SINGLE_SOURCE:
            self._read_proposed()
        elif self.kind == NoticeKind.FRAMEWORK and not any(lot.amount.value is not None for lot in self.lots):
            self._warn(WarningCode.FRAMEWORK_WITHOUT_AMOUNT, self.lots[0].span if self.lots else None)

    def _read_proposed(self):
        for entry in self.entries:
            is_proposed = entry.field in {"proposed_supplier", "supplier"}
            if is_proposed or (entry.field == "name" and entry.party == "proposed_supplier"):
                found = clean_organisation(self.document.folded, entry.start, entry.end)
                if found:
                    span = span_of(self.document, *found, entry.place, f"label {entry.label}")
                    self.facts["proposed_supplier"] = Reading(span.words(self.document.text), (span,))
                    break
        self._warn(WarningCode.PROPOSED_SUPPLIER_IS_NO_WINNER, self.facts["proposed_supplier"].span)

    def _read_corrections(self):
        """Read what is corrected, and leave the words before and after out of the rest."""
        self.corrects = read_corrections(self.document, self.entries, self.grids, self.reader)
        first = self.corrects[0].after_span if self.corrects else None
        self._warn(WarningCode.CORRECTION, first)
        spans = [span for pair in self.corrects for span in (pair.before_span, pair.after_span)]
        self.entries = [
            entry for entry in self.entries if not any(span.start <= entry.start < span.end for span in spans)
        ]

    def _apply_corrections(self):
        if self.kind != NoticeKind.CORRECTION:
            return
        self.facts["total"] = Reading()
        self.lots = corrected_lots(self.lots, self.corrects)
        for pair in self.corrects:
            if pair.fact in {"budget", "ceiling", "opening_date", "award_date"} and pair.after_value is not None:
                self.facts[pair.fact] = Reading(pair.after_value, (pair.after_span,))

    def _read_status(self):
        status = STATUS.get(self.kind)
        span = self.title_span
        has_failed = bool(self.lots) and all(lot.status == AwardStatus.UNSUCCESSFUL for lot in self.lots)
        if self.kind in {NoticeKind.AWARD, NoticeKind.FRAMEWORK} and has_failed:
            status, span = TenderStatus.UNSUCCESSFUL, self.lots[0].span
        if self.kind in {NoticeKind.FAILED, NoticeKind.CANCELLED}:
            span = self._reason() or span
        if status is not None:
            self.facts["tender_status"] = Reading(TenderStatus(status), (span,) if span else ())

    def _tell_reasons(self):
        """Warn of what leaves facts empty, but for values that merely differ: they stand beside their fact."""
        for reading in self.facts.values():
            if reading.reason is not None and reading.reason.code != WarningCode.VALUES_DIFFER:
                self._add([reading.reason])
        for name in ("project_number", "project_name"):
            reading = self.facts[name]
            cells = {entry.start for entry in self.entries if entry.is_cell and entry.field == name}
            if reading.reason is not None and all(c.span.start in cells for c in reading.candidates):
                self._warn(WarningCode.SEVERAL_PROJECTS, reading.candidates[0].span)

    def _reason(self):
        """Return the words with which a reason says that the purchase ended."""
        for entry in self.entries:
            match = FAILURE_WORDS.search(self.document.folded, entry.start, entry.end)
            if entry.field == "failure" and match:
                return Span(match.start(), match.end(), entry.place, "reason")
        return None


def corrected_lots(lots, corrects):
    """Return the lots with the winner and the amount after the correction, if one of each is corrected."""
    amounts = [pair for pair in corrects if pair.fact == "award_amount" and pair.after_value is not None]
    winners = [pair for pair in corrects if pair.fact == "supplier" and pair.after_value is not None]
    if len(lots) > 1 or len(amounts) > 1 or len(winners) > 1 or not (lots or winners):
        return lots
    lot = lots[0] if lots else LotReading()
    if winners:
        lot = replace(lot, winners=(Party(winners[0].after, winners[0].after_span),), span=winners[0].after_span)
    if amounts:
        reading = Reading(amounts[0].after_value, (amounts[0].after_span,))
        lot = replace(lot, amount=reading, amount_kind=AmountKind.AMOUNT, amount_stated=amounts[0].after)
    return (lot,)
