"""Institutions and companies."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import annotation, shortened
from tenders.admin.citations import CompanyCitationInline, InstitutionCitationInline
from tenders.admin.filters import IsCited, RelatedOnly, WorkQueueFilter
from tenders.admin.records import RecordAdmin
from tenders.models import Company, Institution


class PartyAdmin(RecordAdmin):
    """An organisation that takes part in procurement."""

    num_tenders = annotation("num_tenders", _("published tenders"))
    short_name_en = shortened("name_en", _("English name"), 46)
    short_name_zh = shortened("name_zh", _("Chinese name"), 36)
    list_select_related = ["region"]
    search_fields = ["reference", "name_en", "name_zh", "aliases_en", "aliases_zh", "credit_code"]
    ordering = ["name_en", "reference"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_num_tenders().select_related(*self.named_records)


@admin.register(Institution)
class InstitutionAdmin(PartyAdmin):
    list_display = ["reference", "short_name_en", "short_name_zh", "kind", "level", "region", "num_tenders", "state"]
    list_display_links = ["reference", "short_name_en"]
    list_filter = [WorkQueueFilter, "state", "kind", "level", ("region", RelatedOnly), "name_zh_status", IsCited]
    named_records = ["region"]
    inlines = [InstitutionCitationInline]


@admin.register(Company)
class CompanyAdmin(PartyAdmin):
    list_display = ["reference", "short_name_en", "short_name_zh", "kind", "size", "region", "num_tenders", "state"]
    list_display_links = ["reference", "short_name_en"]
    list_filter = [WorkQueueFilter, "state", "kind", "size", ("region", RelatedOnly), "name_zh_status", IsCited]
    named_records = ["region", "group_region", "institution"]
    inlines = [CompanyCitationInline]
