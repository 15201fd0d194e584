"""Answers when something is wrong: each says so with the right status, and helps on."""

import logging

from django.db import DataError, OperationalError
from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.urls import reverse

logger = logging.getLogger(__name__)


def bad_request(request, exception=None):
    """Answer 400."""
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    """Answer 403."""
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    """Answer 404; a reason that a view gives as text is shown."""
    reason = exception.args[0] if exception and exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "404.html", {"reason": reason}, status=404)


def gone(request, record):
    """Answer 410 for a record that was public and has been withdrawn."""
    return render(request, "410.html", {"record": record}, status=410)


def server_error(request):
    """Answer 500 without asking the database or the request for anything."""
    return HttpResponseServerError(loader.get_template("500.html").render())


class UnreadableValueMiddleware:
    """
    Answer 400 where an address holds a value that the database cannot read.

    The admin's own filters pass on whatever an address says: numbers beyond SQLite's 64 bits, characters and patterns
    that PostgreSQL refuses, patterns that are none.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        is_unreadable = isinstance(exception, OverflowError | DataError | UnicodeEncodeError) or (
            isinstance(exception, OperationalError) and "user-defined function" in str(exception)
        )
        if is_unreadable and request.path.startswith(reverse("admin:index")):
            logger.warning("Unreadable value in %s %s", request.method, request.path, exc_info=exception)
            return bad_request(request, exception)
        return None
