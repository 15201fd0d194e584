"""Names in two languages: the reader's first, the other beside it, and what each rests on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenders.choices import NameStatus
from tenders.languages import is_chinese


def status_field(label):
    """Return the field that says what a name rests on; empty where there is no name."""
    return models.CharField(label, max_length=30, choices=NameStatus, blank=True, default="")


def status_constraint(field, *, name, or_else=None):
    """Return the constraint that a name and its status are given together, or neither."""
    given = ~Q(**{field: ""})
    has_status = ~Q(**{f"{field}_status": ""})
    if or_else is not None:
        has_status |= or_else
    return models.CheckConstraint(
        condition=(given & has_status) | Q(**{field: "", f"{field}_status": ""}),
        name=name,
        violation_error_message=_("Give a name or title and what it rests on together, or neither."),
    )


def in_order_of_reading(name_en, name_zh):
    """Return the name that the reader reads first, or the one there is, and the other one beside it."""
    first, second = (name_zh, name_en) if is_chinese() else (name_en, name_zh)
    return (first, second) if first else (second, "")


class Named(models.Model):
    """Something with a fixed name in English and in Chinese, such as a region."""

    name_en = models.CharField(_("English name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def name(self):
        """The name in the reader's language."""
        return self.name_zh if is_chinese() else self.name_en
