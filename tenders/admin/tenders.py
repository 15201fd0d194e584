"""Tenders with their awards."""

from copy import copy

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import shorten
from tenders.admin.citations import CitationFormSet, TenderCitationInline
from tenders.admin.filters import IsAmountKnown, IsCited, IsDisputed, RelatedOnly, WorkQueueFilter
from tenders.admin.imports import ImportMixin
from tenders.admin.named_records import NamedRecordsField, NamedRecordsForm
from tenders.admin.records import RecordAdmin, RecordForm
from tenders.admin.rows import RowForm, RowFormSet
from tenders.admin.typed_values import TypedValuesForm
from tenders.models import Award, Company, Tender
from tenders.models.changes import record_changed_history
from tenders.money import format_number


class AwardForm(NamedRecordsForm, RowForm, TypedValuesForm):
    """An award with its companies; a new one of which nothing but its number is typed is none."""

    suppliers = NamedRecordsField(Company.objects.all(), label=_("Companies"), required=False)

    class Meta:
        model = Award
        # Whether an award is joint follows from its suppliers.
        fields = [attribute.name for attribute in Award.stored_attributes()]
        widgets = dict.fromkeys(("notes", "notes_zh"), forms.Textarea(attrs={"rows": 2}))

    def has_changed(self):
        typed = {*self.changed_data}
        return bool(typed if self.instance.pk else typed - {"number", "amount_qualifier"})


class AwardFormSet(RowFormSet):
    """The awards of one tender."""

    def clean(self):
        super().clean()
        before = {form.initial["number"]: form for form in self.initial_forms}
        for form in self.forms:
            number = getattr(form, "cleaned_data", {}).get("number")
            if before.get(number, form) is not form and not self._should_delete_form(form):
                form.add_error("number", _("Another award has this number until you save. Save that award first."))


class AwardInline(admin.StackedInline):
    model = Award
    form = AwardForm
    formset = AwardFormSet
    extra = 1

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("suppliers")

    def get_formset(self, request, obj=None, **kwargs):
        """Let those add companies who may."""
        formset = super().get_formset(request, obj, **kwargs)
        suppliers = formset.form.base_fields["suppliers"] = copy(formset.form.base_fields["suppliers"])
        suppliers.may_add = request.user.has_perm("tenders.add_company")
        return formset


class TenderForm(RecordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if {"buyer", "region"} <= set(self.fields) and (seat := self._seat()):
            region = self.fields["region"]
            offer = _("The buyer is registered in %(seat)s.") % {"seat": seat}
            region.help_text = format_html("{}<br>{}", region.help_text, offer)

    def _seat(self):
        """Return the region of the institution that is chosen: offered for that of the purchase, never written."""
        try:
            buyer = self.fields["buyer"].to_python(self["buyer"].value())
        except forms.ValidationError:
            return None
        return buyer and buyer.region

    def clean_possibly_same_as(self):
        others = self.cleaned_data["possibly_same_as"]
        if self.instance.pk and self.instance in others:
            raise forms.ValidationError(_("Choose other tenders: a tender can’t be a duplicate of itself."))
        return others


@admin.register(Tender)
class TenderAdmin(ImportMixin, RecordAdmin):
    form = TenderForm
    list_display = [
        "reference",
        "shown_title",
        "state",
        "year",
        "shown_buyer",
        "shown_region",
        "shown_category",
        "amount",
    ]
    list_display_links = ["reference", "shown_title"]
    list_select_related = ["buyer", "region", "category"]
    list_filter = [
        WorkQueueFilter,
        "state",
        "year",
        ("region", RelatedOnly),
        ("category", RelatedOnly),
        "status",
        "certainty",
        IsAmountKnown,
        IsDisputed,
        IsCited,
        ("buyer", admin.EmptyFieldListFilter),
        "title_zh_status",
    ]
    search_fields = [
        "reference",
        "official_number",
        "title_en",
        "title_zh",
        "buyer__name_en",
        "buyer__name_zh",
        "awards__suppliers__name_en",
        "awards__suppliers__name_zh",
        "notes",
        "notes_zh",
    ]
    ordering = ["-year", "reference"]
    named_records = ["buyer", "region", "category", "suggested_categories", "possibly_same_as"]
    inlines = [AwardInline, TenderCitationInline]

    def get_queryset(self, request):
        return super().get_queryset(request).with_figures().select_related("buyer__region", "region", "category")

    def save_related(self, request, form, formsets, change):
        """Record the history also of the tenders that this one is now, or no longer, linked to as perhaps the same."""
        is_changed = "possibly_same_as" in form.changed_data
        before = set(form.instance.possibly_same_as.all()) if change and is_changed else set()
        super().save_related(request, form, formsets, change)
        if is_changed:
            record_changed_history(before ^ set(form.instance.possibly_same_as.all()))

    @admin.display(description=_("title"), ordering="title_en")
    def shown_title(self, tender):
        return shorten(str(tender), 46)

    @admin.display(description=_("institution"), ordering="buyer__name_en")
    def shown_buyer(self, tender):
        return tender.buyer and shorten(str(tender.buyer), 26)

    @admin.display(description=_("region"), ordering="region")
    def shown_region(self, tender):
        return tender.region

    @admin.display(description=_("category"), ordering="category")
    def shown_category(self, tender):
        return tender.category and shorten(str(tender.category), 20)

    @admin.display(description=_("awarded (yuan)"), ordering="award_amount")
    def amount(self, tender):
        return None if tender.award_amount is None else format_number(tender.award_amount)

    def _create_formsets(self, request, obj, change):
        """Give the formset of citations the awards that are entered on the same page."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        awards = next((formset for formset in formsets if formset.model is Award), None)
        for formset in formsets:
            if isinstance(formset, CitationFormSet):
                formset.award_formset = awards
        return formsets, inlines
