"""
Limits of log-in: too many failures lead to a wait, and nobody can keep others out by failing from elsewhere.

Each limit counts the failures of the last quarter of an hour, of passwords and of codes, in the tables of django-axes:

- of a name from an address, ``AXES_FAILURE_LIMIT``: more than an editor mistypes, and 480 passwords a day for others;
- of an address with whatever names, so that nobody tries one password with many names;
- while the whole site has very many, as when many addresses attack it, fewer of an address.

The last two do not concern a name from an address from which it has logged in before, so that a neighbour in the same
network keeps no editor out. None concerns the first try from an address.
"""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet, Sum
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import ngettext

from accounts.addresses import client_network
from accounts.security_log import account_named, log

FAILURES_PER_ADDRESS = 30
FAILURES_OF_SITE = 100  # more of them than this are an attack of many addresses, as one address has at most 30
FAILURES_PER_ADDRESS_UNDER_ATTACK = 3


def folded_name(request, credentials):
    """Return the normalized name under which failures are counted, whatever its case and width."""
    name = (credentials or request.POST).get("username") or ""
    return unicodedata.normalize("NFKC", name).casefold()[:255]


@dataclass
class Limit:
    """A number of failures, and the failures that are counted."""

    number: int
    attempts: QuerySet
    message: Callable[[int], str]  # of the minutes to wait

    @property
    def is_reached(self):
        return _num_failures(self.attempts) >= self.number

    @property
    def ends_at(self):
        """Return the moment at which enough failures have expired to allow another try."""
        attempts = self.attempts.order_by("attempt_time")
        failures, ends_at = sum(attempt.failures_since_start for attempt in attempts), timezone.now()
        for attempt in attempts:
            if failures < self.number:
                break
            failures -= attempt.failures_since_start
            ends_at = attempt.attempt_time + get_cool_off()
        return ends_at


class LoginLimits(AxesDatabaseHandler):
    """The handler of django-axes, which counts by name and address, with the other limits."""

    def is_locked(self, request, credentials=None):
        return any(limit.is_reached for limit in self.limits(request, credentials))

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        """Count a failure, unless a limit has refused the try; a page of the wait follows if that reaches a limit."""
        user = account_named(credentials.get("username") or "")
        was_refused = request is not None and request.axes_locked_out
        if was_refused:
            log("login-refused", user=user)
        else:
            log("login-failed" if "password" in credentials else "code-failed", user=user)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is None or was_refused:
            return
        if request.axes_locked_out or self.is_locked(request, credentials):
            request.axes_locked_out, request.axes_credentials = True, credentials
            log("lockout", user=user)

    def limits(self, request, credentials):
        """Yield the limits that concern a log-in."""
        (attempts,) = self.get_user_attempts(request, credentials)
        yield Limit(
            get_failure_limit(request, credentials),
            attempts,
            lambda wait: ngettext(
                "Too many attempts with this name from your address. Try again in %(wait)s minute, after "
                "%(time)s (%(zone)s).",
                "Too many attempts with this name from your address. Try again in %(wait)s minutes, after "
                "%(time)s (%(zone)s).",
                wait,
            ),
        )
        name = (credentials or {}).get("username") or ""
        if not is_known(name, request):
            recent = AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - get_cool_off())
            is_attack = _num_failures(recent) >= FAILURES_OF_SITE
            yield Limit(
                FAILURES_PER_ADDRESS_UNDER_ATTACK if is_attack else FAILURES_PER_ADDRESS,
                recent.filter(ip_address=client_network(request)),
                lambda wait: ngettext(
                    "Too many attempts from your address. Try again in %(wait)s minute, after %(time)s (%(zone)s).",
                    "Too many attempts from your address. Try again in %(wait)s minutes, after %(time)s (%(zone)s).",
                    wait,
                ),
            )


def is_known(name, request):
    """Return whether an account has logged in from the address of a request before, as far as log-ins are kept."""
    return AccessLog.objects.filter(username=name.replace("\0", ""), ip_address=client_network(request)).exists()


def count_failure(user, request):
    """Count a wrong code like a wrong password."""
    user_login_failed.send(__name__, credentials={"username": user.get_username()}, request=request)


def is_refused(user, request):
    """Return whether a limit refuses an account another try; the response is then made by ``locked_out``."""
    credentials = {"username": user.get_username()}
    if not settings.AXES_ENABLED or AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out, request.axes_credentials = True, credentials
    log("login-refused", user=user)
    return True


def locked_out(request, response, credentials):
    """Return a 429 response: the page as filled in, with the time of the next possible try."""
    limits = list(LoginLimits().limits(request, credentials))
    last = max((limit for limit in limits if limit.is_reached), key=lambda limit: limit.ends_at, default=limits[0])
    headers = {"Retry-After": 60 * minutes_until(last.ends_at)}
    form = response.context_data["form"]
    message = with_time(last.message, last.ends_at)
    form.errors.clear()
    form.errors[NON_FIELD_ERRORS] = form.error_class([message], error_class="nonfield", renderer=form.renderer)
    return TemplateResponse(
        request, response.template_name, response.context_data, status=429, headers=headers
    ).render()


def minutes_until(moment):
    """Return the number of minutes until a moment, at least one."""
    return max(1, math.ceil((moment - timezone.now()).total_seconds() / 60))


def with_time(message, moment):
    """Return a message, a function of the minutes to wait, with the moment at which the wait ends."""
    wait = minutes_until(moment)
    time = time_format(timezone.localtime(moment), "H:i:s")
    return message(wait) % {"wait": wait, "time": time, "zone": timezone.get_current_timezone_name()}


def _num_failures(attempts):
    return attempts.aggregate(number=Sum("failures_since_start"))["number"] or 0
