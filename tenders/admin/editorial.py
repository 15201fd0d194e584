"""What the admin pages of records and articles share: who may write them, and how they move between their states."""

from collections.abc import Callable
from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders import actions
from tenders.admin.verdict_review import ClaimAwareAdmin, DryRun, ReasonedForm, roll_back
from tenders.choices import EVER_PUBLIC, ChangeKind, EditorialState
from tenders.models.changes import is_created_by
from tenders.references import name_of


def may_write(record, user):
    """Return whether somebody who may not publish may change a record: it is a draft of theirs."""
    return record.state == EditorialState.DRAFT and is_created_by(record, user)


class Move(NamedTuple):
    """A change of the editorial state; ``is_allowed`` says what somebody may move who may not publish."""

    kind: ChangeKind
    action: Callable
    message: str
    is_allowed: Callable = lambda record, user: False


SUBMIT = Move(ChangeKind.SUBMITTED, actions.submit, _("%(record)s was submitted for review."), may_write)
SEND_BACK = Move(ChangeKind.RETURNED, actions.send_back, _("%(record)s is a draft again."), is_created_by)
PUBLISH = Move(ChangeKind.PUBLISHED, actions.publish, _("%(record)s was published."))
WITHDRAW = Move(ChangeKind.WITHDRAWN, actions.withdraw, _("%(record)s was withdrawn."))
# By the button of a form that makes it.
MOVES = {"_withdraw": WITHDRAW, "_return": SEND_BACK, "_submit": SUBMIT, "_publish": PUBLISH}
TAKING_BACK = {"_return", "_withdraw"}


class EditorialForm(ReasonedForm):
    """A record or an article; of what is public nothing is changed without a reason."""

    def clean_change_reason(self):
        reason = self.cleaned_data["change_reason"]
        if not reason and (self.instance.is_published or TAKING_BACK & set(self.data)):
            raise forms.ValidationError(_("Give a reason: changes to published records are logged publicly."))
        return reason


class ReasonedActionForm(ActionForm):
    """What is done with the selected records, and why."""

    reason = forms.CharField(label=_("Reason:"), required=False, max_length=500)


class EditorialAdmin(ClaimAwareAdmin):
    """
    Something that is public or not: its state changes by buttons and actions, never as a field.

    Contributors write their own drafts and submit them. All else is for editors, who may publish.
    """

    change_form_template = "admin/tenders/editorial_change_form.html"
    action_form = ReasonedActionForm
    actions = ["submit_selected", "return_selected", "publish_selected", "withdraw_selected"]

    def has_publish_permission(self, request):
        return request.user.has_perm(f"tenders.publish_{self.opts.model_name}")

    def has_change_permission(self, request, obj=None):
        if obj is None or self.has_publish_permission(request):
            return super().has_change_permission(request, obj)
        return super().has_change_permission(request, obj) and may_write(obj, request.user)

    def editors_view(self, view):
        """Return an admin view for those who may publish."""

        def checked_view(request, *args, **kwargs):
            if not self.has_publish_permission(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_site.admin_view(checked_view)

    def change_kind(self, request, obj):
        for button, move in MOVES.items():
            if button in request.POST and not (button == "_publish" and obj and obj.is_published):
                return move.kind
        return super().change_kind(request, obj)

    def can_change_verdicts(self, request, obj, kind):
        """Return whether something public changes: no verdict rests on anything else."""
        return kind in {ChangeKind.PUBLISHED, ChangeKind.MERGED} or bool(obj and obj.is_published)

    def get_view_on_site_url(self, obj=None):
        """Link to the public page of what is public."""
        return super().get_view_on_site_url(obj) if obj and obj.is_published else None

    def save_related(self, request, form, formsets, change):
        """Save what belongs to a record, then move it as the pressed button asks."""
        super().save_related(request, form, formsets, change)
        others = [record for record in self.move(request, form) if record != form.instance]
        if "_popup" not in request.POST:
            self.warn_of_problems(request, [self.saved_record(form), *map(self.fresh, others)])

    def fresh(self, record):
        """Return a record as the database has it, with what ``warn_of_problems`` looks at."""
        return record

    def saved_record(self, form):
        """Return the record of a form as it is saved by now, which is read once."""
        return form.instance

    def move(self, request, form):
        """Submit, send back, publish or withdraw a record; return what was not public before."""
        record, reason = form.instance, form.cleaned_data.get("change_reason", "")
        move = next((move for button, move in MOVES.items() if button in request.POST), None)
        if record.is_published and move in (None, PUBLISH):  # what is public has public parties, or it is not saved
            try:
                return actions.publish(record, by=request.user, reason=reason)
            except ValidationError as error:
                roll_back(DryRun(problems=tuple(error.messages)))
        return self._move_record(request, record, move, reason) if move else []

    def warn_of_problems(self, request, records):
        """Warn the editor of what does not fit together yet."""

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["has_publish_permission"] = self.has_publish_permission(request)
        if obj:
            context["may_take_back"] = (
                obj.state == EditorialState.IN_REVIEW
                and not context["has_publish_permission"]
                and is_created_by(obj, request.user)
            )
            context["preview"] = reverse(f"preview-{self.opts.model_name}", args=obj.natural_key())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_deleted_objects(self, objs, request):
        """Protect what has been public: it is withdrawn, not deleted, so that its address can say so."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        public = [
            _("%(record)s has been public: withdraw it instead") % {"record": name_of(record)}
            for record in objs
            if record.state in EVER_PUBLIC
        ]
        return to_delete, counts, permissions, [*protected, *public]

    def response_add(self, request, obj, post_url_continue=None):
        return super().response_add(self._staying(request), obj, post_url_continue)

    def response_change(self, request, obj):
        if not self.has_change_permission(request, obj):  # submitted: there is nothing to edit again
            return HttpResponseRedirect(request.get_full_path())
        return super().response_change(self._staying(request), obj)

    def _staying(self, request):
        """Return a request that leads back to the form after a move, where its outcome stands."""
        if set(MOVES) & set(request.POST) and "_popup" not in request.POST:
            request.POST = request.POST.copy()
            request.POST["_continue"] = "1"
        return request

    @admin.action(description=_("Submit the selected %(verbose_name_plural)s for review"), permissions=["change"])
    def submit_selected(self, request, queryset):
        self._move_selected(request, queryset, SUBMIT)

    @admin.action(description=_("Send the selected %(verbose_name_plural)s back to draft"), permissions=["change"])
    def return_selected(self, request, queryset):
        self._move_selected(request, queryset, SEND_BACK)

    @admin.action(description=_("Publish the selected %(verbose_name_plural)s"), permissions=["publish"])
    def publish_selected(self, request, queryset):
        self._move_selected(request, queryset, PUBLISH)

    @admin.action(description=_("Withdraw the selected %(verbose_name_plural)s"), permissions=["publish"])
    def withdraw_selected(self, request, queryset):
        self._move_selected(request, queryset, WITHDRAW)

    def _move_selected(self, request, queryset, move):
        reason = request.POST.get("reason", "").strip()[:500]
        with self.reviewed_write(request, move.kind, queryset, reason):
            published = [moved for record in queryset for moved in self._move_record(request, record, move, reason)]
        self.warn_of_problems(request, list(map(self.fresh, published)))

    def _move_record(self, request, record, move, reason):
        """Move a record and report that, or why it cannot be; return what was not public before."""
        if not (self.has_publish_permission(request) or move.is_allowed(record, request.user)):
            raise PermissionDenied
        try:
            published = move.action(record, by=request.user, reason=reason)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return []
        for moved in [record] if published is None else published:
            self.log_change(request, moved, [{"changed": {"name": str(_("state")), "object": moved.state}}])
            self.message_user(request, move.message % {"record": name_of(moved)}, messages.SUCCESS)
        return published or []
