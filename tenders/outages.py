"""Outages: errors of what the site stands on, a database or a disk, which are no faults of the site and pass."""

import errno

from django.db import InterfaceError, OperationalError

FULL = (errno.ENOSPC, errno.EDQUOT)


def is_outage(error):
    """Return whether an error says that the database cannot be reached or is locked, or that a disk is full."""
    return isinstance(error, OperationalError | InterfaceError) or (isinstance(error, OSError) and error.errno in FULL)
