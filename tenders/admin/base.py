"""The base of all admin pages: facet counts, history, no lookups or ids that cannot be read."""

import itertools

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders import audit
from tenders.admin.named_records import typed_name
from tenders.audit.records import PARTS
from tenders.search import HAN, MAX_WORDS, words

MAX_SUGGESTIONS = 20
LOOKUPS = {"exact", "in", "isnull", "isempty", "id"}


def is_id(value):
    """Return whether a value can be a primary key: SQLite's have 64 bits."""
    return str(value).isascii() and str(value).isdecimal() and len(str(value)) <= 18


class _ReadableIds:
    def optgroups(self, name, value, attrs=None):
        """Show what is chosen; Django's own widget asks the database for whatever was sent."""
        return super().optgroups(name, list(filter(is_id, value)), attrs)


class ReadableSelect(_ReadableIds, AutocompleteSelect):
    pass


class ReadableSelectMultiple(_ReadableIds, AutocompleteSelectMultiple):
    pass


def autocomplete(db_field, **options):
    """Return an autocomplete that ignores what is no primary key in an address or a form."""
    select = ReadableSelectMultiple if db_field.many_to_many else ReadableSelect
    return select(db_field, admin.site, **options)


def related_widget(db_field, choices):
    """Return the widget in which related records are found, or added when they are not there yet."""
    select = autocomplete(db_field, choices=choices)
    return RelatedFieldWidgetWrapper(select, db_field.remote_field, admin.site, can_add_related=True)


def annotation(name, description):
    """Return a column of an admin list that shows an annotation of the records and sorts by it."""
    return admin.display(description=description, ordering=name)(lambda model_admin, record: getattr(record, name))


def shorten(text, width):
    """Return the beginning of a text, so that it fits two lines of a list; Chinese characters are two wide."""
    widths = itertools.accumulate(2 if HAN.match(character) else 1 for character in text)
    fits = sum(1 for used in widths if used <= width)
    return text if fits == len(text) else f"{text[:fits].rstrip()}…"


def shortened(name, description, width):
    """Return a column of an admin list that shows the beginning of a text, and sorts by it."""
    return admin.display(description=description, ordering=name)(
        lambda model_admin, record: shorten(getattr(record, name), width) or None
    )


class AutocompletesMixin:
    """Autocompletes that ignore what is no primary key, with a link to add a record."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Offer to add what is missing; what is there is changed on its own page."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = autocomplete(db_field)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
        return field


class BaseAdmin(AutocompletesMixin, admin.ModelAdmin):
    """An admin page of ours."""

    show_facets = admin.ShowFacets.ALWAYS
    empty_value_display = gettext_lazy("unknown")
    list_per_page = 50

    def get_urls(self):
        suggest = path(
            "suggest/", self.admin_site.admin_view(self.suggest), name=f"tenders_{self.opts.model_name}_suggest"
        )
        return [suggest, *super().get_urls()]

    def get_search_results(self, request, queryset, search_term):
        """Find nothing for more words than the lists of the site look for, and say so."""
        if (n := len(words(search_term))) > MAX_WORDS:
            message = _("Search for at most %(max)s words; you entered %(n)s.") % {"max": MAX_WORDS, "n": n}
            self.message_user(request, message, messages.ERROR)
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def suggest(self, request):
        """Answer with the names of records that a search for ``q`` finds, as forms write them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, has_repeats = self.get_search_results(
            request, self.get_queryset(request), request.GET.get("q", "")[:200]
        )
        records = (found.distinct() if has_repeats else found)[:MAX_SUGGESTIONS]
        return JsonResponse({"names": [typed_name(record) for record in records]})

    def message_user(self, request, message, level=messages.INFO, *args, **kwargs):
        """Leave out what a pop-up would report, but errors: it closes at once, and the next page would show it."""
        if IS_POPUP_VAR not in request.POST or level == messages.ERROR:
            super().message_user(request, message, level, *args, **kwargs)

    def render_change_form(self, request, context, *args, **kwargs):
        """Show no success of an earlier request above a form that was not saved."""
        if request.method == "POST":
            earlier = messages.get_messages(request)
            context["messages"] = [message for message in earlier if message.level != messages.SUCCESS]
        return super().render_change_form(request, context, *args, **kwargs)

    def page(self, request, template, **context):
        """Return a page of the admin that Django has none of."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/tenders/{template}.html", context)

    def lookup_allowed(self, lookup, value, request):
        """Allow what our filters ask; Django allows any lookup of the record's own columns, ranges and patterns too."""
        *path, last = lookup.split("__")
        return (not path or last in LOOKUPS) and super().lookup_allowed(lookup, value, request)

    def response_action(self, request, queryset):
        selected = request.POST.getlist("_selected_action")
        if not all(map(is_id, selected)):
            request.POST = request.POST.copy()
            request.POST.setlist("_selected_action", list(filter(is_id, selected)))
        return super().response_action(request, queryset)

    def history_view(self, request, object_id, extra_context=None):
        """Show all changes of a record that has a history, also those that were never public."""
        response = super().history_view(request, object_id, extra_context)
        if self.model in PARTS and isinstance(response, TemplateResponse):
            record = response.context_data["object"]
            page = Paginator(audit.history_of(record), self.list_per_page).get_page(request.GET.get(PAGE_VAR))
            response.template_name = "admin/tenders/record_history.html"
            may_undo = self.has_change_permission(request, record)
            response.context_data |= {"title": _("Change history: %s") % record, "page": page, "may_undo": may_undo}
        return response
