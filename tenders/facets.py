"""
Types of filters: options of which several may be chosen, an *unknown* option, references of records, bounds, orders.

An option is a condition on the rows. Several options of one parameter are "or", different parameters "and". A filter
also says itself how claims evaluate it on a tender of which not everything is known, or why they cannot.
"""

import re
from functools import cached_property, reduce
from operator import or_

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Q, TextChoices, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenders.languages import is_chinese, join_sentences
from tenders.models import RedirectedReference
from tenders.references import REFERENCE_PATTERN

UNKNOWN = "unknown"
IS_REFERENCE = re.compile(f"[A-Z]{{1,2}}-{REFERENCE_PATTERN}").fullmatch
MAX_VALUES = 150  # of a parameter: web servers refuse longer addresses
INDENT = "\N{EM SPACE}"

# Why claims cannot evaluate a filter: they speak of tenders as they are, whatever is known of them.
OF_RECORDS = _("Remove this filter: it describes our records, not the real tenders.")
OF_WHAT_IS_KNOWN = _("Remove this filter: whether a fact is known describes our records, not the real tenders.")
NOT_EVALUABLE = _("Remove this filter: claims can’t be checked by it.")


class _NamesPossibleValues:
    """A choice field whose error says which values there are."""

    default_error_messages = {"invalid_choice": _("“%(value)s” isn’t a valid value.")}

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


class PossibleValuesField(_NamesPossibleValues, forms.ChoiceField):
    """One of a few values."""


class SortField(PossibleValuesField):
    """The name of an order."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid_choice": _("You can’t sort by “%(value)s”.")}


class Group(TextChoices):
    """Which question of readers a parameter answers: the groups of the form."""

    WHAT = "what", _("What was bought")
    WHO = "who", _("Who bought, who won")
    MONEY = "money", _("Money")
    EVIDENCE = "evidence", _("Evidence")


class Parameter:
    """
    A filter of which each filter set has its own copy; what it is made of never changes and is shared.

    Claims evaluate it on the known facts of a tender (``tenders.claims.facts.Facts``). ``attribute`` is the parameter
    (``Attribute.parameter``) whose values it asks for, of which a tender may have one of each winner (``has_several``);
    ``attributes`` are all those that it looks at. A filter that claims cannot evaluate says why in ``not_evaluable``;
    one that says neither cannot be evaluated. ``group`` is where the form offers it, under its label.
    """

    attribute = not_evaluable = group = ""
    has_several = False

    def __init__(self, *args, **kwargs):
        for name in ("attribute", "not_evaluable", "has_several", "group"):
            if name in kwargs:
                setattr(self, name, kwargs.pop(name))
        super().__init__(*args, **kwargs)

    def __deepcopy__(self, memo):
        own = type(self).__new__(type(self))  # ``copy`` takes twice as long, and claims copy many
        own.__dict__ = {**self.__dict__, "extra": dict(self.extra)}
        return own

    @property
    def attributes(self):
        return (self.attribute,)

    def claim_error(self, values):
        """Return why claims cannot evaluate the filter with some values, or None."""
        if self.not_evaluable or not self.attribute:
            return self.not_evaluable or NOT_EVALUABLE
        return OF_WHAT_IS_KNOWN if UNKNOWN in values else None


class Bound(Parameter):
    """
    A filter that asks between which points a number or a day lies; claims evaluate those of one attribute together.

    ``step`` is the distance between two neighbouring points. ``limits_for(facts)`` returns the lowest and the highest
    point at which a tender's value may lie (None for no highest one), ``recorded_points(facts)`` those that the tender
    list compares, all of which must be accepted (none if it is unknown), ``accepts(point, value)`` whether a point
    fulfils what is asked, and ``breakpoints(value)`` where that may change.
    """

    step = None

    def is_listed(self, facts, value):
        """Return whether the tender list shows a tender, as it is recorded."""
        points = self.recorded_points(facts)
        return bool(points) and all(self.accepts(point, value) for point in points)


class OptionsFilter(Parameter, django_filters.Filter):
    """
    A parameter whose values are options, each a condition on the rows; claims may rank them (``can_rank``).

    ``choices`` are (value, label) pairs or a function that gives them. ``match`` turns a value into its condition; by
    default the column ``field_name`` equals it. ``match_any`` does so for several values at once, where each would
    else be a subquery. ``unknown`` is the condition of the *unknown* option, if there is one.

    As a facet its options are counted by the key of each row: ``key``, a column or an expression (by default
    ``field_name``), of which ``options_for_key`` returns which options it stands for.
    """

    field_class = OptionsField
    can_rank = True

    def __init__(self, field_name=None, *, choices, match=None, match_any=None, unknown=None, key=None, **kwargs):
        self._choices, self._match, self._match_any, self.unknown = choices, match, match_any, unknown
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
        if self._match_any:
            return self._match_any([value])
        return self._match(value) if self._match else Q(**{self.field_name: value})

    def any_of(self, values):
        """Return the condition of several options."""
        known = [value for value in values if value != UNKNOWN or self.unknown is None]
        if self._match_any and known:
            unknown = [self.unknown] if len(known) < len(values) else []
            return reduce(or_, [self._match_any(known), *unknown])
        return reduce(or_, map(self.condition, values))

    def filter(self, queryset, values):
        return queryset.filter(self.any_of(values)) if values else queryset

    @property
    def known_values(self):
        """The values of all options but the *unknown* one."""
        return [value for value, _label in self.options if value != UNKNOWN]

    def options_for_key(self, key):
        """Return the options that a row with a key has; the key may be a list of the figures, such as ``,a,b,``."""
        return str(key).strip(",").split(",") if key not in (None, "") else [UNKNOWN]

    def with_ancestors(self, value):
        """Return the options that a known value has: itself, and those above it in a tree."""
        return {value}

    def descendant_options(self, value, wanted):
        """Return the sets of options that a known value may have beyond its own, such as of a category below."""
        return []

    def possible_options(self, value, wanted):
        """
        Return the options that a value may turn out to have, a set for each possibility; None is an unknown value.

        Of an unknown value the ``wanted`` options are tried, and that it is none of them.
        """
        if value is None:
            return [set(), *(self.with_ancestors(option) for option in wanted)]
        return [self.with_ancestors(value), *self.descendant_options(value, wanted)]

    def values_for(self, facts):
        """Return a tender's values of the attribute, None for an unknown one: one, or one of each winner."""
        if self.has_several:
            return [winner.get(self.attribute) for winner in facts.winners]
        return [facts.values.get(self.attribute)]

    def is_listed(self, facts, wanted):
        """Return whether the tender list shows a tender, as it is recorded: an unknown value matches nothing."""
        values = self.values_for(facts)
        return any(value is not None and not self.with_ancestors(value).isdisjoint(wanted) for value in values)

    def ranked_values(self, value):
        """Return the values among which claims rank one: all there are. Those of records are in no list."""
        return self.known_values

    def resolve(self, values):
        """Return values with those of merged records replaced."""
        return values


class ReferencesField(forms.Field):
    """References of public records; one that is not public is answered exactly like one that does not exist."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, names_of, allows_unknown, **kwargs):
        self.names_of, self.allows_unknown = names_of, allows_unknown
        super().__init__(**kwargs)

    def clean(self, value):
        wanted = list(dict.fromkeys(value or []))
        references = [value for value in wanted if not (value == UNKNOWN and self.allows_unknown)]
        found = self.names_of(list(filter(IS_REFERENCE, references)))
        missing = [reference for reference in references if reference not in found]
        if missing:
            raise ValidationError(
                _("There is no record with this reference: %(references)s."),
                params={"references": ", ".join(missing)},
            )
        return wanted


class ReferencesFilter(OptionsFilter):
    """A parameter that names records by their references: too many to be a list of choices."""

    field_class = ReferencesField

    def __init__(self, field_name=None, *, records, unknown=None, key=None, **kwargs):
        super().__init__(field_name, choices=(), unknown=unknown, key=key, **kwargs)
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
        """Return references with those of merged records as those of the public records that they redirect to."""
        readable = list(filter(IS_REFERENCE, references))
        missing = set(readable) - set(self.names_of(readable))
        found = RedirectedReference.objects.public().resolve(missing) if missing else {}
        public = self.names_of(sorted(found.values()))
        current = {old: new for old, new in found.items() if new in public}
        return list(dict.fromkeys(current.get(reference, reference) for reference in references))

    def names_of(self, references):
        """Return the names of records by reference; what is not public is left out."""
        new = [reference for reference in references if reference not in self._names]
        if new:
            self._names |= {record.reference: str(record) for record in self.records().filter(reference__in=new)}
        return {reference: self._names[reference] for reference in references if reference in self._names}

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
    The parameter ``sort``: a name of ``orders``, reversed by ``-``; ``default_zh`` is the default for readers of
    Chinese.

    Unknown values come last both ways, and ties end on the reference, so that pages do not overlap.
    """

    field_class = SortField
    not_evaluable = OF_RECORDS

    def __init__(self, *, orders, default, default_zh=None, **kwargs):
        self.orders, self._default, self._default_zh = orders, default, default_zh or default
        names = [sign + name for name in orders for sign in ("", "-")]
        super().__init__(choices=[(name, name) for name in names], required=False, **kwargs)

    @property
    def default(self):
        """The order of a list whose address names none."""
        return self._default_zh if is_chinese() else self._default

    def filter(self, queryset, value):
        return queryset.order_by(*self.order(value))

    def order(self, value):
        """Return the expressions of an order, of which the last one is unique."""
        value = value or self.default
        descending = value.startswith("-")
        expressions = self.orders[value.removeprefix("-")]
        by = [by.desc(nulls_last=True) if descending else by.asc(nulls_last=True) for by in expressions]
        return [*by, F("reference").asc()]


def null_if_empty(column):
    """Return a text column as an expression in which an unknown (empty) value is NULL."""
    return NullIf(F(column), Value(""), output_field=CharField())


def parameter_errors_of(form):
    """Return the errors of a form as (parameter, message) pairs."""
    return [(name, join_sentences(messages)) for name, messages in form.errors.items()]


class LimitedValuesMixin:
    """Refuses two values of a parameter that takes one (leaving one out would be guessing), and very many of any."""

    def clean(self):
        for name, field in self.fields.items():
            takes_several, number = isinstance(field, OptionsField | ReferencesField), len(self.data.getlist(name))
            if not takes_several and number > 1:
                self.add_error(name, _("Use this parameter only once."))
            elif number > MAX_VALUES:
                message = _("Use at most %(max)s values for this parameter; this address has %(n)s.")
                self.add_error(name, message % {"max": MAX_VALUES, "n": number})
        return super().clean()
