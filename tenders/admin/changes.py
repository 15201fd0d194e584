"""The changes of the history, and the page that undoes one: previewed, with a reason, as a new change."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.verdict_review import ClaimAwareAdmin, DryRun, roll_back, write_or_dry_run
from tenders.choices import ChangeKind
from tenders.models import Change
from tenders.undoing import NOT_UNDONE, plan_undo, undo

DRY_RUN_REASON = "-"  # of what is rolled back


class UndoForm(forms.Form):
    """Why a change is undone."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Readers see it in the public history."),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )


@admin.register(Change)
class ChangeAdmin(ClaimAwareAdmin):
    """All changes, newest first, those of deleted records too; nothing is added, changed or deleted here."""

    list_display = ["made_at", "kind", "by", "reason", "undo_link"]
    list_display_links = None
    list_filter = ["kind"]
    list_select_related = ["by"]
    search_fields = ["reason"]
    ordering = ["-pk"]

    def get_urls(self):
        undo_view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:number>/undo/", undo_view, name="tenders_change_undo"), *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=gettext_lazy("undo"))
    def undo_link(self, change):
        if change.kind in NOT_UNDONE:
            return ""
        address = reverse("admin:tenders_change_undo", args=[change.pk])
        return format_html('<a href="{}">{}</a>', address, _("Undo this change…"))

    def undo_view(self, request, number):
        """Show what undoing a change would write, and what was changed since; write it when that is confirmed."""
        change = get_object_or_404(Change.objects.select_related("by"), pk=number)
        if change.kind in NOT_UNDONE:
            raise Http404(NOT_UNDONE[change.kind])
        form = UndoForm(request.POST or None)
        response, dry_run = write_or_dry_run(request, partial(self._undo, request, change, form))
        if dry_run is None:
            return response
        plan, ticked = plan_undo(change), set(request.POST.getlist("item"))
        records = [
            (name, [(item, item.key in ticked if request.POST else not item.has_later_changes) for item in items])
            for name, items in plan.described()
        ]
        return self.page(
            request,
            "undo",
            title=_("Undo: %(change)s") % {"change": change.get_kind_display()},
            change=change,
            plan=plan,
            records=records,
            form=form,
            dry_run=dry_run,
            media=self.media + form.media,
        )

    def _undo(self, request, change, form):
        """Undo a change; roll it back unless that was asked for, with a reason."""
        plan = plan_undo(change)
        if not may_undo(request, plan):
            raise PermissionDenied
        ticked, shown = (set(request.POST.getlist(name)) for name in ("item", "shown"))
        is_asked = request.method == "POST" and form.is_valid()
        options = {"also": ticked, "without": shown - ticked}
        if not is_asked and not plan.selected(**options):
            roll_back(DryRun())
        reason = form.cleaned_data["reason"] if is_asked else DRY_RUN_REASON
        digest = request.POST.get("digest")
        try:
            with self.reviewed_write(request, ChangeKind.UNDONE, reason=reason, undoes=change):
                undo(change, by=request.user, reason=reason, digest=digest, **options)
        except ValidationError as error:
            roll_back(DryRun(problems=tuple(error.messages)))
        if not is_asked:
            roll_back(DryRun())
        self.message_user(
            request, _("The change was undone. Undoing is a change too, so you can undo it."), messages.SUCCESS
        )
        return HttpResponseRedirect(self._address_after(plan))

    def _address_after(self, plan):
        """Return the address of the history of the first record that is there, else of all changes."""
        for model, pk in plan.by_record():
            if admin.site.is_registered(model) and model._base_manager.filter(pk=pk).exists():
                return reverse(f"admin:tenders_{model._meta.model_name}_history", args=[pk])
        return reverse("admin:tenders_change_changelist")


def may_undo(request, plan):
    """Return whether a user may write by hand what undoing a change writes: to all records, with their states."""
    for model, steps in plan.steps_by_model().items():
        if not admin.site.is_registered(model):  # former references and distinct pairs: an editor's work
            if not request.user.has_perm("tenders.publish_tender"):
                return False
            continue
        model_admin = admin.site.get_model_admin(model)
        may_publish = getattr(model_admin, "has_publish_permission", model_admin.has_change_permission)
        records = model._base_manager.in_bulk(list(steps))
        for pk, (is_deleted, is_created, moves_state) in steps.items():
            allowed = [model_admin.has_delete_permission(request, records.get(pk))] if is_deleted else []
            allowed += [model_admin.has_add_permission(request)] if is_created else []
            allowed += [may_publish(request)] if is_created or moves_state else []
            allowed += [model_admin.has_change_permission(request, records[pk])] if pk in records else []
            if not all(allowed):
                return False
    return True
