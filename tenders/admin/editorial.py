"""What the admin pages of records and articles share: they are published and withdrawn."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from tenders import actions
from tenders.admin.turns import JudgedAdmin
from tenders.choices import Cause, EditorialState


class EditorialAdmin(JudgedAdmin):
    """Something that is public or not: its state changes by buttons and actions, never as a field."""

    change_form_template = "admin/tenders/editorial_change_form.html"
    actions = ["publish_selected", "withdraw_selected"]

    def may_turn(self, request, obj, change):
        """Tell that no verdict rests on what is not public."""
        return obj.is_published or "_publish" in request.POST

    def cause(self, request, obj, change):
        if "_withdraw" in request.POST:
            return Cause.WITHDRAWN
        if "_publish" in request.POST and not obj.is_published:
            return Cause.PUBLISHED
        return super().cause(request, obj, change)

    def get_view_on_site_url(self, obj=None):
        """Link to the public page of what is public."""
        return super().get_view_on_site_url(obj) if obj and obj.is_published else None

    @admin.action(description=_("Publish the selected %(verbose_name_plural)s"), permissions=["change"])
    def publish_selected(self, request, queryset):
        with self.turning(request, Cause.PUBLISHED, queryset):
            published = [each for record in queryset for each in self._publish(request, record)]
        self.say_problems(request, published)

    @admin.action(description=_("Withdraw the selected %(verbose_name_plural)s"), permissions=["change"])
    def withdraw_selected(self, request, queryset):
        with self.turning(request, Cause.WITHDRAWN, queryset):
            for record in queryset:
                self._withdraw(request, record)

    def get_deleted_objects(self, objs, request):
        """Keep what has been public: it is withdrawn, not deleted, so that its address can say so."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        kept = [
            _("%(record)s has been public: withdraw it instead") % {"record": _name(record)}
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

    def write(self, request, form, formsets, change):
        super().write(request, form, formsets, change)
        saved = [form.instance, *(each for each in self.move(request, form) if each != form.instance)]
        if "_popup" not in request.POST:
            self.say_problems(request, saved)

    def move(self, request, form):
        """Publish or withdraw, as the editor has asked; return what was not public before."""
        record = form.instance
        if "_withdraw" in request.POST:
            self._withdraw(request, record)
        elif "_publish" in request.POST or record.is_published:  # what is public has public parties
            return self._publish(request, record)
        return []

    def say_problems(self, request, records):
        """Tell the editor what does not fit together yet."""

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
            self.message_user(request, _("%(record)s is published.") % {"record": _name(each)}, messages.SUCCESS)
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
        self.message_user(request, _("%(record)s is withdrawn.") % {"record": _name(record)}, messages.SUCCESS)


def _name(record):
    """Return the reference of a record, or the title of an article."""
    return getattr(record, "reference", "") or f"“{record}”"
