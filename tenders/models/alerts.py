"""Alerts: what readers follow by mail."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.choices import AlertInterval
from tenders.models.natural_keys import NaturalKeyModel
from tenders.models.reports import MAX_ABOUT, TOKEN_LENGTH, new_report_token

MAX_EMAIL = 254  # characters


class Alert(NaturalKeyModel):
    """
    A reader who follows a page by mail. Never public, no part of the data set and without a history.

    ``about`` is the address of the page without its language, ``site`` what all addresses of its mails begin with. The
    token is a part of the address at which the reader confirms and ends it: then it is deleted, and the mail address
    with it. ``last_change`` is the number of the last change that a mail has told of. While a mail is being sent,
    ``sending`` is that of the last change in it: what was not noted as sent is sent again as it was, under the same
    Message-ID (``tenders.alerts.sending``).
    """

    NATURAL_KEY = ("token",)

    token = models.CharField(_("token"), max_length=TOKEN_LENGTH, unique=True, default=new_report_token, editable=False)
    email = models.EmailField(_("mail address"), max_length=MAX_EMAIL)
    about = models.CharField(_("page"), max_length=MAX_ABOUT)
    site = models.CharField(_("site"), max_length=300)
    every = models.CharField(_("how often"), max_length=5, choices=AlertInterval, default=AlertInterval.DAY)
    language = models.CharField(_("language"), max_length=10)
    asked_at = models.DateTimeField(_("mail to confirm sent at"), default=timezone.now, db_index=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    looked_at = models.DateTimeField(_("last looked at"), default=timezone.now)
    last_change = models.PositiveBigIntegerField(_("last change"), default=0)
    sending = models.PositiveBigIntegerField(_("last change of the mail being sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("alert by e-mail")
        verbose_name_plural = _("alerts by e-mail")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["email", "about"],
                name="alert_once",
                violation_error_message=_("There is an alert of this page for this address."),
            ),
        ]

    def __str__(self):
        return self.about
