"""
How the admin writes: one after the other, each a change of its own, tried before it is done.

What it would turn of verdicts is shown first. A form that was opened before somebody else saved the same is not saved.
"""

import hashlib
import json
from contextlib import contextmanager, nullcontext

from django import forms
from django.contrib.admin.utils import unquote
from django.contrib.messages.storage import default_storage
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tenders.admin.base import BaseAdmin, is_id
from tenders.admin.history import HistoryMixin
from tenders.audit import history_of
from tenders.choices import Cause, ChangeKind
from tenders.claims import verdict_history
from tenders.claims.sentences import reason
from tenders.models import DatasetVersion
from tenders.models.changes import change_set, last_change
from tenders.references import name_of

ABOUT_SAVING = {"change_reason", "cite_source", "cite_place"}  # fields that say how to save, not what
OPENED = "_opened"  # the parameter of a form with the last change of what it shows
CONFIRMED = "_turns"  # the parameter of a form with the digest of the turns that its editor has seen
SUBJECT_LENGTH = 80


class Tried(Exception):  # noqa: N818 nothing is wrong
    """Raised when something has been written for a trial: nothing of it stays, and the editor is shown what it does."""

    def __init__(self, changed_verdicts=(), evaluation=None, problems=(), uncited=()):
        super().__init__()
        self.problems = problems  # why it cannot stay
        self.uncited = uncited  # what would be public without a source
        self.changed_verdicts = [(each, reason(each.claim, each.evaluation)) for each in changed_verdicts]
        self.digest = digest(changed_verdicts)
        self.evaluation = evaluation  # of the claim that was written


class ShownAgain:
    """A form that is shown once more as it was typed, and not saved."""

    def is_valid(self):
        super().is_valid()
        return False


class ReasonForm(forms.Form):
    """Why something is done."""

    change_reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "What you change and why, in a few words. Readers see it in the history of what is public."
        ),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )


class ReasonedForm(ReasonForm, forms.ModelForm):
    """Something that keeps its history, and why it is changed."""


class ClaimAwareAdmin(HistoryMixin, BaseAdmin):
    """
    An admin page whose writes may turn verdicts, and whose records keep their history.

    Each write is tried. When verdicts turn by it, nothing stays written until the editor, who is shown these turns, has
    confirmed exactly them; then they are written down with it.
    """

    form = ReasonedForm

    def kind(self, request, obj, change):
        """Return what kind of change a form makes."""
        return ChangeKind(self.cause(request, obj, change))

    def can_change_verdicts(self, request, obj, change):
        """Tell whether verdicts may turn when an object, as the database has it, is written or deleted."""
        return True

    def cause(self, request, obj, change):
        """Return what a form does to its object."""
        return Cause.CHANGED if change else Cause.ADDED

    def write(self, request, form, formsets, change):
        """Write an object and what belongs to it."""
        super().save_model(request, form.instance, form, change)
        super().save_related(request, form, formsets, change)

    def save_model(self, request, obj, form, change):
        """Leave it to ``save_related``, which comes next: an object and what belongs to it turn verdicts together."""

    def save_related(self, request, form, formsets, change):
        reason = form.cleaned_data.get("change_reason", "")
        with change_set(self.kind(request, form.instance, change), by=request.user, reason=reason):
            if not self.can_change_verdicts(request, form.instance, change):
                self.write(request, form, formsets, change)
                return
            with self.track_verdicts(request, self.cause(request, form.instance, change)) as written:
                self.write(request, form, formsets, change)
                written.subject = name_of(form.instance)
                written.details = _changes(form, formsets)

    def delete_model(self, request, obj):
        with self._deleting(request, [obj]):
            super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        with self._deleting(request, queryset):
            super().delete_queryset(request, queryset)

    @contextmanager
    def _deleting(self, request, objs):
        can_change_verdicts = any(self.can_change_verdicts(request, obj, change=True) for obj in objs)
        track_verdicts = self.track_verdicts(request, Cause.DELETED, objs) if can_change_verdicts else nullcontext()
        with change_set(ChangeKind.DELETED, by=request.user), track_verdicts:
            yield

    @contextmanager
    def track_verdicts(self, request, cause, objs=()):
        """Write what is written inside, unless verdicts turn by it that the editor has not confirmed."""
        names = ", ".join(name_of(obj) for obj in objs)
        subject = Truncator(names).chars(SUBJECT_LENGTH)
        with transaction.atomic():
            with verdict_history.track_verdicts(cause, subject, names if names != subject else "") as written:
                yield written
            changed_verdicts = [each for each in written.changed_verdicts if each.before is not None]
            if changed_verdicts and request.POST.get(CONFIRMED) != digest(changed_verdicts):
                raise Tried(changed_verdicts)

    # What is shown of a trial: the same form, or a page between.

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return self._one_at_a_time(request, object_id, form_url, extra_context)
        except Tried as error:
            tried = request.tried = error
        forget_messages(request)
        return self._one_at_a_time(request, object_id, form_url, {**(extra_context or {}), "tried": tried})

    def _one_at_a_time(self, request, object_id, form_url, extra_context):
        """Let other writers wait while a form is saved, and look first whether it is still the last word."""
        if request.method != "POST":
            if object_id and is_id(object_id) and hasattr(self.model, "history"):
                # Before the record is read: what is saved in between then counts as not seen.
                request.opened = last_change(self.model(pk=int(object_id)))
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            DatasetVersion.lock()
            request.since = self._changes_since(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _changes_since(self, request, object_id):
        """Return what others have changed since a form was opened, the last first."""
        opened = request.POST.get(OPENED, "")
        record = self.get_object(request, unquote(object_id)) if object_id and is_id(opened) else None
        if record is None or not hasattr(self.model, "history") or last_change(record) <= int(opened):
            return []
        return [each for each in history_of(record) if each.number > int(opened)]

    def get_fields(self, request, obj=None):
        """Leave out why something is changed: that is asked below all else."""
        return [name for name in super().get_fields(request, obj) if name != "change_reason"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        is_shown_again = hasattr(request, "tried") or getattr(request, "since", None)
        return type(form.__name__, (ShownAgain, form), {}) if is_shown_again else form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and hasattr(self.model, "history"):
            opened = request.opened if hasattr(request, "opened") else last_change(obj)
            context |= {"opened": opened, "since": getattr(request, "since", [])}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            with transaction.atomic() if request.method == "POST" else nullcontext():
                if request.method == "POST":
                    DatasetVersion.lock()
                return super().delete_view(request, object_id, extra_context)
        except Tried as tried:
            return self._ask(request, tried)

    def response_action(self, request, queryset):
        try:
            with transaction.atomic():
                DatasetVersion.lock()
                return super().response_action(request, queryset)
        except Tried as tried:
            return self._ask(request, tried)

    def _ask(self, request, tried):
        forget_messages(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Verdicts would turn"),
            "opts": self.opts,
            "tried": tried,
            "posted": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in {"csrfmiddlewaretoken", CONFIRMED}
                for value in values
            ],
        }
        return TemplateResponse(request, "admin/tenders/verdict_changes_confirmation.html", context)


def digest(changed_verdicts):
    """Return a text that differs between turns of different claims, or from or to different verdicts."""
    verdict_changes = sorted([each.claim.pk, each.before or "", each.evaluation.verdict] for each in changed_verdicts)
    return hashlib.sha256(json.dumps(verdict_changes).encode()).hexdigest()


def _changes(form, formsets):
    """Say which fields were changed, and what beside them: "year, region; award changed (TW-7K3M9Q · 1): amount"."""
    # Before translations are off: what was typed is read as it was typed.
    changed = [name for name in form.changed_data if name not in ABOUT_SAVING]
    with override(None):
        parts = [", ".join(_label(form.instance, name) for name in changed)]
        for formset in formsets:
            kind = formset.model._meta.verbose_name
            parts += [f"{kind} added ({obj})" for obj in formset.new_objects]
            parts += [
                f"{kind} changed ({obj}): {', '.join(_label(obj, name) for name in names)}"
                for obj, names in formset.changed_objects
            ]
            parts += [f"{kind} deleted ({obj})" for obj in formset.deleted_objects]
        return "; ".join(filter(None, parts))


def _label(obj, name):
    try:
        return str(obj._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        return name.replace("_", " ")


def forget_messages(request):
    """Leave out what was said of a write of which nothing stays."""
    request._messages = default_storage(request)
