"""Limits of requests: their method, the length of their address, the size of what they send (docs/deployment.md)."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import get_language_from_request, gettext, override
from django.utils.translation import gettext_lazy as _

METHODS = ("GET", "HEAD", "OPTIONS", "POST")  # of the admin; other pages are only read
MAX_QUERY = 4_000  # bytes after the ? of an address, which gunicorn limits to 8,190 with all else of its line
MAX_BODY = 21_000_000  # bytes: a file of a source has up to 20 MB
MAX_READER_BODY = 200_000  # bytes of what a reader sends: some five times the longest report, all of it Chinese


class RequestLimitsMiddleware(MiddlewareMixin):
    """Refuse what no page expects before anything reads it."""

    def process_request(self, request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS if _is_admin(request) else METHODS[:2])
        number = len(request.META.get("QUERY_STRING", ""))
        if number > MAX_QUERY:
            detail = _("Shorten the address: it has %(n)s characters after the “?”, and up to %(max)s are read.")
            return _refuse(request, HTTPStatus.REQUEST_URI_TOO_LONG, detail, max=MAX_QUERY, n=number)
        if content_length(request) > (MAX_BODY if _is_admin(request) else MAX_READER_BODY):
            return refuse_body(request)
        return None


def refuse_body(request, exception=None):
    """Return a 413 response for a request with too many bytes or, where that was found, too many fields."""
    if not _is_admin(request):
        detail = _("Send less: up to 200 kB. Go back: your browser still has what you typed.")
    elif exception is None or isinstance(exception, RequestDataTooBig):
        detail = _("Send less: a file can have up to 20 MB, the rest of a form 2.5 MB.")
    else:
        detail = _("Send fewer fields: a form can have up to 3,000.")
    return _refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _is_admin(request):
    return "/admin/" in request.path


def content_length(request):
    """Return the number of bytes that a request announces; without it, the server reads none."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdecimal() else 0


def _refuse(request, status, detail, **params):
    """Return a page in the language of the address, which ``LocaleMiddleware`` need not have read yet."""
    with override(get_language_from_request(request, check_path=True)):
        context = {"title": gettext("This request is too large"), "detail": str(detail) % params}
        return render(request, "refused.html", context, status=status)
