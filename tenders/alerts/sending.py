"""
Sending alerts: each has the items of its feed since the last mail.

Nothing is lost, and nothing is sent twice that a mail program would show twice. What a mail tells of is noted before it
is sent (``Alert.sending``), and as sent afterwards. Between the two a process may die, and nobody knows if the mail
went out: then the next run sends the mail of just these changes again, under the same Message-ID.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext, override

from tenders.alerts.asking import address_of, topic_of
from tenders.audit.stream import WHOLE, Position, entries_before
from tenders.choices import AlertInterval
from tenders.feeds.items import Item
from tenders.models import Alert, Change

MAX_ITEMS = 50  # of a mail, which then leads to the feed
SLACK = timedelta(hours=1)  # by which a timer may run earlier than the day before
IN_DOUBT_AFTER = timedelta(minutes=10)  # the process that was sending has died
INTERVALS = {AlertInterval.DAY: timedelta(days=1), AlertInterval.WEEK: timedelta(days=7)}
logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """How many alerts were looked at, had a mail, and could not be sent."""

    num_due: int = 0
    num_sent: int = 0
    num_failed: int = 0


def send_due():
    """Send the mails of all alerts that are due; return the ``Outcome``."""
    outcome = Outcome()
    last = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for alert in due(timezone.now()):
        outcome.num_due += 1
        try:
            outcome.num_sent += _send(alert, last)
        except OSError as error:  # also of smtplib
            outcome.num_failed += 1
            logger.warning("The mail of alert %d could not be sent: %s", alert.pk, type(error).__name__)
    return outcome


def due(now):
    """Return the confirmed alerts of which the interval is over, and those of which nobody knows if they were sent."""
    is_due = Q(pk__in=[])
    for every, interval in INTERVALS.items():
        is_due |= Q(every=every, sending=None, looked_at__lte=now - interval + SLACK)
    is_due |= Q(sending__isnull=False, looked_at__lte=now - IN_DOUBT_AFTER)
    return Alert.objects.filter(is_due, confirmed_at__isnull=False).order_by("pk")


def _send(alert, last):
    """Send the mail of one alert if there is something new; return whether there was."""
    if (topic := topic_of(alert)) is None:  # it may be public again
        return False
    last, now = alert.sending or last, timezone.now()
    as_it_was = Alert.objects.filter(pk=alert.pk, looked_at=alert.looked_at, sending=alert.sending)
    if not as_it_was.update(sending=last, looked_at=now):  # another process sends it, or it has ended
        return False
    with override(alert.language):
        mail = _mail(alert, topic, last)
    if mail:
        mail.send()
    Alert.objects.filter(pk=alert.pk).update(last_change=last, sending=None)
    return bool(mail)


def _mail(alert, topic, last):
    """Return the mail of the changes up to a number, None where there are none."""
    entries = entries_before(Position(last, WHOLE), topic.scope())
    new = takewhile(lambda entry: entry.position.number > alert.last_change, entries)
    items = [Item(entry) for entry in islice(new, MAX_ITEMS + 1)]
    if not items:
        return None
    number = min(len(items), MAX_ITEMS)
    subject = ngettext("TenderWatch: %(n)s change, %(topic)s", "TenderWatch: %(n)s changes, %(topic)s", number)
    context = {
        "topic": topic,
        "site": alert.site,
        "items": items[:MAX_ITEMS],
        "has_more": len(items) > MAX_ITEMS,
        "feed": f"{alert.site}{topic.feed_path('atom')}",
        "address": address_of(alert),
    }
    mail = EmailMessage(
        " ".join((subject % {"n": number, "topic": topic.name}).split()),
        render_to_string("alerts/changes.txt", context),
        to=[alert.email],
        reply_to=[settings.CONTACT_EMAIL] if settings.CONTACT_EMAIL else None,
    )
    mail.extra_headers = {
        "Message-ID": _message_id(alert, last),
        "List-Unsubscribe": f"<{address_of(alert)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    return mail


def _message_id(alert, last):
    """Return the same Message-ID for the same changes of the same alert."""
    digest = hashlib.sha256(f"{alert.token} {alert.last_change} {last}".encode()).hexdigest()[:32]
    host = alert.site.partition("://")[2].partition(":")[0]
    return f"<{digest}@{host}>"
