"""
Tenders as releases and records of the Open Contracting Data Standard (OCDS) 1.1, with their whole history.

``releases`` and ``records`` are generators: whoever writes them needs no more memory for many tenders than for a few.
Only what is public today is in them, whenever it was so.
"""

from itertools import islice

from django.db.models import QuerySet

from tenders.ocds.series import record_of
from tenders.ocds.timelines import Batch, Places

CHUNK = 500  # tenders whose history is read at once


def releases(tenders, *, site=""):
    """Yield the last release of each of some public tenders, a query set or a list, in their order."""
    for record in _records(tenders, site):
        yield record.releases[-1]


def records(tenders, *, site=""):
    """Yield the record of each of some public tenders: its releases, and what they compile to."""
    return (_as_data(record) for record in _records(tenders, site))


def record(tender, *, site=""):
    """Return the record of a public tender; None if it is not public any more."""
    found = _record_of(tender, site)
    return _as_data(found) if found.releases else None


def release(tender, name, *, site=""):
    """Return the release of a public tender with an id, also an earlier one; None without such a release."""
    found = _record_of(tender, site)
    return next((release for release in found.earlier + found.releases if release["id"] == name), None)


def _as_data(record):
    return {"ocid": record.content["ocid"], "releases": record.releases, "compiledRelease": record.compiled()}


def _record_of(tender, site):
    return record_of(Batch([tender.pk], Places()), tender.pk, site)


def _keys(tenders):
    """Return an iterator over the primary keys of some tenders."""
    if isinstance(tenders, QuerySet):
        plain = tenders.select_related(None).prefetch_related(None)
        return plain.values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    return (tender.pk for tender in tenders)


def _records(tenders, site):
    places = Places()
    pks = _keys(tenders)
    while chunk := list(islice(pks, CHUNK)):
        batch = Batch(chunk, places)
        for pk in chunk:
            record = record_of(batch, pk, site)
            if record.releases:  # it may have been withdrawn meanwhile
                yield record
