"""
Asking for an alert: whoever enters an address gets the same answer, whatever we know of it.

Nothing but one mail to confirm goes to an address before its owner has confirmed: at most one a day for each page, and
for a few pages. A mail has nothing in it that was typed into the form.
"""

from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenders.feeds.topics import find_topic
from tenders.models import Alert, Change
from tenders.reports.receiving import count_form

MAX_ALERTS = 20  # of an address
MAX_UNCONFIRMED = 5  # of an address
DAYS_TO_CONFIRM = 7
BETWEEN_MAILS = timedelta(days=1)  # to confirm the same alert


def ask(topic, email, every, *, token, network, language, site):
    """
    Store an alert that has to be confirmed, and mail the link to do so.

    A form that is sent twice does nothing the second time. Raises ``LimitReachedError`` if too many forms came from the
    network. What goes wrong with the mail is raised (``OSError``), and then nothing is stored.
    """
    email = email.lower()
    with transaction.atomic():
        if Alert.objects.filter(token=token).exists():
            return
        count_form(network)
    alert = _alert_of(topic, email, every, token, language, site)
    if alert is None:
        return
    is_new = alert._state.adding
    alert.asked_at = timezone.now()
    alert.save()
    try:
        _confirmation(alert, topic).send()
    except OSError:
        if is_new:
            alert.delete()
        raise


def _alert_of(topic, email, every, token, language, site):
    """Return the alert to be confirmed, or None where no mail may be sent."""
    known = Alert.objects.filter(email=email)
    alert = known.filter(about=topic.address).first()
    if alert:
        return None if alert.asked_at > timezone.now() - BETWEEN_MAILS else alert
    if known.count() >= MAX_ALERTS or known.filter(confirmed_at=None).count() >= MAX_UNCONFIRMED:
        return None
    return Alert(token=token, email=email, about=topic.address, every=every, language=language, site=site)


def _confirmation(alert, topic):
    with override(alert.language):
        context = {"topic": topic, "address": address_of(alert), "days": DAYS_TO_CONFIRM}
        return EmailMessage(
            _("TenderWatch: confirm your alert"), render_to_string("alerts/confirm.txt", context), to=[alert.email]
        )


def address_of(alert):
    """Return the address at which a reader confirms and ends an alert, in the current language."""
    return f"{alert.site}{reverse('alert', args=[alert.token])}"


def confirm(alert):
    """Let an alert begin, with what changes from now on; nothing if it has begun."""
    if alert.confirmed_at is None:
        last = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        now = timezone.now()
        Alert.objects.filter(pk=alert.pk, confirmed_at=None).update(confirmed_at=now, looked_at=now, last_change=last)


def remove_unconfirmed():
    """Delete the alerts that nobody has confirmed in time; return how many."""
    before = timezone.now() - timedelta(days=DAYS_TO_CONFIRM)
    number, _of_model = Alert.objects.filter(confirmed_at=None, asked_at__lt=before).delete()
    return number


def topic_of(alert):
    """Return what an alert is about, None while that is not public."""
    return find_topic(alert.about)
