"""What the admin pages of institutions, companies and tenders share: publishing, citing, and saying what is wrong."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenders import actions, integrity
from tenders.admin.desk import DeskAdmin, ReadableSelect
from tenders.choices import EditorialState
from tenders.models import Citation, Source


class RecordForm(forms.ModelForm):
    """A record, and a short way to cite from one source all that has no citation yet."""

    cite_source = forms.ModelChoiceField(
        Source.objects.all(),
        label=_("Source of the rest"),
        required=False,
        help_text=_("Every fact on this page, awards included, that has no citation yet is cited from it on saving."),
    )
    cite_place = forms.CharField(
        label=_("Place in it"), required=False, max_length=200, help_text=_("Page, section, paragraph.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"title_en", "title_zh", "name_en", "name_zh"} & set(self.fields):
            self.fields[name].widget.attrs["class"] = "vLargeTextField"
        if "cite_source" in self.fields:
            self.fields["cite_source"].widget = ReadableSelect(
                Citation._meta.get_field("source"), admin.site, choices=self.fields["cite_source"].choices
            )


CITING = (_("Citing"), {"fields": [("cite_source", "cite_place")]})


class IsCited(admin.SimpleListFilter):
    """Which records no source speaks of."""

    title = _("has a source")
    parameter_name = "cited"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        if self.value() in {"yes", "no"}:
            return (
                queryset.filter(pk__in=self._cited(queryset.model))
                if self.value() == "yes"
                else queryset.exclude(pk__in=self._cited(queryset.model))
            )
        return queryset

    def _cited(self, model):
        name = model._meta.model_name
        return Citation.objects.filter(**{f"{name}__isnull": False}).values(name)


class RecordAdmin(DeskAdmin):
    """A record of the public database: its state changes by buttons and actions, never as a field."""

    form = RecordForm
    change_form_template = "admin/tenders/record_change_form.html"
    readonly_fields = ["reference", "state"]
    actions = ["publish_selected", "withdraw_selected"]

    def get_view_on_site_url(self, obj=None):
        """Link to the public page of what is public."""
        return super().get_view_on_site_url(obj) if obj and obj.is_published else None

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        return [each for each in fieldsets if each != CITING or request.user.has_perm("tenders.add_citation")]

    @admin.action(description=_("Publish the selected %(verbose_name_plural)s"), permissions=["change"])
    def publish_selected(self, request, queryset):
        published = [each for record in queryset for each in self._publish(request, record)]
        self._say_problems(request, published)

    @admin.action(description=_("Withdraw the selected %(verbose_name_plural)s"), permissions=["change"])
    def withdraw_selected(self, request, queryset):
        for record in queryset:
            self._withdraw(request, record)

    def get_deleted_objects(self, objs, request):
        """Keep what has been public: it is withdrawn, not deleted, so that its address can say so."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        kept = [
            _("%(record)s has been public: withdraw it instead") % {"record": record.reference}
            for record in objs
            if record.state in {EditorialState.PUBLISHED, EditorialState.WITHDRAWN}
        ]
        return to_delete, counts, permissions, [*protected, *kept]

    def response_add(self, request, obj, post_url_continue=None):
        return super().response_add(self._staying(request), obj, post_url_continue)

    def response_change(self, request, obj):
        return super().response_change(self._staying(request), obj)

    def _staying(self, request):
        """Stay on the form after publishing or withdrawing, where the outcome is told."""
        if {"_publish", "_withdraw"} & set(request.POST) and "_popup" not in request.POST:
            request.POST = request.POST.copy()
            request.POST["_continue"] = "1"
        return request

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        record, saved = form.instance, [form.instance]
        source = form.cleaned_data.get("cite_source")
        if source and request.user.has_perm("tenders.add_citation"):
            cited = actions.cite_uncited_facts(record, source=source, place=form.cleaned_data["cite_place"])
            message = ngettext("%(n)s fact was cited from “%(s)s”.", "%(n)s facts were cited from “%(s)s”.", len(cited))
            self.message_user(request, message % {"n": len(cited), "s": source}, messages.SUCCESS)
        if "_withdraw" in request.POST:
            self._withdraw(request, record)
        elif "_publish" in request.POST or record.is_published:  # what is public has public parties
            saved += [each for each in self._publish(request, record) if each != record]
        if "_popup" not in request.POST:
            self._say_problems(request, saved)

    def _publish(self, request, record):
        """Publish a record with what it needs, and say so; return what was not public before."""
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        try:
            published = actions.publish(record)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return []
        for each in published:
            self.log_change(request, each, [{"changed": {"name": str(_("state")), "object": each.state}}])
            self.message_user(request, _("%(record)s is published.") % {"record": each.reference}, messages.SUCCESS)
        return published

    def _withdraw(self, request, record):
        """Withdraw a record, and say so."""
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        try:
            actions.withdraw(record)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return
        self.log_change(request, record, [{"changed": {"name": str(_("state")), "object": record.state}}])
        self.message_user(request, _("%(record)s is withdrawn.") % {"record": record.reference}, messages.SUCCESS)

    def _say_problems(self, request, records):
        """Tell the editor what does not fit together yet; ``check_data`` would report the same."""
        found = []
        for record in records:
            fresh = integrity.with_citations(type(record).objects.filter(pk=record.pk)).get()
            found += integrity.citation_problems(fresh)
        if found:
            message = _("Saved, but not yet right: %(problems)s") % {"problems": " ".join(found)}
            self.message_user(request, message, messages.WARNING)
