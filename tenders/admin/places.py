"""Regions and categories: seldom changed, looked up everywhere."""

from django.contrib import admin
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import annotation
from tenders.admin.slugs import SlugFormMixin
from tenders.admin.verdict_review import ClaimAwareAdmin, ReasonedForm
from tenders.choices import EditorialState
from tenders.models import Category, Region, Tender


class PlaceAdmin(ClaimAwareAdmin):
    """What tenders are listed by, with the number of those that are published."""

    num_tenders = annotation("num_tenders", _("published tenders"))

    def get_queryset(self, request):
        published = Count("tenders", filter=Q(tenders__state=EditorialState.PUBLISHED))
        return super().get_queryset(request).annotate(num_tenders=published)


@admin.register(Region)
class RegionAdmin(PlaceAdmin):
    list_display = ["code", "name_en", "name_zh", "kind", "num_tenders"]
    list_display_links = ["code", "name_en"]
    list_filter = ["kind"]
    search_fields = ["code", "name_en", "name_zh"]
    ordering = ["code"]


class CategoryForm(SlugFormMixin, ReasonedForm):
    """A category."""

    slug_sources = ("name_en", "name_zh")


@admin.register(Category)
class CategoryAdmin(PlaceAdmin):
    form = CategoryForm
    list_display = ["slug", "name_en", "name_zh", "parent", "position", "num_tenders"]
    list_select_related = ["parent"]
    list_filter = ["name_zh_status"]
    search_fields = ["slug", "name_en", "name_zh"]
    ordering = ["slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name_en"]}

    def get_deleted_objects(self, objs, request):
        """Protect a category that is suggested for tenders: the suggestion would vanish with it."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        tenders = Tender.objects.filter(suggested_categories__in=objs).distinct()
        message = _("%(tender)s: suggested category of this tender")
        protected += [message % {"tender": tender.reference} for tender in tenders]
        return to_delete, counts, permissions, protected
