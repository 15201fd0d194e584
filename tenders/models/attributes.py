"""
Attributes: what is known of one column of a record, declared once for forms, imports, downloads, merging and claims.

A record lists its attributes in ``ATTRIBUTES``. Those with a fact are citable: sources state them (``Citation``), and
the column holds the chosen value.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenders import kinds
from tenders.choices import Fact, NameStatus
from tenders.kinds import Kind


@dataclass(frozen=True)
class Attribute:
    """
    An attribute of a record.

    ``name`` is that of the field or property that holds its value, ``column`` its column in downloads and imports
    (the same name unless said otherwise, empty for none), and ``description`` what the column holds;
    ``name_descriptions`` describe the columns with the English and the Chinese name of the record that it names.
    ``parameter`` is what the tender list calls it, where claims may ask for it. It may qualify another attribute, and
    goes with that one: the status of a title, the basis of a category. An optional one that is empty says that there is
    nothing to say; any other one that is empty is unknown.
    """

    name: str
    kind: Kind
    description: str = ""
    fact: Fact | None = None
    column: str | None = None
    name_descriptions: tuple = ()
    parameter: str = ""
    qualifies: str = ""
    is_optional: bool | None = None

    def __post_init__(self):
        if self.column is None:
            object.__setattr__(self, "column", self.name)
        if self.is_optional is None:
            object.__setattr__(self, "is_optional", self.fact is None)

    def value(self, record):
        """Return the value that a record holds: that of the column, or a list of records."""
        if not self.name:
            return True
        value = getattr(record, self.name)
        return list(value.all()) if hasattr(value, "all") else value

    def canonical(self, record):
        """Return the canonical form of the value that a record holds; empty text when it is unknown."""
        return self.kind.canonical(self.value(record))


def status_of(name, description):
    """Return the attribute that says what a name or a title rests on."""
    return Attribute(f"{name}_status", kinds.Code(NameStatus), description, qualifies=name)


class Citable(models.Model):
    """A record whose attributes sources state: what each of them is, and where its value stands."""

    ATTRIBUTES: ClassVar[tuple] = ()
    FACTS: ClassVar[dict] = {}  # the citable attributes, by fact

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.FACTS = {attribute.fact: attribute for attribute in cls.ATTRIBUTES if attribute.fact}

    def canonical(self, fact):
        """Return the canonical form of the chosen value of a fact; empty text when it is unknown."""
        return self.FACTS[fact].canonical(self)

    def assign(self, fact, text):
        """
        Let the column of a fact hold what a canonical text says; nothing is saved.

        Raises ``ValidationError`` for a text that the column cannot hold, and for a fact that follows from others.
        """
        attribute = self.FACTS[fact]
        if not attribute.name:
            return
        try:
            field = self._meta.get_field(attribute.name)
        except FieldDoesNotExist:
            raise _cannot_hold(fact, text) from None
        attribute.kind.validate(text)
        try:
            value = attribute.kind.from_canonical(text, field)
        except (ObjectDoesNotExist, ValidationError, ValueError, ArithmeticError):
            raise _cannot_hold(fact, text) from None
        setattr(self, attribute.name, value)

    def known_facts(self):
        """Return the facts of which this record holds a value."""
        return [fact for fact in self.FACTS if self.canonical(fact)]


def _cannot_hold(fact, text):
    return ValidationError(
        _("“%(text)s” cannot be chosen for “%(fact)s”: the record has no place for it."),
        params={"text": text, "fact": Fact(fact).label},
    )
