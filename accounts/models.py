"""What is kept of log-ins: open sessions, and requests to reset a password."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """
    A session of Django's, with what its owner is shown of it.

    ``accounts.sessions`` derives the columns from the data of the session, so that they are right after each save.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="sessions", verbose_name=_("user")
    )
    started_at = models.DateTimeField(_("logged in"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last used"), null=True, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    browser = models.CharField(_("browser"), max_length=50, blank=True)

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls):
        from accounts.sessions import SessionStore

        return SessionStore

    @property
    def handle(self):
        """What a page calls the session by: who reads it must not learn the key."""
        return salted_hmac("accounts.session", self.session_key).hexdigest()[:16]


class PasswordResetRequest(models.Model):
    """A request for a mail that resets a password, kept for an hour so that the next ones can be limited."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    address = models.GenericIPAddressField(_("IP address"))
    requested_at = models.DateTimeField(_("requested"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("request to reset a password")
        verbose_name_plural = _("requests to reset a password")
        default_permissions = ()

    def __str__(self):
        return f"{self.requested_at:%Y-%m-%d %H:%M} {self.address}"
