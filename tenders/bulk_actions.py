"""
Publish and withdraw many records at once: by the rules of ``actions`` for one, but as one change, in few statements.

What cannot be moved is left as it is and reported by why; the verdicts of claims are evaluated once.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.choices import Cause, ChangeKind, Fact, NameStatus
from tenders.choices import EditorialState as State
from tenders.claims.verdict_history import track_verdicts
from tenders.integrity import new_untrue_choices, with_citations
from tenders.models import AwardSupplier, Citation, Company, DatasetVersion, Institution, Tender
from tenders.models.changes import change_set, record_history_of
from tenders.models.sources import KINDS_OF_OWN_SOURCES, TYPED_FACTS

BATCH = 500  # records in one statement
MAX_NAMED = 5  # records, or sentences on what is wrong with them, of each kind in a report


@dataclass
class Outcome:
    """
    What moving many records did.

    ``moved`` are the primary keys of those that were moved, by model; ``refused`` the references of the others, by why;
    ``problems`` are sentences on what is wrong with citations.
    """

    moved: dict = field(default_factory=lambda: defaultdict(set))
    refused: dict = field(default_factory=lambda: defaultdict(list))
    problems: list = field(default_factory=list)

    @property
    def num_moved(self):
        return sum(map(len, self.moved.values()))

    def sentences(self, heading):
        """Return the report as short sentences: how many were moved, how many were not, and why."""
        counts = [_count(model, len(keys)) for model, keys in self.moved.items() if keys]
        yield _("%(heading)s: %(records)s.") % {"heading": heading, "records": _(", ").join(counts) or _("none")}
        for why, references in self.refused.items():
            yield _("%(n)s %(why)s (%(records)s).") % {
                "n": len(references),
                "why": why,
                "records": _named(sorted(references)),
            }
        yield from self.problems[:MAX_NAMED]


@transaction.atomic
def publish_many(model, keys, *, by=None, reason=""):
    """
    Make records with some primary keys public, and with tenders their parties; return the ``Outcome``.

    A tender is refused for what ``actions.publish`` refuses it for; then its parties stay as they are, too, unless
    another tender needs them.
    """
    DatasetVersion.lock()  # for which other writers wait
    outcome = Outcome()
    for batch in _batches(keys):
        waiting = _waiting(model, batch)
        uncited = _without_document(batch) if model is Tender else set()
        problems = {one: _problems(one, pks) for one, pks in _by_model(waiting)}
        references = dict(model.objects.filter(pk__in=batch).values_list("pk", "reference"))
        for pk, reference in references.items():
            wrong = [text for one, key in waiting[pk] for text in problems[one].get(key, ())]
            if pk in uncited:
                outcome.refused[_("without a source: cite at least one document")].append(reference)
            elif wrong:
                outcome.refused[_("with citations to correct")].append(reference)
                outcome.problems += [text for text in wrong if text not in outcome.problems]
            else:
                for one, key in waiting[pk]:
                    outcome.moved[one].add(key)
    _move(outcome, ChangeKind.PUBLISHED, Cause.PUBLISHED, State.PUBLISHED, by, reason)
    return outcome


@transaction.atomic
def withdraw_many(model, keys, *, by=None, reason):
    """Withdraw published records with some primary keys; return the ``Outcome``. Without a reason nothing is done."""
    if not reason.strip():
        raise ValidationError(_("Give a reason for taking these back. It is kept in the history."))
    DatasetVersion.lock()
    outcome = Outcome()
    for batch in _batches(keys):
        needed = _needed_by_tenders(model, batch)
        for pk, reference, state in model.objects.filter(pk__in=batch).values_list("pk", "reference", "state"):
            if state != State.PUBLISHED:
                outcome.refused[_("that aren’t published")].append(reference)
            elif pk in needed:
                outcome.refused[_("that published tenders refer to: withdraw these first")].append(reference)
            else:
                outcome.moved[model].add(pk)
    _move(outcome, ChangeKind.WITHDRAWN, Cause.WITHDRAWN, State.WITHDRAWN, by, reason)
    return outcome


def _move(outcome, kind, cause, state, by, reason):
    """Set the state of the records that may be moved, and record it."""
    if not outcome.num_moved:
        return
    with change_set(kind, by, reason), track_verdicts(cause) as write:
        write.subject = write.subject or _subject(outcome)
        for model, keys in outcome.moved.items():
            for batch in _batches(keys):
                model.objects.filter(pk__in=batch).update(state=state)
            record_history_of(model, keys)


def _subject(outcome):
    """Return what the history of verdicts names as the subject: the first records."""
    model, keys = next((model, keys) for model, keys in reversed(outcome.moved.items()) if keys)
    first = model.objects.filter(pk__in=sorted(keys)[:MAX_NAMED]).order_by("pk")
    return ", ".join([*first.values_list("reference", flat=True), *(["…"] if len(keys) > MAX_NAMED else [])])


def _waiting(model, keys):
    """Return {key of a record: [(model, key)]} of what is not public of it: of a tender its parties, then itself."""
    waiting = {pk: [] for pk in keys}
    if model is Tender:
        buyers = Tender.objects.filter(pk__in=keys, buyer__isnull=False).exclude(buyer__state=State.PUBLISHED)
        suppliers = AwardSupplier.objects.filter(award__tender__in=keys).exclude(company__state=State.PUBLISHED)
        for party, pairs in (
            (Institution, buyers.values_list("pk", "buyer")),
            (Company, suppliers.order_by().values_list("award__tender", "company").distinct()),
        ):
            for pk, key in pairs:
                waiting[pk].append((party, key))
    for pk in model.objects.filter(pk__in=keys).exclude(state=State.PUBLISHED).values_list("pk", flat=True):
        waiting[pk].append((model, pk))
    return waiting


def _by_model(waiting):
    """Yield (model, keys) of what is waiting."""
    found = defaultdict(set)
    for pairs in waiting.values():
        for model, key in pairs:
            found[model].add(key)
    yield from found.items()


def _without_document(keys):
    documents = Citation.objects.filter(tender=OuterRef("pk")).exclude(source__kind__in=KINDS_OF_OWN_SOURCES.values())
    return set(Tender.objects.filter(~Exists(documents), pk__in=keys).values_list("pk", flat=True))


def _problems(model, keys):
    """Return {key: sentences} of the records that cite untruly (``integrity.untrue_choices``)."""
    found = {}
    for batch in _batches(keys):
        doubtful = model.objects.filter(pk__in=_with_doubtful_choices(model, batch))
        for record in with_citations(doubtful):
            if problems := new_untrue_choices(record, before={}):
                found[record.pk] = problems
    return found


def _with_doubtful_choices(model, keys):
    """Return the keys of the records that may cite untruly: few, of which all citations are read then."""
    relation, own = model._meta.model_name, Q(source__kind__in=KINDS_OF_OWN_SOURCES.values())
    chosen = Citation.objects.filter(**{f"{relation}__in": keys}, is_chosen=True)
    others = Citation.objects.filter(**{relation: OuterRef(relation)}, fact=OuterRef("fact"))
    doubtful = Q(fact__in=TYPED_FACTS) & Exists(others.exclude(value=OuterRef("value")))
    doubtful |= Q(fact=Fact.EXISTENCE) & own
    columns = {column.name for column in model._meta.concrete_fields}
    for fact, attribute in model.FACTS.items():
        if (status := f"{attribute.name}_status") in columns:
            is_unverified, is_corrected = (
                Q(**{f"{relation}__{status}": value}) for value in (NameStatus.UNVERIFIED, NameStatus.CORRECTED)
            )
            doubtful |= Q(fact=fact) & (is_unverified & ~own | is_corrected & Q(stated=""))
    return set(chosen.filter(doubtful).values_list(relation, flat=True))


def _needed_by_tenders(model, keys):
    """Return the keys of the parties that published tenders refer to."""
    if model is Institution:
        return set(Tender.objects.published().filter(buyer__in=keys).values_list("buyer", flat=True))
    if model is Company:
        suppliers = AwardSupplier.objects.filter(company__in=keys, award__tender__state=State.PUBLISHED)
        return set(suppliers.values_list("company", flat=True))
    return set()


def _batches(keys):
    keys = sorted(keys)
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _count(model, number):
    name = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
    return f"{number} {name}"


def _named(references):
    """Return the first references of many, and how many there are beside."""
    more = len(references) - MAX_NAMED
    named = _(", ").join(references[:MAX_NAMED])
    if more <= 0:
        return named
    return ngettext("%(named)s and %(n)s more", "%(named)s and %(n)s more", more) % {"named": named, "n": more}
