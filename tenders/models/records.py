"""What institutions, companies and tenders have in common: a permanent reference and an editorial state."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenders.choices import EditorialState
from tenders.models.facts import Citable
from tenders.references import PATTERN, new_reference


class RecordQuerySet(models.QuerySet):
    def get_by_natural_key(self, reference):
        return self.get(reference=reference)

    def published(self):
        """Return the records that a visitor may see."""
        return self.filter(state=EditorialState.PUBLISHED)


class Record(Citable):
    """
    A record of the public database.

    Its reference is given at the first save and never changes: addresses and other people's notes rest on it.
    """

    REFERENCE_PREFIX = ""

    reference = models.CharField(_("reference"), max_length=9, unique=True, editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=EditorialState,
        default=EditorialState.DRAFT,
        editable=False,
        db_index=True,
    )
    notes = models.TextField(
        _("notes"),
        blank=True,
        default="",
        help_text=_("Public: what a reader should know about this record."),
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(reference__regex=f"^[A-Z]{{1,2}}-{PATTERN}$"),
                name="%(class)s_has_reference",
                violation_error_message=_("A record has a reference, such as TW-7K3M9Q."),
            ),
        ]

    def save(self, *args, **kwargs):
        if not self.reference:
            self.reference = self._free_reference()
            if (update_fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*update_fields, "reference"}
        super().save(*args, **kwargs)

    def natural_key(self):
        return (self.reference,)

    @property
    def is_published(self):
        return self.state == EditorialState.PUBLISHED

    def _free_reference(self):
        while True:
            reference = new_reference(self.REFERENCE_PREFIX)
            if not type(self)._default_manager.filter(reference=reference).exists():
                return reference
