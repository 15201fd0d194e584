"""Places: the province-level divisions of China."""

import re

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
# The codes of GB/T 2260, of two digits.
GB_CODES = {
    "BJ": "11", "TJ": "12", "HE": "13", "SX": "14", "NM": "15", "LN": "21", "JL": "22", "HL": "23", "SH": "31",
    "JS": "32", "ZJ": "33", "AH": "34", "FJ": "35", "JX": "36", "SD": "37", "HA": "41", "HB": "42", "HN": "43",
    "GD": "44", "GX": "45", "HI": "46", "CQ": "50", "SC": "51", "GZ": "52", "YN": "53", "XZ": "54", "SN": "61",
    "GS": "62", "QH": "63", "NX": "64", "XJ": "65", "TW": "71", "HK": "81", "MO": "82",
}  # fmt: skip
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

    @property
    def words(self):
        """What it is called in tables: its names, short and in full, in both languages, and its codes of GB/T 2260."""
        ending_en, ending_zh = ENDINGS.get(self.kind, ("", ""))
        nationality_en, nationality_zh = NATIONALITIES.get(self.code, ("", ""))
        english = [self.name_en, *filter(None, map(str.strip, re.split("[()]", self.name_en)))]
        names = [*english, self.name_zh, f"{self.name_zh}{ending_zh}", f"{self.name_zh}{nationality_zh}{ending_zh}"]
        names += [f"{name} {ending_en}" for name in english]
        names += [f"{name} {nationality_en} {ending_en}" for name in english]
        digits = GB_CODES.get(self.code.partition("-")[2], "")
        letters = [self.code.partition("-")[2]] if self.kind == RegionKind.SPECIAL_REGION else []
        return [*names, *letters, *([digits, f"{digits}0000", f"CN-{digits}"] if digits else [])]

    def get_absolute_url(self):
        return f"{reverse('tender-list')}?region={self.code}"
