"""The facts of a record as its page shows them: each with its value, its sources and what disagrees."""

from dataclasses import dataclass, field

from tenders.choices import Fact
from tenders.models import Category, Company, Institution, Region
from tenders.models.facts import AMOUNT_FACTS, CODELISTS, DATE_FACTS, FLAG_FACTS, REGION_FACTS
from tenders.models.sources import disputed

# How a value is shown: the part of the component ``components/value.html`` that knows.
LOOKS = {
    **dict.fromkeys(AMOUNT_FACTS, "amount"),
    **dict.fromkeys(DATE_FACTS, "date"),
    **dict.fromkeys(REGION_FACTS, "region"),
    **dict.fromkeys(FLAG_FACTS, "flag"),
    Fact.CATEGORY: "category",
    Fact.INSTITUTION: "party",
    Fact.SUPPLIER: "parties",
    Fact.TITLE_ZH: "chinese",
    Fact.NAME_ZH: "chinese",
}


# Facts that most records simply do not have: shown when known, not missed otherwise.
SOMETIMES = {Fact.LOT, Fact.IS_JOINT}


@dataclass
class Sources:
    """The sources of a page, numbered in the order in which it first names them."""

    numbers: dict = field(default_factory=dict)

    def number(self, source):
        return self.numbers.setdefault(source, len(self.numbers) + 1)

    def __iter__(self):
        return iter((number, source) for source, number in self.numbers.items())


@dataclass
class Statement:
    """What one source states of a fact; where sources disagree, with the value that we read in it."""

    citation: object
    number: int
    value: object = None


@dataclass
class FactRow:
    """One fact of a record; ``value`` is None or empty when no source states it."""

    fact: Fact
    value: object
    look: str
    statements: list
    is_disputed: bool
    qualifier: str = ""
    status: str = ""

    @property
    def label(self):
        return self.fact.label

    @property
    def is_known(self):
        return self.value not in (None, "", [])


def fact_rows(target, citations, sources):
    """
    Return a row for each fact of a record or an award.

    ``citations`` are those of the whole record; ``sources`` numbers them for the page.
    """
    award_id = target.pk if target._meta.model_name == "award" else None
    mine = [citation for citation in citations if citation.award_id == award_id]
    disputes = {fact for _award, fact in disputed(mine)}
    rows = [
        FactRow(
            fact=fact,
            value=_shown(target, fact),
            look=LOOKS.get(fact, "text"),
            statements=[
                Statement(citation, sources.number(citation.source), _read(citation) if fact in disputes else None)
                for citation in mine
                if citation.fact == fact
            ],
            is_disputed=fact in disputes,
            qualifier=target.amount_qualifier if fact == Fact.AWARD_AMOUNT else "",
            status=getattr(target, f"{target.FACTS[fact]}_status", ""),
        )
        for fact in target.FACTS
    ]
    return [row for row in rows if row.is_known or row.statements or row.fact not in SOMETIMES]


def _shown(target, fact):
    """Return the value of a fact as its page shows it; a code as its label."""
    if fact == Fact.EXISTENCE:
        return target.get_certainty_display()
    attribute = target.FACTS[fact]
    if fact in CODELISTS:
        return getattr(target, f"get_{attribute}_display")()
    return getattr(target, attribute)


def _read(citation):
    """Return what a citation states in the words of a page, for putting statements that differ side by side."""
    fact, value = citation.fact, citation.value
    if fact in REGION_FACTS:
        return Region.objects.filter(code=value).first() or value
    if fact == Fact.CATEGORY:
        return Category.objects.filter(slug=value).first() or value
    if fact == Fact.INSTITUTION:
        return Institution.objects.published().filter(reference=value).first() or value
    if fact == Fact.SUPPLIER:
        return list(Company.objects.published().filter(reference__in=value.split("|"))) or value
    if fact in FLAG_FACTS:
        return value == "yes"
    return next(
        (label for codelist in CODELISTS.get(fact, ()) for code, label in codelist.choices if code == value),
        value,
    )
