"""
What the filter sets share: options of which several may be chosen, an *unknown* option, and strictness.

An option is a condition on the rows. Several options of one parameter are "or", different parameters "and". A value
that cannot be read is an error, never a filter that is left out: a wider set than was asked for is a wrong answer.
"""

import re
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import NullIf
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenders.facet_counts import count_options
from tenders.languages import is_chinese, join_sentences
from tenders.models import RedirectedReference
from tenders.references import REFERENCE_PATTERN

UNKNOWN = "unknown"
REFERENCE = f"[A-Z]{{1,2}}-{REFERENCE_PATTERN}"
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


class PossibleValuesField(_NamesPossibleValues, forms.ChoiceField):
    """One of a few values."""

    default_error_messages = {"invalid_choice": _("“%(value)s” is none of the possible values.")}


class SortField(PossibleValuesField):
    """The name of an order."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid_choice": _("“%(value)s” is no order.")}


class Parameter:
    """
    A filter of which each filter set has its own copy; what it is made of never changes and is shared.

    Whether it holds of a tender of which not everything is known, ``tenders.claims.matching`` asks it: an option by
    what a value may turn out to be (``OptionsFilter.may_be``), a bound by points between which the value lies
    (``Bound``).
    """

    def __deepcopy__(self, memo):
        own = copy(self)
        own.extra = dict(self.extra)
        return own


class Bound(Parameter):
    """
    A parameter that asks between which points a number or a day lies.

    Parameters that are ``about`` one and the same value are asked together.
    """

    about = ""

    def holds(self, point, value):
        """Tell whether a point fulfils what is asked."""
        raise NotImplementedError

    def edges(self, value):
        """Return the points at which what ``holds`` says may change."""
        raise NotImplementedError


class OptionsFilter(Parameter, django_filters.Filter):
    """
    A parameter whose values are options, each a condition on the rows.

    ``choices`` are (value, label) pairs or a function that gives them. ``match`` turns a value into its condition; by
    default the column ``field_name`` equals it. ``unknown`` is the condition of the *unknown* option, if there is one.

    As a facet its options are counted by the key of each row: ``key``, a column or an expression (by default
    ``field_name``), of which ``filed_under`` says which options it stands for.
    """

    field_class = OptionsField

    def __init__(self, field_name=None, *, choices, match=None, unknown=None, key=None, **kwargs):
        self._choices, self._match, self.unknown = choices, match, unknown
        self.key = key or field_name
        kwargs.setdefault("required", False)
        super().__init__(field_name, **kwargs)

    @cached_property
    def options(self):
        """The (value, label) pairs, the *unknown* one last."""
        options = list(self._choices() if callable(self._choices) else self._choices)
        return [*options, (UNKNOWN, _("Unknown"))] if self.unknown is not None else options

    @property
    def field(self):
        self.extra["choices"] = lambda: self.options  # a function: a form copies it as it is
        return super().field

    def labels(self, values):
        """Return the labels of some values, as a dict in the order in which options are offered."""
        return {value: label for value, label in self.options if value in values}

    def condition(self, value):
        """Return the condition of one option."""
        if value == UNKNOWN and self.unknown is not None:
            return self.unknown
        return self._match(value) if self._match else Q(**{self.field_name: value})

    def any_of(self, values):
        """Return the condition of several options."""
        return reduce(or_, map(self.condition, values))

    def filter(self, queryset, values):
        return queryset.filter(self.any_of(values)) if values else queryset

    def filed_under(self, key):
        """Return the options that a row with a key has; the key may be a list of the figures, such as ``,a,b,``."""
        return str(key).strip(",").split(",") if key not in (None, "") else [UNKNOWN]

    def implies(self, value):
        """Return the options that a known value has: itself, and what it is filed under."""
        return {value}

    def may_be(self, value, wanted):
        """
        Return the options that a value may turn out to have, one set for each way; None is an unknown value.

        Of an unknown value the ``wanted`` options are tried, and that it is none of them.
        """
        if value is None:
            return [set(), *(self.implies(each) for each in wanted)]
        return [self.implies(value), *self.narrower(value, wanted)]

    def narrower(self, value, wanted):
        """Return the sets of options that a known value may have beyond its own, such as of a category below."""
        return []


class ReferencesField(forms.Field):
    """References of public records; one that is not public is answered exactly like one that does not exist."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, names_of, allows_unknown, **kwargs):
        self.names_of, self.allows_unknown = names_of, allows_unknown
        super().__init__(**kwargs)

    def clean(self, value):
        wanted = list(dict.fromkeys(value or []))
        references = [each for each in wanted if not (each == UNKNOWN and self.allows_unknown)]
        readable = [each for each in references if re.fullmatch(REFERENCE, each)]
        found = self.names_of(readable)
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

    def __init__(self, field_name=None, *, records, match=None, unknown=None, key=None, **kwargs):
        super().__init__(field_name, choices=(), match=match, unknown=unknown, key=key, **kwargs)
        self.records, self._names = records, {}

    def __deepcopy__(self, memo):
        own = super().__deepcopy__(memo)
        own._names = dict(self._names)
        return own

    @property
    def field(self):
        self.extra |= {"names_of": self.names_of, "allows_unknown": self.unknown is not None}
        return django_filters.Filter.field.fget(self)

    def resolve(self, references):
        """Return references with those of merged records as those of the public records that they lead to."""
        readable = [each for each in references if re.fullmatch(REFERENCE, each)]
        missing = set(readable) - set(self.names_of(readable))
        leads = RedirectedReference.objects.public().resolve(missing) if missing else {}
        public = self.names_of(sorted(leads.values()))
        return list(dict.fromkeys(leads[each] if leads.get(each) in public else each for each in references))

    def names_of(self, references):
        """Return the names of records by reference; what is not public is left out."""
        asked = [each for each in references if each not in self._names]
        if asked:
            self._names |= {record.reference: str(record) for record in self.records().filter(reference__in=asked)}
        return {each: self._names[each] for each in references if each in self._names}

    def first_public(self, references, number):
        """Return the first references of public records, at most some."""
        found = []
        for start in range(0, len(references), number):
            some = references[start : start + number]
            found += self.names_of(some)
            if len(found) >= number:
                break
        return found[:number]

    def labels(self, values):
        names = self.names_of([value for value in values if value != UNKNOWN])
        labels = dict(sorted(names.items(), key=lambda pair: pair[1]))
        return labels | ({UNKNOWN: _("Unknown")} if UNKNOWN in values else {})


class SortFilter(Parameter, django_filters.Filter):
    """
    The parameter ``sort``: a name of ``orders``, a leading ``-`` turns it round. Readers of Chinese may have another
    ``default``.

    Unknown values come last both ways, and ties end on the reference, so that pages do not overlap.
    """

    field_class = SortField

    def __init__(self, *, orders, default, default_zh=None, **kwargs):
        self.orders, self._default, self._default_zh = orders, default, default_zh or default
        names = [sign + name for name in orders for sign in ("", "-")]
        super().__init__(choices=[(name, name) for name in names], required=False, **kwargs)

    @property
    def default(self):
        """The order of a list whose address names none."""
        return self._default_zh if is_chinese() else self._default

    def filter(self, queryset, value):
        value = value or self.default
        descending = value.startswith("-")
        expressions = self.orders[value.removeprefix("-")]
        return queryset.order_by(
            *(each.desc(nulls_last=True) if descending else each.asc(nulls_last=True) for each in expressions),
            "reference",
        )


def null_if_empty(column):
    """Return a text column as an expression in which an unknown (empty) value is NULL."""
    return NullIf(F(column), Value(""), output_field=CharField())


def parameter_errors_of(form):
    """Return the errors of a form as (parameter, message) pairs."""
    return [(name, join_sentences(messages)) for name, messages in form.errors.items()]


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

    ``unknown_parameters`` tells the parameters that it does not know: a page ignores them, a download or a claim must
    not.
    """

    def __init__(self, data=None, queryset=None, *, request=None, prefix=None):
        self.names = list(data or {})
        given = QueryDict(mutable=True)
        for name in data or {}:
            if values := [value.strip() for value in data.getlist(name) if value.strip()]:
                given.setlist(name, list(dict.fromkeys(values)))
        super().__init__(given, queryset, request=request, prefix=prefix)
        for name, each in self.filters.items():
            if isinstance(each, ReferencesFilter) and name in given:
                given.setlist(name, each.resolve(given.getlist(name)))

    @property
    def parameters(self):
        """The names of the parameters that are read."""
        return set(self.filters)

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
        problems = []
        for name in self.names:
            if name not in self.parameters:
                sentences = [gettext("There is no such parameter.")]
                if near := get_close_matches(name, sorted(self.parameters), n=1):
                    sentences.append(gettext("Did you mean “%(name)s”?") % {"name": near[0]})
                problems.append((name, join_sentences(sentences)))
        return problems

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    def get_form_class(self):
        return type("ParametersForm", (SingleValuesMixin, super().get_form_class()), {})


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
    options: list
    link: str = ""  # to the list with one option alone, but for its value

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


class FacetedFilterSet(StrictFilterSet):
    """
    A filter set that counts the options of some of its parameters.

    A facet is counted with all other filters applied and its own lifted, so that the number of an option is what
    choosing it alone gives.
    """

    facet_names = ()
    biggest = 10  # of the facets that name records

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
        each, chosen = self.get_filter(name), self.data.getlist(name)
        if isinstance(each, ReferencesFilter):
            ranked = sorted(set(numbers) - {UNKNOWN}, key=lambda value: (-numbers[value], value))
            kept = {*each.first_public(ranked, self.biggest), *chosen, UNKNOWN}
            numbers = {value: number for value, number in numbers.items() if value in kept}
        values = {*numbers, *chosen}
        options = []
        for value, label in each.labels(values).items():
            text = str(label).lstrip(INDENT)
            depth = len(label) - len(text)
            options.append(Option(value, text, depth, numbers.get(value, 0), value in chosen))
        if isinstance(each, ReferencesFilter):
            options.sort(key=lambda option: (option.value == UNKNOWN, -option.number))
        return Facet(name, str(each.label), options)
