"""
Answering a report: the editor's answer is shown at the address that the reader was given, and mailed if one was left.

A mail holds nothing that the reader typed: whoever enters the address of somebody else sends them no words of theirs.
"""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenders.models import Change, Report
from tenders.reports.subjects import find_subject

NUM_CHANGES = 50  # latest changes that an editor can choose from


def settle(report, *, by):
    """Note on a report who has answered it and when, or that nobody has; the caller saves it."""
    if report.is_waiting:
        report.answered_by = report.answered_at = None
    elif report.answered_at is None:
        report.answered_by, report.answered_at = by, timezone.now()


def send_answer(report, *, address_of):
    """
    Mail the answer in the language of the report, then erase the mail address.

    ``address_of`` makes a path a full address. What goes wrong with the mail is raised (``OSError``), and then the
    address is still there.
    """
    with override(report.language):
        context = {
            "report": report,
            "subject": find_subject(report.about),
            "page": address_of(report.about),
            "outcome": address_of(outcome_path(report)),
        }
        mail = EmailMessage(
            _("Your report to TenderWatch: %(state)s") % {"state": report.get_state_display()},
            render_to_string("tenders/report_answer.txt", context),
            to=[report.email],
            reply_to=[settings.CONTACT_EMAIL] if settings.CONTACT_EMAIL else None,
        )
    mail.send()
    erase_address(report)


def erase_address(report):
    """Erase the mail address of the reader, which has served its purpose."""
    report.email = ""
    Report.objects.filter(pk=report.pk).update(email="")


def outcome_path(report):
    """Return the path at which the reader sees what came of a report, in the current language."""
    return reverse("report-outcome", args=[report.token])


def possible_changes(report):
    """Return the changes that may have corrected what a report is about: the latest since it was sent."""
    since = Change.objects.filter(made_at__gte=report.sent_at).order_by("-pk")
    numbers = list(since.values_list("pk", flat=True)[:NUM_CHANGES])
    return Change.objects.filter(Q(pk__in=numbers) | Q(pk=report.change_id)).select_related("by").order_by("-pk")
