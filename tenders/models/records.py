"""Abstract bases of institutions, companies and tenders: a permanent reference and an editorial state."""

from functools import lru_cache

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tenders.choices import EditorialState
from tenders.models.attributes import Citable
from tenders.models.names import shown_text
from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from tenders.models.record_identity import RedirectedReference
from tenders.references import REFERENCE_PATTERN, new_reference


@lru_cache(maxsize=10_000)
def _cached_url(view, reference, language, prefix):
    return reverse(view, args=[reference])


class EditorialQuerySet(NaturalKeyQuerySet):
    def published(self):
        """Return the public records."""
        return self.filter(state=EditorialState.PUBLISHED)


class Editorial(NaturalKeyModel):
    """Abstract base of objects with an editorial state, from draft to published or withdrawn."""

    # Not indexed: nearly all records are published, and SQLite would use the index where another one finds few.
    state = models.CharField(
        _("state"), max_length=10, choices=EditorialState, default=EditorialState.DRAFT, editable=False
    )

    class Meta:
        abstract = True
        # "Publish" is an editor's work: to review, to publish and withdraw, and to write what is public.
        default_permissions = ("add", "change", "delete", "view", "publish")

    @property
    def is_published(self):
        return self.state == EditorialState.PUBLISHED


def cited_sources():
    """
    Return the prefetch of what a page shows of the sources of a record.

    It joins them: on SQLite, Django cannot prefetch more than 1,000 objects of a foreign key.
    """
    citations = apps.get_model("tenders", "Citation").objects
    sources = citations.select_related("source__version_of", "source__address_check")
    return models.Prefetch("citations", sources.prefetch_related("source__files"))


class RecordQuerySet(EditorialQuerySet):
    def free_references(self, number, taken=()):
        """Return ``number`` references that are not in use, never were, and are not in ``taken``."""
        free = set()
        while len(free) < number:
            candidates = {new_reference(self.model.REFERENCE_PREFIX) for _ in range(number - len(free))}
            used, redirected = (
                rows.filter(reference__in=candidates).order_by().values_list("reference", flat=True)
                for rows in (self, RedirectedReference.objects)
            )
            free |= candidates - {*taken, *used.union(redirected)}
        return free


class Record(Editorial, Citable):
    """Abstract base of a public record, whose reference is set on the first save and never changes."""

    NATURAL_KEY = ("reference",)
    REFERENCE_PREFIX = ""

    reference = models.CharField(_("reference"), max_length=9, unique=True, editable=False)
    notes = models.TextField(
        _("notes"), blank=True, default="", help_text=_("Public: what readers should know about this record.")
    )
    notes_zh = models.TextField(_("notes in Chinese"), blank=True, default="")
    shown_notes = shown_text("notes")

    objects = RecordQuerySet.as_manager()

    class Meta(Editorial.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(reference__regex=f"^[A-Z]{{1,2}}-{REFERENCE_PATTERN}$"),
                name="%(class)s_has_reference",
                violation_error_message=_("Enter a reference such as TW-7K3M9Q."),
            ),
        ]

    def save(self, *args, **kwargs):
        if not self.reference:
            (self.reference,) = type(self).objects.free_references(1)
            if (update_fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*update_fields, "reference"}
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        # Cached, as a list needs a hundred URLs; they depend on the language and the script prefix.
        return _cached_url(f"{self._meta.model_name}-detail", self.reference, get_language(), get_script_prefix())
