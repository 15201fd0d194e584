"""
What was read from a notice, as data: facts, lots, corrections and warnings, each with its place in the text.

``tenders.notices.read_notice(content, name="…")`` returns a ``NoticeReading`` or raises ``UnreadableNotice``.
All places are offsets into ``NoticeReading.text``, the text that is shown: personal data is masked in it.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import AwardStatus, TenderStatus
from tenders.notices.codes import AmountKind, FactState, NoticeKind, WarningCode

# Names of facts, in the order of a form. Values: text, but
#   buyer: a tuple of names; budget, ceiling, total: Decimal in yuan; region: an ISO code (CN-GD);
#   *_date: a partial date ("2019", "2019-06", "2019-06-19"); tender_status: a TenderStatus;
#   method: the Chinese word in its usual form (公开招标, 竞争性磋商, …).
FACTS = (
    "project_name",
    "project_number",
    "buyer",
    "agency",
    "method",
    "region",
    "city",
    "budget",
    "ceiling",
    "total",
    "notice_date",
    "first_notice_date",
    "tender_notice_date",
    "opening_date",
    "award_date",
    "contract_date",
    "tender_status",
    "contract_number",
    "proposed_supplier",
)


class UnreadableNotice(ValidationError):  # noqa: N818 - what it is about, as ValidationError of Django
    """A file or text that is refused, with a sentence that says what to do instead."""


@dataclass(frozen=True)
class Place:
    """Where something stands in a notice, in the words of the notice."""

    heading: str = ""  # the numbered heading above it: 三、中标信息
    label: str = ""  # the label before it or the header above it: 总中标金额
    is_summary: bool = False  # in the table or list 公告概要 at the top
    is_title: bool = False
    table: int | None = None  # number of the table in the notice, from 1
    row: int | None = None  # number of its row, from 1
    line: int = 0  # number of the line of the kept text, from 1

    def __str__(self):
        """Return the place as readers look for it: “summary table, 总中标金额”; “三、中标信息, table 1, row 2”."""
        if self.is_title:
            return _("title")
        parts = [_("summary table")] if self.is_summary else [self.heading] if self.heading else []
        if self.table is not None and not self.is_summary:
            parts.append(_("table %(table)s, row %(row)s") % {"table": self.table, "row": self.row})
        if self.label and self.label not in self.heading:
            parts.append(self.label)
        return ", ".join(parts) or _("line %(line)s") % {"line": self.line}


@dataclass(frozen=True)
class Span:
    """A part of the kept text that states something, and the name of the rule that found it."""

    start: int
    end: int
    place: Place = Place()
    rule: str = ""

    def words(self, text):
        """Return the words of the notice at this place."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class Candidate:
    """A value that a place in the notice may state."""

    value: object
    span: Span


@dataclass(frozen=True)
class NoticeWarning:
    """What an editor has to know, as a code with parameters, and where it was seen, if at one place."""

    code: WarningCode
    span: Span | None = None
    params: dict = field(default_factory=dict, hash=False)

    @property
    def sentence(self):
        """Return the warning in the active language, with what the notice has."""
        words = self.params.get("details", "")
        warning = self.code.label
        return (
            _("%(warning)s The notice says: %(words)s") % {"warning": warning, "words": words}
            if words
            else str(warning)
        )


@dataclass(frozen=True)
class Reading:
    """
    One fact: a value with its place, or none with the candidates and the reason.

    ``spans`` has one span for each value of a fact with several values (buyers), else one, or none without a value.
    """

    value: object = None
    spans: tuple[Span, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    reason: NoticeWarning | None = None

    @property
    def span(self):
        """Return the place of the value (of the first), or None."""
        return self.spans[0] if self.spans else None

    @property
    def state(self):
        """Return whether the fact is found, is to be checked, or is not in the notice."""
        if self.reason is not None or (self.value is None and self.candidates):
            return FactState.CHECK
        return FactState.ABSENT if self.value is None else FactState.FOUND


@dataclass(frozen=True)
class Party:
    """A winner of a lot: its name and place, and its credit code if stated and valid."""

    name: str
    span: Span
    credit_code: str = ""


@dataclass(frozen=True)
class LotReading:
    """A lot (包, 标项, 标段), or the whole purchase if it has none: who won it, and for how much."""

    lot: str = ""  # as the notice numbers it: 1, A; empty for the whole purchase
    title: str = ""
    winners: tuple[Party, ...] = ()
    is_joint: bool = False
    joint_span: Span | None = None
    amount: Reading = Reading()  # Decimal in yuan
    amount_kind: AmountKind = AmountKind.NONE
    amount_stated: str = ""  # the words of the notice, also of a rate
    budget: Reading = Reading()
    status: AwardStatus = AwardStatus.ACTIVE
    span: Span | None = None


@dataclass(frozen=True)
class CorrectionReading:
    """A fact that a correction changes, before and after; ``fact`` is a name of ``FACTS``, award_amount, or empty."""

    fact: str
    label: str
    before: str
    after: str
    before_span: Span | None = None
    after_span: Span | None = None
    before_value: Decimal | str | None = None
    after_value: Decimal | str | None = None


@dataclass(frozen=True)
class Project:
    """One of several projects of a procurement plan."""

    name: str
    span: Span
    budget: Reading = Reading()
    planned_date: str = ""


@dataclass(frozen=True)
class RankedCandidate:
    """A candidate (中标候选人) with its rank."""

    name: str
    span: Span
    rank: int | None = None
    amount: Reading = Reading()


@dataclass(frozen=True)
class NoticeReading:
    """What was read from one notice. ``facts`` has every name of ``FACTS``."""

    text: str
    encoding: str  # utf-8, gb18030, utf-16
    kind: NoticeKind
    labels_version: str
    title: str = ""
    title_span: Span | None = None
    kind_span: Span | None = None
    facts: dict[str, Reading] = field(default_factory=dict)
    lots: tuple[LotReading, ...] = ()
    corrects: tuple[CorrectionReading, ...] = ()
    projects: tuple[Project, ...] = ()
    ranked: tuple[RankedCandidate, ...] = ()
    warnings: tuple[NoticeWarning, ...] = ()

    def words(self, span):
        """Return the exact words of the notice at a place."""
        return span.words(self.text)


__all__ = [
    "FACTS",
    "AmountKind",
    "AwardStatus",
    "Candidate",
    "CorrectionReading",
    "FactState",
    "LotReading",
    "NoticeKind",
    "NoticeReading",
    "NoticeWarning",
    "Party",
    "Place",
    "Project",
    "RankedCandidate",
    "Reading",
    "Span",
    "TenderStatus",
    "UnreadableNotice",
    "WarningCode",
]
