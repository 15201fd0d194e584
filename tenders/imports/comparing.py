"""Compare a parsed row with a tender: the values of it and of its awards that the row would change."""

from dataclasses import dataclass
from functools import cache
from operator import attrgetter

from django.utils.translation import gettext as _

from tenders import kinds
from tenders.choices import Fact
from tenders.imports.cells import format_value
from tenders.imports.columns import AWARD_NUMBERS, OF_AWARD, OF_TENDER, PARTIES
from tenders.imports.parsing import Problem
from tenders.models import Award, Tender
from tenders.models.attributes import Attribute


@dataclass(frozen=True)
class Difference:
    """
    A value that a row would change, of the tender or of its award of a number.

    Old and new values are as the column holds them, several of them a sorted list (of tenders, their references).
    ``facts`` are those of which something else is stated then.
    """

    attribute: Attribute
    number: int | None
    old: object
    new: object
    facts: tuple = ()

    @property
    def column(self):
        return self.attribute.column

    @property
    def is_list(self):
        """Whether the values stand in a table of their own."""
        return self.attribute.kind.is_list

    def assign_to(self, record):
        """Assign the new value to a record, unless it stands in a table of its own; nothing is saved."""
        if not self.is_list:
            setattr(record, self.attribute.name, self.new)

    @property
    def parties(self):
        """The institutions or companies among the new values."""
        new = self.new if self.is_list else [self.new]
        return [party for party in new if party] if self.column in PARTIES else []

    @property
    def needs_source(self):
        """Whether it changes public facts: one award more makes the sum of the awards unknown."""
        return bool(self.facts) or self.column == AWARD_NUMBERS

    @property
    def was(self):
        """The old value as a report shows it."""
        return format_value(self.old)

    @property
    def becomes(self):
        """The new value as a report shows it."""
        return format_value(self.new)


def compare(row, tender):
    """Return what a parsed row would change of a tender, maybe a new one, and problems of how it lists awards."""
    differences = []
    for column, value in row.values.items():
        attribute = OF_TENDER[column]
        old, new = _old_and_new(tender, attribute, value)
        if not attribute.kind.is_same(old, new):
            differences.append(Difference(attribute, None, old, new, _facts(Tender, attribute)))
    awards = awards_by_number(tender)
    numbers, problems = _award_numbers(row, awards)
    new = Award() if len(awards) < len(numbers) else None
    for place, number in enumerate(numbers):
        if number not in awards:
            differences.append(Difference(OF_AWARD[AWARD_NUMBERS], number, None, number))
        award = awards.get(number, new)
        for column, values in row.awards.items():
            if column != AWARD_NUMBERS and values:
                differences += _award_difference(award, number, OF_AWARD[column], values[place])
    return differences, problems


def awards_by_number(tender):
    """Return the awards of a tender, which may be a new one, by their numbers."""
    return {award.number: award for award in tender.awards.all()} if tender.pk else {}


def _award_difference(award, number, attribute, value):
    old, new = _old_and_new(award, attribute, value)
    if attribute.kind.is_same(old, new):
        return
    facts = _facts(Award, attribute)
    if isinstance(attribute.kind, kinds.CompanyReferences) and (len(old) > 1) != (len(new) > 1):
        facts += (Fact.IS_JOINT,)
    yield Difference(attribute, number, old, new, facts)


def _facts(model, attribute):
    """Return the facts of an attribute: how exact an amount is, is part of what is stated of it."""
    return _facts_of(model, attribute.name, attribute.qualifies)


@cache
def _facts_of(model, *names):
    return tuple(fact for fact, attribute in model.FACTS.items() if attribute.name in names)


def _old_and_new(record, attribute, value):
    """Return the value that a record has and the one that a row gives, lists of them in one order."""
    kind = attribute.kind
    if not kind.is_list:
        return getattr(record, attribute.name), value
    old = attribute.value(record) if record.pk else []
    if isinstance(kind, kinds.TenderReferences):
        # No download has the references of tenders that are not public: of a published one they stay.
        hidden = {other.reference for other in old if record.is_published and not other.is_published}
        return sorted(other.reference for other in old), sorted({*value, *hidden})
    order = attrgetter(kind.lookup, "name_zh", "name_en")  # drafts have no reference yet
    return sorted(old, key=order), sorted(value, key=order)


def _award_numbers(row, awards):
    """Return the numbers of the awards of a row, in its order, and what is wrong with them."""
    if not row.awards:
        return [], []
    existing = sorted(awards)
    numbers = row.awards.get(AWARD_NUMBERS, existing)
    if not numbers and not (existing and AWARD_NUMBERS in row.awards):
        numbers = list(range(1, max(map(len, row.awards.values())) + 1))
    if None in numbers:
        return [], []  # a number that could not be read, which is a problem already
    problems = []
    written = " | ".join(map(str, numbers))
    if missing := sorted(set(existing) - set(numbers)):
        message = _("Add award %(numbers)s of this tender: an import can’t delete awards.")
        message %= {"numbers": _(", ").join(map(str, missing))}
        problems.append(Problem(AWARD_NUMBERS, written, message))
    if len(set(numbers)) < len(numbers):
        problems.append(Problem(AWARD_NUMBERS, written, _("Give each award a different number.")))
    for column, values in row.awards.items():
        if values and len(values) != len(numbers):
            message = _(
                "Write one value for each award, with “ | ” between them: there are %(n)s awards and %(m)s values."
            )
            problems.append(Problem(column, "", message % {"m": len(values), "n": len(numbers)}))
    return ([] if problems else numbers), problems
