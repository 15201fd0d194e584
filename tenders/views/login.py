"""Log-in limits (django-axes): too many failures with one name from one address lead to a wait."""

import ipaddress
import math
import unicodedata

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off, get_failure_limit
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import ngettext

NOWHERE = "::"  # for requests over a Unix socket, which have no address; NULL would not be unique
NETWORK_BITS = 64  # of an IPv6 address: clients choose the rest themselves


def client_address(request):
    """
    Return the client's address, as seen by the machine in front of the server.

    Behind a proxy that is the last one in ``X-Forwarded-For``: the client may have forged those before it.
    """
    seen = [request.META.get("REMOTE_ADDR", "")]
    if settings.BEHIND_PROXY:
        seen.insert(0, request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    return next(filter(None, map(_normalized_ip_address, seen)), NOWHERE)


def _normalized_ip_address(text):
    """Return an address in canonical form, without a port, and of IPv6 only the network; None if it is invalid."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, NETWORK_BITS), strict=False).network_address)


def folded_name(request, credentials):
    """Return the normalized name under which failures are counted, whatever its case and width."""
    name = (credentials or request.POST).get("username") or ""
    return unicodedata.normalize("NFKC", name).casefold()[:255]


def locked_out(request, response, credentials):
    """Return a 429 response: the log-in page as filled in, with the time of the next possible try."""
    unlocked_at = _unlocked_at(request, credentials)
    wait = max(1, math.ceil((unlocked_at - timezone.now()).total_seconds() / 60))
    message = ngettext(
        "Too many tries with this name from your address. Try again in %(wait)s minute, after %(time)s (%(zone)s).",
        "Too many tries with this name from your address. Try again in %(wait)s minutes, after %(time)s (%(zone)s).",
        wait,
    ) % {
        "wait": wait,
        "time": time_format(timezone.localtime(unlocked_at), "H:i:s"),
        "zone": timezone.get_current_timezone_name(),
    }
    form = response.context_data["form"]
    form.errors[NON_FIELD_ERRORS] = form.error_class([message], error_class="nonfield", renderer=form.renderer)
    headers = {"Retry-After": wait * 60}
    return TemplateResponse(
        request, response.template_name, response.context_data, status=429, headers=headers
    ).render()


def _unlocked_at(request, credentials):
    """Return the moment at which enough failures have expired to allow another try."""
    (attempts,) = AxesDatabaseHandler().get_user_attempts(request, credentials)
    attempts = attempts.order_by("attempt_time")
    failures, unlocked_at = sum(attempt.failures_since_start for attempt in attempts), timezone.now()
    for attempt in attempts:
        if failures < get_failure_limit(request, credentials):
            break
        failures -= attempt.failures_since_start
        unlocked_at = attempt.attempt_time + get_cool_off(request)
    return unlocked_at
