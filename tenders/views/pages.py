"""The overview, the pages that editors write, and what machines ask for."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, TemplateView

from tenders.caching import VersionedMixin
from tenders.choices import InstitutionKind
from tenders.facets import UNKNOWN
from tenders.filters import CompanyFilter, InstitutionFilter
from tenders.models import Category, Page, Region, Tender

LARGEST = 5


class Overview(VersionedMixin, TemplateView):
    """The front page: what this is, how much is recorded and how much is known."""

    template_name = "tenders/overview.html"

    def get_context_data(self, **kwargs):
        largest = Tender.objects.published().with_figures().filter(award_amount__isnull=False).for_list()
        return super().get_context_data(
            **self.answers.once(["overview", get_language()], self._figures),
            largest=largest.order_by("-award_amount", "reference")[:LARGEST],
            **kwargs,
        )

    def _figures(self):
        tenders = Tender.objects.published()
        num_tenders = tenders.count()
        num_amounts = tenders.filter(figures__award_amount__isnull=False).count()
        return {
            "num_tenders": num_tenders,
            "num_institutions": InstitutionFilter().qs.count(),
            "num_companies": CompanyFilter().qs.count(),
            "num_amounts": num_amounts,
            "num_unknown_amounts": num_tenders - num_amounts,
            "by_year": sorted(_counts(tenders, "year").items()),
            "by_region": _labelled(
                _counts(tenders, "region__code"), {region.code: region.name for region in Region.objects.all()}
            ),
            "by_category": list(_by_top_category(_counts(tenders, "category"))),
            "by_kind": _labelled(
                _counts(tenders, "buyer__kind"), {code: str(label) for code, label in InstitutionKind.choices}
            ),
        }


def _counts(tenders, column):
    """Return how many tenders have each value of a column, as a dict; the unknown value is None."""
    counts = {}
    for value, number in tenders.order_by().values_list(column).annotate(Count("pk")):
        counts[value or None] = counts.get(value or None, 0) + number
    return counts


def _labelled(counts, labels):
    """Return (code, label, number) rows, the largest first and the unknown last."""
    rows = [(code, labels.get(code, code), number) for code, number in counts.items() if code is not None]
    rows.sort(key=lambda row: (-row[2], str(row[1])))
    if None in counts:
        rows.append((UNKNOWN, None, counts[None]))
    return rows


def _by_top_category(counts):
    """Yield (slug, category, number) of each top category with all that stands under it, the unknown last."""
    numbers = {}
    for category in Category.objects.select_related("parent__parent"):
        top = category.path[0]
        numbers[top] = numbers.get(top, 0) + counts.get(category.pk, 0)
    for top, number in sorted(numbers.items(), key=lambda item: item[0].position):
        if number:
            yield top.slug, top.name, number
    if None in counts:
        yield UNKNOWN, None, counts[None]


class PageDetail(VersionedMixin, DetailView):
    """A page that editors write."""

    model = Page
    template_name = "tenders/page_detail.html"

    def get_context_data(self, **kwargs):
        other_language = "en" if get_language() == "zh-hans" else "zh-hans"
        with override(other_language):
            other_url = reverse("page", args=[self.object.slug])
        return super().get_context_data(
            pages=Page.objects.all(),
            other_url=other_url,
            other_language=other_language,
            **kwargs,
        )


def favicon(request):
    """Lead browsers that ask for the usual address to the site's own icon."""
    return redirect(static("favicon.svg"))


def robots(request):
    """Tell crawlers what is not for them, and where the sitemap is."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        with override(code):
            lines.append(f"Disallow: {reverse('admin:index')}")
    lines += [
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@never_cache
def healthz(request):
    """Answer 200 when the database answers and no migration is missing, else 503 and which of the two is wrong."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"database": "does not answer", "migrations": "unknown"}, status=503)
    migrations = "missing" if missing else "applied"
    return JsonResponse({"database": "answers", "migrations": migrations}, status=503 if missing else 200)
