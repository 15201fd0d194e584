"""Attributes: metadata of a record's columns, shared by forms, imports, downloads, merging and claims."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenders import kinds
from tenders.choices import Fact, NameStatus
from tenders.kinds import Kind


@dataclass(frozen=True)
class Attribute:
    """
    An attribute of a record.

    ``name`` is the field or property of its value, ``column`` its column in downloads and imports (by default the
    name, empty for none), and ``description`` describes that column. ``name_descriptions`` describe the two columns
    with the English and the Chinese name of a related record. ``parameter`` is the name under which claims ask for it:
    that of the tender list, or what its bounds are about. ``qualifies`` names an attribute that this one belongs to:
    the status of a title, the basis of a category; ``translates`` one that this one is the Chinese of. ``is_computed``
    is one that no column holds. An empty value means "none" if ``is_optional`` (a page leaves it out), else "unknown".
    ``ocds`` is the path of its field in a release of OCDS (``tenders.ocds``).
    """

    name: str
    kind: Kind
    description: str = ""
    fact: Fact | None = None
    _: KW_ONLY
    column: str | None = None
    name_descriptions: tuple = ()
    parameter: str = ""
    qualifies: str = ""
    translates: str = ""
    is_optional: bool | None = None
    is_computed: bool = False
    ocds: str = ""

    def __post_init__(self):
        if self.column is None:
            object.__setattr__(self, "column", "" if self.is_computed else self.name)
        if self.is_optional is None:
            object.__setattr__(self, "is_optional", self.fact is None)

    def value(self, record):
        """Return the value of a record's attribute; a list for a many-to-many relation."""
        value = getattr(record, self.name)
        return list(value.all()) if hasattr(value, "all") else value

    def canonical(self, record):
        """Return the canonical form of the value of a record's attribute; empty text when it is unknown."""
        return kinds.canonical(self.value(record))


def status_of(name, description, *, ocds):
    """Return the attribute for the status (``NameStatus``) of a name or a title."""
    return Attribute(f"{name}_status", kinds.Code(NameStatus), description, qualifies=name, ocds=ocds)


def chinese_of(name, description, *, column=None, ocds):
    """Return the attribute for the Chinese of a text of editors."""
    return Attribute(f"{name}_zh", kinds.Text(), description, column=column, translates=name, ocds=ocds)


class Citable(models.Model):
    """Abstract model with ``ATTRIBUTES``; of a citable one, which has a fact, the column holds the chosen value."""

    ATTRIBUTES: ClassVar[tuple] = ()
    FACTS: ClassVar[dict] = {}  # the citable attributes, by fact

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.FACTS = {attribute.fact: attribute for attribute in cls.ATTRIBUTES if attribute.fact}
        facts = [attribute.fact for attribute in cls.ATTRIBUTES if attribute.fact]
        columns = [attribute.column for attribute in cls.ATTRIBUTES if attribute.column]
        if len(facts) > len(cls.FACTS) or len(columns) > len(set(columns)):
            raise ImproperlyConfigured(f"Two attributes of {cls.__name__} have the same fact or column.")

    @classmethod
    def stored_attributes(cls):
        """Return the attributes that a column or a relation holds."""
        return [attribute for attribute in cls.ATTRIBUTES if not attribute.is_computed]

    def canonical(self, fact):
        """Return the canonical form of the record's value of a fact; empty text when it is unknown."""
        return self.FACTS[fact].canonical(self)

    def status_of(self, fact):
        """Return the ``NameStatus`` of a name or a title; empty text for other facts, and without any."""
        return getattr(self, f"{self.FACTS[fact].name}_status", "")

    def assign(self, fact, text):
        """
        Set the column of a fact from a canonical text, without saving.

        Raises ``ValidationError`` for a text that does not fit the column, and for a fact that is computed.
        """
        attribute = self.FACTS[fact]
        attribute.kind.validate(text)
        error = ValidationError(
            _("“%(text)s” can’t be used for “%(fact)s”: the record can’t store it."),
            params={"text": text, "fact": Fact(fact).label},
        )
        if attribute.is_computed:
            if attribute.canonical(self) != text:
                raise error
            return
        try:
            value = attribute.kind.from_canonical(text, self._meta.get_field(attribute.name))
        except (ObjectDoesNotExist, ValidationError, ValueError, ArithmeticError):
            raise error from None
        if value != getattr(self, attribute.name):
            self.clear_chinese(attribute)
        setattr(self, attribute.name, value)

    def clear_chinese(self, attribute):
        """Empty the Chinese of a text that is about to change, without saving."""
        for other in self.ATTRIBUTES:
            if other.translates == attribute.name:
                setattr(self, other.name, "")

    def as_stored(self, fact, text):
        """Return a canonical text as the column of a fact has it; an award says apart whether an amount is a bound."""
        return text

    def known_facts(self):
        """Return the facts with a known value."""
        return [fact for fact in self.FACTS if self.canonical(fact)]
