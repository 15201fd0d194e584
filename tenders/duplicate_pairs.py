"""
The pairs of records that may be the same, as editors see them.

Of up to ``AT_ONCE`` records of a model the pairs are found within a request, and cached until a name changes. Those of
more are stored (``PossibleDuplicate``): ``manage.py find_duplicates`` finds them all, and a form those of its record.
"""

import hashlib
import secrets

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language

from tenders.duplicates import columns_of, compare, find_pairs, pair_of, parts_of
from tenders.models import DistinctPair, PossibleDuplicate

AT_ONCE = 2000  # records of a model
STARTED = secrets.token_hex(8)  # part of the cache key: other code finds other pairs, so none outlives its process
BATCH = 500  # pairs


def are_stored(model):
    """Return whether a model has so many records that their pairs are stored."""
    return model.objects.count() > AT_ONCE


def pairs_at_once(model):
    """Return (reference, reference, score, reason) of all pairs, the likeliest first, without distinct ones."""
    key = _cache_key(model)
    pairs = cache.get(key)
    if pairs is None:
        pairs = find_pairs(parts_of(model))
        pairs.sort(key=lambda pair: (-pair[2], pair))
        cache.set(key, pairs, timeout=None)
    different = DistinctPair.objects.pairs()
    return [pair for pair in pairs if pair[:2] not in different]


def num_pairs(model):
    """Return how many pairs there are, of stored ones some of which may have been put right since."""
    return _stored(model).count() if are_stored(model) else len(pairs_at_once(model))


def page_of_pairs(model, pairs):
    """
    Return (record, record, score, reason) of some pairs whose two records are still there and may be the same.

    ``pairs`` are stored ones, or those of ``pairs_at_once``.
    """
    keys = [(pair.one, pair.other) if isinstance(pair, PossibleDuplicate) else pair[:2] for pair in pairs]
    records = {
        record.reference: record
        for record in model.objects.filter(reference__in={reference for key in keys for reference in key})
    }
    different = DistinctPair.objects.pairs()
    return [
        (records[one], records[other], *found)
        for one, other in keys
        if one in records and other in records and (one, other) not in different
        if (found := compare(records[one], records[other]))
    ]


def stored_pairs(model):
    """Return the stored pairs of a model, the likeliest first."""
    return _stored(model).order_by("-score", "one", "other")


def store_pairs(model, pairs):
    """Replace the stored pairs of a model."""
    with transaction.atomic():
        _stored(model).delete()
        rows = (PossibleDuplicate(one=one, other=other, score=score) for one, other, score, _why in pairs)
        PossibleDuplicate.objects.bulk_create(rows, batch_size=BATCH)


def store_pairs_of(record, candidates):
    """Replace the stored pairs of one record by its ``candidates``; nothing where pairs are found at once."""
    if not are_stored(type(record)):
        return
    PossibleDuplicate.objects.filter(Q(one=record.reference) | Q(other=record.reference)).delete()
    PossibleDuplicate.objects.bulk_create(
        PossibleDuplicate(one=one, other=other, score=candidate.score)
        for candidate in candidates
        for one, other in [pair_of(record, candidate.record)]
    )


def _stored(model):
    return PossibleDuplicate.objects.filter(one__startswith=f"{model.REFERENCE_PREFIX}-")


def _cache_key(model):
    """Return the cache key of the pairs among the records as they are now."""
    compared = hashlib.sha256(f"{STARTED} {get_language()} {model._meta.label}".encode())
    for row in model.objects.order_by("pk").values_list("pk", *columns_of(model)).iterator(chunk_size=2000):
        compared.update(repr(row).encode())
    return f"duplicates-{compared.hexdigest()}"
