"""References: permanent random identifiers of records, such as ``TW-7K3M9Q``."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Douglas Crockford's base 32: no I, L, O and U
LENGTH = 6
REFERENCE_PATTERN = rf"[{ALPHABET}]{{{LENGTH}}}"


def name_of(record):
    """Return the identifier of a record in messages: its reference, slug or code."""
    return record.natural_key()[-1]


def new_reference(prefix):
    """Return a random reference with a prefix such as ``TW``; the caller checks that it is free."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"
