"""Places: the province-level divisions of China."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders.choices import RegionKind
from tenders.derived import DerivedTextField
from tenders.models.changes import tracked_history
from tenders.models.names import BilingualName
from tenders.models.natural_keys import NaturalKeyModel
from tenders.search import fold, option_text

# What follows the name of a division in its full name, in both languages, and the nationality in that of some.
ENDINGS = {
    RegionKind.PROVINCE: ("Province", "省"),
    RegionKind.MUNICIPALITY: ("Municipality", "市"),
    RegionKind.AUTONOMOUS_REGION: ("Autonomous Region", "自治区"),
    RegionKind.SPECIAL_REGION: ("Special Administrative Region", "特别行政区"),
}
NATIONALITIES = {"CN-GX": ("Zhuang", "壮族"), "CN-NX": ("Hui", "回族"), "CN-XJ": ("Uygur", "维吾尔")}


def region_text(name_en, name_zh, kind, code):
    """
    Return the text that a search for a region compares: its names, short and in full (``广东``, ``广东省``).

    Full names are not in pinyin: ``shen`` would find all provinces (``sheng``).
    """
    ending_en, ending_zh = ENDINGS.get(kind, ("", ""))
    nationality_en, nationality_zh = NATIONALITIES.get(code, ("", ""))
    full_en = " ".join(filter(None, [name_en, nationality_en, ending_en]))
    full_zh = f"{name_zh}{nationality_zh}{ending_zh}"
    return "\n".join(dict.fromkeys([option_text(name_en, name_zh), fold(full_en), fold(full_zh)]))


class Region(BilingualName, NaturalKeyModel):
    """A province-level division of ISO 3166-2:CN."""

    NATURAL_KEY = ("code",)

    code = models.CharField(_("code"), max_length=6, unique=True, help_text=_("ISO 3166-2, such as CN-BJ."))
    kind = models.CharField(_("kind"), max_length=30, choices=RegionKind)
    name_text = DerivedTextField(derive=region_text, columns=["name_en", "name_zh", "kind", "code"])

    history = tracked_history(excluded_fields=["name_text"])

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name_en"]

    def get_absolute_url(self):
        return f"{reverse('tender-list')}?region={self.code}"
