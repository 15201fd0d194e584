"""Reports of errors by readers: what the editors' queue holds of them, and from where the latest came."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from tenders.choices import ReportState
from tenders.models.changes import Change
from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet

MAX_ABOUT = 500  # characters of an address
MAX_TEXT = 4_000  # characters of a report or an answer
MAX_SOURCE = 500
WAITING = (ReportState.OPEN, ReportState.ACCEPTED)
IS_WAITING = Q(state__in=WAITING)
TOKEN_LENGTH = 22


def new_report_token():
    return get_random_string(TOKEN_LENGTH)


class ReportQuerySet(NaturalKeyQuerySet):
    def waiting(self):
        """Return the reports that no editor has settled yet."""
        return self.filter(IS_WAITING)


class Report(NaturalKeyModel):
    """
    What a reader says is wrong on a page. Never public, no part of the data set and without a history.

    ``about`` is the address of the page without its language: it outlives what it names. The token is a part of the
    address at which its sender sees what came of it; it is also what a form can be sent with once. The mail address
    is erased when the report is answered (``tenders.reports.answering``).
    """

    NATURAL_KEY = ("token",)

    token = models.CharField(_("token"), max_length=TOKEN_LENGTH, unique=True, default=new_report_token, editable=False)
    about = models.CharField(_("page"), max_length=MAX_ABOUT)
    text = models.TextField(_("what is wrong"), max_length=MAX_TEXT)
    source = models.CharField(_("source"), max_length=MAX_SOURCE, blank=True, default="")
    email = models.EmailField(_("address for the answer"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now, db_index=True)
    state = models.CharField(_("state"), max_length=9, choices=ReportState, default=ReportState.OPEN)
    answer = models.TextField(
        _("answer"),
        max_length=MAX_TEXT,
        blank=True,
        default="",
        help_text=_("What you did, or why not. Only the reader sees it."),
    )
    change = models.ForeignKey(
        Change,
        models.PROTECT,
        verbose_name=_("change that corrected it"),
        related_name="reports",
        null=True,
        blank=True,
        help_text=_("Readers see “Corrected after a reader’s report” with it in the history of the record."),
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("answered by"), related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader’s report")
        verbose_name_plural = _("readers’ reports")
        ordering = ["-sent_at", "-pk"]
        default_permissions = ("view", "change", "delete")  # readers add them
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReportState.CORRECTED, change__isnull=False)
                | ~Q(state=ReportState.CORRECTED) & Q(change__isnull=True),
                name="report_corrected_by_change",
                violation_error_message=_("Choose the change that corrected it: for “Corrected”, and only then."),
            ),
            models.CheckConstraint(
                condition=IS_WAITING & Q(answered_at__isnull=True)
                | ~IS_WAITING & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="report_settled_with_answer",
                violation_error_message=_("Write an answer: the reader sees what you did, or why not."),
            ),
        ]

    def __str__(self):
        return self.about

    @property
    def is_waiting(self):
        return self.state in WAITING


class ReportSender(NaturalKeyModel):
    """The network that a report came from, kept for an hour so that the next ones can be limited."""

    NATURAL_KEY = ("address", "sent_at")

    address = models.GenericIPAddressField(_("IP address"))
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("sender of a report")
        verbose_name_plural = _("senders of reports")
        default_permissions = ()

    def __str__(self):
        return f"{self.sent_at:%Y-%m-%d %H:%M}"
