"""How editors log in: who has tried too often waits, by name and address together."""

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

NOWHERE = "::"  # a server that listens on a socket knows no address, and a null one would not be unique
NETWORK_BITS = 64  # of an IPv6 address: the rest of it everybody chooses for himself


def client_address(request):
    """
    Return the address of whoever sent a request, as the machine in front of us has seen it.

    Behind a proxy that is the last one in ``X-Forwarded-For``: what stands before it a visitor may have written.
    """
    seen = [request.META.get("REMOTE_ADDR", "")]
    if settings.BEHIND_PROXY:
        seen.insert(0, request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    return next(filter(None, map(_address, seen)), NOWHERE)


def _address(text):
    """Return an address in its one form, without a port; None where there is none."""
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
    """Return the name under which tries are counted: however it is written, it is one name."""
    name = (credentials or request.POST).get("username") or ""
    return unicodedata.normalize("NFKC", name).casefold()[:255]


def locked_out(request, response, credentials):
    """Answer 429: the log-in page as it was filled in, with when to try again."""
    free_at = _free_at(request, credentials)
    wait = max(1, math.ceil((free_at - timezone.now()).total_seconds() / 60))
    message = ngettext(
        "Too many tries with this name from your address. Try again in %(wait)s minute, after %(time)s (%(zone)s).",
        "Too many tries with this name from your address. Try again in %(wait)s minutes, after %(time)s (%(zone)s).",
        wait,
    ) % {
        "wait": wait,
        "time": time_format(timezone.localtime(free_at), "H:i:s"),
        "zone": timezone.get_current_timezone_name(),
    }
    form = response.context_data["form"]
    form.errors[NON_FIELD_ERRORS] = form.error_class([message], error_class="nonfield", renderer=form.renderer)
    headers = {"Retry-After": wait * 60}
    return TemplateResponse(
        request, response.template_name, response.context_data, status=429, headers=headers
    ).render()


def _free_at(request, credentials):
    """Return the moment from which so few of the tries count that another one is allowed."""
    (attempts,) = AxesDatabaseHandler().get_user_attempts(request, credentials)
    attempts = attempts.order_by("attempt_time")
    failures, moment = sum(each.failures_since_start for each in attempts), timezone.now()
    for each in attempts:
        if failures < get_failure_limit(request, credentials):
            break
        failures -= each.failures_since_start
        moment = each.attempt_time + get_cool_off(request)
    return moment
