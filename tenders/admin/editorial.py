"""What the admin pages of records and articles share: who may write them, and how they move between their states."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders import actions
from tenders.admin.verdict_review import ClaimAwareAdmin, DryRun, ReasonedForm, roll_back
from tenders.choices import ChangeKind, EditorialState
from tenders.models.changes import is_created_by
from tenders.references import name_of

# The buttons of a form that move a record, and what each does.
MOVES = {
    "_submit": ChangeKind.SUBMITTED,
    "_return": ChangeKind.RETURNED,
    "_publish": ChangeKind.PUBLISHED,
    "_withdraw": ChangeKind.WITHDRAWN,
}
TAKING_BACK = {"_return", "_withdraw"}


class EditorialForm(ReasonedForm):
    """A record or an article; of what is public nothing is changed without a reason."""

    def clean_change_reason(self):
        reason = self.cleaned_data["change_reason"]
        if not reason and (self.instance.is_published or TAKING_BACK & set(self.data)):
            raise forms.ValidationError(_("Say why: what is public changes, or goes back, only with a reason."))
        return reason


class ReasonedActionForm(ActionForm):
    """What is done with the selected records, and why."""

    reason = forms.CharField(label=_("Why:"), required=False, max_length=500)


class EditorialAdmin(ClaimAwareAdmin):
    """
    Something that is public or not: its state changes by buttons and actions, never as a field.

    Contributors write their own drafts and submit them. All else is for editors, who may publish.
    """

    change_form_template = "admin/tenders/editorial_change_form.html"
    action_form = ReasonedActionForm
    actions = ["submit_selected", "return_selected", "publish_selected", "withdraw_selected"]

    # Who may do what.

    def has_publish_permission(self, request):
        return request.user.has_perm(f"tenders.publish_{self.opts.model_name}")

    def has_change_permission(self, request, obj=None):
        if obj is None or self.has_publish_permission(request):
            return super().has_change_permission(request, obj)
        return super().has_change_permission(request, obj) and may_write(request.user, obj)

    # What a form does.

    def change_kind(self, request, obj):
        for button, kind in MOVES.items():
            if button in request.POST and not (button == "_publish" and obj and obj.is_published):
                return kind
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
        saved = [form.instance, *(record for record in self.move(request, form) if record != form.instance)]
        if "_popup" not in request.POST:
            self.warn_of_problems(request, saved)

    def move(self, request, form):
        """Submit, send back, publish or withdraw a record; return what was not public before."""
        record, reason = form.instance, form.cleaned_data.get("change_reason", "")
        for button, do in (("_withdraw", self._withdraw), ("_return", self._send_back), ("_submit", self._submit)):
            if button in request.POST:
                do(request, record, reason)
                return []
        if record.is_published:  # what is public has public parties, or it is not saved
            try:
                return actions.publish(record, by=request.user, reason=reason)
            except ValidationError as error:
                roll_back(DryRun(problems=tuple(error.messages)))
        return self._publish(request, record, reason) if "_publish" in request.POST else []

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
            if record.state in {EditorialState.PUBLISHED, EditorialState.WITHDRAWN}
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

    # What is done with several.

    @admin.action(description=_("Submit the selected %(verbose_name_plural)s for review"), permissions=["change"])
    def submit_selected(self, request, queryset):
        self._move_selected(request, queryset, ChangeKind.SUBMITTED, self._submit)

    @admin.action(description=_("Send the selected %(verbose_name_plural)s back to the draft"), permissions=["change"])
    def return_selected(self, request, queryset):
        self._move_selected(request, queryset, ChangeKind.RETURNED, self._send_back)

    @admin.action(description=_("Publish the selected %(verbose_name_plural)s"), permissions=["publish"])
    def publish_selected(self, request, queryset):
        self._move_selected(request, queryset, ChangeKind.PUBLISHED, self._publish)

    @admin.action(description=_("Withdraw the selected %(verbose_name_plural)s"), permissions=["publish"])
    def withdraw_selected(self, request, queryset):
        self._move_selected(request, queryset, ChangeKind.WITHDRAWN, self._withdraw)

    def _move_selected(self, request, queryset, kind, move):
        reason = request.POST.get("reason", "").strip()[:500]
        with self.reviewed_write(request, kind, queryset, reason):
            moves = [move(request, record, reason) for record in queryset]
        self.warn_of_problems(request, [record for published in moves if published for record in published])

    # The moves of one record; a message reports what has been done, or why not.

    def _submit(self, request, record, reason):
        if not (self.has_publish_permission(request) or may_write(request.user, record)):
            raise PermissionDenied
        self._do(request, record, actions.submit, reason, _("%(record)s is submitted for review."))

    def _send_back(self, request, record, reason):
        """Send a record back to the draft; who has submitted it may take it back."""
        if not (self.has_publish_permission(request) or is_created_by(record, request.user)):
            raise PermissionDenied
        self._do(request, record, actions.send_back, reason, _("%(record)s is a draft again."))

    def _withdraw(self, request, record, reason):
        if not self.has_publish_permission(request):
            raise PermissionDenied
        self._do(request, record, actions.withdraw, reason, _("%(record)s is withdrawn."))

    def _publish(self, request, record, reason):
        """Publish a record with what it needs; return what was not public before."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        published = self._do(request, record, actions.publish, reason) or []
        for public in published:
            self._report_move(request, public, _("%(record)s is published."))
        return published

    def _do(self, request, record, action, reason, done=None):
        try:
            result = action(record, by=request.user, reason=reason)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return None
        if done:
            self._report_move(request, record, done)
        return result

    def _report_move(self, request, record, sentence):
        self.log_change(request, record, [{"changed": {"name": str(_("state")), "object": record.state}}])
        self.message_user(request, sentence % {"record": name_of(record)}, messages.SUCCESS)


def may_write(user, record):
    """Return whether somebody who may not publish may change a record: it is a draft of theirs."""
    return record.state == EditorialState.DRAFT and is_created_by(record, user)
