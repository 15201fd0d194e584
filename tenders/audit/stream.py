"""
The public changes of records as a stream: an entry for each record that a change concerns, in the order of the changes.

Whoever has a copy of the records reads on from a position. The numbers of changes (their primary keys) are in the order
in which they were committed (docs/adr/0040-order-of-changes.md): nothing is inserted before a position that was read.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from tenders.audit.records import PARTS, RecordChange, changes_by_record
from tenders.choices import EVER_PUBLIC, ChangeKind, EditorialState
from tenders.models import Change, Citation, Company, Institution, RedirectedReference, Tender

RECORDS = (Tender, Institution, Company)
CHANGES_PER_READ = 200
RECORDS_PER_READ = 200
WHOLE = "~"  # comes after every reference


class Position(NamedTuple):
    """A place in the stream: the number of a change, and the last record of it; ``WHOLE`` is behind all of them."""

    number: int
    reference: str


BEGINNING = Position(0, "")
END = Position(2**62, "")


@dataclass(frozen=True)
class StreamEntry:
    """What a change did to a record that is public; of one that is not any more, that it is gone."""

    position: Position
    record: object = None
    change: RecordChange | None = None
    leads_to: str = ""  # the record into which it was merged
    sources: tuple = ()  # slugs of the sources whose statements it wrote

    @property
    def reference(self):
        return self.position.reference

    @property
    def kind(self):
        """``published`` (again), ``changed``, ``withdrawn`` or ``merged``."""
        if self.leads_to:
            return "merged"
        if self.change is None or self.change.kind == ChangeKind.WITHDRAWN:
            return "withdrawn"
        return "published" if self.change.kind in (ChangeKind.PUBLISHED, ChangeKind.BASELINE) else "changed"


def all_records():
    """Return the public records by model: the scope of the whole stream."""
    return {model: model.objects.published() for model in RECORDS}


def entries_after(position, scope=None):
    """
    Yield the entries behind a position, oldest first.

    Of a ``scope``, {model: public records}, only those of its records, and nothing of what is gone.
    """
    changes = _changes_of(scope).order_by("pk")
    batches = _batches(lambda last: changes.filter(pk__gt=last), position.number - 1)
    return _entries(batches, scope, lambda place: place > position)


def entries_before(position, scope=None):
    """Yield the entries before a position, newest first, without what is gone; of a ``scope`` of records, if given."""
    changes = _changes_of(scope).exclude(kind=ChangeKind.BASELINE).order_by("-pk")
    batches = _batches(lambda last: changes.filter(pk__lt=last), position.number + 1)
    return _entries(batches, scope or all_records(), lambda place: place < position, newest_first=True)


def _changes_of(scope):
    """Return the changes that may concern the records of a scope."""
    if scope is None:
        return Change.objects.all()
    wrote = Q(pk__in=[])
    for model, records in scope.items():
        for part, link in PARTS[model]:
            pks = records.order_by().values("pk")
            wrote |= Q(pk__in=part.history.filter(**{f"{link}__in": pks}).values("change"))
    return Change.objects.filter(wrote)


def _batches(behind, last):
    """Yield {number: kind} of some changes at a time, until there are no more behind the last one."""
    while batch := dict(behind(last).values_list("pk", "kind")[:CHANGES_PER_READ]):
        yield batch
        *_others, last = batch


def _entries(batches, scope, is_asked_for, *, newest_first=False):
    records = scope or all_records()
    references = {model: dict(found.order_by().values_list("pk", "reference")) for model, found in records.items()}
    for batch in batches:
        places = {
            Position(number, references[model][pk]): (model, pk)
            for model in references
            for number, pk in _touched(model, batch)
            if pk in references[model]
        }
        gone = {} if scope else _gone(batch, references)
        wanted = iter(sorted(filter(is_asked_for, {**places, **gone}), reverse=newest_first))
        while some := list(islice(wanted, RECORDS_PER_READ)):
            read = _read({place: places[place] for place in some if place in places})
            for place in some:
                if entry := read.get(place) or gone.get(place):
                    yield entry


def _touched(model, batch):
    """Return the (change, primary key of a record) of which the change wrote something, or took something away."""
    found, moving = set(), [number for number, kind in batch.items() if kind in (ChangeKind.MERGED, ChangeKind.UNDONE)]
    for part, link in PARTS[model]:
        rows = part.history.filter(change__in=list(batch)).order_by()
        found.update(rows.values_list("change", link).distinct())
        if link != "id" and moving:  # what moves from a record to another one concerns both
            former = _before(part).values(link)[:1]
            moved = rows.filter(change__in=moving).annotate(former=Subquery(former))
            found.update(moved.values_list("change", "former").distinct())
    return found


def _before(model):
    """Return the rows of history of the same object before that of an outer query, the last one first."""
    earlier = model.history.model.objects.filter(id=OuterRef("id"), change__lt=OuterRef("change"))
    return earlier.order_by("-change", "-history_id")


def _gone(batch, references):
    """Return the tombstones of records that ceased to be public by some changes, and are not public today."""
    found = {}
    for model, public in references.items():
        rows = model.history.filter(change__in=list(batch)).exclude(history_type="+")
        rows = rows.exclude(~Q(history_type="-"), state=EditorialState.PUBLISHED).order_by("history_id")
        before = _before(model)
        rows = rows.annotate(then=Subquery(before.exclude(history_type="-").values("state")[:1]))
        for number, pk, reference, kind, state, then in rows.values_list(
            "change", "id", "reference", "history_type", "state", "then"
        ):
            was_public = (state if kind == "-" or then is None else then) in EVER_PUBLIC
            is_first = kind == "-" or then != EditorialState.WITHDRAWN
            if pk not in public and was_public and is_first:
                found[Position(number, reference)] = StreamEntry(Position(number, reference))
    leads_to = _public_targets([place.reference for place in found])
    return {place: StreamEntry(place, leads_to=leads_to.get(place.reference, "")) for place in found}


def _public_targets(references):
    """Return {reference: the record that it was merged into} of merged records."""
    found = RedirectedReference.objects.public().resolve(references)
    was_public = set()
    for model in RECORDS if found else ():
        targets = model.objects.filter(reference__in=found.values(), state__in=EVER_PUBLIC)
        was_public.update(targets.values_list("reference", flat=True))
    return {reference: target for reference, target in found.items() if target in was_public}


def _read(places):
    """Return the entries at some places, {position: (model, primary key)}, where the change is public."""
    found = {}
    for model in {model for model, _pk in places.values()}:
        pks = sorted({pk for of, pk in places.values() if of is model})
        records, sources = model.objects.in_bulk(pks), _sources(model, pks, {place.number for place in places})
        changes = {
            (pk, change.number): change
            for pk, some in changes_by_record(model, pks, is_public=True).items()
            for change in some
        }
        for place, (of, pk) in places.items():
            change = changes.get((pk, place.number)) if of is model else None
            if change and pk in records:
                found[place] = StreamEntry(place, records[pk], change, sources=sources[pk, place.number])
    return found


def _sources(model, pks, numbers):
    """Return {(primary key, change): slugs of the sources whose statements on the record the change wrote}."""
    column, found = f"{model._meta.model_name}_id", defaultdict(tuple)
    rows = Citation.history.filter(change__in=numbers, **{f"{column}__in": pks}, source__isnull=False)
    written = rows.order_by("source__slug").values_list(column, "change", "source__slug").distinct()
    for pk, number, slug in written:
        found[pk, number] += (slug,)
    return found
