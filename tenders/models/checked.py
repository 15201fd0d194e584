"""Validation of check constraints."""

from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import models, router
from django.db.models import CheckConstraint, Q


class CheckedModel(models.Model):
    """
    Abstract base of models whose check constraints are validated in one statement.

    Django takes a statement and a savepoint for each, which a form of many rows notices. Only where one does not hold
    each is checked alone, for its message.
    """

    _are_checks_valid = False

    class Meta:
        abstract = True

    def validate_constraints(self, exclude=None):
        self._are_checks_valid = self._do_all_checks_hold(set(exclude or ()))
        try:
            super().validate_constraints(exclude)
        finally:
            self._are_checks_valid = False

    def get_constraints(self):
        """Return the constraints to be validated, without those that are found to hold."""
        constraints = super().get_constraints()
        if not self._are_checks_valid:
            return constraints
        return [(model, [one for one in some if not isinstance(one, CheckConstraint)]) for model, some in constraints]

    def _do_all_checks_hold(self, exclude):
        """Return whether no check is violated; as in Django, one of an excluded field is not made."""
        checks = (Q(one.condition) for one in self._meta.constraints if isinstance(one, CheckConstraint))
        conditions = [condition for condition in checks if not condition.referenced_base_fields & exclude]
        if not conditions:
            return True
        together = CheckConstraint(condition=reduce(and_, conditions), name="all")
        try:
            together.validate(type(self), self, exclude, router.db_for_write(type(self), instance=self))
        except ValidationError:
            return False
        return True
