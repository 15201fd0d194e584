"""Evidence: the files of sources, and the checks of their addresses. Bytes lie in a storage of their own."""

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.choices import AddressProblem, AddressStatus, FileFormat
from tenders.models.changes import tracked_history
from tenders.models.checked import web_address_constraint
from tenders.models.natural_keys import NaturalKeyModel
from tenders.models.sources import Source

MEDIA_TYPES = {
    FileFormat.PDF: "application/pdf",
    FileFormat.HTML: "text/html",
    FileFormat.PNG: "image/png",
    FileFormat.JPEG: "image/jpeg",
    FileFormat.GIF: "image/gif",
    FileFormat.WEBP: "image/webp",
    FileFormat.TEXT: "text/plain",
}


def evidence_storage():
    """Return the storage of the bytes, which no address of the site leads into."""
    return storages["evidence"]


class SourceFile(NaturalKeyModel):
    """
    A file of a source, as an editor saved it: its hash, and as long as they are not erased its bytes.

    The bytes are stored under their hash, so the same ones once. A row is never deleted. Who uploaded, marked or erased
    it stands in the history.
    """

    NATURAL_KEY = ("source__slug", "sha256")

    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("source"), related_name="files")
    sha256 = models.CharField("SHA-256", max_length=64)
    format = models.CharField(_("format"), max_length=4, choices=FileFormat)
    size = models.PositiveIntegerField(_("size in bytes"))
    name = models.CharField(_("name of the file"), max_length=200, blank=True, default="")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    is_publishable = models.BooleanField(_("downloadable by readers"), default=False)
    publishable_reason = models.TextField(_("reason for letting readers download it"), blank=True, default="")
    erased_at = models.DateTimeField(_("content erased at"), null=True, blank=True)
    erasure_reason = models.TextField(_("reason for erasing the content"), blank=True, default="")

    history = tracked_history()

    class Meta:
        verbose_name = _("file of a source")
        verbose_name_plural = _("files of sources")
        ordering = ["source", "uploaded_at", "pk"]
        default_permissions = ()  # those of its source
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256"],
                name="sourcefile_once",
                violation_error_message=_("This source already has this file."),
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="sourcefile_sha256",
                violation_error_message=_("Enter a SHA-256 of 64 digits, 0-9 and a-f."),
            ),
            models.CheckConstraint(
                condition=Q(is_publishable=True, erased_at__isnull=True) & ~Q(publishable_reason="")
                | Q(is_publishable=False, publishable_reason=""),
                name="sourcefile_publishable_with_reason",
                violation_error_message=_(
                    "Give a reason to let readers download a file; an erased file can’t be downloaded."
                ),
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erasure_reason="")
                | Q(erased_at__isnull=False) & ~Q(erasure_reason=""),
                name="sourcefile_erased_with_reason",
                violation_error_message=_("Give a reason for erasing the content."),
            ),
        ]

    def __str__(self):
        return self.name or self.sha256[:12]

    @property
    def path(self):
        """Where the bytes lie in the storage."""
        return f"{self.sha256[:2]}/{self.sha256}"

    @property
    def media_type(self):
        return MEDIA_TYPES[FileFormat(self.format)]

    @property
    def download_name(self):
        """The name under which it is downloaded: ours, as the one of the upload may be any."""
        extension = "txt" if self.format == FileFormat.TEXT else self.format
        return f"{self.source.slug}-{self.sha256[:8]}.{extension}"

    @property
    def uploaded_by(self):
        """The user who uploaded the bytes; None for a program."""
        return self._written_by(uploaded_at=self.uploaded_at)

    @property
    def erased_by(self):
        """The user who erased the bytes; None for a program."""
        return self._written_by(erased_at=self.erased_at)

    def _written_by(self, **values):
        row = self.history.filter(**values).select_related("change__by").order_by("history_id").first()
        return row and row.change.by

    @property
    def is_erased(self):
        return self.erased_at is not None

    @property
    def is_here(self):
        """Whether there are bytes: a database that was copied without the folder of evidence has none."""
        return not self.is_erased and evidence_storage().exists(self.path)

    def open(self):
        """Open the bytes for reading; raises ``FileNotFoundError`` where they are not here."""
        return evidence_storage().open(self.path)


class AddressCheck(NaturalKeyModel):
    """
    What asking the address of a source found, the last time and before; no statement of an editor.

    ``failing_since_at`` is the first check without a page after one with a page, ``sha256`` the hash of the content
    that was first found (of a web page, of its words), ``changed_since_at`` the first check that found another.
    """

    NATURAL_KEY = ("source__slug",)

    source = models.OneToOneField(Source, models.CASCADE, verbose_name=_("source"), related_name="address_check")
    url = models.URLField(_("address"), max_length=500)
    checked_at = models.DateTimeField(_("checked at"))
    status = models.CharField(_("status"), max_length=13, choices=AddressStatus)
    problem = models.CharField(_("problem"), max_length=13, choices=AddressProblem, blank=True, default="")
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    answered_at = models.DateTimeField(_("last reachable at"), null=True, blank=True)
    failing_since_at = models.DateTimeField(_("page missing since"), null=True, blank=True)
    moved_to = models.URLField(_("moved to"), max_length=2000, blank=True, default="")
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, blank=True, default="")
    changed_since_at = models.DateTimeField(_("content changed since"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of an address")
        verbose_name_plural = _("checks of addresses")
        default_permissions = ()  # written by `check_sources` alone
        constraints = [
            web_address_constraint("url", name="addresscheck_url_web"),
            web_address_constraint("moved_to", name="addresscheck_moved_to_web"),
        ]

    def __str__(self):
        return f"{self.url}: {self.get_status_display()}"
