"""Which record is which: references that lead on to another record, and records that are not the same."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.references import PATTERN

# By references, not by keys: these name a record for good, whatever kind it is of.
KINDS = ("TW", "I", "C")


def of_one_kind(one, other):
    """Return the condition that two columns hold references of records of one kind."""
    condition = Q()
    for prefix in KINDS:
        pattern = f"^{prefix}-{PATTERN}$"
        condition |= Q(**{f"{one}__regex": pattern, f"{other}__regex": pattern})
    return condition


class RedirectedReferenceQuerySet(models.QuerySet):
    def get_by_natural_key(self, reference):
        return self.get(reference=reference)

    def public(self):
        """Return those that a visitor may know; any other is answered exactly like one that was never given."""
        return self.filter(is_public=True)

    def resolve(self, references):
        """Return, by reference, where those lead whose records were merged into others."""
        return dict(self.filter(reference__in=references).values_list("reference", "redirects_to"))


class RedirectedReference(models.Model):
    """The reference of a record that was merged into another one: it is never given again, and leads to that one."""

    reference = models.CharField(_("reference"), max_length=9, unique=True)
    redirects_to = models.CharField(_("leads to"), max_length=9, db_index=True)
    is_public = models.BooleanField(
        _("is public"), default=False, help_text=_("Whether its record was public before it was merged.")
    )

    objects = RedirectedReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("former reference")
        verbose_name_plural = _("former references")
        ordering = ["reference"]
        constraints = [
            models.CheckConstraint(
                condition=of_one_kind("reference", "redirects_to") & ~Q(reference=F("redirects_to")),
                name="redirected_reference_redirects",
                violation_error_message=_("A former reference leads to another record of the same kind."),
            ),
        ]

    def __str__(self):
        return f"{self.reference} → {self.redirects_to}"

    def natural_key(self):
        return (self.reference,)


class DistinctPairManager(models.Manager):
    def get_by_natural_key(self, one, other):
        return self.get(one=one, other=other)

    def about(self, record, another):
        """Return what was found of two records, whichever comes first; None when nothing was."""
        one, other = sorted([record.reference, another.reference])
        return self.filter(one=one, other=other).first()

    def pairs(self):
        """Return all pairs of references."""
        return set(self.values_list("one", "other"))


class DistinctPair(models.Model):
    """That two records of one kind, which look alike, are not the same: an editor has found it."""

    one = models.CharField(_("one"), max_length=9, help_text=_("The reference that comes first in the alphabet."))
    other = models.CharField(_("the other"), max_length=9)
    reason = models.TextField(_("why"))
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("found by"), related_name="+", null=True, blank=True
    )
    found_at = models.DateTimeField(_("found at"), default=timezone.now)

    objects = DistinctPairManager()

    class Meta:
        verbose_name = _("pair of records that are not the same")
        verbose_name_plural = _("pairs of records that are not the same")
        ordering = ["one", "other"]
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                name="distinct_pair_once",
                violation_error_message=_("It is recorded already that these two are not the same."),
            ),
            models.CheckConstraint(
                condition=of_one_kind("one", "other") & Q(one__lt=F("other")),
                name="distinct_pair_in_order",
                violation_error_message=_("Give two records of one kind, the first in the alphabet first."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="distinct_pair_has_reason",
                violation_error_message=_("Say why the two are not the same."),
            ),
        ]

    def __str__(self):
        return f"{self.one} ≠ {self.other}"

    def natural_key(self):
        return (self.one, self.other)
