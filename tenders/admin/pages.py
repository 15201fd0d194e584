"""The pages under /about/."""

from django.contrib import admin

from tenders.models import Page


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    list_display = ["title_en", "title_zh", "slug", "position"]
    search_fields = ["slug", "title_en", "title_zh", "text_en", "text_zh"]
    prepopulated_fields = {"slug": ["title_en"]}
