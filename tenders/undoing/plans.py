"""Plan of an undo: what it would write, fact by fact, and what has been changed since."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import CASCADE, PROTECT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.audit.display import Names
from tenders.audit.records import compare_states
from tenders.choices import ChangeKind
from tenders.models import Award, Citation, DistinctPair, RedirectedReference, Source, SourceFile
from tenders.models.attributes import Citable
from tenders.models.changes import Change, tracked_models
from tenders.models.records import Record
from tenders.references import name_of
from tenders.undoing.states import Written, columns_of, read_written

MAX_SHOWN_RECORDS = 50  # of one change, on the page that undoes it
# Kinds of changes that cannot be undone, and why.
NOT_UNDONE = {
    ChangeKind.BASELINE: gettext_lazy("This change recorded the initial state: there is nothing to undo."),
    ChangeKind.ERASED: gettext_lazy("This change removed personal data for good and can’t be undone."),
}
BY_REFERENCE = (RedirectedReference, DistinctPair)  # they refer to records by reference


@dataclass
class Step:
    """What is undone of one object: some columns get their former values, or (no columns) the whole object."""

    written: Written
    names: tuple = ()
    later: list = field(default_factory=list)  # objects that refer to a created one and came later

    @property
    def target(self):
        """The state of the object once it is undone; None if it is deleted."""
        written = self.written
        if not self.names or written.now is None:
            return written.before
        return {**written.now, **{name: written.before[name] for name in self.names}}

    @property
    def changed_since(self):
        """The columns that a later change changed."""
        written = self.written
        if not (written.now and written.after):
            return []
        return [name for name in self.names or written.now if written.now[name] != written.after[name]]

    @property
    def has_later_changes(self):
        return bool(self.changed_since or self.later or (self.names and self.written.now is None))


@dataclass
class Item:
    """What is undone together: a fact with its citations, a column, or a created or deleted object with its parts."""

    key: str
    record: tuple  # (model, primary key)
    steps: list = field(default_factory=list)
    entries: list = field(default_factory=list)  # what would be written, as text
    since: list = field(default_factory=list)  # what has been changed since, as text
    later: list = field(default_factory=list)  # objects that came later and refer to what would be deleted

    @property
    def has_later_changes(self):
        return any(step.has_later_changes for step in self.steps)


@dataclass
class UndoPlan:
    """What undoing a change would write."""

    change: Change
    items: list
    num_unrecorded: int  # objects whose state before the change is not recorded

    @property
    def steps(self):
        """All steps, of all items."""
        return [step for item in self.items for step in item.steps]

    def selected(self, also=(), without=()):
        """Return the steps of the items to undo: those without later changes, and those ``also`` names."""
        return [
            step
            for item in self.items
            if item.key not in without and (not item.has_later_changes or item.key in also)
            for step in item.steps
        ]

    def steps_by_model(self):
        """Return {model: {primary key of a record: (is deleted, is created again, gets another state)}}."""
        found = defaultdict(dict)
        for step in self.steps:
            written = step.written
            for model, pk in {written.record(state) for state in (written.now, step.target) if state}:
                is_own = (model, pk) == written.key
                flags = (step.target is None, written.now is None, "state" in step.names)
                was = found[model].get(pk, (False, False, False))
                found[model][pk] = tuple(old or (is_own and new) for old, new in zip(was, flags, strict=True))
        return found

    @property
    def digest(self):
        """A text that differs between plans that would write something else."""
        written = sorted([item.key, [[step.names, step.written.now] for step in item.steps]] for item in self.items)
        return hashlib.sha256(json.dumps(written, default=str).encode()).hexdigest()

    def by_record(self):
        """Return {(model, primary key): [Item]}, the records with later changes first."""
        found = defaultdict(list)
        for item in sorted(self.items, key=lambda item: not item.has_later_changes):
            found[item.record].append(item)
        return found

    def described(self):
        """Return (name, items) of the first records, with what would be written and what was changed since as text."""
        shown = dict(list(self.by_record().items())[:MAX_SHOWN_RECORDS])
        steps = [step for items in shown.values() for item in items for step in item.steps]
        numbers = {w.pk: w.state["number"] for w in (step.written for step in steps) if w.model is Award}
        awards = {w.state["award_id"] for w in (step.written for step in steps) if w.model is Citation}
        numbers |= dict(Award.objects.filter(pk__in=awards - {None}).values_list("pk", "number"))
        pairs = {}
        for step in steps:
            written, since = step.written, dict.fromkeys(step.changed_since)
            was = written.now and {**written.now, **{name: written.after[name] for name in since}}
            pairs[id(step)] = [
                (written.model, written.now, step.target, numbers),
                (written.model, was or written.after, written.now, numbers),
            ]
        whole = [w for w in (step.written for step in self.steps) if w.now is None and issubclass(w.model, Record)]
        absent = [w.model(**{name: w.state[name] for name in columns_of(w.model)[0]}) for w in whole]
        names = Names(False, [pair for two in pairs.values() for pair in two], absent)
        for items in shown.values():
            for item in items:
                for step in item.steps:
                    written, since = (list(compare_states(item.record[0], *pair, names)) for pair in pairs[id(step)])
                    item.entries += written
                    item.since += since
                    item.later += step.later
        return [(_name(key, items), items) for key, items in shown.items()]


def plan_undo(change):
    """Return the ``UndoPlan`` of a change; raises ``ValidationError`` for one that cannot be undone."""
    if change.kind in NOT_UNDONE:
        raise ValidationError(NOT_UNDONE[change.kind])
    written, num_unrecorded = read_written(change)
    items = _Grouping(written).items()
    _find_later_objects(items)
    return UndoPlan(change, items, num_unrecorded)


class _Grouping:
    """Groups what a change wrote into items."""

    def __init__(self, written):
        self.written = written
        self.created = {obj.key: obj for obj in written if obj.before is None}
        self.deleted = {obj.key: obj for obj in written if obj.after is None}
        whole = [*self.created.values(), *self.deleted.values()]
        self.by_reference = {obj.state["reference"]: obj for obj in whole if issubclass(obj.model, Record)}

    def items(self):
        """Return the items in which there is something to undo."""
        found = {}
        for obj in self.written:
            top = self.top(obj)
            is_whole = top is not obj or obj.model is SourceFile or (not obj.names and obj.model is not Citation)
            for names in [tuple(obj.names)] if is_whole else [(name,) for name in obj.names] or [()]:
                now, before = obj.now or {}, obj.before or {}
                if not (names or obj.before is None or obj.after is None):
                    continue
                names_left = tuple(name for name in names if now.get(name, ...) != before[name])
                if (names and not names_left) or (not names and (obj.now is None) == (obj.before is None)):
                    continue
                key, record = _key(top), top.record()
                if not is_whole:
                    key, record = self.fact_key(obj, names)
                item = found.setdefault(key, Item(key, record))
                self.add(item, obj, names_left)
        return list(found.values())

    def add(self, item, obj, names):
        """Add a step to an item, or columns to its step of the same object."""
        for step in item.steps:
            if step.written is obj:
                step.names += names
                return
        item.steps.append(Step(obj, names))

    def top(self, obj):
        """Return the object, created or deleted by the change, that this one belongs to, or the object itself."""
        for state, whole in ((obj.before, self.deleted), (obj.after, self.created)):
            for parent in obj.parents(state):
                if parent in whole:
                    return self.top(whole[parent])
            if obj.model in BY_REFERENCE:
                for value in (state or {}).values():
                    if value in self.by_reference:
                        return self.by_reference[value]
        return obj

    def fact_key(self, obj, names):
        """Return the key of the item for a column or a citation, and its record: those of one fact are one item."""
        state = obj.before or obj.after
        record = obj.record(state)
        if obj.model is Citation:
            model, pk = (Award, state["award_id"]) if state["award_id"] else record
            attribute = model.FACTS.get(state["fact"])
            return f"{model._meta.model_name}-{pk}-{attribute.name if attribute else state['fact']}", record
        name = next((f.name for f in obj.model._meta.concrete_fields if f.attname == names[0]), names[0])
        if issubclass(obj.model, Citable):
            name = next((a.qualifies for a in obj.model.ATTRIBUTES if a.name == name and a.qualifies), name)
        return f"{_key(obj)}-{name}", record


def _key(obj):
    return f"{obj.model._meta.model_name}-{obj.pk}"


def _name(key, items):
    """Return the name of a record, also of one that is not there."""
    model, pk = key
    if record := model._base_manager.filter(pk=pk).first():
        if name_of(record) in str(record):
            return str(record)
        return _("%(record)s (%(kind)s)") % {"record": record, "kind": name_of(record)}
    state = next((step.written.state for item in items for step in item.steps if step.written.key == key), {})
    names = ("title_en", "title_zh", "name_en", "name_zh", "title", "reference", "slug", "code")
    name = next((state[name] for name in names if state.get(name)), model._meta.verbose_name)
    return _("%(record)s (%(kind)s)") % {"record": name, "kind": state.get("reference", model._meta.verbose_name)}


def _find_later_objects(items):
    """Add to each step that would delete an object what refers to it and stays: it came later, or was changed since."""
    steps, item_of = defaultdict(dict), {}
    for item in items:
        for step in item.steps:
            item_of |= {(step.written.key, name): item for name in step.names or step.written.state}
            if step.target is None:
                steps[step.written.model][step.written.pk] = step
    for step in steps[SourceFile].values():  # a source that came with a file stays with it: it is evidence
        if step.written.state["source_id"] in steps[Source]:
            step.later.append(SourceFile.objects.get(pk=step.written.pk))
    references = []
    for model, by_pk in steps.items():
        for other in tracked_models():
            for relation in [*other._meta.concrete_fields, *other.history.model._history_m2m_fields]:
                if relation.related_model is not model or not _holds(relation):
                    continue
                name = relation.name if relation.many_to_many else relation.attname
                for obj, pk in _referring(other, relation, list(by_pk)):
                    references.append((by_pk[pk], item_of.get(((other, obj.pk), name)), obj))
    found = True
    while found:  # what stays may need something else that would be deleted
        found = [
            (step, obj)
            for step, item, obj in references
            if obj not in step.later and (item is None or (item.has_later_changes and step not in item.steps))
        ]
        for step, obj in found:
            step.later.append(obj)


def _holds(relation):
    return relation.many_to_many or relation.remote_field.on_delete in (CASCADE, PROTECT)


def _referring(model, relation, pks):
    """Yield (object, primary key of what it refers to) for the objects that refer to some others."""
    for start in range(0, len(pks), 500):
        some = pks[start : start + 500]
        for obj in model._base_manager.filter(**{f"{relation.name}__in": some}).distinct():
            keys = getattr(obj, relation.name).values_list("pk", flat=True) if relation.many_to_many else None
            for pk in set(some).intersection(keys) if keys is not None else [getattr(obj, relation.attname)]:
                yield obj, pk
