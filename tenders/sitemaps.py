"""The sitemap: every public page."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from tenders.choices import EditorialState
from tenders.models import Article, Claim, Company, Institution, Page, Tender


class _Named(Sitemap):
    def items(self):
        lists = ["tender-list", "institution-list", "company-list", "article-list"]
        return ["overview", *lists, "article-compare", "changes", "data"]

    def location(self, item):
        return reverse(item)


class _Records(Sitemap):
    limit = 10_000

    def __init__(self, model):
        self.model = model

    def items(self):
        return self.model.objects.published().order_by("reference").only("reference")


class _Articles(Sitemap):
    def items(self):
        return Article.objects.published()


class _Claims(Sitemap):
    limit = 10_000

    def items(self):
        return Claim.objects.filter(article__state=EditorialState.PUBLISHED).select_related("article")


class _Pages(Sitemap):
    def items(self):
        return Page.objects.all()


SITEMAPS = {
    "pages": _Named,
    "about": _Pages,
    "articles": _Articles,
    "claims": _Claims,
    "tenders": _Records(Tender),
    "institutions": _Records(Institution),
    "companies": _Records(Company),
}
