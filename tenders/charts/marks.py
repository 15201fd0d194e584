"""Data structures of charts: ``x`` and ``width`` are per cent of the drawing, ``y`` and ``height`` are pixels."""

import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from tenders.facets import UNKNOWN

LINE, BAR, GAP = 18, 14, 12  # heights in a row: a line of the label, the bar, the space below
LABEL = 30  # the length of a label's line in Latin letters; a Chinese character counts as two


class LinkedCount(NamedTuple):
    """A count of records: the text beside the number, the number, and the address of the list of these records."""

    words: str
    number: int
    url: str


@dataclass(frozen=True)
class Mark:
    """A number of a chart with the address of the list of the rows it counts; ``url`` is empty where there are none."""

    label: str
    number: int = 0
    url: str = ""
    lines: tuple = ()  # the label, broken into lines
    x: float = 0
    y: float = 0
    width: float = 0
    short: str = ""  # the letters on a tile
    shade: int = 0
    is_unknown: bool = False

    @property
    def height(self):
        """The height of a row of a label and its bar."""
        return LINE * len(self.lines) + BAR + GAP

    @property
    def bar_y(self):
        """The top of the bar, in pixels below ``y``."""
        return LINE * len(self.lines) + 3

    @property
    def bar_end(self):
        """The right end of the bar, where the number is written."""
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class Chart:
    """A chart; ``type`` names its template; ``columns`` and ``rows`` are the same data as a table."""

    name: str
    type: str
    title: str
    summary: str
    base: LinkedCount  # all rows that the chart shows
    columns: list
    marks: list
    rows: list = field(default_factory=list)  # of (label, cells)
    height: float = 0
    ticks: list = field(default_factory=list)
    unknown: list = field(default_factory=list)  # of ``LinkedCount``: rows whose value is unknown
    more: list = field(default_factory=list)  # of ``LinkedCount``: the counts that the summary names

    @property
    def template(self):
        """The path of the template that draws it."""
        return f"components/charts/{self.type}.html"

    @property
    def step(self):
        """The width of a column."""
        return round(100 / len(self.ticks), 2)


class Rows:
    """
    The rows of a filter set: their counts by option of a facet, and the addresses of the lists of these rows.

    If options of a facet are chosen, only these and their descendants are shown: the list of another option would have
    rows that the chart does not count.
    """

    def __init__(self, filterset, facets, total):
        kind = filterset.queryset.model._meta.model_name
        self.filterset, self._address = filterset, reverse(f"{kind}-list")
        self._facets = {facet.name: facet for facet in facets}
        nouns = {
            "tender": npgettext("after a number", "tender", "tenders", total),
            "institution": npgettext("after a number", "institution", "institutions", total),
            "company": npgettext("after a number", "company", "companies", total),
        }
        self.base = LinkedCount(nouns[kind], total, self.url())

    def url(self, options=None):
        """Return the address of the list with the given options, {parameter: values}, in place of the chosen ones."""
        options = options or {}
        chosen = self.filterset.query_string(without=set(options))
        more = [f"{name}={value}" for name, values in options.items() for value in values]
        query = "&".join(filter(None, [chosen, *more]))
        return f"{self._address}?{query}" if query else self._address

    def label(self, name):
        """Return the label of a facet."""
        return self._facets[name].label

    def shows(self, name, value):
        """Return whether all rows of an option are among these rows."""
        chosen = set(self.filterset.data.getlist(name))
        return not chosen or bool(chosen & self.filterset.get_filter(name).with_ancestors(value))

    def options(self, name):
        """Return the options of a facet that are shown and have rows."""
        options = self._facets[name].options if name in self._facets else []
        return [option for option in options if option.number and self.shows(name, option.value)]

    def options_by_number(self, name):
        """Return the same options, those with the most rows first and the unknown one last."""
        return sorted(self.options(name), key=lambda option: (option.value == UNKNOWN, -option.number))

    def unknown(self, name, label=None):
        """Return the count of the rows whose value is unknown, as a list of one or none."""
        return [
            LinkedCount(label or _("Unknown"), option.number, self.url({name: [UNKNOWN]}))
            for option in self.options(name)
            if option.value == UNKNOWN
        ]


def largest_summary(marks):
    """Return a sentence that names the mark with the largest number; empty if several have it."""
    known = [mark for mark in marks if not mark.is_unknown]
    most = max((mark.number for mark in known), default=0)
    first = [mark for mark in known if mark.number == most]
    if len(first) != 1 or len(known) == 1:
        return ""
    return _("Most: %(label)s, %(number)d.") % {"label": first[0].label, "number": most}


def wrap_label(text, width):
    """Break a text between words or Chinese characters into lines of at most ``width`` Latin letters."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return tuple(line.rstrip() for line in lines)


def _pieces(text):
    """Yield what cannot be broken: a word with the space after it, a Chinese character."""
    piece = ""
    for character in text:
        if piece and (piece[-1] == " " or (_width(character) == 2 and unicodedata.category(character) == "Lo")):
            yield piece
            piece = ""
        piece += character
    yield piece


def _width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
