"""Writing an undo: former states, in an order that no constraint minds, refused where the rules would be broken."""

from collections import defaultdict

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from tenders import integrity
from tenders.choices import Cause, ChangeKind, EditorialState
from tenders.claims.verdict_history import track_verdicts
from tenders.derived import derived_fields
from tenders.models import (
    Citation,
    Company,
    DatasetVersion,
    DistinctPair,
    Inclusion,
    Institution,
    RedirectedReference,
    SourceFile,
    Tender,
)
from tenders.models.changes import (
    change_set,
    delete_leaves,
    record_changed_history,
    record_created_history,
    record_shortened_lists,
    tracked_models,
)
from tenders.models.records import Record
from tenders.references import name_of
from tenders.undoing.plans import plan_undo
from tenders.undoing.states import columns_of, list_columns

LEAVES = (Citation, Inclusion, RedirectedReference, DistinctPair)  # nothing refers to them
BATCH = 500  # objects read or deleted at once
TARGET = ("tender_id", "award_id", "institution_id", "company_id", "fact")  # what one citation is chosen for
MAX_NAMED = 5  # records in a message


@transaction.atomic
def undo(change, *, by=None, reason, also=(), without=(), digest=None):
    """
    Take back a change by a new one; return the plan that was carried out.

    What a later change has changed stays, but for the items whose keys are in ``also``; those in ``without`` stay too.
    Raises ``ValidationError`` without a reason, where a constraint or a rule of publication would be broken, and when
    the plan is no longer the one with this ``digest``; then nothing is written.
    """
    DatasetVersion.lock()
    plan = plan_undo(change)
    if digest not in (None, plan.digest):
        raise ValidationError(_("Look again: someone changed one of these records after you opened this page."))
    if not reason.strip():
        raise ValidationError(_("Give a reason for undoing this change. It is kept in the history."))
    steps = plan.selected(also, without)
    if not steps:
        raise ValidationError(_("Select what to undo."))
    refuse_files(steps)
    rules = _Rules(steps)
    with change_set(ChangeKind.UNDONE, by, reason, undoes=change), track_verdicts(Cause.UNDONE) as write:
        write.subject = ", ".join(rules.public_names())
        _Writer(steps).write()
        rules.check()
    return plan


def refuse_files(steps):
    """Refuse what would delete or create the row of a file, or bring back bytes that were erased."""
    for written in (step.written for step in steps if step.written.model is SourceFile):
        words = {"file": written.state["name"] or written.state["sha256"]}
        if written.before is None or written.now is None or written.before["erased_at"]:
            raise ValidationError(
                _("Untick the file %(file)s: it stays with its source, where you can erase its content.") % words
            )
        if "erased_at" in written.names:
            raise ValidationError(_("Upload %(file)s again: undoing can’t restore erased content.") % words)


class _Writer:
    """Writes the targets of steps, object by object, each with its history."""

    def __init__(self, steps):
        self.steps = steps
        self.created, self.changed = defaultdict(list), defaultdict(list)  # objects by model
        self.neighbours = defaultdict(set)  # primary keys by model
        self.saving = []  # objects that are being saved

    def write(self):
        self.refuse_missing()
        try:
            with transaction.atomic():
                self.delete(LEAVES)
                self.unchoose()
                self.save()
                self.set_lists()
                self.record()
                self.delete([model for model in reversed(tracked_models()) if model not in LEAVES])
        except IntegrityError as error:
            raise self.in_words(error) from error

    def refuse_missing(self):
        """Refuse to refer to what is not there, and is not created again."""
        created = {step.written.key for step in self.steps if step.written.now is None}
        needed = defaultdict(dict)
        for step in self.steps:
            model, target = step.written.model, step.target
            _columns, lists = columns_of(model)
            relations = [f for f in model._meta.concrete_fields if f.related_model in tracked_models()]
            for name, related, many in [
                *((f.attname, f.related_model, False) for f in relations),
                *((f.name, f.related_model, True) for f in lists),
            ]:
                if target and (name in step.names or not step.names or step.written.now is None):
                    for pk in target[name] if many else [target[name]]:
                        if pk is not None and (related, pk) not in created:
                            needed[related][pk] = step
        for model, steps in needed.items():
            for pk in steps.keys() - set(model._base_manager.filter(pk__in=list(steps)).values_list("pk", flat=True)):
                raise ValidationError(
                    _(
                        "%(kind)s: undo the other change first. What this one belonged or referred to no longer "
                        "exists (%(missing)s)."
                    )
                    % {"kind": steps[pk].written.model._meta.verbose_name, "missing": model._meta.verbose_name}
                )

    def delete(self, models):
        """Delete what the change created."""
        for model in models:
            pks = [step.written.pk for step in self.steps if step.target is None and step.written.model is model]
            for start in range(0, len(pks), BATCH):
                objs = model._base_manager.filter(pk__in=pks[start : start + BATCH])
                if model in LEAVES:
                    delete_leaves(objs)
                    continue
                try:
                    with record_shortened_lists(objs):
                        objs.delete()
                except ProtectedError as error:
                    names = {"objects": _names(objs), "others": _names(error.protected_objects)}
                    raise ValidationError(_("%(objects)s: still needed by %(others)s.") % names) from error

    def unchoose(self):
        """Let no other statement be chosen where one is about to be chosen again."""
        steps = [step for step in self.steps if step.written.model is Citation and step.target]
        chosen = {tuple(step.target[name] for name in TARGET): step for step in steps if step.target["is_chosen"]}
        others = []
        for name in ("tender_id", "institution_id", "company_id"):
            for some in _batches(sorted({step.target[name] for step in chosen.values()} - {None})):
                for citation in Citation.objects.filter(is_chosen=True, **{f"{name}__in": some}):
                    step = chosen.get(tuple(getattr(citation, name) for name in TARGET))
                    if step and step.written.pk != citation.pk:
                        citation.is_chosen = False
                        others.append(citation)
        Citation.objects.bulk_update(others, ["is_chosen"], BATCH)
        written = {step.written.pk for step in steps}
        record_changed_history(citation for citation in others if citation.pk not in written)

    def save(self):
        """Create what the change deleted, with its primary key, and give back what it changed."""
        for model in tracked_models():
            columns = {field.attname: field.name for field in model._meta.concrete_fields}
            steps = [step for step in self.steps if step.written.model is model and step.target]
            current = _in_bulk(model, [step.written.pk for step in steps if step.written.now])
            new, groups = [], defaultdict(list)
            for step in steps:
                values = {name: value for name, value in step.target.items() if name in columns}
                obj = current.get(step.written.pk)
                if obj is None:
                    new.append(model(**values))
                    continue
                names = tuple(columns[name] for name in step.names if name in columns)
                for name in step.names:
                    if name in columns:
                        setattr(obj, name, values[name])
                groups[names].append(obj)
            self.saving = [*new, *current.values()]
            model._default_manager.bulk_create(new, BATCH)
            for names, objs in groups.items():
                derived = {field.name for field in derived_fields(model, names)}
                if names:
                    model._base_manager.bulk_update(objs, sorted({*names} | derived), BATCH)
            self.created[model], self.changed[model] = new, list(current.values())

    def set_lists(self):
        """Give back the members of many-to-many lists; one that holds both ways is a list of both."""
        links = defaultdict(set)
        for step in self.steps:
            for field in columns_of(step.written.model)[1] if step.target else ():
                was = {*step.written.now[field.name]} if step.written.now else set()
                members = {*step.target[field.name]}
                if step.written.now and field.name not in step.names:
                    continue
                columns, is_symmetrical = list_columns(field), field.remote_field.symmetrical
                through, own, other = columns
                for one, another in _pairs(step.written.pk, was - members, is_symmetrical):
                    through._base_manager.filter(**{own: one, other: another}).delete()
                links[columns] |= _pairs(step.written.pk, members - was, is_symmetrical)
                if is_symmetrical:
                    self.neighbours[field.related_model] |= members ^ was
        for (through, own, other), pairs in links.items():
            new = [through(**{own: one, other: another}) for one, another in sorted(pairs)]
            through._base_manager.bulk_create(new, BATCH, ignore_conflicts=True)

    def record(self):
        """Write the history of what was saved, and of what is in a list of it that holds both ways."""
        for model in tracked_models():
            record_created_history(self.created[model])
            written = {obj.pk for obj in (*self.created[model], *self.changed[model])}
            neighbours = _in_bulk(model, sorted(self.neighbours[model] - written))
            record_changed_history([*self.changed[model], *neighbours.values()])

    def in_words(self, error):
        """Return the ``ValidationError`` for a constraint that would be broken."""
        for obj in self.saving:
            try:
                obj.full_clean()
            except ValidationError as broken:
                words = {"kind": obj._meta.verbose_name, "problem": " ".join(broken.messages)}
                return ValidationError(_("%(kind)s: %(problem)s") % words)
            except ObjectDoesNotExist:
                break
        return ValidationError(_("The database rejected this: %(error)s") % {"error": error})


class _Rules:
    """What must hold after an undo: the rules of the forms for public records."""

    def __init__(self, steps):
        self.touched = defaultdict(set)
        for step in steps:
            written = step.written
            for state in filter(None, (written.before, written.after, written.now)):
                model, pk = written.record(state)
                self.touched[model].add(pk)
        self.facts = {key: integrity.facts_of(record) for key, record in self.records()}
        self.problems = self.structural_problems()

    def records(self):
        """Yield (key, record) of the touched records that are there, with their citations."""
        for model, pks in self.touched.items():
            if issubclass(model, Record):
                for some in _batches(sorted(pks)):
                    for record in integrity.with_citations(model.objects.filter(pk__in=some)):
                        yield (model, record.pk), record

    def public_names(self):
        """Return the names of the touched records that are public: readers see them."""
        return sorted(name_of(record) for _key, record in self.records() if record.is_published)

    def structural_problems(self):
        return {*integrity.marks_of_no_claim(), *integrity.too_deep_categories()}

    def check(self):
        """Raise ``ValidationError`` for public facts without a source, hidden parties, and marks of no claim."""
        problems = sorted(self.structural_problems() - self.problems)
        for key, record in self.records():
            if record.is_published:
                uncited = integrity.uncited_changes(record, self.facts.get(key, {}))
                problems += [_("%(record)s: %(problem)s") % {"record": record.reference, "problem": u} for u in uncited]
        hidden = ~Q(state=EditorialState.PUBLISHED)
        buyers = Institution.objects.filter(hidden, pk__in=self.touched[Institution]).values("pk")
        for some in _batches(sorted(self.touched[Tender])):
            problems += self.hidden_parties(Tender.objects.filter(pk__in=some), hidden)
        suppliers = Company.objects.filter(hidden, pk__in=self.touched[Company]).values("pk")
        needing = Tender.objects.filter(Q(buyer__in=buyers) | Q(awards__suppliers__in=suppliers)).distinct()
        problems += self.hidden_parties(needing, hidden)
        if problems:
            raise ValidationError(list(dict.fromkeys(problems)))

    def hidden_parties(self, tenders, hidden):
        """Yield a problem for each published tender with a party that is not public."""
        for tender in tenders.published().order_by("reference"):
            parties = [
                *Institution.objects.filter(hidden, tenders=tender),
                *Company.objects.filter(hidden, awards__tender=tender).distinct(),
            ]
            if parties:
                names = {"tender": tender.reference, "parties": _names(parties)}
                yield _("Publish these first: %(tender)s would be public without them (%(parties)s).") % names


def _batches(pks):
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def _pairs(pk, keys, is_symmetrical):
    pairs = {(pk, key) for key in keys}
    return pairs | {(key, pk) for key in keys} if is_symmetrical else pairs


def _in_bulk(model, pks):
    return {pk: obj for some in _batches(pks) for pk, obj in model._base_manager.in_bulk(some).items()}


def _names(objs):
    """Return the names of some objects as text, the first of many."""
    names = [name_of(obj) if isinstance(obj, Record) else str(obj) for obj in objs]
    more = ["…"] if len(names) > MAX_NAMED else []
    return _(", ").join([*names[:MAX_NAMED], *more])
