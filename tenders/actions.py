"""Writes across several records: each is atomic, and refuses with a sentence that an editor understands."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tenders.choices import Cause, EditorialState
from tenders.claims.history import turning
from tenders.integrity import uncited_facts
from tenders.models import Article, Award, Citation, Company, DatasetVersion, Institution, Tender


@transaction.atomic
def publish(record):
    """
    Make a record or an article public, and with a tender its parties; return what was not public before.

    Raises ``ValidationError`` for a tender that no document speaks of: what no source supports is not published.
    """
    DatasetVersion.lock()
    if isinstance(record, Tender) and not any(citation.source.is_document for citation in _citations(record)):
        raise ValidationError(
            _("%(record)s has no source. Cite at least one document, then publish."),
            params={"record": _name(record)},
        )
    waiting = [each for each in _locked(record) if not each.is_published]
    if waiting:
        with turning(Cause.PUBLISHED, _name(record)):
            for each in waiting:
                each.state = EditorialState.PUBLISHED
                each.save(update_fields=["state"])
    record.state = EditorialState.PUBLISHED
    return waiting


@transaction.atomic
def withdraw(record):
    """
    Take a published record or article back from the public; its address says so from then on.

    Raises ``ValidationError`` for a record that is not public, and for a party that a published tender needs.
    """
    DatasetVersion.lock()
    locked = type(record).objects.select_for_update().get(pk=record.pk)
    if not locked.is_published:
        raise ValidationError(
            _("%(record)s is not published, so it cannot be withdrawn."), params={"record": _name(record)}
        )
    needed_by = _tenders_that_need(record)
    if needed_by:
        raise ValidationError(
            _("%(record)s is needed by published tenders: %(tenders)s. Withdraw them first."),
            params={"record": _name(record), "tenders": ", ".join(needed_by)},
        )
    locked.state = record.state = EditorialState.WITHDRAWN
    with turning(Cause.WITHDRAWN, _name(record)):
        locked.save(update_fields=["state"])


@transaction.atomic
def cite_uncited_facts(record, *, source, place=""):
    """
    Cite every fact of a record (and of a tender's awards) that has no chosen citation yet from one source.

    What the source's own words are is left open. Returns the citations.
    """
    DatasetVersion.lock()
    return [
        Citation.objects.update_or_create(
            **{record._meta.model_name: record},
            award=target if isinstance(target, Award) else None,
            fact=fact,
            source=source,
            place=place,
            value=target.canonical(fact),
            defaults={"is_chosen": True},
        )[0]
        for target, fact in uncited_facts(record)
    ]


def _name(record):
    """Return the reference of a record, or the slug of an article."""
    return record.natural_key()[0]


def _tenders_that_need(record):
    if isinstance(record, Tender | Article):
        return []
    tenders = Tender.objects.published()
    if record._meta.model_name == "institution":
        tenders = tenders.filter(buyer=record)
    else:
        tenders = tenders.filter(awards__suppliers=record).distinct()
    return list(tenders.order_by("reference").values_list("reference", flat=True))


def _citations(tender):
    return Citation.objects.filter(tender=tender).select_related("source")


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
