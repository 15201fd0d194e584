"""References: permanent names of records that mean nothing, such as ``TW-7K3M9Q``."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Douglas Crockford's base 32: no I, L, O and U
LENGTH = 6
PATTERN = rf"[{ALPHABET}]{{{LENGTH}}}"


def name_of(record):
    """Return what a record is called where somebody speaks of it: its reference, its slug or its code."""
    return record.natural_key()[-1]


def new_reference(prefix):
    """Return a random reference with a prefix such as ``TW``; the caller sees to it that it is not taken."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"
