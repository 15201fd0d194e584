"""
What the filter sets share: options of which several may be chosen, an *unknown* option, and strictness.

An option is a condition on the rows. Several options of one parameter are "or", different parameters "and". A value
that cannot be read is an error, never a filter that is left out: a wider set than was asked for is a wrong answer.
"""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, Value
from django.db.models.functions import NullIf
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

UNKNOWN = "unknown"


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
    """

    field_class = OptionsField

    def __init__(self, field_name=None, *, choices, match=None, unknown=None, **kwargs):
        self._choices, self._match, self.unknown = choices, match, unknown
        kwargs.setdefault("required", False)
        super().__init__(field_name, choices=self.options, **kwargs)

    def options(self):
        """Return the (value, label) pairs, the *unknown* one last."""
        options = list(self._choices() if callable(self._choices) else self._choices)
        return [*options, (UNKNOWN, _("Unknown"))] if self.unknown is not None else options

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


class ReferencesField(forms.Field):
    """References of public records; one that is not public is answered exactly like one that does not exist."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, records, allows_unknown, **kwargs):
        self.records, self.allows_unknown = records, allows_unknown
        super().__init__(**kwargs)

    def clean(self, value):
        wanted = list(dict.fromkeys(value or []))
        references = [each for each in wanted if not (each == UNKNOWN and self.allows_unknown)]
        found = set()
        if references:
            found = set(self.records().filter(reference__in=references).values_list("reference", flat=True))
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

    def __init__(self, field_name=None, *, records, match=None, unknown=None, **kwargs):
        self._match, self.unknown = match, unknown
        django_filters.Filter.__init__(
            self, field_name, records=records, allows_unknown=unknown is not None, required=False, **kwargs
        )


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
                given.setlist(name, values)
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
        return [(name, " ".join(messages)) for name, messages in self.form.errors.items()]

    @property
    def sort(self):
        """The order of the rows, as the parameter ``sort`` names it."""
        return self.form.cleaned_data.get("sort") or self.filters["sort"].default

    @property
    def unread(self):
        """The names of the given parameters that are not read."""
        return [name for name in self.data if name not in self.parameters]

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    def get_form_class(self):
        return type("ParametersForm", (SingleValuesMixin, super().get_form_class()), {})
