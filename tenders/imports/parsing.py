"""Parse a row of cells into values of a tender and its awards, with the problems of its cells."""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders import kinds
from tenders.choices import Fact, NameStatus
from tenders.exports.cells import unescape
from tenders.imports.cells import cell_parser, format_value, is_unknown, split
from tenders.imports.columns import (
    AMOUNTS,
    AWARD_NUMBERS,
    COMPANY_NAMES,
    COMPANY_SEATS,
    COMPUTED,
    NAMES,
    OF_AWARD,
    OF_TENDER,
    PARTIES,
    PARTY_DETAILS,
    PARTY_NAMES,
    QUALIFIERS,
    REFERENCE,
)
from tenders.imports.readers import ReadCell, RefusedCell, StatedCell
from tenders.imports.row_sources import RowSources
from tenders.kinds import plain
from tenders.models import Award, Company, Institution, Source, Tender
from tenders.references import REFERENCE_PATTERN
from tenders.search import fold

LOOKS_LIKE_REFERENCE = re.compile(f"(?:TW|I|C)-{REFERENCE_PATTERN}", re.IGNORECASE)
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
class ParsedRow:
    """
    The values of a row: its reference, those of the tender by column, and lists of those of its awards by column.

    The value of a cell with a problem is None. ``source`` is what its facts are cited from: ``own_source``, which it
    names itself (maybe a new one), else that of the file, if any. ``computed`` are its cells of columns that follow
    from others; with ``has_merged`` it names an organisation by the reference of one that was merged into it.
    ``is_quoted`` is one of data that can be quoted: ``quotations`` are those of its columns, a list each, and
    ``party_quotations`` those of the organisations that it names, by their identity.
    ``candidates`` are records that an organisation which the row names for the first time may duplicate,
    ``similar_names`` such organisations that the file names before: (name, row).
    """

    number: int
    reference: str = ""
    source: Source | None = None
    own_source: Source | None = None
    values: dict = field(default_factory=dict)
    awards: dict = field(default_factory=dict)
    computed: dict = field(default_factory=dict)
    quotations: dict = field(default_factory=dict)
    party_quotations: dict = field(default_factory=dict)
    is_quoted: bool = False
    has_merged: bool = False
    problems: list = field(default_factory=list)
    readings: list = field(default_factory=list)
    candidates: list = field(default_factory=list)
    similar_names: list = field(default_factory=list)

    @property
    def origin(self):
        """What the row is in the data that it was read from, an ocid; empty text for a row of a table."""
        return self.quotations[REFERENCE][0].stated if self.is_quoted else ""

    def quotation(self, column, award=None):
        """Return the quotation of a value, of the award at a place of the row if it is one of an award; maybe None."""
        found = self.quotations.get(column, ())
        place = award or 0
        return found[place] if place < len(found) else None

    def award_place(self, number):
        """Return the place of an award of a number among those of the row; None without a number."""
        numbers = self.awards.get(AWARD_NUMBERS) or ()
        return None if number is None else numbers.index(number) if number in numbers else number - 1

    def located(self, problem):
        """Return a problem with the place of its value in the data that the row was read from."""
        if not self.is_quoted:
            return problem
        quotation = next(filter(None, self.quotations.get(problem.column, ())), None)
        return replace(problem, column=f"{problem.column} ({quotation.place if quotation else self.origin})")

    @property
    def linked_tenders(self):
        """The references of other tenders that it names, by column."""
        return {
            column: references
            for column, references in self.values.items()
            if isinstance(OF_TENDER[column].kind, kinds.TenderReferences)
        }


def parse_reference(model, text):
    """Return a reference in its proper form; raises ``ValidationError`` for what is none of the model."""
    reference = plain(text).upper()
    if not REFERENCE_OF[model].fullmatch(reference):
        raise ValidationError(_("Write a reference like %(example)s."), params={"example": EXAMPLES[model]})
    return reference


def find_references(model, cells):
    """Return the references of a model's records that stand anywhere in some cells."""
    return {found for cell in cells for found in REFERENCE_OF[model].findall(plain(cell).upper())}


class RowParser:
    """
    Parses rows; holds the codes that cells may contain, and the organisations that they may name (``Parties``).

    ``source`` is that of the file, or None; ``on_row`` is called before each row.
    """

    def __init__(self, *parties, source=None, on_row=lambda: None):
        self._on_row = on_row
        self._source, self._row_sources = source, RowSources()
        self._parties = {organisations.model: organisations for organisations in parties}
        self._parsers = {
            column: lru_cache(maxsize=1000, typed=True)(_with_reading(_parser(model, attribute)))  # most cells repeat
            for model, attributes in ((Tender, OF_TENDER), (Award, OF_AWARD))
            for column, attribute in attributes.items()
            if column not in PARTIES
        }
        self._detail_parsers = {
            column: _with_reading(_parser(PARTIES[named_in], attribute))
            for named_in, details in PARTY_DETAILS.items()
            for column, attribute in details.items()
        }

    def parse(self, rows):
        """Return the parsed rows of some rows of cells, whose organisations are loaded together."""
        for model, parties in self._parties.items():
            columns = [column for column, named in PARTIES.items() if named is model]
            texts = [cells.get(column, "") for _number, cells in rows for column in columns]
            parties.load(find_references(model, texts))
        self._row_sources.load(rows)
        return [self._parse_row(number, cells) for number, cells in rows]

    def _parse_row(self, number, cells):
        self._on_row()
        row = ParsedRow(number)
        row.own_source = self._find_source(row, cells)
        row.source = row.own_source or self._source
        row.is_quoted = isinstance(cells.get(REFERENCE), StatedCell)
        row.quotations = {name: cell.quotations for name, cell in cells.items() if hasattr(cell, "quotations")}
        cells = _qualified(row, cells)
        for column, cell in cells.items():
            if isinstance(cell, ReadCell):
                row.readings.append(Reading(column, cell.written, str(cell)))
            if column not in NAMES:
                row.problems.append(Problem(column, cell, _("There is no column with this name.")))
            elif isinstance(cell, RefusedCell):
                row.problems.append(Problem(column, cell, cell.message))
            elif column == REFERENCE:
                if not is_unknown(cell):
                    row.reference = self._try(row, column, cell, _with_reading(partial(parse_reference, Tender))) or ""
            elif column in OF_TENDER:
                row.values[column] = self._parse_value(row, OF_TENDER[column], cell, cells)
            elif column in OF_AWARD:
                row.awards[column] = self._parse_awards(row, OF_AWARD[column], cell, cells)
            elif column in COMPUTED and cell.strip() and not row.is_quoted:
                row.computed[column] = cell
        for column, names in PARTY_NAMES.items():
            beside = [cells.get(name, "") for name in (*names, *PARTY_DETAILS[column])]
            if column not in cells and not all(map(is_unknown, beside)):
                row.values[column] = self._parse_value(row, OF_TENDER[column], "", cells)
        return row

    def _find_source(self, row, cells):
        """Return the source that a row names, or None; records what is wrong with it."""
        try:
            return self._row_sources.find(row.number, cells)
        except ValidationError as error:
            for column, messages in error.message_dict.items():
                row.problems.append(Problem(column, cells.get(column, ""), " ".join(messages)))
            return None

    def _parse_awards(self, row, attribute, cell, cells):
        """Return the values of an attribute of awards, in their order."""
        if "||" in cell and not isinstance(attribute.kind, kinds.Text):
            message = _("“||” is the sign | inside a text: write “ | | ” around a value that is missing.")
            row.problems.append(Problem(attribute.column, cell, message))
            return []
        return [self._parse_value(row, attribute, text, cells, award) for award, text in enumerate(split(cell, "|"))]

    def _parse_value(self, row, attribute, text, cells, award=None):
        """Return the value of an attribute; of several, a list without repetitions."""
        column = attribute.column
        parse = self._parsers.get(column)
        if not attribute.kind.is_list:
            parse = parse or self._party_parser(row, attribute, cells, self._details(row, column, cells))
            return self._try(row, column, text, parse)
        # Full-width signs may stand between references and codes as well.
        texts = [] if is_unknown(text) else split(text.replace("；", ";"), ";")
        values = []
        for place, item in enumerate(texts):
            details = {} if parse else self._details(row, column, cells, award, place, len(texts))
            value = self._try(row, column, item, parse or self._party_parser(row, attribute, cells, details))
            if value is not None and value not in values:
                values.append(value)
        return values

    def _try(self, row, column, text, parse):
        """Return the value that a parser gives with its reading; records the reading, if any, or the problem."""
        try:
            value, read = parse(text)
        except ValidationError as error:
            row.problems.append(Problem(column, text, " ".join(error.messages)))
            return None
        if read is not None:
            row.readings.append(Reading(column, text, read))
        return value

    def _party_parser(self, row, attribute, cells, details):
        """Return the parser of the organisations in the column of an attribute of a row."""
        return _with_reading(partial(self._find_party, row, attribute, cells, details))

    def _details(self, row, column, cells, award=None, place=None, number=None):
        """Return what else a row tells of the organisation in a column, by the name of its field."""
        details = {}
        for name, attribute in PARTY_DETAILS[column].items():
            text = cells.get(name, "")
            if award is not None and text:
                awards = split(text, "|")
                texts = split(awards[award].replace("；", ";"), ";") if award < len(awards) else []
                if texts and len(texts) != number:
                    message = _("Write one value for each company of %(column)s, with the same “;” and “|”.")
                    row.problems.append(Problem(name, text, message % {"column": column}))
                    continue
                text = texts[place] if texts else ""
            if not is_unknown(text) and (value := self._try(row, name, text, self._detail_parsers[name])):
                details[attribute.name] = value
        return details

    def _find_party(self, row, attribute, cells, details, text):
        """Return the organisation that a text names by reference or by name; without a text, by the names beside it."""
        parties = self._parties[PARTIES[attribute.column]]
        if attribute.column in PARTY_NAMES:
            names = [_name(cells.get(column, "")).strip() for column in PARTY_NAMES[attribute.column]]
            if is_unknown(text) and not any(names):
                if details:
                    raise ValidationError(_("Name the institution: the row says something else of it."))
                return None
        else:
            reference = plain(text).upper()
            *names, seat = _companies(cells).get(reference, ("",))
            if not is_unknown(seat) and not parties.has(reference):
                details.setdefault("region", self._detail_parsers["award_company_seats"](seat)[0])
            if is_unknown(text):
                raise ValidationError(_("Name each company between the signs “;”, or leave the cell empty."))
        name = unescape(text).strip()
        if LOOKS_LIKE_REFERENCE.fullmatch(plain(name)):
            found = parties.find_by_reference(row, parse_reference(parties.model, name), details, *names)
        else:
            names = names if is_unknown(text) and any(names) else parties.parse_name(name)
            found = parties.find_by_name(row, details, *names)
        row.candidates += found.candidates
        row.similar_names += found.similar_names
        cell = cells.get(attribute.column)
        if isinstance(cell, StatedCell) and name in cell.parties:
            row.party_quotations.setdefault(id(found.party), cell.parties[name])
            if found.party.pk is None:
                _mark_unsourced_names(found.party, cell.parties[name])
        return found.party


def _parser(model, attribute):
    """Return the parser of a value of an attribute, and of one of several of an attribute that holds a list."""
    kind = attribute.kind
    if isinstance(kind, kinds.TenderReferences):  # which may stand further down in the file
        return partial(parse_reference, Tender)
    codes = kind.code_index() if isinstance(kind, kinds.RelatedRecord) else None
    return partial(kind.parse, codes=codes) if kind.is_list else cell_parser(model, attribute, codes)


def _with_reading(parse):
    """Return a parser that also returns how its value is written, or None for a text that is written that way."""

    def read(text):
        value = parse(text)
        if is_unknown(text):
            return value, None
        written = format_value(value)
        return value, None if unescape(text).strip() == written else written

    return read


def _qualified(row, cells):
    """Return cells with the words before amounts (约900万元) in the column of qualifiers, unless it has others."""
    stated = [kinds.split_qualifier(text) for text in split(cells.get(AMOUNTS, ""), "|")]
    if not any(qualifier for qualifier, _amount in stated):
        return cells
    given = split(cells.get(QUALIFIERS, ""), "|")
    given += [""] * (len(stated) - len(given))
    for place, (qualifier, _amount) in enumerate(stated):
        if qualifier and not (is_unknown(given[place]) or fold(given[place]) == qualifier):
            message = _("The words of the amount don’t fit the qualifier “%(qualifier)s”.") % {
                "qualifier": given[place]
            }
            row.problems.append(Problem(AMOUNTS, cells[AMOUNTS], message))
        elif qualifier:
            given[place] = qualifier
            row.readings.append(Reading(QUALIFIERS, cells[AMOUNTS], qualifier))
    amounts = " | ".join(amount for _qualifier, amount in stated)
    return cells | {AMOUNTS: amounts, QUALIFIERS: " | ".join(given)}


def _mark_unsourced_names(party, quotations):
    """Mark the names of a new organisation that the data have, but as nobody else's words."""
    for fact in (Fact.NAME_EN, Fact.NAME_ZH):
        if party.canonical(fact) and fact not in quotations:
            setattr(party, f"{party.FACTS[fact].name}_status", NameStatus.UNVERIFIED)


def _name(text):
    return "" if is_unknown(text) else unescape(text)


def _companies(cells):
    """Return the names and the seat that a row gives beside the references of its companies, by reference."""
    references, *others = (split(cells.get(column, ""), ";") for column in (*COMPANY_NAMES, COMPANY_SEATS))
    return {
        plain(reference).upper(): [_name(column[place]) if place < len(column) else "" for column in others]
        for place, reference in enumerate(references)
    }
