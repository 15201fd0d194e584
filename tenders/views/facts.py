"""The facts of a record as its page shows them: each with its value, its sources and what disagrees."""

from dataclasses import dataclass, field

from tenders.choices import Fact
from tenders.models import Category, Company, Institution, Region
from tenders.models.facts import AMOUNT_FACTS, CODELISTS, DATE_FACTS, FLAG_FACTS, REGION_FACTS, TEXT_FACTS
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
    **dict.fromkeys(TEXT_FACTS, "words"),
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
    """What one source states of a fact; where it is not what the record holds, with the value that we read in it."""

    citation: object
    number: int
    differs: bool
    value: object = None
    look: str = "text"


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

    @property
    def differs(self):
        """Whether some source states another value than the record holds, in fact or in words."""
        return any(statement.differs for statement in self.statements)


def fact_rows(target, citations, sources):
    """
    Return a row for each fact of a record or an award.

    ``citations`` are those of the whole record; ``sources`` numbers them for the page.
    """
    award_id = target.pk if target._meta.model_name == "award" else None
    mine = [citation for citation in citations if citation.award_id == award_id]
    disputes = {fact for _award, fact in disputed(mine)}
    rows = []
    for fact in target.FACTS:
        stated = [citation for citation in mine if citation.fact == fact]
        column = target.canonical(fact)
        differ = any(citation.value != column for citation in stated)
        rows.append(
            FactRow(
                fact=fact,
                value=_shown(target, fact),
                look=LOOKS.get(fact, "text"),
                statements=[
                    Statement(
                        citation,
                        sources.number(citation.source),
                        citation.value != column,
                        *(_read(citation) if differ else ()),
                    )
                    for citation in stated
                ],
                is_disputed=fact in disputes,
                qualifier=target.amount_qualifier if fact == Fact.AWARD_AMOUNT else "",
                status=getattr(target, f"{target.FACTS[fact]}_status", ""),
            )
        )
    return [row for row in rows if row.is_known or row.statements or row.fact not in SOMETIMES]


def _shown(target, fact):
    """Return the value of a fact as its page shows it: a code as its label, and of parties those that are public."""
    if fact == Fact.EXISTENCE:
        return target.get_certainty_display()
    attribute = target.FACTS[fact]
    if fact in CODELISTS:
        return getattr(target, f"get_{attribute}_display")()
    value = getattr(target, attribute)
    if fact == Fact.SUPPLIER:
        return [company for company in value if company.is_published]
    if fact == Fact.INSTITUTION and value and not value.is_published:
        return None
    return value


def _read(citation):
    """Return what a citation states in the words of a page, and how it looks; its text where it names nothing here."""
    fact, value = citation.fact, citation.value
    found = None
    if fact in REGION_FACTS:
        found = Region.objects.filter(code=value).first()
    elif fact == Fact.CATEGORY:
        found = Category.objects.filter(slug=value).first()
    elif fact == Fact.INSTITUTION:
        found = Institution.objects.published().filter(reference=value).first()
    elif fact == Fact.SUPPLIER:
        companies = list(Company.objects.published().filter(reference__in=value.split("|")))
        found = companies if len(companies) == len(value.split("|")) else None
    elif fact in FLAG_FACTS:
        found = value == "yes"
    elif fact in AMOUNT_FACTS:
        return value, "stated-amount"
    elif fact in DATE_FACTS:
        return value, "date"
    if found is not None:
        return found, LOOKS[fact]
    labels = {code: label for codelist in CODELISTS.get(fact, ()) for code, label in codelist.choices}
    return labels.get(value, value), "text"
