"""The screen of a notice: its text with the quoted words marked, and the fact table with the state of each fact."""

import json
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext as _

from tenders.admin.named_records import NEW
from tenders.admin.notices.proposals import Proposal
from tenders.choices import Fact
from tenders.notices.readings import FactState

MAX_MARKS = 1000  # of one page


@dataclass(frozen=True)
class Part:
    """A piece of the text, with the anchors of the quotations that it is in; one of none is not marked."""

    text: str
    anchors: tuple = ()
    first_of: tuple = ()  # those that begin here

    @property
    def id(self):
        return self.first_of[0] if self.first_of else ""


@dataclass(frozen=True)
class Choice:
    """An option of a row, with what a press fills in: {name of an input: value}."""

    option: object
    value: str  # that names it in a form without script
    fills: dict

    @property
    def fills_json(self):
        return json.dumps(self.fills, ensure_ascii=False)


@dataclass
class ScreenRow:
    """A row of the fact table, with what is proposed of it."""

    row: object
    proposal: Proposal
    number: int
    correction: object = None
    choices: list = field(default_factory=list)

    @property
    def id(self):
        return f"fact-{self.number}-{self.row.attribute.name}"

    @property
    def state(self):
        return self.proposal.state

    @property
    def state_label(self):
        """The state in words; none for what is filled in that no notice states, such as the certainty."""
        return "" if self.row.attribute.fact is None and self.state == FactState.FOUND else self.state.label

    @property
    def is_new_party(self):
        """Whether an organisation is proposed that is not here yet."""
        typed = self.proposal.typed
        return any(name.startswith(NEW) for name in (typed if isinstance(typed, list) else [typed]))

    @property
    def is_check(self):
        return self.state == FactState.CHECK

    @property
    def is_shown(self):
        """Whether it stands in the table; what is not in the notice is folded."""
        return self.state != FactState.ABSENT or self.row.is_open

    @property
    def form(self):
        """The form of the statement of the notice."""
        return self.row.new_statement

    @property
    def anchors(self):
        """The ids of the marked words that belong to it, as a list in an attribute."""
        quotations = [self.proposal.quotation, *(choice.option.quotation for choice in self.choices)]
        found = [quotation.anchor for quotation in quotations if quotation]
        if self.correction:
            spans = (self.correction.before_span, self.correction.after_span)
            found += [f"words-{span.start}" for span in spans if span]
        return " ".join(dict.fromkeys(found))


@dataclass
class ScreenSection:
    """The tender, or one of its awards."""

    title: str
    rows: list
    award_form: object = None
    joint: object = None  # the statement that it was won jointly, which follows from the companies

    @property
    def shown(self):
        return [row for row in self.rows if row.is_shown]

    @property
    def absent(self):
        return [row for row in self.rows if not row.is_shown]


def sections_of(fact_table, draft):
    """Return the ``ScreenSection`` of the tender and of each of its awards."""
    found = []
    for place, section in enumerate(fact_table.sections):
        number = int(section.award_form["number"].value() or 0) if section.award_form else 0
        proposals = draft.awards.get(number, {}) if number else draft.tender
        rows = [
            _row(row, proposals.get(row.attribute.name, Proposal()), number, draft, section) for row in section.rows
        ]
        title = section.title
        if place and (section.is_new or fact_table.is_new):
            label = proposals["lot"].typed if "lot" in proposals else ""
            title = _("Award %(number)s") % {"number": number} if len(draft.awards) > 1 else _("Award")
            title = f"{title} · {label}" if label else title
        joint = fact_table.new_statement(number, Fact.IS_JOINT) if number and "is_joint" in proposals else None
        found.append(ScreenSection(title, rows, section.award_form, joint))
    return found


def _row(row, proposal, number, draft, section):
    screen_row = ScreenRow(row, proposal, number, draft.corrections.get((number, row.attribute.name)))
    if not row.fields:
        return screen_row
    html_name = row.fields[0].html_name
    for index, option in enumerate(proposal.options):
        fills = {html_name: option.typed if isinstance(option.typed, list) else [option.typed]}
        fills |= {
            bound.html_name: [value]
            for bound in row.fields
            for name, value in proposal.more.items()
            if bound.name == name
        }
        form, quotation = row.new_statement, option.quotation
        if form is not None and quotation is not None:
            for name in ("stated", "place", "place_zh"):
                fills[form[name].html_name] = [quotation.words if name == "stated" else getattr(quotation, name)]
        screen_row.choices.append(Choice(option, f"{number}:{row.attribute.name}:{index}", fills))
    return screen_row


def parts_of(draft):
    """Return the text of a notice in pieces, those marked that are quoted."""
    text = draft.reading.text
    quotations = {}
    for _number, _name, proposal in draft.proposals():
        for quotation in (proposal.quotation, *(option.quotation for option in proposal.options)):
            if quotation is not None:
                quotations[quotation.anchor, quotation.end] = quotation
    for correction in draft.reading.corrects:
        for span in (correction.before_span, correction.after_span):
            if span is not None:
                quotations[f"words-{span.start}", span.end] = span
    spans = sorted((span.start, span.end, anchor) for (anchor, _end), span in quotations.items())[:MAX_MARKS]
    borders = sorted({0, len(text), *(border for start, end, _anchor in spans for border in (start, end))})
    parts, begun = [], set()
    for start, end in pairwise(borders):
        anchors = tuple(dict.fromkeys(anchor for first, last, anchor in spans if first <= start and end <= last))
        first_of = tuple(anchor for anchor in anchors if anchor == f"words-{start}" and anchor not in begun)
        begun |= {*first_of}
        parts.append(Part(text[start:end], anchors, first_of))
    return parts
