"""Model fields derived from other columns of the record, stored for searching and sorting."""

from django.db import models
from django.db.models.query_utils import DeferredAttribute


class _DerivedAttribute(DeferredAttribute):
    """Computes the value on every access; an assigned value (from the database, a fixture) only marks it as loaded."""

    def __get__(self, instance, cls=None):
        if instance is None or self.field.derive is None:
            return super().__get__(instance, cls)
        if self.field.depends_on_expression(instance):
            return instance.__dict__.get(self.field.attname, "")
        return self.field.derive(*(getattr(instance, column) for column in self.field.columns))

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class DerivedTextField(models.TextField):
    """
    Text that the function ``derive`` computes from the values of the record's ``columns``, in their order.

    ``save`` and ``loaddata`` write the current value; ``update`` and ``bulk_create`` of ``RecordQuerySet`` write it
    too. The field is not editable and not serialised.
    """

    descriptor_class = _DerivedAttribute

    def __init__(self, *args, derive=None, columns=(), **kwargs):
        self.derive, self.columns = derive, columns
        kwargs |= {"editable": False, "serialize": False, "default": ""}
        super().__init__(*args, **kwargs)

    def depends_on_expression(self, record):
        """Return whether a column contains an expression, which only the database can compute."""
        return any(hasattr(record.__dict__.get(column), "resolve_expression") for column in self.columns)

    def is_stale(self, record):
        """Return whether the stored value differs from the derived one."""
        return record.__dict__[self.attname] != getattr(record, self.attname)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for option in ("editable", "serialize", "default"):
            del kwargs[option]
        return name, path, args, kwargs


def derived_fields(model, columns):
    """Return the derived fields of a model that depend on any of the columns."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, DerivedTextField) and not set(field.columns).isdisjoint(columns)
    ]
