"""Data structures of charts: ``x`` and ``width`` are per cent of the drawing, ``y`` and ``height`` are pixels."""

from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from tenders.facets import UNKNOWN

DATA_FORMS = ("csv", "json")
FORMS = (*DATA_FORMS, "svg", "png")  # in which a chart is a file
PATHS = {"tender": "tenders", "institution": "institutions", "company": "companies"}  # of the addresses of its forms
MAX_IN_WORDS = 2  # known values that are a sentence, not a drawing


class LinkedCount(NamedTuple):
    """A count of records: the text beside the number, the number, and the address of the list of these records."""

    words: str
    number: int
    url: str


@dataclass(frozen=True)
class Mark:
    """
    A number of a chart with the address of the list of the rows it counts; ``url`` is empty where there are none.

    ``values`` are what it is in the columns of a table, whatever the language; None is unknown.
    """

    label: str
    number: int = 0
    url: str = ""
    values: dict = field(default_factory=dict)
    depth: int = 0  # in a tree
    x: float = 0
    y: float = 0
    width: float = 0
    short: str = ""  # the letters on a tile
    shade: int = 0
    is_unknown: bool = False

    @property
    def end(self):
        """The right end of the bar, where the number is written."""
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class Chart:
    """
    A chart of a list; ``type`` names its templates; ``columns`` and ``rows`` are the same data as a table.

    Its name and the list's query string are its address in all forms: file, page of its own, place on the list's page.
    """

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
    kind: str = "tender"  # of the records that it counts

    @property
    def listed(self):
        """The marks that the table shows."""
        return [mark for _label, cells in self.rows for mark in cells] or self.marks

    @property
    def in_words(self):
        """The marks that a sentence names: those that are not 0."""
        return [mark for mark in self.listed if mark.url]

    @property
    def is_in_words(self):
        """Whether it has so few known values that a sentence has them all."""
        return sum(not mark.is_unknown for mark in self.in_words) <= MAX_IN_WORDS

    @property
    def template(self):
        """The path of the template that draws it."""
        return f"components/charts/{'words' if self.is_in_words else self.type}.html"

    @property
    def query(self):
        """The query string of the list."""
        return urlsplit(self.base.url).query

    @property
    def url(self):
        """The address of the chart on the page of its list."""
        query = f"{self.query}&view=charts" if self.query else "view=charts"
        return f"{reverse(f'{self.kind}-list')}?{query}#chart-{self.name}"

    @property
    def embed_url(self):
        """The address of the page that other sites embed."""
        return self._with_query(reverse("chart-embed", args=[PATHS[self.kind], self.name]))

    def file_url(self, form):
        """Return the address of the chart as a file."""
        name = "chart-data" if form in DATA_FORMS else "chart-picture"
        return self._with_query(reverse(name, args=[PATHS[self.kind], self.name, form]))

    def _with_query(self, path):
        return f"{path}?{self.query}" if self.query else path


class Rows:
    """
    The rows of a filter set: their counts by option of a facet, and the addresses of the lists of these rows.

    If options of a facet are chosen, only these and their descendants are shown: the list of another option would have
    rows that the chart does not count.
    """

    def __init__(self, filterset, facets, total):
        kind = filterset.queryset.model._meta.model_name
        self.kind, self.filterset, self._address = kind, filterset, reverse(f"{kind}-list")
        self._facets = {facet.name: facet for facet in facets}
        nouns = {
            "tender": npgettext("after a number", "tender", "tenders", total),
            "institution": npgettext("after a number", "institution", "institutions", total),
            "company": npgettext("after a number", "company", "companies", total),
        }
        self.base = LinkedCount(nouns[kind], total, self.url())

    def url(self, options=None):
        """
        Return the address of the list with the given options, {parameter: values}, in place of the chosen ones.

        It has no order of the rows: charts of one set of rows are alike.
        """
        options = options or {}
        chosen = self.filterset.query_string(without={"sort", *options})
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

    def numbers(self, name):
        """Return the numbers of all known options of a facet of public records, also of those that it does not list."""
        counted = self.filterset.facet_counts((name,))[name]
        values = [value for value in counted if value != UNKNOWN and self.shows(name, value)]
        return [counted[value] for value in self.filterset.get_filter(name).first_public(values, len(values) or 1)]
