"""Fields in which a record is typed: its name or its code, suggested while one types; or the name of a new party."""

from functools import partial

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tenders.choices import NameStatus
from tenders.kinds import Name
from tenders.models import RedirectedReference
from tenders.models.parties import Party
from tenders.references import name_of
from tenders.search import HAN, fold

NAME_FIELDS = ("name_en", "name_zh", "title_en", "title_zh", "title")
SEPARATOR = " · "  # between the name and the code of a record
NEW = ("+", "＋")  # stand before the name of a party that is to be added


def typed_name(record):
    """Return how a record is written in a form: its name and its code."""
    return " ".join(f"{record}{SEPARATOR}{name_of(record)}".split())


class NameInput(forms.TextInput):
    """A text input with suggestions; ``address`` answers with them."""

    template_name = "admin/tenders/name_input.html"
    model = label = None

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        address = reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_suggest")
        context["widget"] |= {"address": address, "label": self.label}
        return context

    def _render(self, template_name, context, renderer=None):
        """Render with the templates of the project, which renderers of forms do not find."""
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 it is rendered with escaping


class NamesInput(NameInput):
    """Text inputs of one name: one for each record, and an empty one."""

    template_name = "admin/tenders/names_input.html"

    def value_from_datadict(self, data, files, name):
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [value for value in values if value.strip()]

    def value_omitted_from_data(self, data, files, name):
        return False

    def format_value(self, value):
        return [*(value or []), ""]


class _NamedRecords:
    """What both fields share: reading a text as a record, and writing a record as a text."""

    def __init__(self, queryset, *, add=False, **kwargs):
        super().__init__(queryset, **kwargs)
        self.known = {}  # records that were read already, by code; forms may share it
        self.may_add = add and issubclass(queryset.model, Party)
        self.widget.model, self.widget.label = queryset.model, self.label

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        copied.known = {}
        return copied

    def know(self, records):
        """Note records that were read already, so that they are not read again."""
        self.known |= {name_of(record): record for record in records}

    def record_of(self, text):
        """Return the record that a text means; raises ``ValidationError`` for none and for several."""
        text = " ".join(text.split())
        if text.startswith(NEW):
            return self._new_party(text[1:].strip())
        code = text.rpartition(SEPARATOR)[2]
        if code in self.known:
            return self.known[code]
        found = self._by_code(code) or self._by_name(text)
        if len(found) > 1:
            raise ValidationError(
                _("Several records have this name: %(codes)s. Enter the code of the one you mean."),
                params={"codes": _(", ").join(map(name_of, found))},
            )
        if not found:
            params = {"kind": self._kind, "text": text}
            if self.may_add:
                message = _("There is no %(kind)s named “%(text)s”. Write “+%(text)s” to add it as a draft.")
            else:
                message = _("There is no %(kind)s named “%(text)s”. Choose one of the suggestions.")
            raise ValidationError(message, params=params)
        self.know(found)
        return found[0]

    def typed(self, value):
        """Return how a record, or the one with a primary key, is written."""
        known = (record for record in self.known.values() if record.pk == value)
        record = value if hasattr(value, "pk") else next(known, None) or self.queryset.filter(pk=value).first()
        return record and typed_name(record)

    @property
    def _kind(self):
        return self.queryset.model._meta.verbose_name

    def _by_code(self, code):
        lookup = self.queryset.model.NATURAL_KEY[0]
        codes = {code, code.upper(), code.lower()}
        codes |= {*RedirectedReference.objects.resolve(codes).values()}
        return list(self.queryset.filter(**{f"{lookup}__in": codes}))

    def _by_name(self, text):
        model, wanted = self.queryset.model, fold(text)
        if issubclass(model, Party):
            found = self.queryset.filter(name_text__contains=wanted) if wanted else []
            return [party for party in found if wanted in map(fold, (party.name_en, party.name_zh, *party.aliases))]
        columns = {field.name for field in model._meta.concrete_fields} & {*NAME_FIELDS}
        is_named = Q(*((f"{column}__iexact", text) for column in columns), _connector=Q.OR)
        return list(self.queryset.filter(is_named))

    def _new_party(self, name):
        """Return a party that is not saved yet; a Chinese name counts as printed, another one as our translation."""
        if not self.may_add:
            raise ValidationError(
                _("A %(kind)s can’t be added here. Add it on its own page first."), params={"kind": self._kind}
            )
        name = Name().parse(name)
        if found := self._by_name(name):
            raise ValidationError(
                _("%(record)s already has this name. Write it without the “+”."),
                params={"record": typed_name(found[0])},
            )
        language, status = ("zh", NameStatus.SOURCED) if HAN.search(name) else ("en", NameStatus.UNVERIFIED)
        model = self.queryset.model
        (reference,) = model.objects.free_references(1)
        party = model(**{f"name_{language}": name, f"name_{language}_status": status, "reference": reference})
        try:
            party.full_clean()
        except ValidationError as error:
            raise ValidationError(error.messages) from None
        return party


class NamedRecordField(_NamedRecords, forms.ModelChoiceField):
    """A record, by its name or code; the party that a text begins with + is new, and saved by who saves the form."""

    widget = NameInput

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else self.typed(value)

    def to_python(self, value):
        return None if value in EMPTY_VALUES or not value.strip() else self.record_of(value)

    def validate(self, value):
        forms.Field.validate(self, value)

    def has_changed(self, initial, data):
        try:
            record = self.to_python(data)
        except ValidationError:
            return True
        return (record and (record.pk or record.reference)) != (getattr(initial, "pk", initial) or None)


class NamedRecordsField(_NamedRecords, forms.ModelMultipleChoiceField):
    """Any number of records, each by its name or code; see ``NamedRecordField``."""

    widget = NamesInput

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return [item if isinstance(item, str) else self.typed(item) for item in value]

    def clean(self, value):
        value = [self.record_of(text) for text in dict.fromkeys(value)]
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        self.run_validators(value)
        return value

    def has_changed(self, initial, data):
        try:
            new = {record.pk for record in self.clean(data)}
        except ValidationError:
            return True
        return new != {getattr(record, "pk", record) for record in initial or ()}


def read_records(obj, names):
    """Return the related records of an object that were read already, of the relations among some names."""
    fields = (field for field in obj._meta.concrete_fields if field.is_relation and field.name in names)
    related = (field.get_cached_value(obj, default=None) for field in fields)
    return [record for record in related if record is not None and record.pk]


class NamedRecordsForm(forms.ModelForm):
    """A form whose fields know the records that its instance has read."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, NamedRecordsField):
                field.know(record for record in self.initial.get(name) or () if hasattr(record, "pk"))
            elif isinstance(field, NamedRecordField):
                field.know(read_records(self.instance, [name]))


def named_record_field(db_field, *, add, **options):
    """Return the form field of a relation to records that are typed; ``add`` is whether parties may be added."""
    form_class = NamedRecordsField if db_field.many_to_many else NamedRecordField
    return db_field.formfield(form_class=partial(form_class, add=add), **options)


class NamedRecordsMixin:
    """An admin of something that names other records: those of ``named_records`` are typed."""

    named_records = ()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name not in self.named_records:
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        may_add = request.user.has_perm(f"tenders.add_{db_field.related_model._meta.model_name}")
        return named_record_field(db_field, add=may_add)
