"""A row of a file: what its cells say of a tender and its awards, and what is wrong with them."""

import re
from dataclasses import dataclass, field
from functools import partial

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders import kinds
from tenders.exports.cells import restore
from tenders.imports.cells import format_value, is_unknown, reader_of, split
from tenders.imports.columns import (
    COLUMNS,
    COMPANY_NAMES,
    NAMES,
    OF_AWARD,
    OF_TENDER,
    READ,
    REFERENCE,
)
from tenders.kinds import plain
from tenders.models import Award, Category, Company, Institution, Region, Tender
from tenders.references import REFERENCE_PATTERN

LOOKS_LIKE_REFERENCE = re.compile(r"[A-Za-z]{1,2}-[0-9A-Za-z]{1,12}")
REFERENCE_OF = {
    model: re.compile(f"{model.REFERENCE_PREFIX}-{REFERENCE_PATTERN}") for model in (Institution, Company, Tender)
}
EXAMPLES = {Institution: "I-4QX2VD", Company: "C-9TR6WB", Tender: "TW-7K3M9Q"}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, and what would be right."""

    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Reading:
    """A cell that was not written as the database writes it, and how it was read."""

    column: str
    written: str
    read: str


@dataclass
class Row:
    """
    What a row says: the reference, the values of the tender by column, and by column the values of each award.

    ``candidates`` are records of which a body that it names for the first time may be another spelling,
    ``similar_names`` bodies that the file names before: (name, row).
    """

    number: int
    reference: str = ""
    values: dict = field(default_factory=dict)
    awards: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    readings: list = field(default_factory=list)
    candidates: list = field(default_factory=list)
    similar_names: list = field(default_factory=list)


def reference_of(model, text):
    """Return a reference as it is written properly; raises ``ValidationError`` for what is none."""
    reference = plain(text).upper()
    if not REFERENCE_OF[model].fullmatch(reference):
        raise ValidationError(
            _("A reference of this kind looks like %(example)s."), params={"example": EXAMPLES[model]}
        )
    return reference


def references_in(model, cells):
    """Return the references of a kind that stand anywhere in some cells."""
    return {found for cell in cells for found in REFERENCE_OF[model].findall(plain(cell).upper())}


class RowReader:
    """Reads rows; knows the codes that cells may hold, and the bodies that they may name."""

    def __init__(self, institutions, companies):
        self.institutions, self.companies = institutions, companies
        records = {
            model: {record.natural_key()[0]: record for record in model.objects.all()} for model in (Region, Category)
        }
        self._of_tender = {
            column: reader_of(Tender, attribute, records.get(getattr(attribute.kind, "model", None)))
            for column, attribute in OF_TENDER.items()
            if not isinstance(attribute.kind, kinds.Party | kinds.RelatedRecords)
        }
        self._of_award = {
            column: reader_of(Award, attribute)
            for column, attribute in OF_AWARD.items()
            if not isinstance(attribute.kind, kinds.Parties)
        }
        self._category = partial(kinds.find_code, codes=records[Category])

    def know(self, rows):
        """Load the bodies that some rows name by reference."""
        for parties, columns in (
            (self.institutions, ["institution"]),
            (self.companies, ["award_companies"]),
        ):
            cells = [cells[column] for _number, cells in rows for column in columns if column in cells]
            parties.know(references_in(parties.model, cells))

    def read(self, number, cells):
        """Return what a row says."""
        row = Row(number)
        for column, cell in cells.items():
            if column not in COLUMNS:
                row.problems.append(Problem(column, cell, _("There is no column of this name.")))
            elif column in READ:
                self._read_cell(row, column, cell, cells)
        if "institution" not in cells and any(not is_unknown(cells.get(name, "")) for name in NAMES):
            self._read_cell(row, "institution", "", cells)
        return row

    def _read_cell(self, row, column, cell, cells):
        if column == REFERENCE:
            if not is_unknown(cell):
                row.reference = self._try(row, column, cell, lambda text: reference_of(Tender, text)) or ""
        elif column == "institution":
            row.values[column] = self._try(row, column, cell, lambda text: self._institution(row, text, cells))
        elif column == "suggested_categories":
            row.values[column] = self._list(row, column, cell, self._category)
        elif column == "possibly_same_as":
            row.values[column] = self._list(row, column, cell, lambda text: reference_of(Tender, text))
        elif column in self._of_tender:
            row.values[column] = self._try(row, column, cell, self._of_tender[column])
        elif column == "award_companies":
            names = self._company_names(cells) if cell.strip() else {}
            row.awards[column] = [
                self._list(row, column, segment, lambda text: self._company(row, text, names))
                for segment in split(cell, "|")
            ]
        else:
            row.awards[column] = [self._try(row, column, each, self._of_award[column]) for each in split(cell, "|")]

    def _try(self, row, column, text, read):
        """Return what a text says; notes what is wrong with it, and how it was read where that is not as written."""
        try:
            value = read(text)
        except ValidationError as error:
            row.problems.append(Problem(column, text, " ".join(error.messages)))
            return None
        if not is_unknown(text) and restore(text).strip() != format_value(value):
            row.readings.append(Reading(column, text, format_value(value)))
        return value

    def _list(self, row, column, text, read):
        """Return the different values of a cell; references and codes may stand between full-width signs as well."""
        texts = [] if is_unknown(text) else split(text.replace("；", ";"), ";")
        values = []
        for each in texts:
            value = self._try(row, column, each, read)
            if value is not None and value not in values:
                values.append(value)
        return values

    def _institution(self, row, text, cells):
        names = ["" if is_unknown(cells.get(name, "")) else restore(cells[name]).strip() for name in NAMES]
        if not is_unknown(text):
            return self._party(row, self.institutions, text, names)
        if any(names):
            return self._note(row, self.institutions.named(row.number, *names))
        return None

    def _company(self, row, text, names):
        return self._party(row, self.companies, text, names.get(plain(text).upper(), ()))

    def _party(self, row, parties, text, names):
        """Return the body of a reference, or of a name that stands in its place."""
        text = restore(text).strip()
        if LOOKS_LIKE_REFERENCE.fullmatch(plain(text)):
            return self._note(row, parties.find(row.number, reference_of(parties.model, text), *names))
        return self._note(row, parties.named(row.number, *parties.read_name(text)))

    def _note(self, row, named):
        row.candidates += named.candidates
        row.similar_names += named.similar_names
        return named.party

    def _company_names(self, cells):
        """Return the names that a row gives beside the references of its companies."""
        references, *names = (split(cells.get(column, ""), ";") for column in COMPANY_NAMES)
        found = {}
        for place, reference in enumerate(references):
            beside = [column[place] if place < len(column) else "" for column in names]
            found[plain(reference).upper()] = ["" if is_unknown(name) else restore(name) for name in beside]
        return found
