"""Answers when something is wrong: each says so with the right status, and helps on."""

import logging

from django.db import DataError, OperationalError
from django.http import Http404, HttpResponsePermanentRedirect, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from tenders.choices import EditorialState
from tenders.models import Company, Institution, RedirectedReference, Tender

logger = logging.getLogger(__name__)

PAGE = "text/html"
PROBLEM = ("application/problem+json", "application/json")


def bad_request(request, exception=None):
    """Answer 400."""
    return render(request, "400.html", status=400)


def prefers_problem(request):
    """Tell whether a client says that it would rather be told what is wrong as JSON than on a page."""
    return request.get_preferred_type([PAGE, *PROBLEM]) in PROBLEM


def problem(request, problems):
    """Answer 400 as RFC 9457 has it, given what is wrong as (parameter, message) pairs."""
    body = {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": " ".join(f"{name}: {message}" for name, message in problems),
        "instance": request.get_full_path(),
        "errors": [{"parameter": name, "detail": message} for name, message in problems],
    }
    response = JsonResponse(body, status=400, content_type=PROBLEM[0], json_dumps_params={"ensure_ascii": False})
    patch_vary_headers(response, ["Accept"])
    return response


def unreadable(request, problems):
    """Answer 400 where files are: a page for those who prefer one, else a problem."""
    if request.get_preferred_type([*PROBLEM, PAGE]) != PAGE:
        return problem(request, problems)
    response = render(request, "400.html", {"problems": problems}, status=400)
    patch_vary_headers(response, ["Accept"])
    return response


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


class RedirectedReferenceMiddleware:
    """Lead from an address of a record that was merged into another, and from all below it, to the same of that one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        match = request.resolver_match
        reference = match.kwargs.get("reference") if match and isinstance(exception, Http404) else None
        kept = RedirectedReference.objects.public().resolve([reference]).get(reference) if reference else None
        if kept is None or not _has_been_public(kept):
            return None
        address = reverse(match.view_name, args=match.args, kwargs={**match.kwargs, "reference": kept})
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def _has_been_public(reference):
    states = [EditorialState.PUBLISHED, EditorialState.WITHDRAWN]
    models = (Institution, Company, Tender)
    return any(model.objects.filter(reference=reference, state__in=states).exists() for model in models)


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
