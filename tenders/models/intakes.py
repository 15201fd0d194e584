"""Notices that were pasted or uploaded: what was proposed of each, and what its editor saved."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.models.checked import web_address_constraint
from tenders.models.evidence import SourceFile, evidence_storage
from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from tenders.models.sources import Source
from tenders.models.uploads import new_token

RETENTION = timedelta(days=1)  # of a notice of which no draft was saved


class NoticeIntakeQuerySet(NaturalKeyQuerySet):
    def saved(self):
        """Return the notices of which a draft, or an addition to a tender, was saved."""
        return self.filter(saved_at__isnull=False)

    def expired(self):
        """Return the notices of which nothing was saved within the retention time."""
        return self.filter(saved_at__isnull=True, uploaded_at__lt=timezone.now() - RETENTION)

    def forget(self, words):
        """Delete the notices that await a draft, and empty those in which some words stand, for good."""
        self.filter(saved_at__isnull=True).delete()
        for intake in self:
            if words in str([intake.name, intake.url, intake.proposed, intake.saved]):
                intake.name, intake.url, intake.proposed, intake.saved = "", "", {}, {}
                intake.save()


class NoticeIntake(NaturalKeyModel):
    """
    A notice that an editor pasted or uploaded, and what came of it. Never public, and no part of the data set.

    The bytes lie in the storage of evidence; until a draft is saved they belong to no source, and ``check_evidence``
    deletes them after a day. ``proposed`` and ``saved`` are the values of the first save by name of the field, of an
    award with its number before it (``1.amount``): never text of the notice that no field has.
    """

    NATURAL_KEY = ("token",)

    token = models.CharField(_("token"), max_length=22, unique=True, default=new_token, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64)
    name = models.CharField(_("name of the file"), max_length=200, blank=True, default="")
    is_pasted = models.BooleanField(_("pasted as text"), default=False)
    url = models.URLField(_("address"), max_length=500, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    source = models.ForeignKey(
        Source, models.SET_NULL, verbose_name=_("source"), related_name="+", null=True, blank=True
    )
    tender = models.CharField(_("reference of the tender"), max_length=20, blank=True, default="")
    labels_version = models.CharField(_("version of the table of labels"), max_length=40, blank=True, default="")
    proposed = models.JSONField(_("proposed"), default=dict, blank=True)
    saved = models.JSONField(_("first saved"), default=dict, blank=True)
    saved_at = models.DateTimeField(_("saved at"), null=True, blank=True)

    objects = NoticeIntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-uploaded_at", "-pk"]
        default_permissions = ()  # who may add tenders may read notices, and sees those of nobody else
        constraints = [
            web_address_constraint("url", name="noticeintake_url_web"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="noticeintake_sha256",
                violation_error_message=_("Enter a SHA-256 of 64 digits, 0-9 and a-f."),
            ),
        ]

    def __str__(self):
        return self.name or self.sha256[:12]

    @property
    def path(self):
        """Where the bytes lie in the storage of evidence."""
        return SourceFile(sha256=self.sha256).path

    def read(self):
        """Return the bytes; raises ``FileNotFoundError`` where they are not here any more."""
        with evidence_storage().open(self.path) as file:
            return file.read()
