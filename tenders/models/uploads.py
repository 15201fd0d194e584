"""Uploaded import files, stored for a day until the user confirms the preview."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from tenders.models.sources import Source

RETENTION = timedelta(days=1)


def new_token():
    return get_random_string(22)


class UploadQuerySet(NaturalKeyQuerySet):
    def expired(self):
        """Return uploads that were not confirmed within the retention time."""
        return self.filter(uploaded_at__lt=timezone.now() - RETENTION)


class Upload(NaturalKeyModel):
    """A file of tenders that awaits the confirmation of its import; no record, and never public."""

    NATURAL_KEY = ("token",)

    token = models.CharField(_("token"), max_length=22, unique=True, default=new_token, editable=False)
    name = models.CharField(_("name of the file"), max_length=200)
    content = models.BinaryField(_("content"))
    encoding = models.CharField(_("encoding"), max_length=20, blank=True, default="")  # empty if the file shows it
    source = models.ForeignKey(
        Source, models.CASCADE, verbose_name=_("source"), related_name="+", null=True, blank=True
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("by"), related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        default_permissions = ()  # who may import may upload, and sees no uploads but his own

    def __str__(self):
        return self.name
