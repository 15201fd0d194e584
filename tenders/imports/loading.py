"""Load planned rows into the database, with their citations and their history: all of them, or nothing."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tenders import kinds
from tenders.choices import Cause, ChangeKind, Fact
from tenders.claims.verdict_history import track_verdicts
from tenders.derived import derived_fields
from tenders.figures import recompute_figures
from tenders.imports.classifying import RowStatus
from tenders.imports.columns import REFERENCE
from tenders.imports.plans import Planner
from tenders.models import Award, Citation, Company, DatasetVersion, Institution, Source, Tender
from tenders.models.bulk import insert_rows
from tenders.models.changes import change_set, record_changed_history, record_created_history, record_history_of
from tenders.models.sources import KINDS_OF_OWN_SOURCES, TYPED_FACTS
from tenders.slugs import free_slug, taken_slugs
from tenders.triggers import renew_versions, suspended

BATCH = 500  # rows in one statement


class ImportRejected(ValidationError):  # noqa: N818 as ValidationError says already
    """An import of which nothing was written, and why."""


class PlanChanged(Exception):  # noqa: N818 nothing is wrong
    """Raised when the records have changed so that a file would do something else than was planned."""


@dataclass(frozen=True)
class Loaded:
    """How many rows were written as new and as changed, and the changes of verdicts that they caused."""

    num_new: int
    num_changed: int
    changed_verdicts: tuple


def default_reason(source):
    """Return the public reason of an import without one; not the file's name, which may name people."""
    return _("From: %(source)s") % {"source": source} if source else ""


@transaction.atomic
def load(planner, plan, *, by=None, reason=None, accepted_duplicates=(), progress=lambda number: None):
    """
    Write the new and the changed rows of a file, and the probable duplicates among ``accepted_duplicates``.

    Readers see the reason; ``accepted_duplicates`` are numbers of rows. Raises ``ImportRejected`` for a file with an
    error in it, and ``PlanChanged`` when the plan is no longer the right one; then nothing is written.
    """
    DatasetVersion.lock()
    if DatasetVersion.current() != plan.version:
        planner = Planner(planner.table, planner.source, seconds=planner.seconds)
        shown, plan = plan, planner.check()
        if plan.digest != shown.digest:
            raise PlanChanged
    if plan.is_wrong:
        raise ImportRejected(_("The file has errors. Nothing was imported."))
    accepted = plan.rows[RowStatus.DUPLICATE] & set(accepted_duplicates)
    wanted = plan.rows[RowStatus.NEW] | plan.rows[RowStatus.CHANGED] | accepted
    source = planner.source
    reason = default_reason(source) if reason is None else reason
    verdict_changes = track_verdicts(Cause.IMPORTED, source.slug if source else "", reason)
    try:
        with transaction.atomic(), change_set(ChangeKind.IMPORTED, by, reason), verdict_changes as write:
            loader = _Loader(planner.row_numbers.keys(), reason)
            if wanted:
                with written_in_bulk() as keys:
                    for rows in planner.row_plans(wanted):
                        loader.write(rows)
                        keys += [row.tender.pk for row in rows]
                        progress(loader.num_new + loader.num_changed)
                    loader.write_links()
    except (IntegrityError, DataError) as error:
        raise ImportRejected(
            _("The database rejected a row, and nothing was imported: %(error)s"), params={"error": error}
        ) from error
    return Loaded(loader.num_new, loader.num_changed, write.changed_verdicts)


@contextmanager
def written_in_bulk():
    """
    Do once, when a block ends, what triggers do for each row: figures of the tenders with the yielded keys, versions.

    On PostgreSQL, where triggers cannot be dropped without making readers wait, they do it as always.
    """
    keys = []
    if connection.vendor != "sqlite":
        yield keys
        return
    with suspended(connection):
        yield keys
        for start in range(0, len(keys), BATCH):
            recompute_figures(connection, keys[start : start + BATCH])
        renew_versions(connection.alias)


class _Loader:
    """
    Writes planned rows, chunk by chunk, and the links between tenders last, when all tenders are there.

    ``references`` are those of the file, which no other new tender takes; ``reason`` is that of the import, by default
    the source of the row.
    """

    def __init__(self, references, reason):
        self.references, self.reason = references, reason
        self.num_new = self.num_changed = 0
        self._own_source = cache(Source.objects.own)
        self._taken_slugs = None  # until there is a new source
        self._links = []  # (row number, key of the tender, whether it is new, difference)

    def write(self, rows):
        """Write the parties, tenders, awards and citations of some rows, and their history."""
        new = [row for row in rows if row.is_new]
        changed = [row for row in rows if not row.is_new]
        self._create_sources(rows)
        self._create_parties(rows)
        self._write_tenders(new, changed)
        awards = self._write_awards([*new, *changed], changed)
        documented = [row for row in new if row.parsed.source and row.parsed.source.is_document]
        existence = [
            (row.tender, None, Fact.EXISTENCE, "yes", row.parsed.source, row.parsed.quotation(REFERENCE))
            for row in documented
        ]
        self._cite([*existence, *_statements(rows, awards)], {row.tender.pk for row in changed})
        linked = self._defer_links(new, is_new=True) | self._defer_links(changed, is_new=False)
        record_created_history([row.tender for row in new if row.tender.pk not in linked])
        rewritten = {tender.pk: tender for tender, _difference in _differences(changed, of_awards=False)}
        record_changed_history([tender for pk, tender in rewritten.items() if pk not in linked])
        self.num_new += len(new)
        self.num_changed += len(changed)

    def _create_sources(self, rows):
        """Create the sources that these rows name first."""
        named = {id(row.parsed.source): row.parsed.source for row in rows if row.parsed.source}
        new = [source for source in named.values() if source.pk is None]
        if new and self._taken_slugs is None:
            self._taken_slugs = taken_slugs(Source)
        for source in new:
            taken = self._taken_slugs
            source.slug = free_slug(Source, source.title, taken) or free_slug(Source, source.kind, taken)
            taken.add(source.slug)
        Source.objects.bulk_create(new, BATCH)
        record_created_history(new)

    def _create_parties(self, rows):
        """Create the drafts of the organisations that these rows name first, with citations from the row's source."""
        named = [(party, row.parsed) for row in rows for item in row.differences for party in item.parties]
        for model in (Institution, Company):
            new = {}
            for party, row in named:
                if type(party) is model and party.pk is None:
                    new.setdefault(id(party), (party, row))
            parties = [party for party, _row in new.values()]
            _create(model, parties)
            record_created_history(parties)
            self._cite(
                (party, None, fact, party.canonical(fact), row.source, row.party_quotations.get(key, {}).get(fact))
                for key, (party, row) in new.items()
                for fact in party.known_facts()
                if row.source
            )

    def _write_tenders(self, new, changed):
        differences = _differences([*new, *changed], of_awards=False)
        for tender, difference in differences:
            difference.assign_to(tender)
        _create(Tender, [row.tender for row in new], self.references)
        _update([row.tender for row in changed], _columns(_differences(changed, of_awards=False)))
        _write_lists(differences)

    def _write_awards(self, rows, changed_rows):
        """Write the changes of awards, and return the awards by the keys of their tenders and their numbers."""
        awards = {(row.tender.pk, award.number): award for row in changed_rows for award in row.tender.awards.all()}
        written, differences = {}, _differences(rows, of_awards=True)
        for tender, difference in differences:
            key = (tender.pk, difference.number)
            written[key] = awards[key] = awards.get(key) or Award(tender=tender, number=difference.number)
            difference.assign_to(awards[key])
        new = [award for award in written.values() if award.pk is None]
        changed = [award for award in written.values() if award.pk is not None]
        Award.objects.bulk_create(new, BATCH)
        _update(changed, _columns(differences) - {"number"})
        _write_lists((awards[tender.pk, difference.number], difference) for tender, difference in differences)
        record_created_history(new)
        record_changed_history(changed)
        return awards

    def _cite(self, statements, changed=()):
        """
        Choose for each fact what the source of its row states of it; the statement chosen before stays, unchosen. The
        reason of a choice among several is that of the import, which then needs one.

        A statement is (record, award, fact, value, source of the row, its words there with their place or None), the
        value empty where the fact becomes unknown.
        ``changed`` are the keys of the tenders that may have citations already.
        """
        chosen, stated, values = {}, {}, defaultdict(set)
        for citation in Citation.objects.filter(tender__in=changed):
            key = (citation.tender_id, citation.award_id, citation.fact)
            values[key].add(citation.value)
            if citation.is_chosen:
                chosen[key] = citation
            stated[*key, citation.source_id, citation.value, citation.place] = citation
        unchosen, rechosen, new = [], [], []
        for record, award, fact, value, row_source, quotation in statements:
            source = self._source(award or record, fact, row_source)
            if source is None and row_source is None:
                continue
            key = (record.pk, award and award.pk, fact)
            old = chosen.get(key) if isinstance(record, Tender) else None
            if old and source and (old.source_id, old.value) == (source.pk, value):
                continue
            if old:
                old.is_chosen = False
                unchosen.append(old)
            if not value or source is None:
                continue
            is_disputed = isinstance(record, Tender) and fact in TYPED_FACTS and values[key] - {value}
            row_reason = self.reason or default_reason(row_source)
            place, words = (quotation.place, quotation.stated) if quotation and source is row_source else ("", "")
            if same := isinstance(record, Tender) and stated.get((*key, source.pk, value, place)):
                same.is_chosen, same.reason = True, same.reason or ("" if same.reason_zh else row_reason)
                rechosen.append(same)
            else:
                reason = row_reason if old or is_disputed else ""
                keys = [record.pk if type(record) is model else None for model in (Tender, Institution, Company)]
                new.append((*keys, award and award.pk, str(Fact(fact).value), source.pk, value, reason, place, words))
            if is_disputed and not (same.shown_reason if same else reason).strip():
                raise ImportRejected(
                    _(
                        "Nothing was imported. %(record)s: sources disagree on “%(fact)s”. Give a reason for the "
                        "import."
                    ),
                    params={"record": record.reference, "fact": Fact(fact).label},
                )
        for citations in (unchosen, rechosen):  # at no moment are two statements of a fact chosen
            _update(citations, {"is_chosen", "reason"})
            record_changed_history(citations)
        _create_citations(new)

    def _source(self, target, fact, row_source):
        """Return what a fact is cited from, a name of ours from its own source; None for one that is cited by hand."""
        status = target.status_of(fact)
        if status in KINDS_OF_OWN_SOURCES:
            return self._own_source(status)
        return row_source if row_source and row_source.may_have(target, fact) else None

    def _defer_links(self, rows, *, is_new):
        """Keep the links of some rows for the end, and return the keys of their tenders."""
        links = [
            (row.number, row.tender.pk, is_new, difference)
            for row in rows
            for difference in row.differences
            if isinstance(difference.attribute.kind, kinds.TenderReferences)
        ]
        self._links += links
        return {key for _number, key, *_rest in links}

    def write_links(self):
        """Write the links between tenders, both ways, and the history of all tenders that they concern."""
        references = {
            reference for *_rest, difference in self._links for reference in (*difference.old, *difference.new)
        }
        keys = dict(Tender.objects.filter(reference__in=references).values_list("reference", "pk"))
        new, others = defaultdict(set), set()
        for number, key, _is_new, difference in self._links:
            through = Tender._meta.get_field(difference.attribute.name).remote_field.through
            for reference in {*difference.old} ^ {*difference.new}:
                if reference not in keys:
                    raise ImportRejected(
                        _("Nothing was imported. Row %(number)s refers to %(reference)s, a row that is not imported."),
                        params={"number": number, "reference": reference},
                    )
                both = {(key, keys[reference]), (keys[reference], key)}
                others.add(keys[reference])
                if reference in difference.new:
                    new[through] |= both
                else:
                    new[through] -= both
                    for one, other in both:
                        through.objects.filter(from_tender_id=one, to_tender_id=other).delete()
        for through, pairs in new.items():
            links = [through(from_tender_id=one, to_tender_id=other) for one, other in sorted(pairs)]
            through.objects.bulk_create(links, BATCH, ignore_conflicts=True)
        created = {key for _number, key, is_new, _difference in self._links if is_new}
        written = {key for _number, key, *_rest in self._links}
        record_created_history(Tender.objects.filter(pk__in=created))
        record_changed_history(Tender.objects.filter(pk__in=(written | others) - created))


def _statements(rows, awards):
    """Yield the statements of the facts that some rows change."""
    for row in rows:
        changed = {(difference.number, fact): difference for difference in row.differences for fact in difference.facts}
        for (number, fact), difference in changed.items():
            award = None if number is None else awards[row.tender.pk, number]
            record = award or row.tender
            attribute = record.FACTS[fact]
            if fact == Fact.IS_JOINT:  # follows from the companies, which are not loaded
                value = True if len(difference.new) > 1 else None
            else:
                value = difference.new if difference.is_list else attribute.value(record)
            column = attribute.column or difference.column  # that of what qualifies it has none
            quotation = row.parsed.quotation(column, row.parsed.award_place(number))
            yield row.tender, award, fact, kinds.canonical(value), row.parsed.source, quotation


def _differences(rows, *, of_awards):
    """Return (tender, difference) of what some rows change of their tenders, or of the awards of these."""
    return [
        (row.tender, difference)
        for row in rows
        for difference in row.differences
        if (difference.number is not None) == of_awards
    ]


def _columns(differences):
    """Return the columns that some differences change."""
    return {difference.attribute.name for _tender, difference in differences if not difference.is_list}


def _create(model, records, taken=()):
    """Create records, with new references where they bring none."""
    without_reference = [record for record in records if not record.reference]
    free = model.objects.free_references(len(without_reference), taken)
    for record, reference in zip(without_reference, free, strict=True):
        record.reference = reference
    model.objects.bulk_create(records, BATCH)


def _create_citations(rows):
    """Create chosen citations, with history, from rows of (tender, institution, …): see ``names``."""
    names = ("tender", "institution", "company", "award", "fact", "source", "value", "reason", "place", "stated")
    constant = {"is_chosen": True, "place_zh": "", "reason_zh": ""}
    # Other writers wait for the lock of the dataset version, so that what comes after the last key is of these rows.
    last = Citation.objects.aggregate(last=Max("pk"))["last"] or 0
    insert_rows(Citation, (*names, *constant), [(*row, *constant.values()) for row in rows])
    record_history_of(Citation, Citation.objects.filter(pk__gt=last).values_list("pk", flat=True), "+")


def _update(objs, columns):
    """Write some columns of objects, and what is derived from them."""
    if objs and columns:
        model = type(objs[0])
        derived = {field.name for field in derived_fields(model, columns)}
        model._base_manager.bulk_update(objs, sorted(columns | derived), BATCH)


def _write_lists(differences):
    """Write (record, difference) of attributes that stand in a table of their own, but for links between tenders."""
    new = defaultdict(list)
    for record, difference in differences:
        if not difference.is_list or isinstance(difference.attribute.kind, kinds.TenderReferences):
            continue
        field = record._meta.get_field(difference.attribute.name)
        through, one, other = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
        if removed := [item for item in difference.old if item not in difference.new]:
            through.objects.filter(**{one: record, f"{other}__in": removed}).delete()
        new[through] += [through(**{one: record, other: item}) for item in difference.new if item not in difference.old]
    for through, links in new.items():
        through.objects.bulk_create(links, BATCH)
