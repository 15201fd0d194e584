"""Names in English and Chinese, and their status."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenders.choices import NameStatus
from tenders.derived import DerivedTextField
from tenders.languages import is_chinese
from tenders.search import option_text


def status_field(label):
    """Return the field for the status of a name (``NameStatus``); empty where there is no name."""
    return models.CharField(label, max_length=30, choices=NameStatus, blank=True, default="")


def status_constraint(field, *, name, or_else=None):
    """Return the constraint that a name and its status are both set, or neither."""
    has_name = ~Q(**{field: ""})
    has_status = ~Q(**{f"{field}_status": ""})
    if or_else is not None:
        has_status |= or_else
    return models.CheckConstraint(
        condition=(has_name & has_status) | Q(**{field: "", f"{field}_status": ""}),
        name=name,
        violation_error_message=_("Enter a name or title together with its basis, or neither."),
    )


def bilingual_text(name, *, english="", other=False):
    """
    Return the property for the text ``<name>_en`` or ``<name>_zh``: the reader's language, else the one there is.

    ``english`` is the field of the English text if its name is another one. With ``other`` it is the text in the other
    language, empty unless there are two.
    """
    english = english or f"{name}_en"

    def get(record):
        text, other_text = getattr(record, english), getattr(record, f"{name}_zh")
        if is_chinese():
            text, other_text = other_text, text
        if other:
            return text and other_text
        return text or other_text

    return property(get)


def shown_text(name):
    """Return the property for a text of editors, ``<name>`` and ``<name>_zh``, as pages show it."""
    return bilingual_text(name, english=name)


class BilingualName(models.Model):
    """Abstract base of models with one name in each language, such as a region."""

    name_en = models.CharField(_("English name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name = bilingual_text("name")
    name_text = DerivedTextField(derive=option_text, columns=["name_en", "name_zh"])

    class Meta:
        abstract = True

    def __str__(self):
        return self.name
