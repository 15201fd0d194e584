"""Classify row plans: new, changed, same, probable duplicate, error."""

from dataclasses import dataclass, replace

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
class RowPlan:
    """
    What a row would do to which tender; it has a status when it has been classified.

    ``candidates`` are records that it, or an organisation that it names, may duplicate; ``duplicate_row`` is the row of
    the same file that it may repeat. ``similar_names`` are organisations of the file that may be the same as one that
    it names, each with the row that names it first.
    """

    parsed: ParsedRow
    tender: Tender
    differences: list
    problems: list
    status: RowStatus | None = None
    candidates: tuple | list = ()
    duplicate_row: int | None = None
    similar_names: tuple | list = ()

    @property
    def number(self):
        return self.parsed.number

    @property
    def is_new(self):
        return self.tender.pk is None

    def as_text(self):
        """Return all of it as one text, for a digest."""
        parts = [self.number, self.status, self.tender.reference, self.duplicate_row or ""]
        if source := self.parsed.source:
            parts += [source.pk or "", source.url, source.title, source.kind, source.published_date]
        for difference in self.differences:
            parts += [difference.column, difference.number or "", difference.was, difference.becomes]
        for problem in self.problems:
            parts += [problem.column, problem.value, problem.message]
        for name_and_row in self.similar_names:
            parts += name_and_row
        return "\x1f".join([*map(str, parts), *(candidate.reference for candidate in self.candidates)])


class Classifier:
    """
    Classifies the rows of one file, in their order.

    ``index`` returns the index of the records of a model; of tenders, those of one year, as no others are the same.

    A row that brings a reference of its own is neither the same as another tender nor a repetition of a row.
    """

    def __init__(self, index):
        self._index = index
        self._first_rows = {}  # by the hash of their content, the first of the new rows

    def classify(self, rows):
        """Yield some row plans with their status; the tenders with their titles are loaded together."""
        namesakes = self._find_namesakes([row.parsed for row in rows if not (row.problems or row.parsed.reference)])
        for row in rows:
            yield self._classify(row, namesakes.get(row.number, ()))

    def _classify(self, row, namesakes):
        if row.problems:
            return replace(row, status=RowStatus.ERROR)
        if not (row.is_new or row.differences):
            return replace(row, status=RowStatus.SAME)
        for tender in namesakes:
            if not any(compare(row.parsed, tender)):
                return replace(row, status=RowStatus.SAME, tender=tender, differences=[])
        found = {"candidates": row.parsed.candidates, "similar_names": row.parsed.similar_names}
        if row.is_new:
            described = Tender()  # as far as tenders are compared with each other; it is not saved
            for difference in row.differences:
                if difference.number is None:
                    difference.assign_to(described)
            found["candidates"] = [*row.parsed.candidates, *self._similar_tenders(described)]
            found["duplicate_row"] = self._repeated_row(row, described)
        status = RowStatus.NEW if row.is_new else RowStatus.CHANGED
        return replace(row, status=RowStatus.DUPLICATE if any(found.values()) else status, **found)

    def _similar_tenders(self, described):
        others = [candidate.record for candidate in self._index(Tender, year=described.year).similar(described)]
        if described.buyer and not described.buyer.pk:
            others = [other for other in others if other.buyer_id is None]
        return others

    def _repeated_row(self, row, described):
        """Return the number of the row before that has the same content, or None."""
        if row.parsed.reference:
            return None
        titles = fold(described.title_en), fold(described.title_zh)
        if any(titles):
            content = (described.year, format_value(described.buyer), *titles)
        else:
            content = tuple(sorted((item.column, item.number or 0, item.becomes) for item in row.differences))
        first = self._first_rows.setdefault(hash(content), row.number)
        return first if first != row.number else None

    def _find_namesakes(self, rows):
        """Return the tenders with a title of a row (without any: untitled, same year and buyer), by its number."""
        values = {row.number: (row.values.get("title_en"), row.values.get("title_zh")) for row in rows}
        titles, pks = {number: list(filter(None, both)) for number, both in values.items()}, {}
        years = {row.values.get("year") for row in rows if not titles[row.number]} - {None}
        untitled = Tender.objects.filter(title_en="", title_zh="", year__in=years).values_list("pk", "year", "buyer")
        for row in rows:
            if titles[row.number]:
                index = self._index(Tender, year=row.values.get("year"))
                pks[row.number] = [tender.pk for tender in index.exact(*titles[row.number])]
            elif years:
                buyer = row.values.get("institution")
                known = (row.values.get("year"), buyer and buyer.pk)
                pks[row.number] = [pk for pk, *year_and_buyer in untitled if tuple(year_and_buyer) == known]
        tenders = Tender.objects.for_download().in_bulk({pk for found in pks.values() for pk in found})
        return {number: [tenders[pk] for pk in found] for number, found in pks.items()}
