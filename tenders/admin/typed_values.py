"""Form fields that read what people type, by the kinds of the attributes, as imports do: 899.5万元, 2019年10月25日."""

from decimal import Decimal
from functools import partial

from django import forms
from django.utils.translation import gettext_lazy as _

from tenders import kinds
from tenders.admin.named_records import NamedRecordField, NamedRecordsField
from tenders.choices import AmountQualifier, NameStatus
from tenders.kinds import canonical

TYPED = (kinds.Money, kinds.PartialDate, kinds.Count, kinds.CreditCode, kinds.OfficialNumber)
# What is chosen in the form of something new, and rests on a value: it is dropped where the value stays unknown.
FIRST_QUALIFIERS = {
    "title_en_status": NameStatus.UNVERIFIED,
    "title_zh_status": NameStatus.SOURCED,
    "name_en_status": NameStatus.UNVERIFIED,
    "name_zh_status": NameStatus.SOURCED,
    "amount_qualifier": AmountQualifier.EXACT,
}


class TypedValuesForm(forms.ModelForm):
    """A form of something with attributes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for attribute in self._meta.model.stored_attributes():
            if attribute.name in self.fields and isinstance(attribute.kind, TYPED):
                read_as(self.fields[attribute.name], attribute.kind)
        if not self.instance.pk:
            self.initial = {**FIRST_QUALIFIERS, **self.initial}

    def clean(self):
        data = super().clean() or self.cleaned_data
        for attribute in self._meta.model.stored_attributes():
            if attribute.name in FIRST_QUALIFIERS and data.get(attribute.qualifies, True) in ("", None):
                data[attribute.name] = ""
        return data


def read_as(field, kind):
    """Let a form field read a text by a kind first; what the kind cannot read is refused in its words."""
    field.to_python = partial(_read, kind, field.to_python)
    field.prepare_value = _shown
    field.widget = forms.TextInput(attrs={"size": 18, "autocomplete": "off"})


def _read(kind, to_python, value):
    return to_python(kind.parse(value) if isinstance(value, str) and value.strip() else value)


def _shown(value):
    return canonical(value) if isinstance(value, Decimal) else value  # without the zeros of the database


class StatedValueField(forms.CharField):
    """What a source states, read by the kind of its fact; the cleaned value is a canonical text."""

    def __init__(self, kind, **options):
        self.kind = kind
        super().__init__(max_length=2000, **options)

    def to_python(self, value):
        return self.kind.normalize(super().to_python(value))


class StatedRecordsField(forms.Field):
    """The records that a source names; the cleaned value is a canonical text: their codes."""

    def __init__(self, kind, known, **options):
        self.kind = kind
        field_class = NamedRecordsField if kind.is_list else NamedRecordField
        self.records = field_class(kind.model.objects.all(), required=False, label=options.get("label"))
        self.records.known = known
        super().__init__(widget=self.records.widget, **options)

    def prepare_value(self, value):
        """Return the names for a canonical text; what was typed stays as it is."""
        texts = value.split("|") if isinstance(value, str) and self.kind.is_list else value
        if not texts:
            return texts
        codes = texts if isinstance(texts, list) else [texts]
        if unknown := [code for code in codes if code not in self.records.known]:
            self.records.know(self.kind.records(unknown))
        known = self.records.known
        shown = [self.records.typed(known[code]) if code in known else code for code in codes]
        return shown if self.kind.is_list else shown[0]

    def clean(self, value):
        if isinstance(value, list):
            value = [part for text in value for part in text.split("|")]
        return canonical(self.records.clean(value) or None)

    def has_changed(self, initial, data):
        try:
            return self.clean(data) != (initial or "")
        except forms.ValidationError:
            return True


def stated_value_field(attribute, known):
    """
    Return the form field in which the statement of an attribute is typed; of no attribute, that of any text.

    ``known`` are records that were read already, as {model: {code: record}}.
    """
    options = {
        "label": _("Value stated"),
        "required": False,
        "help_text": _("Leave empty in the statement we use: the record’s value is filled in."),
    }
    kind = attribute.kind if attribute else kinds.Text()
    if isinstance(kind, kinds.RelatedRecord):
        return StatedRecordsField(kind, known[kind.model], **options)
    choices = kind.choices()
    widget = forms.Select(choices=[("", "---------"), *choices]) if choices else forms.TextInput(attrs={"size": 30})
    return StatedValueField(kind, widget=widget, **options)
