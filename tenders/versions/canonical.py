"""Canonical JSON (RFC 8785): the same value has the same bytes, and so the same hash, wherever it is written."""

import hashlib
import json
from decimal import Decimal

from tenders.kinds import canonical

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical_json(value):
    """
    Return a JSON value as canonical text; an amount is a text, as numbers of JSON need not hold all its digits.

    Names of members are ASCII, whose order is that of UTF-16, as the standard asks for. Floats are refused.
    """
    return _encode(_plain(value))


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, float):
        raise TypeError("Canonical JSON of records holds no float: amounts are decimals.")
    return value


def sha256_of(text):
    """Return the SHA-256 hash of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
