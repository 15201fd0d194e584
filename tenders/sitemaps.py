"""Sitemaps of all public pages."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from tenders.choices import EditorialState
from tenders.models import Article, Claim, Company, Institution, Page, Tender


class _StaticSitemap(Sitemap):
    def items(self):
        lists = ["tender-list", "institution-list", "company-list", "article-list"]
        return ["overview", *lists, "article-compare", "changes", "data"]

    def location(self, item):
        return reverse(item)


class _RecordSitemap(Sitemap):
    limit = 10_000

    def __init__(self, model):
        self.model = model

    def items(self):
        return self.model.objects.published().order_by("reference").only("reference")


class _ArticleSitemap(Sitemap):
    def items(self):
        return Article.objects.published()


class _ClaimSitemap(Sitemap):
    limit = 10_000

    def items(self):
        return Claim.objects.filter(article__state=EditorialState.PUBLISHED).select_related("article")


class _PageSitemap(Sitemap):
    def items(self):
        return Page.objects.all()


SITEMAPS = {
    "pages": _StaticSitemap,
    "about": _PageSitemap,
    "articles": _ArticleSitemap,
    "claims": _ClaimSitemap,
    "tenders": _RecordSitemap(Tender),
    "institutions": _RecordSitemap(Institution),
    "companies": _RecordSitemap(Company),
}
