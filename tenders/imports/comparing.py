"""What a row changes: the values of a tender and of its awards that are not yet as the row says."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

from tenders.choices import Fact
from tenders.exports.columns import public, sanitize
from tenders.imports.cells import format_value
from tenders.imports.columns import (
    AWARD_NUMBERS,
    FACT_OF_AWARD,
    FACT_OF_TENDER,
    OF_AWARD,
    OF_TENDER,
    constraint,
)
from tenders.imports.rows import Problem
from tenders.models import Award, Tender


@dataclass(frozen=True)
class Difference:
    """A value that a row changes, of a tender or of the award of a number, and the facts that it changes with it."""

    column: str
    number: int | None
    attribute: str
    old: object
    new: object
    facts: tuple = ()

    @property
    def needs_source(self):
        """Whether it changes what a tender says in public: with one award more the sum of its awards is unknown."""
        return bool(self.facts) or self.attribute == "number"

    @property
    def was(self):
        """The value that the database has, as people read it."""
        return format_value(self.old)

    @property
    def becomes(self):
        """The value of the file, as people read it."""
        return format_value(self.new)


def differences(row, tender):
    """Return (differences, problems) between what a row says and a tender, which may be one that is not saved."""
    found = [
        Difference(column, None, attribute, old, new, facts)
        for column, attribute, old, new, facts in _of_tender(row, tender)
        if not _is_same(old, new)
    ]
    numbers, problems = _numbers(row, tender)
    awards = _awards(tender)
    for place, number in enumerate(numbers):
        award = awards.get(number)
        if award is None:
            found.append(Difference(AWARD_NUMBERS, number, "number", None, number))
        for column, values in row.awards.items():
            if column != AWARD_NUMBERS and values:
                found += _of_award(column, number, award, values[place])
    return found, problems + _broken_rules(tender, awards, found)


def _of_tender(row, tender):
    for column, new in row.values.items():
        attribute = OF_TENDER[column]
        fact = FACT_OF_TENDER.get(attribute)
        if attribute == "suggested_categories":
            old, new = _listed(tender, attribute, lambda each: each.slug), sorted(new, key=lambda each: each.slug)
        elif attribute == "possibly_same_as":
            old, new = _possible_repeats(tender, sorted(new))
        else:
            old = getattr(tender, attribute)
        yield column, attribute, old, new, (fact,) if fact else ()


def _listed(tender, attribute, key):
    return sorted(getattr(tender, attribute).all(), key=key) if tender.pk else []


def _possible_repeats(tender, new):
    """Return the references before and after; those of records that are not public, which no download tells, stay."""
    others = _listed(tender, "possibly_same_as", lambda each: each.reference)
    hidden = {each.reference for each in others} - {each.reference for each in public(others)}
    old = [each.reference for each in others]
    return old, sorted({*new, *(hidden if tender.is_published else ())})


def _awards(tender):
    return {award.number: award for award in tender.awards.all()} if tender.pk else {}


def _of_award(column, number, award, new):
    attribute = OF_AWARD[column]
    fact = FACT_OF_AWARD.get(attribute)
    facts = (fact,) if fact else ()
    if attribute == "suppliers":
        old = sorted(award.suppliers.all(), key=lambda each: each.reference) if award else []
        new = sorted(new, key=lambda each: (each.reference, each.name_zh, each.name_en))
        facts += (Fact.IS_JOINT,) if (len(old) > 1) != (len(new) > 1) else ()
    else:
        old = getattr(award or Award(), attribute)
    if not _is_same(old, new):
        yield Difference(column, number, attribute, old, new, facts)


def _is_same(old, new):
    if isinstance(old, str) and isinstance(new, str):
        return sanitize(old).strip() == new
    if isinstance(old, models.Model) and isinstance(new, models.Model):
        return old == new
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _numbers(row, tender):
    """Return the numbers of the awards of a row, in its order, and what is wrong with them."""
    if not row.awards:
        return [], []
    there = sorted(_awards(tender))
    most = max(len(values) for values in row.awards.values())
    numbers = row.awards.get(AWARD_NUMBERS, there)
    if not numbers and not (there and AWARD_NUMBERS in row.awards):
        numbers = list(range(1, most + 1))
    if None in numbers:
        return [], []  # a number that could not be read, which is a problem already
    problems = []
    if missing := sorted(set(there) - set(numbers)):
        message = _("Award %(numbers)s of this tender is missing here. No award is deleted by an import: keep it.")
        problems.append(_problem(AWARD_NUMBERS, numbers, message % {"numbers": _(", ").join(map(str, missing))}))
    if len(set(numbers)) < len(numbers):
        problems.append(_problem(AWARD_NUMBERS, numbers, _("Each award has a number of its own.")))
    for column, values in row.awards.items():
        if values and len(values) != len(numbers):
            message = _("There are %(m)s values here for %(n)s awards. Write one for each, with “ | ” between them.")
            problems.append(Problem(column, "", message % {"m": len(values), "n": len(numbers)}))
    return ([] if problems else numbers), problems


def _problem(column, numbers, message):
    return Problem(column, " | ".join(map(str, numbers)), message)


def _broken_rules(tender, awards, found):
    """Return a problem for each rule of the database that a tender or an award would break."""
    problems = []
    changed = {each.attribute: each for each in found if each.number is None}
    if changed or not tender.pk:
        after = _After(tender, changed)
        problems += [_broken(*rule, after) for rule in _RULES_OF_TENDER if not rule[-1](after)]
    for number in sorted({each.number for each in found if each.number is not None}):
        changed = {each.attribute: each for each in found if each.number == number}
        after = _After(awards.get(number) or Award(), changed)
        problems += [_broken(*rule, after) for rule in _RULES_OF_AWARD if not rule[-1](after)]
    return problems


class _After:
    """A tender or an award as it would be."""

    def __init__(self, before, changed):
        self._before, self._changed = before, changed

    def __getattr__(self, name):
        return self._changed[name].new if name in self._changed else getattr(self._before, name)


def _broken(model, column, attribute, name, _is_kept, after):
    return Problem(column, format_value(getattr(after, attribute)), " ".join(constraint(model, name).messages))


def _has_status(title):
    def is_kept(tender):
        text, status = getattr(tender, title), getattr(tender, f"{title}_status")
        return bool(text and (status or tender.is_title_descriptive)) or not (text or status)

    return is_kept


# The constraints of the database, with the column beside which each is told.
_RULES_OF_TENDER = [
    (Tender, "title_en_status", "title_en_status", "tender_title_en_status", _has_status("title_en")),
    (Tender, "title_zh_status", "title_zh_status", "tender_title_zh_status", _has_status("title_zh")),
    (
        Tender,
        "is_title_descriptive",
        "is_title_descriptive",
        "tender_description_needs_title",
        lambda tender: not tender.is_title_descriptive or tender.title_en or tender.title_zh,
    ),
    (
        Tender,
        "category_basis",
        "category_basis",
        "tender_category_has_basis",
        lambda tender: (tender.category is None) == (not tender.category_basis),
    ),
    (Tender, "year", "year", "tender_year_plausible", lambda tender: tender.year is not None),
    (Tender, "certainty", "certainty", "tender_has_certainty", lambda tender: tender.certainty),
]
_RULES_OF_AWARD = [
    (
        Award,
        "award_amount_qualifiers",
        "amount_qualifier",
        "award_amount_has_qualifier",
        lambda award: (award.amount is None) == (not award.amount_qualifier),
    ),
]
