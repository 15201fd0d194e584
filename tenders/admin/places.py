"""Regions and categories: seldom changed, looked up everywhere."""

from django.contrib import admin
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from tenders.admin.verdict_review import ClaimAwareAdmin
from tenders.choices import EditorialState
from tenders.models import Category, Region, Tender

_PUBLISHED = Count("tenders", filter=Q(tenders__state=EditorialState.PUBLISHED))


@admin.register(Region)
class RegionAdmin(ClaimAwareAdmin):
    list_display = ["code", "name_en", "name_zh", "kind", "num_tenders"]
    list_display_links = ["code", "name_en"]
    list_filter = ["kind"]
    search_fields = ["code", "name_en", "name_zh"]
    ordering = ["code"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(num_tenders=_PUBLISHED)

    @admin.display(description=_("published tenders"), ordering="num_tenders")
    def num_tenders(self, region):
        return region.num_tenders


@admin.register(Category)
class CategoryAdmin(ClaimAwareAdmin):
    list_display = ["slug", "name_en", "name_zh", "parent", "position", "num_tenders"]
    list_select_related = ["parent"]
    list_filter = ["name_zh_status"]
    search_fields = ["slug", "name_en", "name_zh"]
    ordering = ["slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name_en"]}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(num_tenders=_PUBLISHED)

    @admin.display(description=_("published tenders"), ordering="num_tenders")
    def num_tenders(self, category):
        return category.num_tenders

    def get_deleted_objects(self, objs, request):
        """Protect a category that is suggested for tenders: the suggestion would vanish with it."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        tenders = Tender.objects.filter(suggested_categories__in=objs).distinct()
        suggested = [
            _("%(tender)s: it is suggested for this tender") % {"tender": tender.reference} for tender in tenders
        ]
        return to_delete, counts, permissions, [*protected, *suggested]
