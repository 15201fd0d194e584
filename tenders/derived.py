"""Model fields derived from other columns of the record, stored for searching and sorting."""

from django.db import models, transaction
from django.db.models.query_utils import DeferredAttribute

BATCH_SIZE = 500  # records whose derived fields are written in one statement


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

    ``save`` and ``loaddata`` write the current value; ``update`` and ``bulk_create`` of ``DerivedQuerySet`` write it
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


def all_derived_fields(model):
    """Return the derived fields of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, DerivedTextField)]


def derived_fields(model, columns):
    """Return the derived fields of a model that depend on any of the columns."""
    return [field for field in all_derived_fields(model) if not set(field.columns).isdisjoint(columns)]


class DerivedQuerySet(models.QuerySet):
    """A queryset that writes derived fields with the columns that they are derived from."""

    def update(self, **values):
        """Update records, and the fields derived from the updated columns."""
        if not derived_fields(self.model, values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            pks = list(self.order_by().values_list("pk", flat=True))
            number = super().update(**values)
            self.model.objects.using(self.db).derive(pks)
        return number

    update.alters_data = True

    def bulk_create(self, objs, *args, update_fields=None, **options):
        """Create records (or update existing ones), including the fields derived from the written columns."""
        if update_fields:
            update_fields = {*update_fields, *(field.name for field in derived_fields(self.model, update_fields))}
        return super().bulk_create(objs, *args, update_fields=update_fields, **options)

    bulk_create.alters_data = True

    def derive(self, pks):
        """Recompute the derived fields of the records with these primary keys."""
        fields = [field.name for field in all_derived_fields(self.model)]
        rows = self.model._base_manager.using(self.db)
        for start in range(0, len(pks), BATCH_SIZE):
            rows.bulk_update(rows.filter(pk__in=pks[start : start + BATCH_SIZE]), fields)

    derive.alters_data = True

    def derive_stale(self):
        """Recompute derived fields that are out of date after SQL or a migration."""
        fields = all_derived_fields(self.model)
        self.derive([record.pk for record in self.iterator() if any(field.is_stale(record) for field in fields)])

    derive_stale.alters_data = True


class DerivedModel(models.Model):
    """Abstract base of models that may have derived fields; their manager is that of a ``DerivedQuerySet``."""

    class Meta:
        abstract = True

    def save_base(self, *args, update_fields=None, **kwargs):
        if update_fields is not None:
            derived = {field.name for field in derived_fields(type(self), update_fields)}
            update_fields = frozenset({*update_fields, *derived})
        super().save_base(*args, update_fields=update_fields, **kwargs)
        if any(field.depends_on_expression(self) for field in derived_fields(type(self), self.__dict__)):
            type(self).objects.using(self._state.db).derive([self.pk])
