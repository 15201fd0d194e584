"""Logging: what the settings name by their paths."""

import logging

from django.db import InterfaceError, OperationalError


class OutageFilter(logging.Filter):
    """Reduce the traceback of a database that cannot be reached to its message: every request would log the same."""

    def filter(self, record):
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OperationalError | InterfaceError):
            record.msg, record.args = f"{record.getMessage()}: {str(error).splitlines()[0]}", ()
            record.exc_info = record.exc_text = None
        return True
