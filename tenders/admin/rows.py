"""Rows of the database in forms: of what is not changed in a form, the database is asked nothing again."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property


class RowForm(forms.ModelForm):
    """A row that may be stored already: then the constraints of what stays as it is hold."""

    def _post_clean(self):
        if self.instance.pk:
            with self.instance.only_written(self.changed_data):
                super()._post_clean()
        else:
            super()._post_clean()


class LoadedRowField(forms.ModelChoiceField):
    """The primary key of one of some rows that are loaded, by primary key as text."""

    def __init__(self, rows, **options):
        super().__init__(None, widget=forms.HiddenInput, required=False, **options)
        self.rows = rows

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            return self.rows[str(value)]
        except KeyError:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None


class RowFormSet(forms.BaseInlineFormSet):
    """The rows of one record, which are read together."""

    def add_fields(self, form, index):
        """Add the fields of a row; Django's own field of the primary key would read the row once more."""
        super().add_fields(form, index)
        key = self.model._meta.pk.name
        form.fields[key] = LoadedRowField(self._rows, initial=form.fields[key].initial)

    @cached_property
    def _rows(self):
        return {str(row.pk): row for row in self.get_queryset()}
