"""Natural keys, by which fixtures refer to objects."""

from contextlib import contextmanager
from contextvars import ContextVar
from operator import attrgetter

from tenders.derived import DerivedModel, DerivedQuerySet
from tenders.models.checked import CheckedModel

_found = ContextVar("objects by natural key", default=None)


@contextmanager
def remembered_natural_keys():
    """Look up each object once inside: fixtures refer to a source or a tender in hundreds of places."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


class NaturalKeyQuerySet(DerivedQuerySet):
    def get_by_natural_key(self, *key):
        found = _found.get()
        if found is None:
            found = {}
        place = (self.model, self.db, *key)
        if place not in found:
            found[place] = self.get(**dict(zip(self.model.NATURAL_KEY, key, strict=True)))
        return found[place]


class NaturalKeyModel(DerivedModel, CheckedModel):
    """Abstract base of models whose natural key consists of the values of the lookups in ``NATURAL_KEY``."""

    NATURAL_KEY = ("slug",)

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        abstract = True

    def natural_key(self):
        return tuple(attrgetter(lookup.replace("__", "."))(self) for lookup in self.NATURAL_KEY)
