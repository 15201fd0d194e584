"""
Filter sets: strict reading of a query string, and facets with their counts.

A value that cannot be read is an error: a wider set than was asked for is a wrong answer.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import urlencode

import django_filters
from django.http import QueryDict
from django.utils.functional import classproperty
from django.utils.translation import gettext

from tenders.facet_counts import count_options
from tenders.facets import INDENT, UNKNOWN, LimitedValuesMixin, ReferencesFilter, parameter_errors_of
from tenders.languages import join_sentences
from tenders.problems import UnknownParameterError


class Option(NamedTuple):
    """One option of a facet: choosing it alone gives ``number`` rows."""

    value: str
    text: str
    depth: int  # in a tree
    number: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """What a parameter may be set to, each option with its number."""

    name: str
    label: str
    group: str
    options: list
    link: str = ""  # to the list with one option alone, but for its value
    is_open: bool = False

    @property
    def is_chosen(self):
        return any(option.is_chosen for option in self.options)

    @property
    def numbers(self):
        """How many rows each option has."""
        return {option.value: option.number for option in self.options}

    @property
    def is_shown(self):
        """A facet of which nothing is known is not shown."""
        return any(option.value != UNKNOWN or option.is_chosen for option in self.options)


def unknown_parameters(names, known):
    """Return what is wrong with the names of parameters that are not among the known, as (parameter, message) pairs."""
    problems = []
    for name in names:
        if name not in known:
            sentences = [gettext("There is no such parameter.")]
            if near := get_close_matches(name, sorted(known), n=1):
                sentences.append(gettext("Did you mean “%(name)s”?") % {"name": near[0]})
            problems.append(UnknownParameterError(name, join_sentences(sentences)))
    return problems


class FacetedFilterSet(django_filters.FilterSet):
    """
    A filter set that is always bound, ignores empty values, and gives no rows when any value is wrong.

    ``queryset`` are the rows without any filter. A page ignores ``unknown_parameters``, a download or a claim must not.
    ``not_evaluable`` is why claims cannot evaluate any of its filters (see ``facets.Parameter``).

    The options of the parameters in ``facet_names`` are counted with all other filters applied and their own lifted, so
    that the number of an option is what choosing it alone gives.
    """

    queryset = None
    not_evaluable = ""
    facet_names = ()
    biggest = 10  # of the facets that name records

    def __init__(self, data=None):
        self.names = list(data or {})
        given = QueryDict(mutable=True)
        for name in data or {}:
            if values := [value.strip() for value in data.getlist(name) if value.strip()]:
                given.setlist(name, list(dict.fromkeys(values)))
        super().__init__(given, self.queryset.all())
        for name, found in self.filters.items():
            if isinstance(found, ReferencesFilter) and name in given:
                given.setlist(name, found.resolve(given.getlist(name)))

    @classproperty
    def parameters(cls):  # noqa: N805
        """The names of the parameters that are read."""
        return frozenset(cls.base_filters)

    def get_filter(self, name):
        """Return the filter of a parameter, or None."""
        return self.filters.get(name)

    def bound_field(self, name):
        """Return the form field of a parameter."""
        return self.form[name]

    @property
    def parameter_errors(self):
        """What is wrong with the given values, as (parameter, message) pairs."""
        return parameter_errors_of(self.form)

    @property
    def active_filters(self):
        """What is asked of the rows: the values of the parameters that are given, but for their order."""
        given = self.form.cleaned_data if self.form.is_valid() else {}
        return {name: value for name, value in given.items() if value not in (None, "", []) and name != "sort"}

    @property
    def sort(self):
        """The order of the rows, as the parameter ``sort`` names it."""
        return self.form.cleaned_data.get("sort") or self.filters["sort"].default

    @property
    def order(self):
        """The expressions by which the rows are ordered."""
        return self.filters["sort"].order(self.sort)

    def query_string(self, *, without=(), also=(), always=None):
        """
        Return the parameters that are read, in a fixed order: the address of these rows and no more.

        ``without`` some parameters or (parameter, value) pairs; ``also`` with some that others read, ``always`` with
        values for some that are not given.
        """
        given = {name: [value] for name, value in (always or {}).items()} | dict(self.data.lists())
        names = {*self.parameters, *also} & set(given)
        read = [(name, value) for name in sorted(names) for value in sorted(given[name])]
        return urlencode([(name, value) for name, value in read if not {name, (name, value)} & set(without)])

    @property
    def unknown_parameters(self):
        """What is wrong where every parameter must be read: those that are not, as (parameter, message) pairs."""
        return unknown_parameters(self.names, self.parameters)

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    def get_form_class(self):
        return type("ParametersForm", (LimitedValuesMixin, super().get_form_class()), {})

    def everything(self):
        """Return the rows of the list without any filter."""
        return self.queryset

    def rows_without(self, *names):
        """Return the rows as if some parameters had not been given, in no order."""
        rows = self.queryset
        if not self.form.is_valid():
            return rows.none()
        for name, value in self.form.cleaned_data.items():
            if name not in {*names, "sort"}:
                rows = self.filters[name].filter(rows, value)
        return rows

    def facet_counts(self, names, **units):
        """Return the numbers of the options of some facets, of which all are counted in one pass."""
        given = self.form.cleaned_data if self.form.is_valid() else {}
        chosen = {name: self.filters[name].any_of(given[name]) for name in names if given.get(name)}
        return count_options(self.rows_without(*names), {name: self.filters[name] for name in names}, chosen, **units)

    def facets(self):
        """Return the facets that have something to offer, in the order of ``facet_names``."""
        numbers = self.facet_counts(self.facet_names)
        facets = [self._facet(name, numbers[name]) for name in self.facet_names]
        return [facet for facet in facets if facet.is_shown]

    def _facet(self, name, numbers):
        found, chosen = self.get_filter(name), self.data.getlist(name)
        if isinstance(found, ReferencesFilter):
            ranked = sorted(set(numbers) - {UNKNOWN}, key=lambda value: (-numbers[value], value))
            shown = {*found.first_public(ranked, self.biggest), *chosen, UNKNOWN}
            numbers = {value: number for value, number in numbers.items() if value in shown}
        values = {*numbers, *chosen}
        options = []
        for value, label in found.labels(values).items():
            text = str(label).lstrip(INDENT)
            depth = len(label) - len(text)
            options.append(Option(value, text, depth, numbers.get(value, 0), value in chosen))
        if isinstance(found, ReferencesFilter):
            options.sort(key=lambda option: (option.value == UNKNOWN, -option.number))
        return Facet(name, str(found.label), str(found.group), options)
