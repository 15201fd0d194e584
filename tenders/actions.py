"""
Writes across several records: atomic, and refused with a ``ValidationError`` that an editor understands.

``by`` is the user who acts, ``reason`` why; both stand in the history.
"""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tenders.choices import Cause, ChangeKind
from tenders.choices import EditorialState as State
from tenders.claims.verdict_history import track_verdicts
from tenders.integrity import fresh, new_untrue_choices, uncited_facts, untrue_choices
from tenders.models import Article, Award, Citation, Company, DatasetVersion, Institution, Source, Tender
from tenders.models.changes import change_set
from tenders.models.sources import disputed
from tenders.references import name_of


@transaction.atomic
def submit(record, *, by=None, reason=""):
    """Submit a draft for review; raises ``ValidationError`` for what is no draft."""
    with _moving(record, ChangeKind.SUBMITTED, by, reason) as locked:
        if locked.state != State.DRAFT:
            _reject(_("%(record)s can’t be submitted: it isn’t a draft."), record)
        _set_state(locked, State.IN_REVIEW)


@transaction.atomic
def send_back(record, *, by=None, reason):
    """Make what is in review a draft again; raises ``ValidationError`` without a reason, or if it is not in review."""
    with _moving(record, ChangeKind.RETURNED, by, reason) as locked:
        if locked.state != State.IN_REVIEW:
            _reject(_("%(record)s can’t be sent back: it isn’t in review."), record)
        _require_reason(record, reason)
        _set_state(locked, State.DRAFT)


@transaction.atomic
def publish(record, *, by=None, reason=""):
    """
    Make a record or an article public, and with a tender its parties; return what was not public before.

    Raises ``ValidationError`` for a tender that no document speaks of, for an article whose text marks a claim that it
    has not, and for what is cited untruly: a choice among statements that disagree without a reason, a translation of
    ours from a document.
    """
    DatasetVersion.lock()
    if isinstance(record, Tender) and not any(
        citation.source.is_document for citation in record.citations.select_related("source")
    ):
        _reject(_("%(record)s has no source. Cite at least one document, then publish."), record)
    waiting = [locked for locked in _locked(record) if not locked.is_published]
    if isinstance(record, Article):
        codes = waiting[0].codes_without_claim() if waiting else []
        problems = [_("The text marks [[%(code)s]], but there is no such claim.") % {"code": code} for code in codes]
    else:
        problems = [problem for locked in waiting for problem in new_untrue_choices(fresh(locked), before={})]
    if problems:
        _reject(_("%(record)s was not published. Please fix: %(problems)s"), record, problems=" ".join(problems))
    if waiting:
        with change_set(ChangeKind.PUBLISHED, by, reason), track_verdicts(Cause.PUBLISHED, name_of(record)):
            for unpublished in waiting:
                _set_state(unpublished, State.PUBLISHED)
    record.state = State.PUBLISHED
    return waiting


def is_public_with_parties(record):
    """Return whether ``publish`` would change and refuse nothing; ``record`` as ``integrity.fresh`` reads it."""
    if isinstance(record, Tender):
        parties = [party for party in (record.buyer, *record.suppliers) if party]
        has_document = any(citation.source.is_document for citation in record.citations.all())
        return has_document and all(one.is_published for one in (record, *parties))
    return record.is_published


@transaction.atomic
def withdraw(record, *, by=None, reason):
    """
    Withdraw a published record or article; its address says so from then on (410).

    Raises ``ValidationError`` without a reason, for a record that is not public, and for a party that a published
    tender needs.
    """
    with _moving(record, ChangeKind.WITHDRAWN, by, reason) as locked:
        if not locked.is_published:
            _reject(_("%(record)s can’t be withdrawn: it isn’t published."), record)
        if needed_by := _tenders_that_need(record):
            raise ValidationError(
                _("Published tenders refer to %(record)s: %(tenders)s. Withdraw them first."),
                params={"record": name_of(record), "tenders": _(", ").join(needed_by)},
            )
        _require_reason(record, reason)
        with track_verdicts(Cause.WITHDRAWN, name_of(record)):
            _set_state(locked, State.WITHDRAWN)


def cite_uncited_facts(record, facts, *, source, place="", reason=""):
    """
    Cite from a source those facts of a record (and of a tender's awards) that no chosen citation states yet.

    ``facts`` are (target, fact) pairs. A translation of ours and common knowledge are cited from their own sources,
    whatever the source, which may then be None. The source's own words stay empty. A chosen citation of another value
    stays, no longer chosen; ``reason`` is why. Returns the new citations; raises ``ValidationError`` for what may not
    be chosen.
    """
    citations = []
    if not facts:
        return citations
    with transaction.atomic(), _choosing(record):
        for target, fact in uncited_facts(record):
            if (target, fact) not in facts:
                continue
            award = target if isinstance(target, Award) else None
            own = Source.objects.own(target.status_of(fact))
            key = {record._meta.model_name: record, "award": award, "fact": fact, "value": target.canonical(fact)}
            key |= {"source": own, "place": ""} if own else {"source": source, "place": place}
            _unchoose(record, award, fact)
            citation = Citation.objects.filter(**key).first() or Citation(**key)
            citation.is_chosen = True
            if (citation.award_id, fact) in disputed([citation, *record.citations.filter(award=award, fact=fact)]):
                citation.reason = citation.reason or ("" if citation.reason_zh else reason)
            citation.save()
            citations.append(citation)
    return citations


@transaction.atomic
def choose(citation, *, reason, reason_zh=""):
    """
    Let a record follow a statement: the statement is chosen, and the record's column takes its value.

    Raises ``ValidationError`` without a reason, for a statement whose value no column can hold, and for one that may
    not be chosen.
    """
    if not (reason or reason_zh).strip():
        raise ValidationError(
            _("Give a reason for using what %(source)s states on “%(fact)s”."),
            params={"source": citation.source.slug, "fact": citation.get_fact_display()},
        )
    with _choosing(citation.record):
        follow(citation)
        _unchoose(citation.record, citation.award, citation.fact)
        citation.is_chosen, citation.reason, citation.reason_zh = True, reason, reason_zh
        citation.save()


def follow(citation):
    """Let a record's column take the value of a statement; raises ``ValidationError`` if it has no place for it."""
    target = citation.target
    target.assign(citation.fact, citation.value)
    target.full_clean()
    target.save()


def _unchoose(record, award, fact):
    for citation in record.citations.filter(award=award, fact=fact, is_chosen=True):
        citation.is_chosen = False
        citation.save()


@contextmanager
def _moving(record, kind, by, reason):
    """Yield a record as the database has it now, locked; what is written inside is one change."""
    DatasetVersion.lock()
    with change_set(kind, by, reason):
        locked = type(record).objects.select_for_update().get(pk=record.pk)
        yield locked
    record.state = locked.state


def _set_state(record, state):
    record.state = state
    record.save(update_fields=["state"])


def _require_reason(record, reason):
    if not reason.strip():
        _reject(_("Give a reason for taking %(record)s back. It is kept in the history."), record)


def _reject(sentence, record, **words):
    raise ValidationError(sentence, params={"record": name_of(record), **words})


@contextmanager
def _choosing(record):
    """Refuse, and so roll back, what is written inside if a statement is chosen then that may not be."""
    DatasetVersion.lock()
    before = untrue_choices(fresh(record))
    yield
    if problems := new_untrue_choices(fresh(record), before):
        raise ValidationError(problems)


def _tenders_that_need(record):
    if isinstance(record, Tender | Article):
        return []
    tenders = Tender.objects.published()
    if record._meta.model_name == "institution":
        tenders = tenders.filter(buyer=record)
    else:
        tenders = tenders.filter(awards__suppliers=record).distinct()
    return list(tenders.order_by("reference").values_list("reference", flat=True))


def _locked(record):
    """
    Return a record as the database has it now, behind the parties that it needs, all locked until the end.

    Parties come first in publishing and in withdrawing: of the two at once, one waits and sees what the other did.
    """
    parties = []
    if isinstance(record, Tender):
        buyers = Institution.objects.filter(tenders=record).order_by("pk").values("pk")
        suppliers = Company.objects.filter(awards__tender=record).order_by("pk").values("pk")
        parties += Institution.objects.select_for_update().filter(pk__in=buyers).order_by("pk")
        parties += Company.objects.select_for_update().filter(pk__in=suppliers).order_by("pk")
    return [*parties, type(record).objects.select_for_update().get(pk=record.pk)]
