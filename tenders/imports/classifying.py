"""Classify row plans: new, changed, same, probable duplicate, error."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tenders.duplicates import Index, is_telling
from tenders.duplicates import compare as are_similar
from tenders.imports.comparing import compare
from tenders.imports.matching import with_relations
from tenders.imports.parsing import ParsedRow
from tenders.models import Tender
from tenders.search import fold, fold_number

MAX_LOOK_ALIKES = 5  # of each kind, in the report on a row


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

    ``candidates`` are records that it, or an organisation that it names, may duplicate; ``similar_rows`` are numbers of
    rows before in the file that it may repeat. ``similar_names`` are organisations of the file that may be the same as
    one that it names, each with the row that names it first.
    """

    parsed: ParsedRow
    tender: Tender
    differences: list
    problems: list
    status: RowStatus | None = None
    candidates: tuple | list = ()
    similar_rows: tuple = ()
    similar_names: tuple | list = ()

    @property
    def number(self):
        return self.parsed.number

    @property
    def is_new(self):
        return self.tender.pk is None

    @property
    def shown_look_alikes(self):
        """What it may duplicate, as a report lists it: the first records, names, rows, and how many more there are."""
        found = (self.candidates, self.similar_names, self.similar_rows)
        shown = [list(some[:MAX_LOOK_ALIKES]) for some in found]
        return (*shown, sum(map(len, found)) - sum(map(len, shown)))

    def as_text(self):
        """Return all of it as one text, for a digest."""
        parts = [self.number, self.status, self.tender.reference, *self.similar_rows]
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
    ``columns`` are those of the file.

    A row that brings a reference of its own is neither the same as another tender nor a repetition of a row.
    """

    def __init__(self, index, columns):
        self._index, self._columns = index, columns
        self._first_rows = {}  # by the hash of their content, the first of the new rows
        # The new tenders of the file, by year and institution, and the rows of an official number.
        self._new = defaultdict(partial(Index.of_new_records, Tender))
        self._numbered_rows = defaultdict(list)

    def find_same(self, rows):
        """Return the tenders that some matched rows without a reference say the same of, by the number of the row."""
        parsed = [row.parsed for row in rows if not (row.parsed.reference or row.parsed.problems or row.problems)]
        namesakes = self._find_namesakes(parsed)
        same = {}
        for row in parsed:
            if found := [tender for tender in namesakes.get(row.number, ()) if not any(compare(row, tender))]:
                same[row.number] = found[0]
        return same

    def classify(self, row):
        """Return a row plan with its status."""
        if row.problems:
            return replace(row, status=RowStatus.ERROR)
        if not (row.is_new or row.differences):
            return replace(row, status=RowStatus.SAME)
        found = {"candidates": row.parsed.candidates, "similar_names": row.parsed.similar_names}
        if row.is_new:
            described = Tender()  # as far as tenders are compared with each other; it is not saved
            for difference in row.differences:
                if difference.number is None:
                    difference.assign_to(described)
            found["candidates"] = [*row.parsed.candidates, *self._similar_tenders(described)]
            found["similar_rows"] = self._similar_rows(row, described)
        status = RowStatus.NEW if row.is_new else RowStatus.CHANGED
        return replace(row, status=RowStatus.DUPLICATE if any(found.values()) else status, **found)

    def _similar_tenders(self, described):
        """Return the tenders that a new one may be, those of one year and those with its official number."""
        candidates = [candidate.record for candidate in self._index(Tender, year=described.year).similar(described)]
        if number := fold_number(described.official_number):
            keys = self._numbered_tenders.get(number, ())
            others = Tender.objects.filter(pk__in=keys).order_by("pk") if keys else ()
            candidates += [other for other in others if other not in candidates and are_similar(described, other)]
        return candidates

    @cached_property
    def _numbered_tenders(self):
        """The keys of the tenders with an official number, by the number; read for a file that has such numbers."""
        keys, numbered = defaultdict(list), Tender.objects.exclude(official_number="").order_by("pk")
        for pk, number in numbered.values_list("pk", "official_number").iterator(chunk_size=2000):
            keys[fold_number(number)].append(pk)
        return keys

    def _similar_rows(self, row, described):
        """Return the numbers of the rows before that may be the same tender; of rows of one content the first."""
        if row.parsed.reference:
            return ()
        titles, number = (fold(described.title_en), fold(described.title_zh)), fold_number(described.official_number)
        buyer = described.buyer and (described.buyer.pk or str(described.buyer))
        if any(titles):
            content = (described.year, buyer, number, *titles)
        else:
            content = tuple(sorted((item.column, item.number or 0, item.becomes) for item in row.differences))
        first = self._first_rows.setdefault(hash(content), row.number)
        if first != row.number:
            return (first,)
        index, numbered = self._new[described.year, buyer], self._numbered_rows[number] if number else []
        found = [candidate.record for candidate in index.similar(described)]
        found += [
            other for other, another in numbered if buyer in {another, None} or another is None or is_telling(number)
        ]
        index.add(described, label=row.number)
        numbered.append((row.number, buyer))
        return tuple(dict.fromkeys(found))

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
        tenders = with_relations(Tender.objects.with_figures(), self._columns)
        tenders = tenders.in_bulk({pk for found in pks.values() for pk in found})
        return {number: [tenders[pk] for pk in found] for number, found in pks.items()}
