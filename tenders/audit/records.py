"""
Histories of records: the changes of a record and of the objects that belong to it, as text, newest first.

Editors see all changes. The public sees those made while the record was public, from its publication on, without the
names of records that are not public today.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import takewhile

from django.db.models import Exists, OuterRef, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tenders.audit.display import Names, fields
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.models import (
    Article,
    Award,
    Category,
    Change,
    Citation,
    Claim,
    Company,
    DistinctPair,
    Inclusion,
    Institution,
    Page,
    RedirectedReference,
    Region,
    Report,
    Source,
    SourceFile,
    Tender,
)
from tenders.models.records import Record
from tenders.models.sources import TYPED_FACTS

# By model of a record: the models in its history, each with the column that holds the primary key of the record.
PARTS = {
    Tender: [(Tender, "id"), (Award, "tender_id"), (Citation, "tender_id")],
    Institution: [(Institution, "id"), (Citation, "institution_id")],
    Company: [(Company, "id"), (Citation, "company_id")],
    Article: [(Article, "id"), (Inclusion, "article_id"), (Claim, "article_id")],
    Claim: [(Claim, "id")],
    Source: [(Source, "id"), (SourceFile, "source_id")],
    Category: [(Category, "id")],
    Region: [(Region, "id")],
    Page: [(Page, "id")],
}
# The fields that are shown for an object that was added or deleted.
MAIN = {
    Tender: ["title_en", "title_zh", "buyer", "year"],
    Institution: ["name_en", "name_zh"],
    Company: ["name_en", "name_zh"],
    Article: ["title_en", "title_zh"],
    Award: [field.name for field in Award.stored_attributes() if field.name not in {"number", "notes", "notes_zh"}],
    Citation: ["value", "place", "stated", "is_chosen"],
    Inclusion: ["reason"],
    Claim: ["statement_en", "printed_low", "printed_high"],
    Source: ["title"],
    SourceFile: ["name", "format", "size", "sha256"],
    Category: ["name_en", "name_zh"],
    Region: ["name_en", "name_zh"],
    Page: ["title_en", "title_zh"],
    RedirectedReference: ["redirects_to"],
    DistinctPair: ["one", "other", "reason"],
}
MAX_UNCUT_LENGTH = 200  # characters; of a longer text, only the part that differs is shown
EXCERPT_CONTEXT = 40  # characters before and after that part


@dataclass(frozen=True)
class Entry:
    """Change of one field, or of a whole object (``field`` is empty then); an unknown value is empty text."""

    of: str  # name of the object that belongs to the record; empty for the record itself
    field: str
    old: str
    new: str
    kind: str = "changed"  # or added, or deleted


@dataclass(frozen=True)
class RecordChange:
    """The part of one change that concerns one record."""

    number: int  # primary key of the change
    made_at: object
    kind: str
    who: str
    reason: str
    entries: tuple = ()
    undoes: Change | None = None
    follows_report: bool = False  # of a reader, whose report it corrected
    is_first: bool = False  # since when the record is public
    disputed: tuple = ()  # the facts of which sources state different values since then, as text

    @property
    def is_baseline(self):
        return self.kind == ChangeKind.BASELINE

    @property
    def label(self):
        return ChangeKind(self.kind).label


def history_of(record):
    """Return all changes of a record, newest first."""
    return changes_by_record(type(record), [record.pk], is_public=False)[record.pk]


def public_history_of(record):
    """Return the changes of a record that the public sees, newest first; none if it is not published."""
    if not record.is_published:
        return []
    first = type(record).history.filter(id=record.pk, history_type="+", change=OuterRef("pk"))
    wrote = Q()
    for part, link in PARTS[type(record)]:
        wrote |= Q(pk__in=part.history.filter(**{link: record.pk}).values("change"))
    changes = with_reports(Change.objects.filter(wrote)).select_related("by").annotate(has_first=Exists(first))[:2]
    if len(changes) > 1:
        return changes_by_record(type(record), [record.pk], is_public=True)[record.pk]
    # Most records have one change: there is nothing to compare.
    found = []
    for change in changes:
        if change.has_first:
            kind = ChangeKind.BASELINE if change.kind == ChangeKind.BASELINE else ChangeKind.PUBLISHED
            who = _who(change.by, is_public=True)
            marks = {"follows_report": change.follows_report, "is_first": True}
            found.append(RecordChange(change.pk, change.made_at, str(kind), who, change.reason, **marks))
    return found


def with_reports(changes):
    """Annotate changes with ``follows_report``: whether they corrected what a reader reported."""
    return changes.annotate(follows_report=Exists(Report.objects.filter(change=OuterRef("pk"))))


def changed_rows(model, pks):
    """Return {record: {change: [(part, id, values)]}}; the values are None where a part no longer belongs to it."""
    found = defaultdict(lambda: defaultdict(list))
    for part, link in PARTS[model]:
        history = part.history.model.objects.all()
        rows = history.filter(**{f"{link}__in": pks})
        if link != "id":  # also those of objects that once belonged to the records
            rows = history.filter(id__in=rows.values("id"))
        columns = [field.attname for field in fields(part) if not field.many_to_many]
        read = list(
            rows.order_by("change_id", "history_id").values("id", "history_id", "history_type", "change_id", *columns)
        )
        for field in part.history.model._history_m2m_fields if read else ():
            members = list_members(part, field, rows)
            for row in read:
                row[field.name] = members.get(row["history_id"], ())
        owners = defaultdict(set)  # by primary key of an object, the records that it has belonged to
        for row in read:
            owner = row["id"] if link == "id" else row[link]
            for former in owners[row["id"]] - {owner}:
                found[former][row["change_id"]].append((part, row["id"], None))
            owners[row["id"]].add(owner)
            found[owner][row["change_id"]].append((part, row["id"], None if row["history_type"] == "-" else row))
    return found


def list_members(part, field, rows):
    """Return the members of a many-to-many field by history row: {history_id: (key, …)}."""
    members = getattr(part.history.model, field.name).model
    column = field.remote_field.through._meta.get_field(field.m2m_reverse_field_name()).attname
    found = defaultdict(tuple)
    links = members.objects.filter(history__in=rows.values("history_id")).order_by(column)
    for row, key in links.values_list("history_id", column):
        found[row] += (key,)
    return found


def changes_by_record(model, pks, *, is_public):
    """Return the changes of records of one model, newest first, by primary key."""
    written = changed_rows(model, pks)
    steps_of = {pk: list(_steps(model, pk, written[pk], is_public)) for pk in pks}
    numbers = {number for steps in steps_of.values() for number, *_rest in steps}
    changes = with_reports(Change.objects.select_related("by", "undoes")).in_bulk(numbers)
    mergers = [change.pk for change in changes.values() if change.kind == ChangeKind.MERGED]
    merged = _merged(model, pks, mergers, is_public)
    names = Names(
        is_public, [pair for steps in steps_of.values() for *_rest, pairs, _disputed in steps for pair in pairs]
    )
    found = {}
    for pk, steps in steps_of.items():
        found[pk] = []
        first = next((number for number, kind, *_rest in steps if kind == ChangeKind.PUBLISHED), None)
        for number, kind, pairs, disputed in reversed(steps):
            change = changes[number]
            if change.kind == ChangeKind.BASELINE:  # records the existing state, and changes nothing
                kind, pairs = kind and ChangeKind.BASELINE, []
            entries = (*merged[pk, number], *(entry for pair in pairs for entry in compare_states(model, *pair, names)))
            # The public does not see a change without entries: it changed nothing, or only hidden values. What was
            # removed from all states alike is no entry.
            if kind or entries or not is_public or change.kind == ChangeKind.ERASED:
                who, kind = _who(change.by, is_public), str(kind or change.kind)
                marks = {
                    "undoes": change.undoes,
                    "follows_report": change.follows_report,
                    "is_first": number == first,
                    "disputed": tuple(sorted({str(Fact(fact).label) for _award, fact in disputed})),
                }
                found[pk].append(RecordChange(number, change.made_at, kind, who, change.reason, entries, **marks))
    return found


def _merged(model, pks, mergers, is_public):
    """Return {(record, change): [entry of a record that was merged into it]}; the public sees no drafts."""
    found = defaultdict(list)
    if not mergers or not issubclass(model, Record):
        return found
    dropped = set(model.history.filter(change__in=mergers, history_type="-").values_list("change", "reference"))
    targets = dict(model.objects.filter(pk__in=pks).values_list("reference", "pk"))
    former = RedirectedReference.history.filter(change__in=mergers, redirects_to__in=targets)
    former = former.filter(**({"is_public": True} if is_public else {})).order_by("reference")
    for change, reference, redirects_to in former.values_list("change", "reference", "redirects_to"):
        if (change, reference) in dropped:
            entry = Entry("", _("Merged record"), reference, redirects_to)
            found[targets[redirects_to], change].append(entry)
    return found


def _steps(model, pk, written, is_public):
    """
    Yield (change, kind, pairs, disputed) for the changes of a record, oldest first.

    The kind is PUBLISHED or WITHDRAWN where the record becomes public or ceases to be, else None. Pairs are the states
    of the written objects before and after. A state before the first row of history is unknown. Disputed are the
    (award, fact) of which sources state different values after the change, and did not before.
    """
    state, own = {}, (model, pk)
    for number in sorted(written):
        before = dict(state)
        for part, key, row in written[number]:
            state[part, key] = row
        touched = dict.fromkeys((part, key) for part, key, _row in written[number])
        numbers = {key: row["number"] for (part, key), row in {**before, **state}.items() if part is Award and row}
        pairs = [(part, before.get((part, key)), state[part, key], numbers) for part, key in touched]
        if not is_public:
            yield number, None, pairs, ()
            continue
        was, now = ((rows.get(own) or {}).get("state") == EditorialState.PUBLISHED for rows in (before, state))
        is_first = own in touched and now and state[own]["history_type"] == "+"
        if is_first or (before.get(own) and now and not was):
            yield number, ChangeKind.PUBLISHED, [], ()
        elif was and now:
            yield number, None, pairs, _disputed(state) - _disputed(before)
        elif was:
            yield number, ChangeKind.WITHDRAWN, [], ()


def _disputed(state):
    """Return the (award, fact) of which the citations of a state give different values."""
    values = defaultdict(set)
    for (part, _key), row in state.items():
        if part is Citation and row and row["fact"] in TYPED_FACTS:
            values[row["award_id"], row["fact"]].add(row["value"])
    return {fact for fact, stated in values.items() if len(stated) > 1}


def compare_states(model, part, old, new, numbers, names):
    """Yield the entries for the difference between two states of one object; ``model`` is that of its record."""
    if old is None and new is None:
        return
    row = new or old
    if names.is_public and part is Inclusion and not names.shows(Tender, row["tender_id"]):
        return
    of = "" if part is model else names.of(part, row, numbers)
    if old is None or new is None:
        kind = "added" if old is None else "deleted"
        values = _("; ").join(
            _("%(field)s: %(value)s") % {"field": capfirst(field.verbose_name), "value": words}
            for field in fields(part)
            if field.name in MAIN[part]
            and (words := names.display_value(part, field, row))
            and row.get(field.name) is not False
        )
        yield Entry(of, "", "" if old is None else values, values if old is None else "", kind)
        return
    for field in fields(part):
        name = field.name if field.many_to_many else field.attname
        if old[name] == new[name]:
            continue
        before, after = names.display_value(part, field, old), names.display_value(part, field, new)
        if before != after:
            yield Entry(of, capfirst(str(field.verbose_name)), *_cut(before, after))


def _cut(before, after):
    """Return two values unchanged, or excerpts with the part that differs if they are long."""
    if max(len(before), len(after)) <= MAX_UNCUT_LENGTH:
        return before, after
    start = _num_equal(before, after)
    end = _num_equal(before[start:][::-1], after[start:][::-1])
    return _excerpt(before, start, end), _excerpt(after, start, end)


def _num_equal(one, other):
    """Return the length of the common prefix of two texts."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def _excerpt(text, start, end):
    first, last = max(0, start - EXCERPT_CONTEXT), min(len(text), len(text) - end + EXCERPT_CONTEXT)
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def _who(user, is_public):
    """Return the name of a user, as the public or editors see it; empty text for a program."""
    if user is None:
        return ""
    name = user.get_full_name()
    if is_public:
        return name or _("an editor")
    return f"{name} ({user.get_username()})" if name else user.get_username()
