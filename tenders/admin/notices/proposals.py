"""What is proposed for a field of the form of a tender, and which words of the notice state it."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from tenders.models import Citation
from tenders.notices.readings import FactState

MAX_WORDS = Citation._meta.get_field("stated").max_length
MAX_PLACE = Citation._meta.get_field("place").max_length


@dataclass(frozen=True)
class Quotation:
    """The exact words of a notice, their offsets in its text, and the place in words, in two languages."""

    words: str
    start: int
    end: int
    place: str
    place_zh: str

    @property
    def anchor(self):
        """The id of the marked words on the page."""
        return f"words-{self.start}"


def quotation_of(reading, span):
    """Return the ``Quotation`` of a span of a notice; None for no span, and for words too long to be quoted."""
    if span is None:
        return None
    start, end = span.start, span.end
    words = " ".join(reading.text[start:end].split())
    if not words or len(words) > MAX_WORDS:
        return None
    with override("en"):
        place = str(span.place)[:MAX_PLACE]
    with override("zh-hans"):
        place_zh = str(span.place)[:MAX_PLACE]
    return Quotation(words, start, end, place, "" if place_zh == place else place_zh)


@dataclass(frozen=True)
class Option:
    """A value that an editor may take with one press: how it is typed, how it is shown, and what states it."""

    typed: object  # a text, or a list of texts
    shown: str
    quotation: Quotation | None = None


@dataclass(frozen=True)
class Proposal:
    """
    What is proposed for a field: how it is typed in the form, empty if in doubt or not stated, and what states it.

    ``record`` is the canonical value that the known tender has, ``stated`` the one of the notice, both empty for a
    field that is to be filled.
    """

    typed: object = ""
    quotation: Quotation | None = None
    options: tuple = ()
    reason: str = ""
    stated: str = ""
    record: str = ""
    shown: str = ""  # of what is stated beside a value of the record
    more: dict = field(default_factory=dict)  # other fields of the same row, by name

    @property
    def state(self):
        if self.reason or self.options or self.is_disputed:
            return FactState.CHECK
        return FactState.FOUND if self.typed or self.stated else FactState.ABSENT

    @property
    def is_disputed(self):
        """Whether the known tender has another value."""
        return bool(self.record and self.stated and self.record != self.stated)

    @property
    def sentence(self):
        """Why an editor has to look at it."""
        if self.reason:
            return self.reason
        if self.is_disputed:
            return _("The record has another value. Both statements stay; tick “Used” to follow this notice.")
        return _("Choose one of the values.") if self.options else ""
