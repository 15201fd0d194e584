"""
What the filter sets share: options of which several may be chosen, an *unknown* option, and strictness.

An option is a condition on the rows. Several options of one parameter are "or", different parameters "and". A value
that cannot be read is an error, never a filter that is left out: a wider set than was asked for is a wrong answer.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, CharField, Count, F, Q, Value
from django.db.models.functions import Cast, NullIf
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenders.references import PATTERN

UNKNOWN = "unknown"
INDENT = "\N{EM SPACE}"


class _NamesPossibleValues:
    """A choice field whose error says which values there are."""

    def validate(self, value):
        try:
            super().validate(value)
        except ValidationError as error:
            codes = ", ".join(str(code) for code, _label in self.choices)
            message = gettext("Possible values: %(codes)s.") % {"codes": codes}
            raise ValidationError([*error.messages, message]) from error


class OptionsField(_NamesPossibleValues, forms.MultipleChoiceField):
    """Any of a parameter's options."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {"invalid_choice": _("“%(value)s” is none of the possible values.")}


class SortField(_NamesPossibleValues, forms.ChoiceField):
    """The name of an order."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid_choice": _("“%(value)s” is no order.")}


class OptionsFilter(django_filters.Filter):
    """
    A parameter whose values are options, each a condition on the rows.

    ``choices`` are (value, label) pairs or a function that gives them. ``match`` turns a value into its condition; by
    default the column ``field_name`` equals it. ``unknown`` is the condition of the *unknown* option, if there is one.

    As a facet its options are counted by grouping: by ``field_name``, by ``key`` (another column or expression that is
    the option of a row), or, where a row may have several options, by the column ``key`` of the rows of ``through``, a
    (model, path) pair: a model whose ``path`` leads to a row.
    """

    field_class = OptionsField

    def __init__(self, field_name=None, *, choices, match=None, unknown=None, key=None, through=None, **kwargs):
        self._choices, self._match, self.unknown = choices, match, unknown
        self.key, self.through = key or field_name, through
        kwargs.setdefault("required", False)
        super().__init__(field_name, choices=self.options, **kwargs)

    def options(self):
        """Return the (value, label) pairs, the *unknown* one last."""
        options = list(self._choices() if callable(self._choices) else self._choices)
        return [*options, (UNKNOWN, _("Unknown"))] if self.unknown is not None else options

    def labels(self, values):
        """Return the labels of some values, as a dict in the order in which options are offered."""
        return {value: label for value, label in self.options() if value in values}

    def condition(self, value):
        """Return the condition of one option."""
        if value == UNKNOWN and self.unknown is not None:
            return self.unknown
        return self._match(value) if self._match else Q(**{self.field_name: value})

    def filter(self, queryset, values):
        if not values:
            return queryset
        any_of = Q()
        for value in values:
            any_of |= self.condition(value)
        return queryset.filter(any_of)

    def grouped(self, name, rows, unit=None, units=None):
        """
        Return query sets of (name, option, number): how many of ``rows`` have each option, NULL for the unknown one.

        With ``unit``, a path from a row, the distinct ``units`` at its end are counted instead of the rows.
        """
        if self.through is None:
            return [grouped(name, self.key, rows, "pk", unit, units)]
        model, path = self.through
        known = model.objects.filter(**{f"{path}__in": rows.order_by().values("pk"), f"{self.key}__gt": ""})
        return [
            grouped(name, self.key, known, path, unit and f"{path}__{unit}", units),
            grouped(name, Value(""), rows.filter(self.unknown), "pk", unit, units),
        ]

    def tally(self, groups, *, of_units):
        """Return the number of each option, given the (option, number) pairs of its groups."""
        numbers = {}
        for option, number in groups:
            numbers[option] = numbers.get(option, 0) + number
        return numbers


def of_units(rows, unit, units):
    """Return rows with the id at the end of a path as ``unit``, those whose ``unit`` is one of ``units``."""
    # Cast, so that SQLite does not try every unit in the index of every row.
    return rows.annotate(unit=Cast(unit, BigIntegerField())).filter(unit__in=units)


def grouped(name, key, rows, counted, unit, units):
    """Return the query set that counts rows, or the distinct units at the end of a path, by a key."""
    if unit is not None:
        rows, counted = of_units(rows, unit, units), "unit"
    return (
        rows.order_by()
        .values(facet=Value(name, CharField()), option=NullIf(Cast(key, CharField()), Value("")))
        .annotate(number=Count(counted, distinct=True))
        .values_list("facet", "option", "number")
    )


class ReferencesField(forms.Field):
    """References of public records; one that is not public is answered exactly like one that does not exist."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, records, allows_unknown, **kwargs):
        self.records, self.allows_unknown = records, allows_unknown
        super().__init__(**kwargs)

    def clean(self, value):
        wanted = list(dict.fromkeys(value or []))
        references = [each for each in wanted if not (each == UNKNOWN and self.allows_unknown)]
        found, readable = set(), [each for each in references if re.fullmatch(f"[A-Z]{{1,2}}-{PATTERN}", each)]
        if readable:
            found = set(self.records().filter(reference__in=readable).values_list("reference", flat=True))
        missing = [each for each in references if each not in found]
        if missing:
            raise ValidationError(
                _("There is no such reference here: %(references)s."),
                params={"references": ", ".join(missing)},
            )
        return wanted


class ReferencesFilter(OptionsFilter):
    """A parameter that names records by their references: too many to be a list of choices."""

    field_class = ReferencesField

    def __init__(self, field_name=None, *, records, match=None, unknown=None, key=None, through=None, **kwargs):
        self._match, self.unknown, self.records = match, unknown, records
        self.key, self.through = key or field_name, through
        django_filters.Filter.__init__(
            self, field_name, records=records, allows_unknown=unknown is not None, required=False, **kwargs
        )

    def labels(self, values):
        records = self.records().filter(reference__in=[value for value in values if value != UNKNOWN])
        labels = sorted(((record.reference, str(record)) for record in records), key=lambda pair: pair[1])
        return dict(labels) | ({UNKNOWN: _("Unknown")} if UNKNOWN in values else {})


class SortFilter(django_filters.Filter):
    """
    The parameter ``sort``: a name of ``orders``, a leading ``-`` turns it round.

    Unknown values come last both ways, and ties end on the reference, so that pages do not overlap.
    """

    field_class = SortField

    def __init__(self, *, orders, default, **kwargs):
        self.orders, self.default = orders, default
        names = [sign + name for name in orders for sign in ("", "-")]
        super().__init__(choices=[(name, name) for name in names], required=False, **kwargs)

    def filter(self, queryset, value):
        value = value or self.default
        descending = value.startswith("-")
        expressions = self.orders[value.removeprefix("-")]
        return queryset.order_by(
            *(each.desc(nulls_last=True) if descending else each.asc(nulls_last=True) for each in expressions),
            "reference",
        )


def known(column):
    """Return a text column as an expression in which an unknown (empty) value is NULL."""
    return NullIf(F(column), Value(""))


def problems_of(form):
    """Return the errors of a form as (parameter, message) pairs."""
    return [(name, " ".join(messages)) for name, messages in form.errors.items()]


class SingleValuesMixin:
    """Refuses two values of a parameter that takes one: leaving one out would be guessing."""

    def clean(self):
        for name, field in self.fields.items():
            takes_several = isinstance(field, OptionsField | ReferencesField)
            if not takes_several and len(self.data.getlist(name)) > 1:
                self.add_error(name, _("Give this parameter once."))
        return super().clean()


class StrictFilterSet(django_filters.FilterSet):
    """
    A filter set that is always bound, ignores empty values, and gives no rows when any value is wrong.

    ``unread`` lists the parameters that it does not know: a page ignores them, a download or a claim must not.
    """

    def __init__(self, data=None, queryset=None, *, request=None, prefix=None):
        given = QueryDict(mutable=True)
        for name in data or {}:
            if values := [value.strip() for value in data.getlist(name) if value.strip()]:
                given.setlist(name, list(dict.fromkeys(values)))
        super().__init__(given, queryset, request=request, prefix=prefix)

    @property
    def parameters(self):
        """The names of the parameters that are read."""
        return set(self.filters)

    def find(self, name):
        """Return the filter of a parameter, or None."""
        return self.filters.get(name)

    def bound_field(self, name):
        """Return the form field of a parameter."""
        return self.form[name]

    @property
    def problems(self):
        """What is wrong with the given values, as (parameter, message) pairs."""
        return problems_of(self.form)

    @property
    def sort(self):
        """The order of the rows, as the parameter ``sort`` names it."""
        return self.form.cleaned_data.get("sort") or self.filters["sort"].default

    def query_string(self):
        """Return the parameters that are read, in a fixed order: the address of these rows and no more."""
        read = [(name, value) for name in sorted(self.data) for value in sorted(self.data.getlist(name))]
        return urlencode([(name, value) for name, value in read if name in self.parameters])

    @property
    def unread(self):
        """The names of the given parameters that are not read."""
        return [name for name in self.data if name not in self.parameters]

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    def get_form_class(self):
        return type("ParametersForm", (SingleValuesMixin, super().get_form_class()), {})


@dataclass(frozen=True)
class Option:
    """One option of a facet: choosing it alone gives ``number`` rows, on the list with the query string ``query``."""

    value: str
    label: str
    number: int
    is_chosen: bool
    query: str

    @property
    def text(self):
        """The label without its indentation."""
        return self.label.lstrip(INDENT)

    @property
    def depth(self):
        """How deep in a tree the option stands: its label is indented so far."""
        return len(self.label) - len(self.text)


@dataclass(frozen=True)
class Facet:
    """What a parameter may be set to, each option with its number."""

    name: str
    label: str
    options: list

    @property
    def is_chosen(self):
        return any(option.is_chosen for option in self.options)

    @property
    def is_shown(self):
        """A facet of which nothing is known is not shown."""
        return any(option.value != UNKNOWN or option.is_chosen for option in self.options)


class FacetedFilterSet(StrictFilterSet):
    """
    A filter set that counts the options of some of its parameters.

    A facet is counted with all other filters applied and its own lifted, so that the number of an option is what
    choosing it alone gives. All facets of which nothing is chosen have the same rows: one statement counts them.
    """

    facet_names = ()
    biggest = 10  # of the facets that name records

    def rows_without(self, *names):
        """Return the rows as if some parameters had not been given, in no order."""
        rows = self.queryset
        if not self.form.is_valid():
            return rows.none()
        for name, value in self.form.cleaned_data.items():
            if name not in {*names, "sort"}:
                rows = self.filters[name].filter(rows, value)
        return rows

    def unit_of(self, name):
        """Return what a facet counts: None for the rows of its filter, else a path from such a row."""
        return

    def groups(self, name):
        """Return the query sets that count the options of a facet."""
        return self.filters[name].grouped(name, self.rows_without(name))

    def facets(self):
        """Return the facets that have something to offer, in the order of ``facet_names``."""
        first, *others = [group for name in self.facet_names for group in self.groups(name)]
        groups = {name: [] for name in self.facet_names}
        for name, option, number in first.union(*others, all=True):
            groups[name].append((option or UNKNOWN, number))
        facets = [
            self._facet(name, self.find(name).tally(groups[name], of_units=self.unit_of(name) is not None))
            for name in self.facet_names
        ]
        return [facet for facet in facets if facet.is_shown]

    def _facet(self, name, numbers):
        each, chosen = self.find(name), self.data.getlist(name)
        if isinstance(each, ReferencesFilter):
            ranked = sorted(set(numbers) - {UNKNOWN}, key=lambda value: (-numbers[value], value))
            kept = {*ranked[: self.biggest], *chosen, UNKNOWN}
            numbers = {value: number for value, number in numbers.items() if value in kept}
        values = [value for value in numbers if numbers[value]] + [value for value in chosen if not numbers.get(value)]
        options = [
            Option(value, str(label), numbers.get(value, 0), value in chosen, self._query_of(name, value))
            for value, label in each.labels(values).items()
        ]
        if isinstance(each, ReferencesFilter):
            options.sort(key=lambda option: (option.value == UNKNOWN, -option.number))
        return Facet(name, str(each.label), options)

    def _query_of(self, name, value):
        """Return the query string of the list with this option alone in its facet."""
        data = self.data.copy()
        data.pop("page", None)
        data[name] = value
        return data.urlencode()
