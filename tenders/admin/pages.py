"""The pages under /about/."""

from django.contrib import admin

from tenders.admin.verdict_review import ClaimAwareAdmin
from tenders.models import Page


@admin.register(Page)
class PageAdmin(ClaimAwareAdmin):
    """The site's own pages; their slugs stay, as every page links to them."""

    list_display = ["title_en", "title_zh", "slug", "position"]
    search_fields = ["slug", "title_en", "title_zh", "text_en", "text_zh"]

    def can_change_verdicts(self, request, obj, kind):
        """Return False: no verdict rests on a page."""
        return False

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title_en"]}

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and obj is not None and not obj.is_linked_everywhere
