"""The form of a claim: its queries are pasted, its arguments entered as fields; an error says what would be right."""

import re
from decimal import Decimal
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.base import autocomplete, is_id
from tenders.admin.claim_fields import empty_unused, measure_of_code, unused_values, value_text
from tenders.admin.verdict_review import ReasonedForm
from tenders.choices import Fact, Measure, Printed
from tenders.claims.measures import MEASURES
from tenders.claims.measures.base import NO_MEASURE
from tenders.claims.measures.ranks import RANKED
from tenders.claims.measures.records import NUMBERS
from tenders.claims.queries import ClaimQueries, QueryParser, claims_of, periods
from tenders.claims.sets import ArticleSet
from tenders.filters import TenderFilter
from tenders.models import Article, Claim

QUERY_LENGTH = Claim._meta.get_field("query").max_length
QUERY_FIELDS = ("query", "base_query", "to_query", "to_base_query")
ALL_ARGUMENTS = ("to_query", "to_base_query", "n", "facet", "value", "among", "fact", "claims", "total")
AT_LOW, AT_HIGH = (Printed.AT_LEAST, Printed.MORE_THAN), (Printed.AT_MOST, Printed.LESS_THAN)
NOTHING = (None, "", [])
# The fields beside which the errors of constraints stand.
BESIDE = {
    "claim_code_unique": "code",
    "claim_about_one_record": "tender",
    "claim_checkable_or_reason": "not_checkable_reason",
    "claim_printed_interval": "printed_low",
    "claim_set_size_or_margin": "is_margin",
    "claim_sizes_are_counts": "is_set_size",
    "claim_not_reading_of_itself": "reading_of",
}
# Parameters of the form.
SHOW_FIELDS = "_show_fields"  # of the chosen measure; nothing is saved
EMPTIED = "_emptied"  # the fields of which the form has said that they are emptied


class MeasureSelect(forms.Select):
    """The choice of a measure, and the button that shows its fields; a script presses that by itself."""

    def render(self, name, value, attrs=None, renderer=None):
        button = '{} <button name="{}" value="on" class="button" formnovalidate>{}</button>'
        select = super().render(name, value, attrs, renderer)
        return format_html(button, select, SHOW_FIELDS, _("Show its fields"))


class ClaimForm(ReasonedForm):
    """
    A claim: queries are stored in their normal form, what its measure needs beside them in ``arguments``.

    It has the fields that its measure uses (``claim_fields``). What was typed into others is in ``unused``.
    """

    to_query = forms.CharField(
        label=gettext_lazy("Compared with: tenders"),
        required=False,
        max_length=QUERY_LENGTH,
        help_text=gettext_lazy("For the other share: the tender list of the part."),
    )
    to_base_query = forms.CharField(
        label=gettext_lazy("Compared with: the whole"),
        required=False,
        max_length=QUERY_LENGTH,
        help_text=gettext_lazy("For the other share: the tender list of the whole."),
    )
    n = forms.IntegerField(
        label=gettext_lazy("Award"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("1 is the largest, 2 the second."),
    )
    facet = forms.ChoiceField(label=gettext_lazy("Ranked by"), required=False)
    value = forms.CharField(
        label=gettext_lazy("Value"),
        required=False,
        help_text=gettext_lazy(
            "As written in addresses, such as CN-BJ. Separate several values that count as one with commas."
        ),
    )
    among = forms.CharField(
        label=gettext_lazy("Ranked among"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text=gettext_lazy("One value per line, or several that count as one. Leave empty for all values."),
    )
    fact = forms.ChoiceField(
        label=gettext_lazy("Fact"),
        required=False,
        choices=[("", "---------"), *((fact.value, fact.label) for fact in Fact if fact in NUMBERS)],
        help_text=gettext_lazy("A fact of the record that the claim is about."),
    )
    claims = forms.MultipleChoiceField(
        label=gettext_lazy("Claims to add up"),
        required=False,
        help_text=gettext_lazy("Of this article; choose several with Ctrl or ⌘."),
    )
    total = forms.ChoiceField(
        label=gettext_lazy("Claim that states the total"),
        required=False,
        help_text=gettext_lazy("Fill in only if it is another claim."),
    )

    class Meta:
        help_texts = {
            "measure": gettext_lazy("What is counted or compared. The fields below depend on it."),
            "printed_low": gettext_lazy("For a single number, fill in only one of the two."),
            "printed_high": gettext_lazy("For a number that was cut off, this follows from the digits."),
        }
        widgets = {
            "statement_en": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "statement_zh": forms.TextInput(attrs={"class": "vLargeTextField"}),
            **dict.fromkeys(("note", "note_zh"), forms.Textarea(attrs={"rows": 3})),
            "measure": MeasureSelect,
        }

    class Media:
        js = ["claim_form.js"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        arguments = self.instance.arguments
        self.initial |= {name: _as_typed(name, arguments[name]) for name in ALL_ARGUMENTS if name in arguments}
        self.initial |= _numbers_as_typed(self.instance)
        self.measure, self.unused = None, {}
        if "measure" in self.fields:
            self._show_fields_of_measure()
        for name in set(QUERY_FIELDS) & set(self.fields):
            self.fields[name].widget.attrs["class"] = "vLargeTextField"

    def _show_fields_of_measure(self):
        stored = self.instance.measure if self.instance.pk else self.initial.get("measure", "")
        self.measure = measure_of_code(self.data.get("measure", "") if self.is_bound else stored)
        posted = self.data if self.is_bound else None
        self.unused = unused_values(self.measure, self.instance, posted, self._stored)
        for name in set(ALL_ARGUMENTS) - set(self.measure.fields if self.measure else ()):
            del self.fields[name]
        codes = [(claim.code, _short(claim)) for claim in self._others]
        choices = {
            "facet": [("", "---------"), *((name, TenderFilter.base_filters[name].label) for name in RANKED)],
            "claims": codes,
            "total": [("", "---------"), *codes],
        }
        for name in choices.keys() & self.fields.keys():
            self.fields[name].choices = choices[name]
        if "reading_of" in self.fields:
            self.fields["reading_of"].queryset = Claim.objects.filter(pk__in=[claim.pk for claim in self._others])
            self.fields["reading_of"].label_from_instance = _short

    @property
    def media(self):
        """The scripts also of fields that are shown once a measure is chosen."""
        return super().media + autocomplete(Claim._meta.get_field("tender")).media

    def full_clean(self):
        """Look for no errors in a form that is sent to be shown with the fields of another measure."""
        if SHOW_FIELDS in self.data:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
        else:
            super().full_clean()

    def is_valid(self):
        return super().is_valid() and SHOW_FIELDS not in self.data

    def add_error(self, field, error):
        """Put an error of the whole claim beside the field that it is about, and one of a field not shown above all."""
        if field is None and hasattr(error, "error_dict"):
            beside = {str(one.violation_error_message): BESIDE.get(one.name) for one in Claim._meta.constraints}
            for name, errors in error.error_dict.items():
                for one in errors:
                    self.add_error(beside.get(str(one.message), name), one)
        else:
            super().add_error(field if field in self.fields else None, error)

    @property
    def measure_label(self):
        return (self.measure.code or Measure.NONE).label

    @property
    def unused_texts(self):
        """What is emptied on saving, as (label, value) pairs."""
        return [(self._label_of(name), value_text(name, values)) for name, values in self.unused.items()]

    @property
    def hidden_values(self):
        """What the form carries along without showing it, as (name, value) pairs."""
        found = dict(self.unused)
        if self.is_bound:
            names = {*self.base_fields, *(field.name for field in Claim._meta.get_fields())} - {*self.fields, "id"}
            found |= {name: self.data.getlist(name) for name in sorted(names & set(self.data))}
        return [(name, value) for name, values in found.items() for value in values if value]

    def _label_of(self, name):
        if name in ClaimForm.declared_fields:
            return ClaimForm.declared_fields[name].label
        return Claim._meta.get_field(name).verbose_name

    def _stored(self, name):
        """Return a value of the claim as a form shows it."""
        numbers = _numbers_as_typed(self.instance)
        if name in ALL_ARGUMENTS:
            return _as_typed(name, self.instance.arguments.get(name))
        return numbers[name] if name in numbers else Claim._meta.get_field(name).value_from_object(self.instance)

    @cached_property
    def article(self):
        """The article of the claim, None as long as it is not chosen."""
        if self.instance.article_id:
            return self.instance.article
        return find_article(self.data.get("article") if self.is_bound else self.initial.get("article"))

    @cached_property
    def _others(self):
        return [claim for claim in claims_of(self.article) if claim.pk != self.instance.pk] if self.article else []

    def clean_value(self):
        return _values(self.cleaned_data["value"])

    def clean_among(self):
        groups = [_values(line) for line in self.cleaned_data["among"].splitlines() if _values(line)]
        if not any(isinstance(group, list) for group in groups):
            return groups
        return [group if isinstance(group, list) else [group] for group in groups]

    def clean(self):
        cleaned = super().clean()
        measure = measure_of_code(cleaned.get("measure"))
        if measure is None:
            return cleaned
        if set(self.unused) - {*self.data.getlist(EMPTIED)}:
            self.add_error(
                "measure",
                _("Not saved yet: this measure doesn’t use the fields named above. Save again to empty them."),
            )
        empty_unused(self.instance, measure)
        if measure.prints_number:
            self._complete_printed(cleaned)
        elif not cleaned.get("not_checkable_reason"):
            self.instance.printed_as = Printed.EXACTLY
            self.instance.printed_low = self.instance.printed_high = Decimal(1)
        taken = [name for name in ALL_ARGUMENTS if name in measure.fields]
        self.instance.arguments = {name: cleaned[name] for name in taken if cleaned.get(name) not in NOTHING}
        return cleaned

    def _complete_printed(self, cleaned):
        """Put one number where it belongs, and derive the other end where the way it was printed gives it."""
        how, low, high = (cleaned.get(name) for name in ("printed_as", "printed_low", "printed_high"))
        numbers = [number for number in (low, high) if number is not None]
        if {"printed_as", "printed_low", "printed_high"} & set(self.errors):
            return
        if not how and not numbers:
            if self.measure is not NO_MEASURE and not cleaned.get("not_checkable_reason"):
                message = _(
                    "Choose how the figure is stated. If the article gives none, explain below why the claim "
                    "can’t be checked."
                )
                self.add_error("printed_as", message)
        elif not how:
            self.add_error("printed_as", _("Choose how the figure is stated."))
        elif not numbers:
            self.add_error("printed_low", _("Enter the figure in the article."))
        elif how in (Printed.BETWEEN, Printed.ABOUT):
            if len(numbers) < 2 or low >= high:
                self.add_error("printed_high", _("Enter both ends, the smaller number first."))
        elif how == Printed.CUT_OFF:
            self._complete_cut_off(cleaned, low, high)
        elif len(set(numbers)) > 1:
            self.add_error(
                "printed_high", _("Leave this empty for a single number, or choose another way of stating it.")
            )
        else:
            cleaned["printed_low"] = None if how in AT_HIGH else numbers[0]
            cleaned["printed_high"] = None if how in AT_LOW else numbers[0]

    def _complete_cut_off(self, cleaned, low, high):
        if low is None:
            self.add_error("printed_low", _("Enter the digits as stated in the article."))
        elif high is None:
            cleaned["printed_high"] = low + Decimal(1).scaleb(min(0, low.as_tuple().exponent))
        elif low >= high:
            self.add_error("printed_high", _("Leave this empty: it follows from the digits."))

    def _post_clean(self):
        """Check what takes the whole claim: whether its queries can be read, and whose size it states."""
        super()._post_clean()
        if self.errors:
            return
        try:
            queries = ClaimQueries(self.instance, QueryParser(self.article, [self.instance]), self._others)
        except ValidationError as error:
            self.add_error(None, error)
            return
        for name, query in queries.by_name.items():
            self._normalize(name, query.address)
        if self.instance.is_set_size:
            self._refuse_overlap(queries.query)

    def _normalize(self, name, address):
        """Set a query to its normal form."""
        if name in ("query", "base_query"):
            try:
                setattr(self.instance, name, Claim._meta.get_field(name).clean(address, self.instance))
            except ValidationError as error:
                self.add_error(name, error)
        else:
            self.instance.arguments[name] = address

    def _refuse_overlap(self, query):
        """Refuse the size of a set that shares days with another one: a tender would be missing twice."""
        parser = QueryParser(self.article, self._others)
        for other in self._others:
            if other.is_set_size:
                try:
                    theirs = periods(ClaimQueries(other, parser).query)
                except ValidationError:
                    continue
                if any(a <= d and c <= b for a, b in periods(query) for c, d in theirs):
                    message = _("%(code)s already states the total for part of the same period: “%(statement)s”.")
                    self.add_error("is_set_size", message % {"code": other.code, "statement": other.statement})

    def matches(self):
        """Yield each query that can be read: its label, how many tenders match it now, the address of their list."""
        measure = self._typed("measure")
        if not self.article or measure not in MEASURES:
            return
        article_set = ArticleSet(self.article)
        for name in MEASURES[measure].queries:
            try:
                query = article_set.parser.parse(self._typed(name) or "")
            except ValidationError:
                continue
            found = article_set.recorded.match(query).listed
            field = self.base_fields.get(name)
            label = field.label if field else Claim._meta.get_field(name).verbose_name
            yield label, len(found), self._list_of(query, found)

    def _list_of(self, query, found):
        """Return the address of a list; of an article that is not public it names the tenders, as no list knows it."""
        if self.article.is_published:
            return f"{reverse('tender-list')}?{query.address}"
        return reverse("tender-list", query={"reference": [row.reference for row in found]}) if found else ""

    def _typed(self, name):
        if name in self.fields:
            return self[name].value()
        return self.instance.arguments.get(name, getattr(self.instance, name, ""))


def find_article(pk):
    """Return the article that an address or a form names, None for what is no article."""
    return Article.objects.filter(pk=pk).first() if pk and is_id(pk) else None


def _short(claim):
    """Return a claim as a list of choices has room for it."""
    return Truncator(str(claim)).chars(70)


def _values(line):
    """Return a value, or the list of those that count as one."""
    values = [value.strip() for value in re.split("[,，]", line) if value.strip()]
    return values[0] if len(values) == 1 else values


def _as_typed(name, value):
    """Return an argument as it is typed: those that count as one with commas between, others on lines."""
    if name == "among" and isinstance(value, list):
        return "\n".join(str(_as_typed("value", group)) for group in value)
    return ", ".join(map(str, value)) if name == "value" and isinstance(value, list) else value


def _numbers_as_typed(claim):
    """Return what was printed as it is typed: without idle noughts, and without the end that follows from the other."""
    low, high = claim.printed_low, claim.printed_high
    typed = {"printed_low": low and _plain(low), "printed_high": high and _plain(high)}
    if claim.printed_as == Printed.EXACTLY:
        return typed | {"printed_high": None}
    if claim.printed_as == Printed.CUT_OFF and (step := _plain(high - low)).as_tuple().digits == (1,):
        return {"printed_low": low.quantize(step), "printed_high": None}
    return typed


def _plain(number):
    """Return a number without noughts at its end: 54.5 for 54.50, and 10 for 10.00."""
    return Decimal(f"{number.normalize():f}")
