"""Error responses, and the middleware that maps exceptions to redirects or error responses."""

import logging
import re
import sys
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, OperationalError
from django.http import Http404, HttpResponsePermanentRedirect, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from tenders.choices import EVER_PUBLIC
from tenders.models import Company, Institution, RedirectedReference, Tender
from tenders.outages import is_outage
from tenders.problems import AMENDED, BUSY, GONE, METHOD, NOT_FOUND, SERVER_ERROR, TOO_LARGE, TOO_LONG, type_of
from tenders.views.limits import MAX_QUERY, refuse_body

logger = logging.getLogger(__name__)

RETRY_AFTER = 30  # seconds
PAGE = "text/html"
# Paths of files and other answers for programs.
DATA = re.compile(
    r"\.[a-z]+\Z|\A/oembed\Z|\A/reconcile(?!/preview)(/|\Z)|\A/ocds/"
    r"|\A/sources/[^/]+/files/|\A/data/versions/[^/]+/[^/]+\Z"
)
ASKED_BY_POST = re.compile(r"\A/reconcile(/extend)?\Z")  # what is asked there is longer than an address
PROBLEM = ("application/problem+json", "application/json")


def bad_request(request, exception=None):
    """Return a 400 response, or 413 where too much was sent."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return refuse_body(request, exception)
    return render(request, "400.html", status=400)


def prefers_problem(request):
    """Return whether the Accept header prefers problem+json or JSON to HTML."""
    return request.get_preferred_type([PAGE, *PROBLEM]) in PROBLEM


def problem(request, problems, problem_type=None):
    """
    Return an error response with problem details (RFC 9457); ``problems`` are (parameter, message) pairs.

    The first one says of which type the problem is, unless that is given.
    """
    detail = " ".join(f"{name}: {message}" for name, message in problems)
    errors = [{"parameter": name, "detail": message} for name, message in problems]
    return _problem(request, problem_type or type_of(problems), detail, errors=errors)


def _problem(request, problem_type, detail, **members):
    status = problem_type.status
    body = {
        "type": request.build_absolute_uri(f"{reverse('api')}#{problem_type}"),
        "title": str(problem_type.title),
        "status": status,
        "detail": detail,
        "instance": request.get_full_path(),
        **members,
    }
    if request_id := _request_id(request):
        body["request_id"] = request_id
    response = JsonResponse(body, status=status, content_type=PROBLEM[0], json_dumps_params={"ensure_ascii": False})
    patch_vary_headers(response, ["Accept"])
    return response


def _request_id(request):
    """Return the id by which a request is found in the log; empty text where no middleware of the project gives one."""
    return getattr(request, "request_id", "")


def is_for_programs(request):
    """Return whether a request is for data or a file, and for no page."""
    others = (reverse("admin:index"), settings.STATIC_URL)
    return bool(DATA.search(request.path)) and not request.path.startswith(others)


def methods_of(request):
    """Return the methods that an address of data answers."""
    return ("GET", "HEAD", "OPTIONS", "POST") if ASKED_BY_POST.search(request.path) else ("GET", "HEAD", "OPTIONS")


def _prefers_page(request):
    """Return whether a client prefers HTML at an address of a file."""
    return request.get_preferred_type([*PROBLEM, PAGE]) == PAGE


def unreadable(request, problems):
    """Return a 400 response at an address of a file: HTML if the client prefers it, else problem details."""
    if not _prefers_page(request):
        return problem(request, problems)
    response = render(request, "400.html", {"problems": problems}, status=400)
    patch_vary_headers(response, ["Accept"])
    return response


def unavailable(request, detail):
    """Return a 503 response at an address of a file."""
    if _prefers_page(request):
        response = render(request, "503.html", {"detail": detail}, status=503)
        patch_vary_headers(response, ["Accept"])
    else:
        response = _problem(request, BUSY, detail)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def server_error(request):
    """Return a 500 response, or 503 with ``Retry-After`` in an outage of the database or a disk."""
    is_busy = is_outage(sys.exc_info()[1])
    if is_for_programs(request) and not _prefers_page(request):
        detail = _("The database or a disk doesn’t answer.") if is_busy else _("Something is wrong on our side.")
        response = _problem(request, BUSY if is_busy else SERVER_ERROR, detail)
    else:  # a page without what asks the database
        response = HttpResponseServerError(render_to_string("500.html", {"request_id": _request_id(request)}))
    if is_busy:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def not_found(request, exception=None):
    """Return a 404 response; it shows the message of an ``Http404`` if that is text."""
    reason = exception.args[0] if exception and exception.args and isinstance(exception.args[0], str) else ""
    if is_for_programs(request) and not _prefers_page(request):
        return _problem(request, NOT_FOUND, reason or _("There is nothing at this address."))
    return render(request, "404.html", {"reason": reason}, status=404)


def too_large(request, maximum):
    """Return a 413 response at an address of data that is asked by ``POST``."""
    detail = _("Send less at a time: up to %(n)s kB.") % {"n": maximum // 1000}
    return _problem(request, TOO_LARGE, detail)


def method_not_allowed(request, allowed):
    """Return a 405 response at an address of data, which can only be read."""
    detail = _("Use %(methods)s: what is at this address can only be read.") % {"methods": allowed}
    response = _problem(request, METHOD, detail)
    response["Allow"] = allowed
    return response


def too_long(request):
    """Return a 400 response at an address of data, or None for one that is short enough."""
    number = len(request.META.get("QUERY_STRING", ""))
    if number <= MAX_QUERY:
        return None
    detail = _("Shorten the address: it has %(n)s characters after the “?”, and up to %(max)s are read.")
    return _problem(request, TOO_LONG, detail % {"n": number, "max": MAX_QUERY})


def amended(request, address):
    """Return a 410 response for a file of a version that an amendment has made anew; ``address`` is that of the new."""
    detail = _("A record of this file was withdrawn. The file without it is at %(address)s.") % {"address": address}
    response = _problem(request, AMENDED, detail)
    response["Link"] = f'<{address}>; rel="successor-version"'
    return response


def gone(request, record):
    """Return a 410 response for a record that was public and has been withdrawn."""
    if is_for_programs(request) and not _prefers_page(request):
        return _problem(request, GONE, _("This record was published and later withdrawn by the editors."))
    return render(request, "410.html", {"record": record}, status=410)


class RedirectedReferenceMiddleware(MiddlewareMixin):
    """Redirect the addresses of a record that was merged into another to those of the other record."""

    def process_exception(self, request, exception):
        match = request.resolver_match
        reference = match.kwargs.get("reference") if match and isinstance(exception, Http404) else None
        target = RedirectedReference.objects.public().resolve([reference]).get(reference) if reference else None
        if target is None or not _has_been_public(target):
            return None
        address = reverse(match.view_name, args=match.args, kwargs={**match.kwargs, "reference": target})
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def _has_been_public(reference):
    models = (Institution, Company, Tender)
    return any(model.objects.filter(reference=reference, state__in=EVER_PUBLIC).exists() for model in models)


class UnreadableValueMiddleware(MiddlewareMixin):
    """
    Return a 400 response if the database rejects a value of an admin address.

    Django's admin filters pass values on unchecked: numbers beyond SQLite's 64 bits, characters that PostgreSQL
    refuses, invalid regular expressions.
    """

    def process_exception(self, request, exception):
        is_unreadable = isinstance(exception, OverflowError | DataError | UnicodeEncodeError) or (
            isinstance(exception, OperationalError) and "user-defined function" in str(exception)
        )
        if is_unreadable and request.path.startswith(reverse("admin:index")):
            logger.warning("Unreadable value in %s %s", request.method, request.path, exc_info=exception)
            return bad_request(request, exception)
        return None
