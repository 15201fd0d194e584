"""
What charts are made of.

Widths and places from left to right are per cent of the drawing, so that text keeps its size on any screen; heights
and places from top to bottom are pixels.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from tenders.facets import UNKNOWN

LINE, BAR, GAP = 18, 14, 12  # of a row: each line of its label, its bar, the space below
LABEL = 30  # the length of a line in Latin letters; a Chinese character is as wide as two
ROOM = 17  # what a bar leaves to the right for its number


class Listed(NamedTuple):
    """A number of records in words, with the list of just these."""

    words: str
    number: int
    url: str


@dataclass(frozen=True)
class Mark:
    """One number of a chart, with the list of just these rows; no address where there is nothing to list."""

    label: str
    number: int
    url: str = ""
    lines: tuple = ()  # the label as it is drawn
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    short: str = ""  # the few letters on a tile
    shade: int = 0
    is_unknown: bool = False

    @property
    def bar_y(self):
        """Where its bar begins, below its top."""
        return LINE * len(self.lines) + 3

    @property
    def bar_end(self):
        """Where its bar ends, and its number begins."""
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class Chart:
    """A chart: ``type`` names its template; ``columns`` and ``rows`` are the same data as a table."""

    name: str
    type: str
    title: str
    summary: str
    base: Listed  # all that it is a chart of
    columns: list
    rows: list  # of (label, cells)
    marks: list
    height: float = 0
    ticks: list = field(default_factory=list)
    unknown: list = field(default_factory=list)  # of ``Listed``: what it cannot place
    more: list = field(default_factory=list)  # of ``Listed``: what its words speak of

    @property
    def template(self):
        """The template that draws it."""
        return f"components/charts/{self.type}.html"

    @property
    def step(self):
        """The width of each of its columns."""
        return round(100 / len(self.ticks), 2)


class Rows:
    """
    The rows of a filter set: their numbers by the options of its facets, and the addresses of parts of them.

    An option is shown where its list has just the rows that are counted. Where options of its facet are chosen, that
    is these and what stands under them: another would lead to rows that the chart is not of.
    """

    def __init__(self, filterset, list_name, facets, total):
        self.filterset, self._address = filterset, reverse(list_name)
        self._facets = {facet.name: facet for facet in facets}
        words = {
            "tender-list": npgettext("after a number", "tender", "tenders", total),
            "institution-list": npgettext("after a number", "institution", "institutions", total),
            "company-list": npgettext("after a number", "company", "companies", total),
        }
        self.base = Listed(words[list_name], total, self.url())

    def url(self, options=None):
        """Return the address of the rows that have any of some values of each of some parameters."""
        options = options or {}
        chosen = self.filterset.query_string(without=set(options))
        more = [f"{name}={value}" for name, values in options.items() for value in values]
        query = "&".join(filter(None, [chosen, *more]))
        return f"{self._address}?{query}" if query else self._address

    def label(self, name):
        """Return what a facet is called."""
        return self._facets[name].label

    def shows(self, name, value):
        """Tell whether all rows of an option are among these."""
        chosen = set(self.filterset.data.getlist(name))
        return not chosen or bool(chosen & self.filterset.get_filter(name).with_ancestors(value))

    def options(self, name):
        """Return the options of a facet that rows have and that can be shown."""
        options = self._facets[name].options if name in self._facets else []
        return [option for option in options if option.number and self.shows(name, option.value)]

    def by_number(self, name):
        """Return the same, the largest first and the unknown last."""
        return sorted(self.options(name), key=lambda option: (option.value == UNKNOWN, -option.number))

    def unknown(self, name, words=None):
        """Return the rows of which a facet is unknown, as a list of one or none."""
        return [
            Listed(words or _("Unknown"), option.number, self.url({name: [UNKNOWN]}))
            for option in self.options(name)
            if option.value == UNKNOWN
        ]


def row(label, number, url, y, *, most, left=0, **more):
    """Return a bar under its label, as wide as its number is large beside the ``most``."""
    lines = tuple(wrapped(label, LABEL - left))
    width = round((100 - ROOM - left) * number / most, 2)
    height = LINE * len(lines) + BAR + GAP
    return Mark(label, number, url, lines, x=left, y=y, width=width, height=height, **more)


def most_of(marks):
    """Say which mark has the largest number, if one alone has."""
    known = [mark for mark in marks if not mark.is_unknown]
    most = max((mark.number for mark in known), default=0)
    first = [mark for mark in known if mark.number == most]
    if len(first) != 1 or len(known) == 1:
        return ""
    return _("Most: %(label)s, %(number)d.") % {"label": first[0].label, "number": most}


def wrapped(text, width):
    """Break a text into lines no wider than some Latin letters: between words, and between Chinese characters."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _pieces(text):
    """Yield what must stay on one line: a word with the space behind it, a Chinese character."""
    piece = ""
    for character in text:
        if piece and (piece[-1] == " " or (_width(character) == 2 and unicodedata.category(character) == "Lo")):
            yield piece
            piece = ""
        piece += character
    yield piece


def _width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
