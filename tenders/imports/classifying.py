"""Classify validated rows: new, changed, same, probable duplicate, error."""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenders.imports.cells import format_value
from tenders.imports.comparing import compare
from tenders.imports.parsing import ParsedRow
from tenders.models import Tender
from tenders.search import fold


class RowStatus(models.TextChoices):
    """What a row of a file is to the records."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Same")
    DUPLICATE = "duplicate", _("Probable duplicate")
    ERROR = "error", _("Error")


@dataclass(frozen=True)
class ValidatedRow:
    """A parsed row, its tender, the differences between the two, and all problems of the row."""

    parsed: ParsedRow
    tender: Tender
    differences: list
    problems: list

    @property
    def number(self):
        return self.parsed.number

    @property
    def is_new(self):
        return self.tender.pk is None


@dataclass(frozen=True)
class RowPlan:
    """
    What a row would do to which tender.

    ``candidates`` are records that it, or an organisation that it names, may duplicate; ``duplicate_row`` is the row of
    the same file that it may repeat. ``similar_names`` are organisations of the file that may be the same as one that
    it names, each with the row that names it first.
    """

    number: int
    status: RowStatus
    tender: Tender
    differences: list
    problems: list
    readings: list
    candidates: list = field(default_factory=list)
    duplicate_row: int | None = None
    similar_names: list = field(default_factory=list)

    def as_text(self):
        """Return all of it as one text, for a digest."""
        parts = [self.number, self.status, self.tender.reference, self.duplicate_row or ""]
        for difference in self.differences:
            parts += [difference.column, difference.number or "", difference.was, difference.becomes]
        for problem in self.problems:
            parts += [problem.column, problem.value, problem.message]
        for name_and_row in self.similar_names:
            parts += name_and_row
        return "\x1f".join([*map(str, parts), *(candidate.reference for candidate in self.candidates)])


class Classifier:
    """
    Classifies the rows of one file, in their order; ``index`` returns the index of the records of a model.

    A new row is a probable duplicate if a tender, or a row before, is like it. One that brings a reference of its own is
    neither the same as another tender nor a repetition of a row.
    """

    def __init__(self, index):
        self._index = index
        self._first_rows = {}  # the first of the new rows with some content, by its hash

    def classify(self, rows):
        """Yield the plans of some validated rows, whose namesakes are loaded together."""
        namesakes = self._find_namesakes(
            [row.parsed for row in rows if row.is_new and not row.problems and not row.parsed.reference]
        )
        for row in rows:
            yield self._classify(row, namesakes.get(row.number, ()))

    def _classify(self, row, namesakes):
        parsed, tender, differences = row.parsed, row.tender, row.differences
        candidates, duplicate_row, similar_names = [], None, []
        if row.problems:
            status = RowStatus.ERROR
        elif row.is_new and (same := next((other for other in namesakes if not any(compare(parsed, other))), None)):
            status, tender, differences = RowStatus.SAME, same, []
        elif not (row.is_new or differences):
            status = RowStatus.SAME
        else:
            status = RowStatus.NEW if row.is_new else RowStatus.CHANGED
            candidates, similar_names = parsed.candidates, parsed.similar_names
            if row.is_new:
                described = _described_tender(differences)
                candidates = [*candidates, *self._similar_tenders(described)]
                duplicate_row = None if parsed.reference else self._repeated_row(row, described)
            if candidates or duplicate_row or similar_names:
                status = RowStatus.DUPLICATE
        return RowPlan(
            row.number,
            status,
            tender,
            differences,
            row.problems,
            parsed.readings,
            candidates,
            duplicate_row,
            similar_names,
        )

    def _similar_tenders(self, described):
        others = [candidate.record for candidate in self._index(Tender).similar(described)]
        if described.buyer and not described.buyer.pk:
            others = [other for other in others if other.buyer_id is None]
        return others

    def _repeated_row(self, row, described):
        """Return the number of the row before that has the same content, or None."""
        titles = fold(described.title_en), fold(described.title_zh)
        content = (described.year, format_value(described.buyer), *titles)
        if not any(titles):
            content = tuple(
                sorted(
                    (difference.column, difference.number or 0, difference.becomes) for difference in row.differences
                )
            )
        first = self._first_rows.setdefault(hash(content), row.number)
        return first if first != row.number else None

    def _find_namesakes(self, rows):
        """
        Return the tenders that may be the same as some rows, by the row's number.

        They have one of its titles; if it has none, they have none either, and the same year and institution.
        """
        titles, pks = {row.number: _titles(row) for row in rows}, {}
        years = {row.values.get("year") for row in rows if not titles[row.number]} - {None}
        untitled = Tender.objects.filter(title_en="", title_zh="", year__in=years).values_list("pk", "year", "buyer")
        for row in rows:
            if titles[row.number]:
                pks[row.number] = [tender.pk for tender in self._index(Tender).exact(*titles[row.number])]
            elif years:
                buyer = row.values.get("institution")
                known = (row.values.get("year"), buyer and buyer.pk)
                pks[row.number] = [pk for pk, *year_and_buyer in untitled if tuple(year_and_buyer) == known]
        tenders = Tender.objects.for_download().in_bulk({pk for found in pks.values() for pk in found})
        return {number: [tenders[pk] for pk in found] for number, found in pks.items()}


def _titles(row):
    return [title for name in ("title_en", "title_zh") if (title := row.values.get(name))]


def _described_tender(differences):
    """Return the tender that a new row describes, as far as tenders are compared with each other; it is not saved."""
    described = Tender()
    for difference in differences:
        if difference.number is None and not difference.is_list:
            setattr(described, difference.attribute.name, difference.new)
    return described
