"""Sources: the documents that are cited, and what stands for them where there is none."""

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import annotation, shortened
from tenders.admin.evidence import EvidenceForm, EvidenceMixin
from tenders.admin.filters import WorkQueueFilter
from tenders.admin.slugs import SlugFormMixin
from tenders.admin.verdict_review import ClaimAwareAdmin
from tenders.models import Citation, Source
from tenders.models.sources import KINDS_OF_OWN_SOURCES


class SourceForm(SlugFormMixin, EvidenceForm):
    """A source; whether it is a document is no longer changed once it is cited: what it states would not be true."""

    slug_sources = ("title", "title_zh")

    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        is_document = kind not in KINDS_OF_OWN_SOURCES.values()
        if self.instance.pk and is_document != self.instance.is_document and self.instance.citations.exists():
            raise forms.ValidationError(
                _(
                    "This source is cited, so its kind can’t change between document and non-document. Add "
                    "another source and cite that."
                )
            )
        return kind


@admin.register(Source)
class SourceAdmin(EvidenceMixin, ClaimAwareAdmin):
    form = SourceForm
    num_citations = annotation("num_citations", _("citations"))
    short_title = shortened("title", _("title"), 40)
    short_publisher = shortened("publisher", _("publisher"), 28)
    list_display = [
        "slug",
        "short_title",
        "kind",
        "short_publisher",
        "published_date",
        "shown_original",
        "num_citations",
    ]
    list_display_links = ["slug", "short_title"]
    list_select_related = ["version_of"]
    list_filter = [WorkQueueFilter, "kind", ("version_of", admin.EmptyFieldListFilter)]
    search_fields = ["slug", "title", "title_zh", "publisher", "publisher_zh", "url"]
    fields = [
        "slug",
        ("kind", "language"),
        ("title", "title_zh"),
        ("publisher", "publisher_zh"),
        ("url", "archived_url"),
        ("published_date", "seen_date"),
        "version_of",
        ("notes", "notes_zh"),
        *EvidenceMixin.fields,
    ]
    ordering = ["slug"]
    autocomplete_fields = ["version_of"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request):
        citations = Citation.objects.filter(source=OuterRef("pk")).order_by().values("source")
        num_citations = Subquery(citations.values(n=Count("pk")))
        return super().get_queryset(request).annotate(num_citations=Coalesce(num_citations, 0))

    @admin.display(description=_("version of"), ordering="version_of")
    def shown_original(self, source):
        return source.version_of and source.version_of.slug

    def can_change_verdicts(self, request, obj, kind):
        """Return False for a new source: nothing is cited from it yet."""
        return obj is not None
