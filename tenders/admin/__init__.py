"""The editors' desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tenders.admin import articles, claims, pages, parties, places, sources, tenders

__all__ = ["articles", "claims", "pages", "parties", "places", "sources", "tenders"]

admin.site.site_header = _("TenderWatch: the editors’ desk")
admin.site.site_title = _("TenderWatch desk")
admin.site.index_title = _("Records")
