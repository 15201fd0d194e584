"""A chart as a picture that stands alone: an SVG of a fixed width with its title, source, licence and light colours."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from tenders.charts.marks import Chart, Mark
from tenders.charts.wrapping import wrap_label
from tenders.kinds import sanitize
from tenders.languages import strip_cjk_spaces

WIDTH, MARGIN = 720, 24  # pixels
LABEL, PLOT = 240, 432  # widths of the labels and of what stands beside them
LINE, ROW_GAP, HEAD = 17, 9, 40
TITLE_LINE, WORDS_LINE = 25, 24
MAP, KEY = 318, 30  # heights of the tile map, and of what its colours mean
# The letters of a line; a Chinese character counts as two.
LETTERS = {"title": 64, "text": 106, "label": 35, "words": 78, "tile": 30}
MAX_ADDRESS = 88  # characters of the address of the source that are shown


@dataclass(frozen=True)
class Line:
    """A line of text and the distance of its foot from the top."""

    text: str
    y: float


@dataclass(frozen=True)
class Row:
    """A label and the bars beside it, each with the place of its cell."""

    label: tuple  # of ``Line``
    y: float
    height: float
    cells: list  # of (x, width, mark)
    mark: Mark


@dataclass
class Picture:
    """A chart with the places of all it consists of."""

    chart: Chart
    address: str  # of the chart on the site
    title: list = field(default_factory=list)
    summary: list = field(default_factory=list)
    words: list = field(default_factory=list)  # where it is a sentence
    rows: list = field(default_factory=list)
    heads: list = field(default_factory=list)  # of (x, mark): the columns of a grid, the years of a timeline
    top: float = 0  # of the drawing
    bottom: float = 0
    source: list = field(default_factory=list)
    home: Line = None
    height: float = 0

    left, right, label_width, plot_width, width = MARGIN, WIDTH - MARGIN, LABEL, PLOT, WIDTH

    @property
    def plot_left(self):
        return MARGIN + LABEL

    @property
    def language(self):
        return to_locale(get_language()).replace("_", "-")


def svg_of(chart, address):
    """Return a chart as the text of an SVG file; ``address`` is the absolute URL of the chart on the site."""
    picture = lay_out(chart, address)
    kind = "words" if chart.is_in_words else {"amounts": "amounts", "tiles": "tiles"}.get(chart.type, "rows")
    context = {"picture": picture, "chart": chart, "drawing": f"charts/{kind}.svg", "style": _style()}
    return sanitize(render_to_string("charts/picture.svg", context))


@cache
def _style():
    return render_to_string("charts/picture.css")


@cache
def style_policy():
    """Return the Content-Security-Policy of a picture: nothing is loaded, and its own style is applied."""
    digest = b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


def lay_out(chart, address):
    """Return a chart with the places of its parts, from the top down."""
    picture = Picture(chart, address)
    y = MARGIN - 4
    picture.title, y = _lines(chart.title, "title", y, TITLE_LINE)
    if chart.summary and not chart.is_in_words:
        picture.summary, y = _lines(chart.summary, "text", y, LINE + 2)
    picture.top = y + 16
    draw = {"amounts": _amounts, "tiles": _tiles}.get(chart.type, _rows)
    picture.bottom = (_words if chart.is_in_words else draw)(picture, picture.top)
    picture.source, y = _lines(_source(chart), "text", picture.bottom + 16, LINE + 2)
    picture.home = Line(_shortened(address), y + LINE + 2)
    picture.height = picture.home.y + MARGIN - 6
    return picture


def _lines(text, kind, y, height):
    """Return a text as lines below ``y``, and the foot of the last one."""
    lines = [Line(line, y + height * number) for number, line in enumerate(wrap_label(text, LETTERS[kind]), 1)]
    return lines, lines[-1].y


def _rows(picture, y):
    chart = picture.chart
    step = PLOT / len(chart.ticks) if chart.type == "grid" else PLOT
    if chart.type == "grid":
        picture.heads = [(picture.plot_left + step * place, mark) for place, mark in enumerate(chart.ticks)]
        y += HEAD
    if chart.type == "timeline":
        picture.heads = [(picture.plot_left + PLOT * mark.x / 100, mark) for mark in chart.ticks]
        y += HEAD / 2
    for label, marks in chart.rows or [(mark.label, [mark]) for mark in chart.marks]:
        lines, _foot = _lines(label, "label", y - 4, LINE)
        height = LINE * len(lines) + ROW_GAP
        cells = [(picture.plot_left + step * place, step, mark) for place, mark in enumerate(marks)]
        picture.rows.append(Row(tuple(lines), y, height, cells, marks[0]))
        y += height
    return y


def _tiles(picture, y):
    chart = picture.chart
    for mark in chart.listed:
        lines, foot = _lines(mark.label, "tile", y - 4, LINE)
        picture.rows.append(Row(tuple(lines), y, foot - y + ROW_GAP, [], mark))
        y = foot + ROW_GAP
    return max(y, picture.top + MAP + KEY)


def _amounts(picture, y):
    return y + picture.chart.height + 28


def _words(picture, y):
    picture.words, y = _lines(words_of(picture.chart), "words", y - 8, WORDS_LINE)
    return y + 6


def words_of(chart):
    """Return the sentence that stands for a chart of few values."""
    return strip_cjk_spaces(render_to_string("charts/words.txt", {"chart": chart}).strip())


def _source(chart):
    """Return whose records these are, of which day, how many have no known value, and what may be done with them."""
    counts = [chart.base, *chart.unknown]
    numbers = str(_(", ")).join(
        f"{number} {words}" if place == 0 else f"{words}{_(': ')}{number}"
        for place, (words, number, _url) in enumerate(counts)
    )
    day = date_format(timezone.localdate(), _("j F Y"))
    text = _("Source: TenderWatch, %(numbers)s. %(day)s. Licence: CC BY 4.0.") % {"numbers": numbers, "day": day}
    return strip_cjk_spaces(text)


def _shortened(address):
    """Return an address without its scheme, as long as a line."""
    parts = urlsplit(address)
    text = address.removeprefix(f"{parts.scheme}://")
    return text if len(text) <= MAX_ADDRESS else f"{text[: MAX_ADDRESS - 1]}…"
