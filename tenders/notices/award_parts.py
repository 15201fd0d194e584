"""An award of a notice while it is put together: its winners, its sums, its lot."""

import re
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from tenders.notices.credit import read_credit_code
from tenders.notices.labels import LOT
from tenders.notices.names import JOINT, LEADER, ORGANISATION, ROLES, split_organisations
from tenders.notices.parties import span_of
from tenders.notices.readings import Party, Reading, Span, UnreadableNotice

LOT_LINE = re.compile(rf"(?P<lot>{LOT.pattern})(?:号)?(?= ?[\s:(、,;]|$)[ :、,]{{0,4}}")
MAX_AWARDS = 500
TOO_MANY = _("This notice has more than 500 lots or winners. Read it by hand, or paste it in parts.")


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


class AwardParts:
    """What tables and lines share: they read ``awards``, ``totals`` and ``warnings``."""

    def __init__(self, document, reader):
        self.document, self.folded, self.reader = document, document.folded, reader
        self.awards, self.totals, self.warnings = [], [], []

    def append(self, award):
        """Add an award, unless there are more than anybody can check."""
        if len(self.awards) >= MAX_AWARDS:
            raise UnreadableNotice(TOO_MANY)
        self.awards.append(award)

    def with_code(self, party, start, end, place):
        """Return a winner with the credit code in a part of the text, if it is valid."""
        code, warning = read_credit_code(self.document, start, end, place)
        if warning is not None:
            self.warnings.append(warning)
        return Party(party.name, party.span, code or party.credit_code)

    def add_winners(self, award, start, end, place, column=None):
        """Add the organisations that a part of the text names to an award."""
        names = split_organisations(self.folded, start, end)
        words = self.folded[start:end]
        for name in names:
            folded = self.folded[slice(*name)]
            if not ORGANISATION.search(folded) and not re.search("[A-Za-z]{3}", folded):
                continue
            span = span_of(self.document, *name, named(place, column.label) if column else place, "winner")
            award.winners.append(Party(name_of(span.words(self.document.text)), span))
        joint = ROLES.search(words) or JOINT.search(words) or LEADER.search(words)
        if len(award.winners) > 1 and joint:
            award.is_joint = True
            award.joint_span = Span(start + joint.start(), start + joint.end(), place, "consortium")


def named(place, label):
    """Return a place with the header of a column as its label."""
    return replace(place, label=label.strip())


def name_of(words):
    """Return a name, without the blanks of a line break."""
    return "".join(words.split()) if "\n" in words else words
