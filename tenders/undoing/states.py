"""What a change wrote: the state of each object before the change, after it, and now."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from django.db import models

from tenders.audit.records import list_members
from tenders.models import Award, Citation, Inclusion, SourceFile
from tenders.models.changes import tracked_models

# Of objects without a page of their own, the columns that may hold the record that they belong to.
OWNERS = {
    Citation: ("tender_id", "institution_id", "company_id"),
    Award: ("tender_id",),
    Inclusion: ("article_id",),
    SourceFile: ("source_id",),
}


@dataclass
class Written:
    """
    An object that a change wrote, with three states: dicts of column values, None where there was no such object.

    A many-to-many list is a tuple of sorted primary keys.
    """

    model: type
    pk: int
    before: dict | None
    after: dict | None
    now: dict | None

    @property
    def key(self):
        return self.model, self.pk

    @property
    def state(self):
        """The state that names the object best."""
        return self.now or self.before or self.after

    @property
    def names(self):
        """The columns that the change changed; none if it created or deleted the object."""
        if self.before is None or self.after is None:
            return []
        return [name for name, value in self.before.items() if value != self.after[name]]

    def record(self, state=None):
        """Return (model, primary key) of the record that the object belongs to: itself, if it has a page."""
        state = state or self.state
        for name in OWNERS.get(self.model, ()):
            if state[name] is not None:
                return self.model._meta.get_field(name).related_model, state[name]
        return self.key

    def parents(self, state):
        """Yield (model, primary key) of the objects with which the object is deleted."""
        for field in self.model._meta.concrete_fields if state else ():
            if field.is_relation and field.remote_field.on_delete is models.CASCADE and state[field.attname]:
                yield field.related_model, state[field.attname]


def read_written(change):
    """Return the objects that a change wrote, and the number of those whose state before it is not recorded."""
    found, num_unrecorded = [], 0
    for model in tracked_models():
        history = model.history.model.objects
        rows = history.filter(change=change)
        written = _rows(model, rows)
        if not written:
            continue
        pks = rows.values("id")
        earlier = {pk: row for pk, *row in _rows(model, history.filter(id__in=pks, change__lt=change))}
        now = _current(model, pks)
        first = {pk: row for pk, *row in reversed(written)}
        last = {pk: row for pk, *row in written}
        for pk, (kind, after) in last.items():
            first_kind, first_state = first[pk]
            before_kind, before = earlier.get(pk, (None, None))
            if before_kind is None and first_kind == "-":  # a row of a deletion has the state before it
                before = first_state
            elif before_kind is None and first_kind == "~":
                num_unrecorded += 1
                continue
            states = [None if before_kind == "-" else before, None if kind == "-" else after, now.get(pk)]
            if any(states[:2]):
                found.append(Written(model, pk, *states))
    return found, num_unrecorded


@cache
def columns_of(model):
    """Return the names of the columns and of the lists that make the state of an object."""
    history = model.history.model
    return [field.attname for field in history.tracked_fields], history._history_m2m_fields


def list_columns(field):
    """Return the model of the links of a many-to-many list, and its columns for the holder and for the member."""
    through = field.remote_field.through
    names = (field.m2m_field_name(), field.m2m_reverse_field_name())
    return through, *(through._meta.get_field(name).attname for name in names)


def _rows(model, rows):
    """Return [(primary key, type, state)] of rows of history, oldest first."""
    columns, lists = columns_of(model)
    read = list(rows.order_by("change_id", "history_id").values("history_id", "history_type", *columns))
    members = {field.name: list_members(model, field, rows) for field in lists} if read else {}
    return [
        (
            row["id"],
            row["history_type"],
            {name: row[name] for name in columns}
            | {name: found.get(row["history_id"], ()) for name, found in members.items()},
        )
        for row in read
    ]


def _current(model, pks):
    """Return {primary key: state} of objects as they are now."""
    columns, lists = columns_of(model)
    found = {row["id"]: row for row in model._base_manager.filter(pk__in=pks).values(*columns)}
    for field in lists:
        through, own, other = list_columns(field)
        members = defaultdict(tuple)
        links = through._base_manager.filter(**{f"{own}__in": pks}).order_by(other)
        for pk, key in links.values_list(own, other):
            members[pk] += (key,)
        for pk, row in found.items():
            row[field.name] = members[pk]
    return found
