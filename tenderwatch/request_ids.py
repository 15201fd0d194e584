"""Request ids: a request, its lines in the log, its response and the error page that it got share one."""

import re
import secrets
from contextvars import ContextVar

from django.conf import settings

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
# What the server's hooks find in the environ of a request, beside the id.
ID, ROUTE = "tenderwatch.request_id", "tenderwatch.route"

current = ContextVar("request_id", default="")


def request_id_for(request):
    """Return the id that the proxy gave, if there is a proxy and the id is well-formed, else a new one."""
    given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
    return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


class RequestIdMiddleware:
    """Middleware, the first of all, that gives the request its id and its response the header."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = request.META[ID] = request_id_for(request)
        current.set(request.request_id)
        response = self.get_response(request)
        if request.resolver_match:
            request.META[ROUTE] = request.resolver_match.view_name
        response[HEADER] = request.request_id
        return response
