"""Text that a record derives from its other columns, kept in the database to search and sort by."""

from django.db import models
from django.db.models.query_utils import DeferredAttribute


class _Derived(DeferredAttribute):
    """Always computes; what is assigned (by the database, by a fixture) only marks the column as loaded."""

    def __get__(self, instance, cls=None):
        if instance is None or self.field.derive is None:
            return super().__get__(instance, cls)
        if self.field.waits_for_the_database(instance):
            return instance.__dict__.get(self.field.attname, "")
        return self.field.derive(instance)

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class DerivedTextField(models.TextField):
    """
    Text that ``derive(record)`` makes of the record's ``columns``.

    ``save`` and ``loaddata`` write what the record has when it is written; ``update`` and ``bulk_create`` of its query
    set see to the rest. Never edited, and never part of a dump.
    """

    descriptor_class = _Derived

    def __init__(self, *args, derive=None, columns=(), **kwargs):
        self.derive, self.columns = derive, frozenset(columns)
        kwargs |= {"editable": False, "serialize": False, "default": ""}
        super().__init__(*args, **kwargs)

    def waits_for_the_database(self, record):
        """Tell whether a column holds an expression, which only the database can compute."""
        return any(hasattr(record.__dict__.get(column), "resolve_expression") for column in self.columns)

    def is_stale(self, record):
        """Tell whether the database has something else than what the record derives."""
        return record.__dict__[self.attname] != getattr(record, self.attname)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for each in ("editable", "serialize", "default"):
            del kwargs[each]
        return name, path, args, kwargs


def derived_fields(model, columns):
    """Return the fields that a model derives from any of some columns."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, DerivedTextField) and not field.columns.isdisjoint(columns)
    ]
