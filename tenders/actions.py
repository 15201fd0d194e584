"""Writes across several records: each is atomic, and refuses with a sentence that an editor understands."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tenders.choices import EditorialState
from tenders.integrity import uncited_facts
from tenders.models import Award, Citation, Tender


@transaction.atomic
def publish(record):
    """
    Make a record public, and with a tender its parties; return the records that were not public before.

    Raises ``ValidationError`` for a tender without any source: every fact has one, and its existence is a fact.
    """
    if isinstance(record, Tender) and not record.citations.exists():
        raise ValidationError(
            _("%(record)s has no source. Cite at least one, then publish."),
            params={"record": record.reference},
        )
    parties = [record.buyer, *record.suppliers] if isinstance(record, Tender) else []
    published = []
    for each in [*filter(None, parties), record]:
        if not each.is_published:
            each.state = EditorialState.PUBLISHED
            each.save(update_fields=["state"])
            published.append(each)
    return published


@transaction.atomic
def withdraw(record):
    """
    Take a published record back from the public; its address says so from then on.

    Raises ``ValidationError`` for a record that is not public, and for a party that a published tender needs.
    """
    if not record.is_published:
        raise ValidationError(
            _("%(record)s is not published, so it cannot be withdrawn."), params={"record": record.reference}
        )
    needed_by = _tenders_that_need(record)
    if needed_by:
        raise ValidationError(
            _("%(record)s is needed by published tenders: %(tenders)s. Withdraw them first."),
            params={"record": record.reference, "tenders": ", ".join(needed_by)},
        )
    record.state = EditorialState.WITHDRAWN
    record.save(update_fields=["state"])


@transaction.atomic
def cite_uncited_facts(record, *, source, place=""):
    """
    Cite every fact of a record (and of a tender's awards) that has no chosen citation yet from one source.

    What the source's own words are is left open. Returns the citations.
    """
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


def _tenders_that_need(record):
    if isinstance(record, Tender):
        return []
    tenders = Tender.objects.published()
    if record._meta.model_name == "institution":
        tenders = tenders.filter(buyer=record)
    else:
        tenders = tenders.filter(awards__suppliers=record).distinct()
    return list(tenders.order_by("reference").values_list("reference", flat=True))
