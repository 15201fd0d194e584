"""The overview, the editors' pages, and the addresses for programs."""

from django.conf import settings
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, TemplateView

from tenders.audit import latest_news
from tenders.caching import VersionedMixin
from tenders.charts.list_charts import draw, overview_of_tenders
from tenders.facets import UNKNOWN
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.markdown import render_with_contents
from tenders.models import Article, Page, Tender
from tenders.ocds.packages import POLICY, publication
from tenders.tables import TenderTable
from tenders.views.articles import article_summary
from tenders.views.changes import imported_at

NUM_LARGEST = 5  # tenders
NUM_LATEST = 3  # pieces of news


class Overview(VersionedMixin, TemplateView):
    """The front page: counts of records and known amounts, charts, the main article, the latest news."""

    parameters = frozenset()
    template_name = "tenders/overview.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **self.counted(),
            news=self.cache.get_or_compute(["latest news", get_language()], lambda: latest_news(NUM_LATEST)),
            imported_at=imported_at(),
            largest=TenderTable(
                self.largest().for_list()[:NUM_LARGEST],
                columns=("year", "company", "amount"),
                orderable=False,
            ),
            **kwargs,
        )

    def counted(self):
        """Return the numbers, the charts and the main article of the page."""
        return self.cache.get_or_compute(["overview", get_language()], self._cached_context, subject="listed")

    def largest(self):
        """Return the tenders whose awarded amount is known, the largest first."""
        tenders = Tender.objects.published().with_figures().filter(award_amount__isnull=False)
        return tenders.order_by("-award_amount", "reference")

    def _cached_context(self):
        tenders = TenderFilter()
        facets, num_tenders = tenders.facets(), tenders.qs.count()
        numbers = {facet.name: facet.numbers for facet in facets}
        amounts, years = numbers.get("amount", {}), numbers.get("year", {})
        article = self._article()
        return {
            "num_tenders": num_tenders,
            "num_institutions": InstitutionFilter().qs.count(),
            "num_companies": CompanyFilter().qs.count(),
            "num_amounts": amounts.get("known", 0),
            "num_unknown_amounts": amounts.get(UNKNOWN, 0),
            "num_disputed": numbers.get("disputed", {}).get("yes", 0),
            "num_from_elsewhere": numbers.get("same_region", {}).get("no", 0),
            # The year with the most tenders, the last of several.
            "main_year": max(set(years) - {UNKNOWN}, key=lambda year: (years[year], year), default=None),
            "charts": draw(overview_of_tenders, tenders, facets, num_tenders),
            "article": article,
            "article_year": article["published_date"][:4] if article else "",
        }

    def _article(self):
        """Return the public article with the most claims, or None."""
        articles = Article.objects.published().annotate(num_claims=Count("claims"))
        article = articles.order_by("-num_claims", "slug").first()
        if article is None:
            return None
        return {"num_claims": article.num_claims, **article_summary(article, self.cache)}


class PageDetail(VersionedMixin, DetailView):
    """A page that editors write."""

    parameters = frozenset()
    model = Page
    template_name = "tenders/page_detail.html"

    def get_context_data(self, **kwargs):
        text, contents = render_with_contents(self.object.text)
        shown = {"text": text, "contents": contents, "contact": settings.CONTACT_EMAIL}
        if self.object.slug == POLICY:
            shown["ocds"] = publication()
        return super().get_context_data(pages=Page.objects.all(), **shown, **kwargs)


@require_safe
def favicon(request):
    """Redirect from the default address of the icon to the hashed static file."""
    return redirect(static("favicon.svg"))


@require_safe
def robots(request):
    """Return robots.txt: the admin and forms of readers are disallowed; the sitemap's address."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        with override(code):
            lines += [f"Disallow: {reverse(name)}" for name in ("admin:index", "report", "subscribe")]
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
