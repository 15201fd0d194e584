"""The overview, the list of changes, the editors' pages, and the addresses for programs."""

from django.conf import settings
from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, TemplateView

from tenders.audit import latest_changes
from tenders.caching import VersionedMixin
from tenders.charts.list_charts import draw, overview_of_tenders
from tenders.facets import UNKNOWN, parameter_errors_of
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Article, Page, Tender
from tenders.views.articles import article_summary
from tenders.views.errors import unreadable
from tenders.views.lists import PageForm

NUM_LARGEST = 5  # tenders
NUM_LATEST = 3  # changes
CHANGES_PER_PAGE = 25


class Overview(VersionedMixin, TemplateView):
    """The front page: counts of records and known amounts, charts, the main article, the latest changes."""

    template_name = "tenders/overview.html"

    def get_context_data(self, **kwargs):
        largest = Tender.objects.published().with_figures().filter(award_amount__isnull=False).for_list()
        return super().get_context_data(
            **self.cache.get_or_compute(["overview", get_language()], self._cached_context, subject="listed"),
            changes=self.cache.get_or_compute(
                ["latest changes", get_language()], lambda: latest_changes(NUM_LATEST)[0]
            ),
            largest=largest.order_by("-award_amount", "reference")[:NUM_LARGEST],
            **kwargs,
        )

    def _cached_context(self):
        tenders = TenderFilter()
        facets, num_tenders = tenders.facets(), tenders.qs.count()
        amounts = next((facet.numbers for facet in facets if facet.name == "amount"), {})
        return {
            "num_tenders": num_tenders,
            "num_institutions": InstitutionFilter().qs.count(),
            "num_companies": CompanyFilter().qs.count(),
            "num_amounts": amounts.get("known", 0),
            "num_unknown_amounts": amounts.get(UNKNOWN, 0),
            "last_year": tenders.qs.aggregate(Max("year"))["year__max"],
            "charts": draw(overview_of_tenders, tenders, facets, num_tenders),
            "article": self._article(),
        }

    def _article(self):
        """Return the public article with the most claims, or None."""
        articles = Article.objects.published().annotate(num_claims=Count("claims"))
        article = articles.order_by("-num_claims", "slug").first()
        if article is None:
            return None
        return {"num_claims": article.num_claims, **article_summary(article, self.cache)}


class Changes(VersionedMixin, TemplateView):
    """A page of the changes of public records; the total is not counted."""

    template_name = "tenders/changes.html"

    def get(self, request):
        paging = PageForm(request.GET)
        if wrong := parameter_errors_of(paging):
            return unreadable(request, wrong)
        number, before = paging.cleaned_data["page"] or 1, None
        for page in range(1, number + 1):
            found, before = self.cache.get_or_compute(
                ["changes", page, get_language()], lambda before=before: latest_changes(CHANGES_PER_PAGE, before)
            )
            if before is None and page < number:
                raise Http404(_("The changes end on page %(last)s.") % {"last": page})
        query = f"page={number}" if number > 1 else ""
        return self.render_to_response(
            self.get_context_data(changes=found, number=number, has_more=before is not None, page_query=query)
        )


class PageDetail(VersionedMixin, DetailView):
    """A page that editors write."""

    model = Page
    template_name = "tenders/page_detail.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(pages=Page.objects.all(), contact=settings.CONTACT_EMAIL, **kwargs)


@require_safe
def favicon(request):
    """Redirect from the default address of the icon to the hashed static file."""
    return redirect(static("favicon.svg"))


@require_safe
def robots(request):
    """Return robots.txt: the admin is disallowed; the sitemap's address."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        with override(code):
            lines.append(f"Disallow: {reverse('admin:index')}")
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
