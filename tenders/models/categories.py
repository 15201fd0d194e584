"""Categories of tenders: the classification."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders.models.changes import tracked_history
from tenders.models.names import BilingualName, status_field
from tenders.models.natural_keys import NaturalKeyModel

MAX_DEPTH = 3  # levels of the classification


class Category(BilingualName, NaturalKeyModel):
    """A node of the classification, a tree of at most three levels."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_zh_status = status_field(_("basis of the Chinese name"))
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("parent"), related_name="children", null=True, blank=True
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Order within its parent category.")
    )
    description = models.TextField(_("description"), blank=True, default="")

    history = tracked_history(excluded_fields=["name_text"])

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["slug"]

    def get_absolute_url(self):
        return f"{reverse('tender-list')}?category={self.slug}"

    def clean(self):
        if len(self.path) + self.height > MAX_DEPTH:
            raise ValidationError(
                {"parent": _("Categories can be at most three levels deep, and can’t contain themselves.")}
            )

    @property
    def path(self):
        """The categories from the root to this one; at most one more than ``MAX_DEPTH``, even in a cycle."""
        path = [self]
        while path[0].parent is not None and len(path) <= MAX_DEPTH:
            path.insert(0, path[0].parent)
        return path

    @property
    def height(self):
        """The number of levels below this category."""
        if self.pk is None or not self.children.exists():
            return 0
        return 2 if Category.objects.filter(parent__parent=self).exists() else 1


def in_category(slug, field="category"):
    """Return the condition that ``field`` is a category or one of its descendants."""
    return (
        Q(**{f"{field}__slug": slug})
        | Q(**{f"{field}__parent__slug": slug})
        | Q(**{f"{field}__parent__parent__slug": slug})
    )
