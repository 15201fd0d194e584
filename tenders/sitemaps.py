"""The sitemap: every public page."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from tenders.models import Company, Institution, Page, Tender


class _Named(Sitemap):
    def items(self):
        return ["overview", "tender-list", "institution-list", "company-list"]

    def location(self, item):
        return reverse(item)


class _Records(Sitemap):
    limit = 10_000

    def __init__(self, model):
        self.model = model

    def items(self):
        return self.model.objects.published().order_by("reference").only("reference")


class _Pages(Sitemap):
    def items(self):
        return Page.objects.all()


SITEMAPS = {
    "pages": _Named,
    "about": _Pages,
    "tenders": _Records(Tender),
    "institutions": _Records(Institution),
    "companies": _Records(Company),
}
