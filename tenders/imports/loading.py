"""Writing what a plan says, with its citations and its history: all of it, or nothing."""

from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from tenders.choices import Cause, ChangeKind, Fact
from tenders.claims.verdict_history import track_verdicts
from tenders.derived import derived_fields
from tenders.imports.plans import CHUNK, Kind, Planner
from tenders.kinds import canonical
from tenders.models import Award, AwardSupplier, Citation, Company, DatasetVersion, Institution, Tender
from tenders.models.changes import change_set, record_changed_history, record_created_history

BATCH = 500  # rows in one statement
LISTS = {"suppliers", "suggested_categories", "possibly_same_as"}  # attributes that are tables of their own


class ImportRejected(ValidationError):  # noqa: N818 as ValidationError says already
    """An import of which nothing was written, and why."""


class PlanChanged(Exception):  # noqa: N818 nothing is wrong
    """Raised when the records have changed so that a file would do something else than was planned."""

    def __init__(self, planner, plan):
        super().__init__()
        self.planner, self.plan = planner, plan


@dataclass(frozen=True)
class Loaded:
    """What was written: how many rows were new and changed, and the verdicts that turned by them."""

    num_new: int
    num_changed: int
    changed_verdicts: tuple


def usual_reason(source):
    """Return what readers are told of an import when nobody says why; not the file's name, which may name people."""
    return _("From: %(source)s") % {"source": source} if source else ""


@transaction.atomic
def load(planner, plan, *, by=None, reason=None, accepted_duplicates=(), progress=lambda number: None):
    """
    Write the new and the changed rows of a file, and those probable duplicates that are ``accepted_duplicates``.

    Readers see the reason; ``accepted_duplicates`` are numbers of rows. Raises ``ImportRejected`` for a file with an
    error in it, and ``PlanChanged`` when the plan is not the right one any longer; then nothing is written.
    """
    DatasetVersion.lock()
    if DatasetVersion.current() != plan.version:
        planner = Planner(planner.table, planner.source)
        fresh = planner.check()
        if fresh.digest != plan.digest:
            raise PlanChanged(planner, fresh)
        plan = fresh
    if plan.is_wrong:
        raise ImportRejected(_("There are errors in the file. Nothing was imported."))
    wanted = plan.rows[Kind.NEW] | plan.rows[Kind.CHANGED] | (plan.rows[Kind.DUPLICATE] & set(accepted_duplicates))
    source = planner.source
    reason = usual_reason(source) if reason is None else reason
    verdict_changes = track_verdicts(Cause.IMPORTED, source.slug if source else "", reason)
    try:
        with transaction.atomic(), change_set(ChangeKind.IMPORTED, by, reason), verdict_changes as write:
            loader = _Loader(planner)
            rows = planner.rows(wanted) if wanted else iter(())
            while chunk := list(islice(rows, CHUNK)):
                loader.write(chunk)
                progress(loader.num_new + loader.num_changed)
            loader.link()
    except (IntegrityError, DataError) as error:
        raise ImportRejected(
            _("The database refuses a row, and nothing was imported: %(error)s"), params={"error": error}
        ) from error
    return Loaded(loader.num_new, loader.num_changed, write.changed_verdicts)


class _Loader:
    """Writes planned rows, chunk by chunk; what binds tenders to each other comes last, when all of them are there."""

    def __init__(self, planner):
        self.planner, self.source = planner, planner.source
        self.num_new = self.num_changed = 0
        self._links = []  # (row number, key of the tender, whether it is new, references before, references after)

    def write(self, rows):
        """Write the parties, tenders, awards and citations of some rows, and their history."""
        new = [row for row in rows if row.tender.pk is None]
        changed = [row for row in rows if row.tender.pk is not None]
        self._add_parties(rows)
        self._write_tenders(new, changed)
        awards = self._write_awards(new, changed)
        self._suggest(rows)
        if self.source:
            self._cite([*_existence(new, self.source), *_facts(rows, awards)], {row.tender.pk for row in changed})
        linked = self._put_off_links(new, is_new=True) | self._put_off_links(changed, is_new=False)
        record_created_history([row.tender for row in new if row.tender.pk not in linked])
        record_changed_history([row.tender for row in changed if row.tender.pk not in linked and _changes_tender(row)])
        self.num_new += len(new)
        self.num_changed += len(changed)

    # Parties

    def _add_parties(self, rows):
        """Add the drafts of the bodies that these rows name first."""
        drafts = {Institution: {}, Company: {}}
        for row in rows:
            for each in row.differences:
                for party in each.new if each.attribute == "suppliers" else [each.new]:
                    if type(party) in drafts and party.pk is None:
                        drafts[type(party)][id(party)] = party
        for model, parties in drafts.items():
            parties = list(parties.values())
            _create(model, parties)
            record_created_history(parties)
            if self.source:
                self._cite(
                    [
                        (party, None, fact, canonical(getattr(party, attribute)))
                        for party in parties
                        for fact, attribute in ((Fact.NAME_EN, "name_en"), (Fact.NAME_ZH, "name_zh"))
                        if getattr(party, attribute)
                    ]
                )

    # Tenders and awards

    def _write_tenders(self, new, changed):
        for row in (*new, *changed):
            for each in row.differences:
                if each.number is None and each.attribute not in LISTS:
                    setattr(row.tender, each.attribute, each.new)
        _create(Tender, [row.tender for row in new], self.planner.references)
        _update([row.tender for row in changed], _attributes(changed, of_awards=False))

    def _write_awards(self, new_rows, changed_rows):
        """Write what changes of awards, and return those by their tenders' keys and their numbers."""
        rows, awards, new = [*new_rows, *changed_rows], {}, []
        there = {(row.tender.pk, award.number): award for row in changed_rows for award in row.tender.awards.all()}
        for row in rows:
            for each in row.differences:
                if each.number is None:
                    continue
                key = (row.tender.pk, each.number)
                if key not in awards:
                    awards[key] = there.get(key) or Award(tender=row.tender, number=each.number)
                    new += [awards[key]] if awards[key].pk is None else []
                if each.attribute not in LISTS:
                    setattr(awards[key], each.attribute, each.new)
        changed = [award for award in awards.values() if award.pk is not None]
        Award.objects.bulk_create(new, BATCH)
        _update(changed, _attributes(rows, of_awards=True) - {"number"})
        self._write_suppliers(rows, awards)
        record_created_history(new)
        record_changed_history(changed)
        return awards

    def _write_suppliers(self, rows, awards):
        new = []
        for row in rows:
            for each in row.differences:
                if each.attribute == "suppliers":
                    award = awards[row.tender.pk, each.number]
                    if gone := [company for company in each.old if company not in each.new]:
                        AwardSupplier.objects.filter(award=award, company__in=gone).delete()
                    new += [AwardSupplier(award=award, company=one) for one in each.new if one not in each.old]
        AwardSupplier.objects.bulk_create(new, BATCH)

    def _suggest(self, rows):
        through = Tender.suggested_categories.through
        new = []
        for row in rows:
            for each in row.differences:
                if each.attribute == "suggested_categories":
                    through.objects.filter(tender_id=row.tender.pk).exclude(category__in=each.new).delete()
                    new += [through(tender_id=row.tender.pk, category=one) for one in each.new if one not in each.old]
        through.objects.bulk_create(new, BATCH)

    # Citations

    def _cite(self, statements, changed=()):
        """
        Choose for each fact what the source states of it; what was chosen before is kept beside it.

        A statement is (record, award, fact, value), the value empty where the fact is unknown from now on. ``changed``
        are the keys of the tenders that may have citations already.
        """
        chosen, stated = {}, {}
        for each in Citation.objects.filter(tender__in=changed):
            if each.is_chosen:
                chosen[each.tender_id, each.award_id, each.fact] = each
            if each.source_id == self.source.pk and not each.place:
                stated[each.tender_id, each.award_id, each.fact, each.value] = each
        before, again, new = [], [], []
        for record, award, fact, value in statements:
            key = (record.pk, award and award.pk, fact)
            old = chosen.get(key) if isinstance(record, Tender) else None
            if old and (old.source_id, old.value) == (self.source.pk, value):
                continue
            if old:
                old.is_chosen = False
                before.append(old)
            if same := isinstance(record, Tender) and stated.get((*key, value)):
                same.is_chosen = True
                again.append(same)
            elif value:
                target = {record._meta.model_name: record, "award": award}
                new.append(Citation(**target, fact=fact, source=self.source, value=value, is_chosen=True))
        for citations in (before, again):  # at no moment are two statements of a fact chosen
            _update(citations, {"is_chosen"})
            record_changed_history(citations)
        Citation.objects.bulk_create(new, BATCH)
        record_created_history(new)

    # What binds tenders to each other

    def _put_off_links(self, rows, *, is_new):
        """Remember which tenders may be the same as those of some rows; return the keys of these."""
        links = [
            (row.number, row.tender.pk, is_new, each.old, each.new)
            for row in rows
            for each in row.differences
            if each.attribute == "possibly_same_as"
        ]
        self._links += links
        return {key for _number, key, *_rest in links}

    def link(self):
        """Write which tenders may be the same, both ways, and the history of all that are bound to another one."""
        through = Tender.possibly_same_as.through
        references = {each for *_, old, new in self._links for each in (*old, *new)}
        keys = dict(Tender.objects.filter(reference__in=references).values_list("reference", "pk"))
        new, others = set(), set()
        for number, key, _is_new, old, after in self._links:
            for reference in {*old} ^ {*after}:
                if reference not in keys:
                    raise ImportRejected(
                        _("Row %(number)s names %(reference)s, a row that is not imported. Nothing was imported."),
                        params={"number": number, "reference": reference},
                    )
                both = {(key, keys[reference]), (keys[reference], key)}
                others.add(keys[reference])
                if reference in after:
                    new |= both
                else:
                    new -= both
                    for one, other in both:
                        through.objects.filter(from_tender_id=one, to_tender_id=other).delete()
        links = [through(from_tender_id=one, to_tender_id=other) for one, other in sorted(new)]
        through.objects.bulk_create(links, BATCH, ignore_conflicts=True)
        created = {key for _number, key, is_new, *_ in self._links if is_new}
        written = {key for _number, key, *_ in self._links}
        record_created_history(Tender.objects.filter(pk__in=created))
        record_changed_history(Tender.objects.filter(pk__in=(written | others) - created))


def _changes_tender(row):
    """Tell whether a row changes the tender itself, and not only awards of it."""
    return any(each.number is None for each in row.differences)


def _existence(rows, source):
    """Yield the statements that there are the tenders of some rows, if the source is a document."""
    if source.is_document:
        for row in rows:
            yield row.tender, None, Fact.EXISTENCE, "yes"


def _facts(rows, awards):
    """Yield the statements of the facts that some rows change."""
    for row in rows:
        changed = {(each.number, fact): each.new for each in row.differences for fact in each.facts}
        for (number, fact), value in changed.items():
            award = None if number is None else awards[row.tender.pk, number]
            if fact == Fact.IS_JOINT:
                value = True if len(value) > 1 else None
            elif fact == Fact.AWARD_AMOUNT:
                value = award.amount  # also where it is the qualifier that changes
            yield row.tender, award, fact, canonical(value)


def _attributes(rows, *, of_awards):
    """Return the columns of tenders, or of awards, that some rows change."""
    differences = (each for row in rows for each in row.differences)
    return {each.attribute for each in differences if (each.number is not None) == of_awards} - LISTS


def _create(model, records, taken=()):
    """Add records with new references where they bring none."""
    nameless = [record for record in records if not record.reference]
    for record, reference in zip(nameless, model.objects.free_references(len(nameless), taken), strict=True):
        record.reference = reference
    model.objects.bulk_create(records, BATCH)


def _update(objs, attributes):
    """Write some columns of objects, and what is derived from them."""
    if objs and attributes:
        model = type(objs[0])
        derived = {each.name for each in derived_fields(model, attributes)}
        model._base_manager.bulk_update(objs, sorted(attributes | derived), BATCH)
