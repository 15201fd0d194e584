"""
Differences between two moments of the public records: what was added, removed, merged and changed, field by field.

They come from the history alone. A record that is not public today is named by its bare reference, and nothing that a
hidden record is called is in any value.
"""

from dataclasses import dataclass
from functools import cached_property

from django.utils.text import capfirst

from tenders.audit.display import Names, fields
from tenders.audit.records import PARTS, changed_rows
from tenders.choices import EditorialState, Fact
from tenders.kinds import canonical
from tenders.models import Award, Citation, RedirectedReference

ADDED, REMOVED, MERGED, CHANGED = "added", "removed", "merged", "changed"
STATED, NO_LONGER_STATED, STATED_OTHERWISE = "statement-added", "statement-removed", "statement-changed"
KINDS = (ADDED, REMOVED, MERGED, CHANGED, STATED, NO_LONGER_STATED, STATED_OTHERWISE)
OF_STATEMENTS = {"value", "place", "place_zh", "stated", "is_chosen", "reason", "reason_zh"}


@dataclass(frozen=True)
class Difference:
    """
    One difference: of a record as a whole, or of one field of it, of an award, or of a statement.

    ``field`` is the name of the column, or the fact that is stated; ``detail`` is what of a statement. ``old`` and
    ``new`` are None where a value is unknown or names a record that is not public. ``sources`` are the slugs of those
    that state the new value. ``shown`` has label, old and new as text.
    """

    kind: str
    reference: str
    title: str = ""  # empty unless the record is public today
    merged_into: str = ""
    award: int | None = None
    field: str = ""
    detail: str = ""
    old: object = None
    new: object = None
    sources: tuple = ()
    shown: tuple = ()

    def as_data(self):
        """Return the difference as JSON serialisable data; amounts are decimals."""
        return {
            "kind": self.kind,
            "reference": self.reference,
            "merged_into": self.merged_into,
            "award": self.award,
            "field": self.field,
            "detail": self.detail,
            "old": self.old,
            "new": self.new,
            "sources": list(self.sources),
        }


class Comparison:
    """
    The public records of one model after change ``start``, and after change ``end``.

    With ``references``, only these are compared: those of a list today. What was removed is then left out, as it is in
    no list.
    """

    def __init__(self, model, start, end, references=None):
        self.model, self.start, self.end, self.references = model, start, end, references

    @cached_property
    def _public(self):
        """{reference: primary key} of the public records at the start, and at the end."""
        before, after = {}, {}
        rows = self.model.history.filter(change__lte=self.end).order_by("change", "history_id")
        names = ("change", "id", "reference", "history_type", "state")
        for change, key, reference, history_type, state in rows.values_list(*names).iterator():
            is_public = history_type != "-" and state == EditorialState.PUBLISHED
            for public in (before, after) if change <= self.start else (after,):
                if is_public:
                    public[reference] = key
                else:
                    public.pop(reference, None)
        if self.references is not None:
            before, after = (
                {reference: key for reference, key in public.items() if reference in self.references}
                for public in (before, after)
            )
        return before, after

    @property
    def num_before(self):
        return len(self._public[0])

    @property
    def num_after(self):
        return len(self._public[1])

    @cached_property
    def _shown(self):
        """{reference: record} of those that are public today, of all that were public at the start or the end."""
        before, after = self._public
        records = self.model.objects.published().in_bulk({*before.values(), *after.values()})
        return {record.reference: record for record in records.values()}

    @cached_property
    def whole(self):
        """The differences of records as a whole, in the order of their references."""
        before, after = self._public
        removed = before.keys() - after.keys()
        merged = RedirectedReference.objects.public().resolve(removed)
        found = [self._whole(ADDED, reference) for reference in sorted(after.keys() - before.keys())]
        for reference in sorted(removed):
            target = merged.get(reference, "")
            found.append(Difference(MERGED if target else REMOVED, reference, merged_into=target))
        return found

    def _whole(self, kind, reference):
        record = self._shown.get(reference)
        return Difference(kind, reference, title=str(record) if record else "")

    @cached_property
    def changed(self):
        """The differences of fields and statements of records that were public at both moments and are today."""
        before, after = self._public
        both = {
            after[reference]: record
            for reference, record in self._shown.items()
            if reference in before and reference in after
        }
        touched = set()
        for part, link in PARTS[self.model]:
            rows = part.history.filter(change__gt=self.start, change__lte=self.end)
            touched.update(rows.values_list(link, flat=True).distinct())
        records = {key: record for key, record in both.items() if key in touched}
        states = {key: self._states(written) for key, written in changed_rows(self.model, list(records)).items()}
        pairs = [pair for state in states.values() for pair in self._pairs(*state)]
        names = Names(True, pairs)
        found = []
        for key, record in sorted(records.items(), key=lambda item: item[1].reference):
            found += self._of_record(record, *states[key], names)
        return found

    @property
    def all(self):
        return [*self.whole, *self.changed]

    def _states(self, written):
        """Return {(part, key): row} of a record at the start, and at the end."""
        before, after = {}, {}
        for number in sorted(written):
            for part, key, row in written[number]:
                if number <= self.start:
                    before[part, key] = row
                if number <= self.end:
                    after[part, key] = row
        return before, after

    def _pairs(self, before, after):
        """Yield what ``Names`` reads, of all parts: what is the same may state a new value."""
        for name in dict.fromkeys([*before, *after]):
            yield name[0], before.get(name), after.get(name), {}

    def _of_record(self, record, before, after, names):
        own = {"reference": record.reference, "title": str(record)}
        numbers = _award_numbers(before) | _award_numbers(after)
        for part, key in dict.fromkeys([*before, *after]):
            old, new = before.get((part, key)), after.get((part, key))
            if old == new:
                continue
            if part is Citation:
                yield from self._of_statement(own, old, new, numbers, names)
            else:
                award = numbers[key] if part is Award else None
                yield from self._of_part(own, part, old, new, award, after, names)

    def _of_part(self, own, part, old, new, award, after, names):
        """Yield the differences of the fields of a record or an award; of one that was not there, all are unknown."""
        columns = {
            attribute.name: (attribute.name if part is Award else attribute.column, attribute)
            for attribute in part.stored_attributes()
        }
        for field in fields(part):
            if field.name not in columns:
                continue
            column, attribute = columns[field.name]
            values = [names.value(part, field, row) if row else None for row in (old, new)]
            if values[0] == values[1]:
                continue
            texts = [names.display_value(part, field, row) if row else "" for row in (old, new)]
            yield Difference(
                CHANGED,
                **own,
                award=award,
                field=column,
                old=values[0],
                new=values[1],
                sources=_sources(attribute.fact, award, values[1], after, names),
                shown=(capfirst(str(field.verbose_name)), *texts),
            )

    def _of_statement(self, own, old, new, numbers, names):
        row = new or old
        about = {**own, "award": numbers.get(row["award_id"]), "field": row["fact"], "sources": (names.source_of(row),)}
        label = Fact(row["fact"]).label if row["fact"] in Fact.values else row["fact"]
        if not (old and new):
            kind = STATED if new else NO_LONGER_STATED
            value = names.public_statement(row)
            ends = {"new" if new else "old": value}
            texts = ("", value or "") if new else (value or "", "")
            yield Difference(kind, **about, detail="value", **ends, shown=(str(label), *texts))
            return
        for field in fields(Citation):
            if field.name in OF_STATEMENTS and old[field.attname] != new[field.attname]:
                is_value = field.name == "value"
                values = [names.public_statement(row) if is_value else row[field.attname] for row in (old, new)]
                texts = [names.display_value(Citation, field, row) for row in (old, new)]
                shown = (f"{label}: {field.verbose_name}", *texts)
                detail = "chosen" if field.name == "is_chosen" else field.name
                yield Difference(STATED_OTHERWISE, **about, detail=detail, old=values[0], new=values[1], shown=shown)


def _award_numbers(state):
    """Return {primary key: number} of the awards in a state of a record."""
    return {key: row["number"] for (part, key), row in state.items() if part is Award and row}


def _sources(fact, award, value, after, names):
    """Return the slugs of the sources that state a value, in order."""
    text = canonical(value)
    if fact is None or not text:
        return ()
    numbers = _award_numbers(after)
    return tuple(
        sorted(
            {
                names.source_of(row)
                for (part, _key), row in after.items()
                if part is Citation
                and row
                and row["fact"] == fact
                and numbers.get(row["award_id"]) == award
                and row["value"].removeprefix(">") == text  # of a bound, the record has the amount alone
            }
        )
    )
