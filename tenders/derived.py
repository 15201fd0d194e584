"""Text that a record derives from its other columns, kept in the database to search and sort by."""

from django.db import models
from django.db.models.query_utils import DeferredAttribute


class _Derived(DeferredAttribute):
    """Always computes; what is assigned (by the database, by a fixture) only marks the column as loaded."""

    def __get__(self, instance, cls=None):
        if instance is None or self.field.derive is None:
            return super().__get__(instance, cls)
        return self.field.derive(instance)

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class DerivedTextField(models.TextField):
    """
    Text that ``derive(record)`` makes of the record's ``columns``.

    ``save``, ``bulk_create`` and ``loaddata`` write what the record has when it is written; an update of many records
    in one statement is followed by ``RecordQuerySet.update``. Never edited, and never part of a dump.
    """

    descriptor_class = _Derived

    def __init__(self, *args, derive=None, columns=(), **kwargs):
        self.derive, self.columns = derive, frozenset(columns)
        kwargs |= {"editable": False, "serialize": False, "default": ""}
        super().__init__(*args, **kwargs)

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
