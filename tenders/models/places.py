"""Places: the province-level divisions of China."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders.choices import RegionKind
from tenders.models.changes import tracked_history
from tenders.models.names import BilingualName
from tenders.models.natural_keys import NaturalKeyModel


class Region(BilingualName, NaturalKeyModel):
    """A province-level division of ISO 3166-2:CN."""

    NATURAL_KEY = ("code",)

    code = models.CharField(_("code"), max_length=6, unique=True, help_text=_("ISO 3166-2, such as CN-BJ."))
    kind = models.CharField(_("kind"), max_length=30, choices=RegionKind)

    history = tracked_history()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name_en"]

    def get_absolute_url(self):
        return f"{reverse('tender-list')}?region={self.code}"
