"""Validation of what the database is asked about: constraints and related records."""

from contextlib import contextmanager
from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import models, router
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext_lazy as _


def web_address_constraint(field, *, name):
    """Return the constraint that an address, if there is one, is of the web; ``javascript:`` would be a script."""
    return CheckConstraint(
        condition=Q(**{field: ""}) | Q(**{f"{field}__iregex": "^https?://"}),
        name=name,
        violation_error_message=_("Enter a web address that begins with http:// or https://."),
    )


class CheckedModel(models.Model):
    """
    Abstract base of models whose check constraints are validated in one statement.

    Django takes a statement and a savepoint for each, which a form of many rows notices. Only where one does not hold
    each is checked alone, for its message.
    """

    _are_checks_valid = False
    _written = None

    class Meta:
        abstract = True

    def clean_fields(self, exclude=None):
        """Validate the fields; that a related record exists is not asked again once it was read."""
        related = (field for field in self._meta.concrete_fields if field.is_relation and field.is_cached(self))
        read = {field.name for field in related if _is_stored(field.get_cached_value(self))}
        super().clean_fields({*(exclude or ()), *read})

    @contextmanager
    def only_written(self, fields):
        """Validate inside no constraint but those about some fields: all else is as it is stored."""
        self._written = {*fields}
        try:
            yield
        finally:
            self._written = None

    def validate_constraints(self, exclude=None):
        self._are_checks_valid = self._do_all_checks_hold(set(exclude or ()))
        try:
            super().validate_constraints(exclude)
        finally:
            self._are_checks_valid = False

    def get_constraints(self):
        """Return the constraints to be validated, without those that are found to hold."""
        return [
            (model, [one for one in some if self._is_written(one) and not self._is_found_to_hold(one)])
            for model, some in super().get_constraints()
        ]

    def _is_written(self, constraint):
        return self._written is None or not _fields_of(constraint).isdisjoint(self._written)

    def _is_found_to_hold(self, constraint):
        return self._are_checks_valid and isinstance(constraint, CheckConstraint)

    def _do_all_checks_hold(self, exclude):
        """Return whether no check is violated; as in Django, one of an excluded field is not made."""
        checks = (
            Q(one.condition)
            for one in self._meta.constraints
            if isinstance(one, CheckConstraint) and self._is_written(one)
        )
        conditions = [condition for condition in checks if not condition.referenced_base_fields & exclude]
        if not conditions:
            return True
        together = CheckConstraint(condition=reduce(and_, conditions), name="all")
        try:
            together.validate(type(self), self, exclude, router.db_for_write(type(self), instance=self))
        except ValidationError:
            return False
        return True


def _is_stored(record):
    return record is not None and record.pk is not None and not record._state.adding


def _fields_of(constraint):
    """Return the names of the fields that a constraint is about."""
    fields = {*getattr(constraint, "fields", ())}
    return fields | Q(constraint.condition).referenced_base_fields if constraint.condition else fields
