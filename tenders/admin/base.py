"""The base of all admin pages: facet counts, *unknown* for empty values, no lookups or ids that cannot be read."""

from django.contrib import admin
from django.contrib.admin.widgets import (
    AutocompleteSelect,
    AutocompleteSelectMultiple,
    RelatedFieldWidgetWrapper,
)
from django.utils.translation import gettext_lazy as _

from tenders.models import Citation

LOOKUPS = {"exact", "in", "isnull", "isempty"}


def is_id(value):
    """Return whether a value can be a primary key: SQLite's have 64 bits."""
    return str(value).isascii() and str(value).isdecimal() and len(str(value)) <= 18


class _ReadableIds:
    def optgroups(self, name, value, attrs=None):
        """Show what is chosen; Django's own widget asks the database for whatever was sent."""
        return super().optgroups(name, [key for key in value if key is not None and is_id(key)], attrs)


class ReadableSelect(_ReadableIds, AutocompleteSelect):
    pass


class ReadableSelectMultiple(_ReadableIds, AutocompleteSelectMultiple):
    pass


def source_widget(choices):
    """Return the widget in which a source is found, or added when it is not there yet."""
    field = Citation._meta.get_field("source")
    select = ReadableSelect(field, admin.site, choices=choices)
    return RelatedFieldWidgetWrapper(select, field.remote_field, admin.site, can_add_related=True)


class AutocompletesMixin:
    """Autocompletes that ignore what is no primary key in an address or a form."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = ReadableSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Offer to add what is missing; what is there is changed on its own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = ReadableSelectMultiple(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class BaseAdmin(AutocompletesMixin, admin.ModelAdmin):
    """An admin page of ours."""

    show_facets = admin.ShowFacets.ALWAYS
    empty_value_display = _("unknown")
    list_per_page = 50

    def lookup_allowed(self, lookup, value, request):
        """Allow what our filters ask; Django allows any lookup of the record's own columns, ranges and patterns too."""
        *path, last = lookup.split("__")
        return (not path or last in LOOKUPS or last == "id") and super().lookup_allowed(lookup, value, request)

    def response_action(self, request, queryset):
        selected = request.POST.getlist("_selected_action")
        if not all(map(is_id, selected)):
            request.POST = request.POST.copy()
            request.POST.setlist("_selected_action", list(filter(is_id, selected)))
        return super().response_action(request, queryset)
