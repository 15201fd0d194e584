"""Sources."""

from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import annotation
from tenders.admin.verdict_review import ClaimAwareAdmin
from tenders.models import Citation, Source


@admin.register(Source)
class SourceAdmin(ClaimAwareAdmin):
    num_citations = annotation("num_citations", _("citations"))
    list_display = ["slug", "title", "kind", "publisher", "published_date", "version_of", "num_citations"]
    list_display_links = ["slug", "title"]
    list_select_related = ["version_of"]
    list_filter = ["kind", ("version_of", admin.EmptyFieldListFilter)]
    search_fields = ["slug", "title", "publisher", "url"]
    ordering = ["slug"]
    autocomplete_fields = ["version_of"]
    prepopulated_fields = {"slug": ["title"]}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request):
        citations = Citation.objects.filter(source=OuterRef("pk")).order_by().values("source")
        num_citations = Subquery(citations.values(n=Count("pk")))
        return super().get_queryset(request).annotate(num_citations=Coalesce(num_citations, 0))

    def can_change_verdicts(self, request, obj, kind):
        """Return False for a new source: nothing is cited from it yet."""
        return obj is not None
