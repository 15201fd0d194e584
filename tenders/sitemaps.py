"""Sitemaps of all public pages."""

from django.contrib.sitemaps import GenericSitemap, Sitemap
from django.urls import reverse

from tenders.choices import EditorialState
from tenders.models import Article, Claim, Company, Institution, Page, Tender


class _StaticSitemap(Sitemap):
    def items(self):
        lists = ["tender-list", "institution-list", "company-list", "article-list"]
        return ["overview", *lists, "article-compare", "changes", "data", "version-list"]

    def location(self, item):
        return reverse(item)


class _PublicSitemap(GenericSitemap):
    limit = 10_000

    def __init__(self, queryset):
        super().__init__({"queryset": queryset})


SITEMAPS = {
    "pages": _StaticSitemap,
    "about": _PublicSitemap(Page.objects.all()),
    "articles": _PublicSitemap(Article.objects.published()),
    "claims": _PublicSitemap(Claim.objects.filter(article__state=EditorialState.PUBLISHED).select_related("article")),
    "tenders": _PublicSitemap(Tender.objects.published().order_by("reference").only("reference")),
    "institutions": _PublicSitemap(Institution.objects.published().order_by("reference").only("reference")),
    "companies": _PublicSitemap(Company.objects.published().order_by("reference").only("reference")),
}
