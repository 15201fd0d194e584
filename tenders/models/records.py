"""What institutions, companies and tenders have in common: a permanent reference and an editorial state."""

from functools import lru_cache

from django.db import models, transaction
from django.db.models import Q
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tenders.choices import EditorialState
from tenders.derived import DerivedTextField, derived_fields
from tenders.models.facts import Citable
from tenders.models.record_identity import RedirectedReference
from tenders.references import PATTERN, new_reference

BATCH = 500  # records whose derived text is written in one statement


@lru_cache(maxsize=10_000)
def _address(view, reference, language, prefix):
    return reverse(view, args=[reference])


class EditorialQuerySet(models.QuerySet):
    def published(self):
        """Return what a visitor may see."""
        return self.filter(state=EditorialState.PUBLISHED)


class Editorial(models.Model):
    """What stands somewhere between the editors and the public."""

    state = models.CharField(
        _("state"),
        max_length=10,
        choices=EditorialState,
        default=EditorialState.DRAFT,
        editable=False,
        db_index=True,
    )

    class Meta:
        abstract = True
        # "Publish" is an editor's work: to review, to publish and withdraw, and to write what is public.
        default_permissions = ("add", "change", "delete", "view", "publish")

    @property
    def is_published(self):
        return self.state == EditorialState.PUBLISHED


class RecordQuerySet(EditorialQuerySet):
    def get_by_natural_key(self, reference):
        return self.get(reference=reference)

    def free_references(self, number, taken=()):
        """Return so many references that no record has or had; ``taken`` are others that will be given."""
        free = set()
        while len(free) < number:
            tried = {new_reference(self.model.REFERENCE_PREFIX) for _ in range(number - len(free))}
            for given in (self, RedirectedReference.objects):
                tried -= {*given.filter(reference__in=tried).values_list("reference", flat=True)}
            free |= tried - {*taken}
        return free

    def update(self, **values):
        """Update records, and what they derive from the columns that are written."""
        if not derived_fields(self.model, values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            written = list(self.order_by().values_list("pk", flat=True))
            number = super().update(**values)
            self.model.objects.using(self.db).derive(written)
        return number

    update.alters_data = True

    def bulk_create(self, objs, *args, update_fields=None, **options):
        """Create records, or update those that are there, with what they derive from the columns that are written."""
        if update_fields:
            update_fields = {*update_fields, *(field.name for field in derived_fields(self.model, update_fields))}
        return super().bulk_create(objs, *args, update_fields=update_fields, **options)

    bulk_create.alters_data = True

    def derive(self, pks):
        """Write anew what the records of some keys derive from their other columns."""
        fields = [field.name for field in self.model._meta.concrete_fields if isinstance(field, DerivedTextField)]
        for start in range(0, len(pks), BATCH):
            records = list(self.model._base_manager.using(self.db).filter(pk__in=pks[start : start + BATCH]))
            self.model._base_manager.using(self.db).bulk_update(records, fields)

    derive.alters_data = True

    def derive_stale(self):
        """Write anew what was derived from other columns than there are now, by SQL or by a migration."""
        fields = [field for field in self.model._meta.concrete_fields if isinstance(field, DerivedTextField)]
        self.derive([record.pk for record in self.iterator() if any(field.is_stale(record) for field in fields)])

    derive_stale.alters_data = True


class Record(Editorial, Citable):
    """
    A record of the public database.

    Its reference is given at the first save and never changes: addresses and other people's notes rest on it.
    """

    REFERENCE_PREFIX = ""

    reference = models.CharField(_("reference"), max_length=9, unique=True, editable=False)
    notes = models.TextField(
        _("notes"),
        blank=True,
        default="",
        help_text=_("Public: what a reader should know about this record."),
    )

    objects = RecordQuerySet.as_manager()

    class Meta(Editorial.Meta):
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
            (self.reference,) = type(self).objects.free_references(1)
            if (update_fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*update_fields, "reference"}
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        # A list asks for a hundred; which each is depends on the language and on where the site is mounted.
        return _address(f"{self._meta.model_name}-detail", self.reference, get_language(), get_script_prefix())

    def save_base(self, *args, update_fields=None, **kwargs):
        if update_fields is not None:
            derived = {field.name for field in derived_fields(type(self), update_fields)}
            update_fields = frozenset({*update_fields, *derived})
        super().save_base(*args, update_fields=update_fields, **kwargs)
        if any(field.waits_for_the_database(self) for field in derived_fields(type(self), self.__dict__)):
            type(self).objects.using(self._state.db).derive([self.pk])

    def natural_key(self):
        return (self.reference,)
