"""Rows of a detail page: the facts of a record with their values, sources and disputes."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from tenders.charts.disputes import amount_line
from tenders.choices import NameStatus
from tenders.models import Citation
from tenders.models.attributes import Attribute
from tenders.models.sources import disputed


class Sources(dict):
    """The numbers of the sources of a page, in the order of their first citation."""

    def number(self, source):
        return self.setdefault(source, len(self) + 1)


@dataclass
class Statement:
    """A citation as a fact's row shows it; ``value`` and ``component`` are set if statements of the fact differ."""

    citation: Citation
    number: int
    value: object = None
    component: str = "text"


@dataclass
class Position:
    """What some sources of a dispute state alike: the value, and their statements."""

    value: object
    component: str
    is_chosen: bool
    statements: list


@dataclass
class FactRow:
    """One fact of a record; ``value`` is None or empty when no source states it."""

    attribute: Attribute
    value: object
    statements: list
    differs: bool  # whether a source states another value
    is_disputed: bool
    qualifier: str = ""  # the precision of an amount, or the status of a name or title

    @property
    def fact(self):
        return self.attribute.fact

    @property
    def is_known(self):
        return self.value not in (None, "", [])

    @property
    def is_stated(self):
        """Whether the record or any source has a value."""
        return self.is_known or bool(self.statements)

    @property
    def positions(self):
        """The statements by what they state, the chosen ones first."""
        by_value = {}
        for statement in sorted(self.statements, key=lambda statement: not statement.citation.is_chosen):
            citation = statement.citation
            new = Position(statement.value, statement.component, citation.is_chosen, [])
            by_value.setdefault(citation.value, new).statements.append(statement)
        return list(by_value.values())

    @property
    def line(self):
        """The stated amounts on one line, an ``AmountLine``; None where one of them is no amount."""
        kind, stated = self.attribute.kind, [statement.citation for statement in self.statements]
        if kind.component != "amount" or not all(re.fullmatch(kind.pattern, citation.value) for citation in stated):
            return None
        chosen = next((citation.value for citation in stated if citation.is_chosen), "")
        return amount_line([citation.value for citation in stated], chosen)

    @property
    def printed(self):
        """The words of the source for a name or title whose wording is corrected by us; empty text for any other."""
        if self.qualifier != NameStatus.CORRECTED:
            return ""
        return next((row.citation.stated for row in self.statements if row.citation.is_chosen), "")


class Dispute(NamedTuple):
    """The row of a fact on which sources disagree, the id of the row on its page, and the name of the fact there."""

    row: FactRow
    anchor: str
    name: str


class FactRows(list):
    """The rows of a record or an award, in their order."""

    def disputes(self, prefix="", title=""):
        """Return the ``Dispute`` of each row that has one; ``title`` is that of the award, where there are several."""
        return [
            Dispute(row, f"{prefix}{row.fact}", f"{title}{_(': ')}{row.fact.label}" if title else str(row.fact.label))
            for row in self
            if row.is_disputed
        ]

    @property
    def stated(self):
        """The rows with a value of the record or of a source."""
        return [row for row in self if row.is_stated]

    @property
    def unstated(self):
        """The rows of facts that no source states."""
        return [row for row in self if not row.is_stated]


def fact_rows(target, citations, sources):
    """Return a row for each fact of a record or an award; ``citations`` are those of the whole record."""
    award_id = target.pk if target._meta.model_name == "award" else None
    own = [citation for citation in citations if citation.award_id == award_id]
    disputes = {fact for _award, fact in disputed(own)}
    qualifiers = {attribute.qualifies: attribute.name for attribute in target.ATTRIBUTES if attribute.qualifies}
    rows = []
    for fact, attribute in target.FACTS.items():
        stated = [citation for citation in own if citation.fact == fact]
        recorded = attribute.canonical(target)
        differs = any(citation.value != recorded for citation in stated)
        rows.append(
            FactRow(
                attribute=attribute,
                value=attribute.kind.page_value(target, attribute.name),
                statements=[
                    Statement(
                        citation,
                        sources.number(citation.source),
                        *(attribute.kind.page_statement(citation.value) if differs else ()),
                    )
                    for citation in stated
                ],
                differs=differs,
                is_disputed=fact in disputes,
                qualifier=getattr(target, qualifiers[attribute.name]) if attribute.name in qualifiers else "",
            )
        )
    return FactRows(row for row in rows if row.is_stated or not row.attribute.is_optional)
