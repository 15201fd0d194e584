"""Redirects of the references of merged records, and pairs of records that editors found to be distinct."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.models.changes import tracked_history
from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from tenders.references import REFERENCE_PATTERN

# References instead of foreign keys: they are permanent and work for any kind of record.
REFERENCE_PREFIXES = ("TW", "I", "C")


def of_one_kind(one, other):
    """Return the condition that two columns contain references of records of one kind."""
    condition = Q()
    for prefix in REFERENCE_PREFIXES:
        pattern = f"^{prefix}-{REFERENCE_PATTERN}$"
        condition |= Q(**{f"{one}__regex": pattern, f"{other}__regex": pattern})
    return condition


class RedirectedReferenceQuerySet(NaturalKeyQuerySet):
    def public(self):
        """Return the redirects that are public; any other answers like a reference that never existed."""
        return self.filter(is_public=True)

    def resolve(self, references):
        """Return {reference: reference of the record it was merged into} for those that were merged."""
        return dict(self.filter(reference__in=references).values_list("reference", "redirects_to"))


class RedirectedReference(NaturalKeyModel):
    """The redirect from the reference of a merged record, which is never reused, to the record it was merged into."""

    NATURAL_KEY = ("reference",)

    reference = models.CharField(_("reference"), max_length=9, unique=True)
    redirects_to = models.CharField(_("redirects to"), max_length=9, db_index=True)
    is_public = models.BooleanField(
        _("is public"), default=False, help_text=_("Whether the record was public before it was merged.")
    )

    objects = RedirectedReferenceQuerySet.as_manager()
    history = tracked_history()

    class Meta:
        verbose_name = _("former reference")
        verbose_name_plural = _("former references")
        ordering = ["reference"]
        constraints = [
            models.CheckConstraint(
                condition=of_one_kind("reference", "redirects_to") & ~Q(reference=F("redirects_to")),
                name="redirected_reference_redirects",
                violation_error_message=_("Redirect a former reference to another record of the same kind."),
            ),
        ]

    def __str__(self):
        return f"{self.reference} → {self.redirects_to}"


class DistinctPairQuerySet(NaturalKeyQuerySet):
    def about(self, record, another):
        """Return the distinct pair of two records, in any order; None without one."""
        one, other = sorted([record.reference, another.reference])
        return self.filter(one=one, other=other).first()

    def pairs(self):
        """Return all pairs of references as a set of (one, other)."""
        return set(self.values_list("one", "other"))


class DistinctPair(NaturalKeyModel):
    """Two similar records of one kind that an editor found to be distinct."""

    NATURAL_KEY = ("one", "other")

    one = models.CharField(
        _("first record"), max_length=9, help_text=_("The reference that comes first in the alphabet.")
    )
    other = models.CharField(_("second record"), max_length=9)
    reason = models.TextField(_("reason"))
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("decided by"), related_name="+", null=True, blank=True
    )
    found_at = models.DateTimeField(_("decided at"), default=timezone.now)

    objects = DistinctPairQuerySet.as_manager()
    history = tracked_history()

    class Meta:
        verbose_name = _("pair of records that are different")
        verbose_name_plural = _("pairs of records that are different")
        ordering = ["one", "other"]
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                name="distinct_pair_once",
                violation_error_message=_("These two records are already marked as different."),
            ),
            models.CheckConstraint(
                condition=of_one_kind("one", "other") & Q(one__lt=F("other")),
                name="distinct_pair_in_order",
                violation_error_message=_("Enter two records of the same kind, the first in the alphabet first."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="distinct_pair_has_reason",
                violation_error_message=_("Give a reason why the two are different."),
            ),
        ]

    def __str__(self):
        return f"{self.one} ≠ {self.other}"


class PossibleDuplicate(NaturalKeyModel):
    """Two records of one kind that may be the same, as a program found; no statement of anybody, and never public."""

    NATURAL_KEY = ("one", "other")

    one = models.CharField(
        _("first record"), max_length=9, help_text=_("The reference that comes first in the alphabet.")
    )
    other = models.CharField(_("second record"), max_length=9, db_index=True)
    score = models.PositiveSmallIntegerField(_("similarity in percent"))

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("pair of possible duplicates")
        verbose_name_plural = _("pairs of possible duplicates")
        ordering = ["-score", "one", "other"]
        default_permissions = ()  # who may merge sees them
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                name="possible_duplicate_once",
                violation_error_message=_("These two records are already listed as possible duplicates."),
            ),
            models.CheckConstraint(
                condition=of_one_kind("one", "other") & Q(one__lt=F("other")),
                name="possible_duplicate_in_order",
                violation_error_message=_("Enter two records of the same kind, the first in the alphabet first."),
            ),
        ]

    def __str__(self):
        return f"{self.one} ≈ {self.other}"
