"""
Receiving the reports of readers: a form without a cookie, and limits.

The pages of readers set no cookie, so the form has no token of Django's against forgery (CSRF), which would be one.
It needs none against what such a token prevents, acting with the rights of the one whose browser sends the form: the
view reads no session, and whoever sends a form can do no more with it than anybody else. What remains is to keep
programs and other sites from filling the queue:

- a form holds a signed number that is good for one report, on one page, for a day (``FormKey``); a report has it as
  its token, so that sending a form twice stores one report;
- a form that another site sends is shown to the reader, who can send it then (``comes_from_elsewhere``);
- a field that no person sees is empty (``forms.ReportForm``);
- a network, and all networks together, send a few reports an hour (``Limits``). While very many come, as when many
  networks flood the queue, each network still has one.
"""

import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenders.models import Report, ReportSender
from tenders.models.reports import TOKEN_LENGTH, new_report_token

MAX_AGE = 60 * 60 * 24  # seconds that a form can be sent
PERIOD = timedelta(hours=1)
REPORTS_PER_NETWORK = 10  # in a period
REPORTS_OF_SITE = 100  # in a period; from then on a network has one
REPORTS_PER_NETWORK_IN_A_FLOOD = 1
MAX_WAITING = 1_000  # reports that no editor has settled
SIGNER = signing.Signer(salt="tenders.reports")


@dataclass(frozen=True)
class FormKey:
    """What a form may be sent with once: the token of the report, the page it is about, and when it was made."""

    token: str
    about: str
    made_at: float

    @classmethod
    def new(cls, about):
        return cls(new_report_token(), about, time.time())

    @classmethod
    def read(cls, text, about):
        """Return the key that a form holds, or None if we did not sign it for this page, or it is too old."""
        try:
            token, signed_about, made_at = SIGNER.unsign_object(text)
        except (signing.BadSignature, ValueError):
            return None
        is_good = signed_about == about and len(token) == TOKEN_LENGTH and time.time() - made_at <= MAX_AGE
        return cls(token, about, made_at) if is_good else None

    def __str__(self):
        return SIGNER.sign_object([self.token, self.about, self.made_at])


def comes_from_elsewhere(request):
    """Return whether the browser says that a page of another site made it send a request; an old one may not say."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.get_host()


class LimitReachedError(Exception):
    """No report is taken at the moment; ``until`` is when the next one can be, None if that depends on the editors."""

    def __init__(self, until: datetime | None):
        super().__init__()
        self.until = until

    @property
    def wait(self):
        """The seconds to wait."""
        return math.ceil((self.until - timezone.now()).total_seconds()) if self.until else PERIOD.total_seconds()


class AlreadySentError(Exception):
    """A form was sent before, with another text."""


def receive(key, fields, *, network, language):
    """
    Store a report, and return it; that of before if the same one is sent again.

    Raises ``LimitReachedError`` and ``AlreadySentError``. ``fields`` are the text, the source and the mail address.
    """
    try:
        with transaction.atomic():
            if (former := Report.objects.filter(token=key.token).first()) is None:
                if Report.objects.waiting().count() >= MAX_WAITING:
                    raise LimitReachedError(None)
                count_form(network)
                return Report.objects.create(token=key.token, about=key.about, language=language, **fields)
    except IntegrityError:  # sent twice at the same time
        former = Report.objects.get(token=key.token)
    if former.text != fields["text"]:
        raise AlreadySentError
    return former


def count_form(network):
    """
    Count a form that a network sends, a report or an alert; in a transaction.

    Raises ``LimitReachedError`` if the network, or all together, sent too many in the last hour.
    """
    ReportSender.objects.filter(sent_at__lte=timezone.now() - PERIOD).delete()
    is_flood = ReportSender.objects.count() >= REPORTS_OF_SITE
    allowed = REPORTS_PER_NETWORK_IN_A_FLOOD if is_flood else REPORTS_PER_NETWORK
    latest = ReportSender.objects.filter(address=network).order_by("-sent_at")
    if len(times := latest.values_list("sent_at", flat=True)[:allowed]) == allowed:
        raise LimitReachedError(times[allowed - 1] + PERIOD)
    ReportSender.objects.create(address=network)
