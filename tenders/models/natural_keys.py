"""Natural keys, by which fixtures refer to objects."""

from operator import attrgetter

from tenders.derived import DerivedModel, DerivedQuerySet
from tenders.models.checked import CheckedModel


class NaturalKeyQuerySet(DerivedQuerySet):
    def get_by_natural_key(self, *key):
        return self.get(**dict(zip(self.model.NATURAL_KEY, key, strict=True)))


class NaturalKeyModel(DerivedModel, CheckedModel):
    """Abstract base of models whose natural key consists of the values of the lookups in ``NATURAL_KEY``."""

    NATURAL_KEY = ("slug",)

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        abstract = True

    def natural_key(self):
        return tuple(attrgetter(lookup.replace("__", "."))(self) for lookup in self.NATURAL_KEY)
