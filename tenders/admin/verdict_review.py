"""
How the admin writes: a write is a dry run until its editor has confirmed what it would change.

A form is saved in these steps (``ClaimAwareAdmin``):

1. ``changeform_view`` begins a transaction for which other writers wait (``write_or_dry_run``).
2. What others have changed since the form was opened rolls it back.
3. Django's own view validates the form, then calls ``save_model`` and ``save_related``, which write, and roll back what
   cannot stay: problems, public facts without a source.
4. Changes of verdicts that the editor has not confirmed roll it back (``reviewed_write``).
5. What was rolled back is a ``DryRun``: it is shown with the form, as it was typed.

Deletions and the actions of a list take steps 1, 3 and 4, and ask on a page of their own.
"""

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib.admin.utils import unquote
from django.contrib.messages.storage import default_storage
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tenders.admin.base import BaseAdmin, is_id
from tenders.audit import history_of
from tenders.choices import Cause, ChangeKind
from tenders.claims.evaluation import Evaluation
from tenders.claims.sentences import reason as reason_of
from tenders.claims.verdict_history import track_verdicts, tracked_write
from tenders.models import DatasetVersion, Source
from tenders.models.changes import change_set, last_change, record_shortened_lists
from tenders.references import name_of

# Fields that hold nothing of the record.
HOW_TO_SAVE = {"change_reason", "cite_source", "cite_place", "cite_facts", "cite_offered"}
# Parameters of our forms.
EDIT_STARTED = "_edit_started_at_change"  # the last change of what the form shows
CONFIRMED = "_confirmed_verdict_changes"  # the digest of the changes of verdicts that the editor has seen
CONFIRMED_EMPTY = "_confirmed_empty_parts"  # the digests of the empty parts that the editor has seen
REDISPLAY = "_redisplay"  # given to a form that is shown again, and not saved


@dataclass(frozen=True)
class DryRun:
    """What a write would change, found by writing and rolling back: its editor confirms it, or puts it right."""

    verdict_changes: tuple = ()  # of (ChangedVerdict, reason of the new verdict)
    problems: tuple = ()  # why it cannot stay
    uncited_facts: tuple = ()  # what would be public without a source
    source_to_cite: Source | None = None  # of which its editor has to tick what it states
    empty_parts: tuple = ()  # of an article that would be public, as (sentence, [(claim, its address)])
    conflicting_changes: tuple = ()  # by others since the form was opened, newest first
    evaluation: Evaluation | None = None  # of the claim that was written

    @classmethod
    def of_verdicts(cls, changed_verdicts):
        """Return the dry run of a write by which verdicts change; first verdicts need no confirmation."""
        # The reasons now: they may name what is rolled back.
        changes = [change for change in changed_verdicts if change.before is not None]
        return cls(tuple((change, reason_of(change.claim, change.evaluation)) for change in changes))

    @property
    def digest(self):
        """A text that differs between changes of different claims, or from or to different verdicts."""
        changes = sorted(
            [change.claim.pk, change.before, change.evaluation.verdict] for change, _reason in self.verdict_changes
        )
        return _digest(changes)

    @property
    def digest_of_empty_parts(self):
        """A text that differs between different empty parts."""
        return _digest([[str(sentence), list(map(str, claims))] for sentence, claims in self.empty_parts])


def _digest(values):
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


class ConfirmationRequired(Exception):  # noqa: N818 nothing is wrong
    """Ends a dry run: nothing but an exception rolls a transaction back through Django's own views."""


def roll_back(dry_run):
    """Roll back what is being written (in ``write_or_dry_run``), and let its editor see what it would change."""
    raise ConfirmationRequired(dry_run)


def write_or_dry_run(request, write):
    """Call ``write`` in a transaction, one writer at a time; return (response, None), or (None, ``DryRun``)."""
    try:
        with transaction.atomic():
            DatasetVersion.lock()
            return write(), None
    except ConfirmationRequired as required:
        request._messages = default_storage(request)  # without those of what was rolled back
        return None, required.args[0]


class ReasonForm(forms.Form):
    """Why something is done."""

    change_reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "Describe the change and its reason in a few words. Readers see it in the public history."
        ),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )


class ReasonedForm(ReasonForm, forms.ModelForm):
    """Something that keeps its history, and why it is changed."""

    def is_valid(self):
        """Return False for a form that is only shown again, whose errors are found all the same."""
        return super().is_valid() and REDISPLAY not in self.data


class ClaimAwareAdmin(BaseAdmin):
    """An admin page whose writes may change verdicts of claims, and whose records keep their history."""

    form = ReasonedForm

    def change_kind(self, request, obj):
        """Return what a form does; ``obj`` is the object as the database has it, None for a new one."""
        return ChangeKind.CHANGED if obj else ChangeKind.ADDED

    def can_change_verdicts(self, request, obj, kind):
        """Return whether a change of this kind to an object, None for a new one, may change verdicts."""
        return True

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show a form and save it, or show it again with what its editor has to confirm or to put right."""
        context = {**(extra_context or {})}
        view = partial(super().changeform_view, request, object_id, form_url, context)
        if request.method != "POST":
            # Read before the record is: what somebody saves in between then counts as not seen.
            context["edit_started_at_change"] = self._last_change(object_id)
            return view()
        response, dry_run = write_or_dry_run(request, partial(self._save_form, request, object_id, context, view))
        if dry_run is None:
            return response
        context["dry_run"] = dry_run
        request.POST = request.POST.copy()
        request.POST[REDISPLAY] = "on"
        return view()

    def _save_form(self, request, object_id, context, view):
        """Save a form by Django's view, unless what it shows is no longer the last state."""
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        last = context["edit_started_at_change"] = self._last_change(object_id)
        started = request.POST.get(EDIT_STARTED, "")
        if obj and last and is_id(started) and last > int(started):
            conflicting = tuple(change for change in history_of(obj) if change.number > int(started))
            if conflicting:
                roll_back(DryRun(conflicting_changes=conflicting))
        reason = request.POST.get("change_reason", "").strip()
        kind, objs = self.change_kind(request, obj), [obj] if obj else []
        with self.reviewed_write(request, kind, objs, reason, savepoint=False):  # an error ends the request
            return view()

    def _last_change(self, object_id):
        """Return the number of the last change of an object; None where there is no history."""
        number = unquote(object_id or "")
        return last_change(self.model(pk=int(number))) if is_id(number) and hasattr(self.model, "history") else None

    @contextmanager
    def reviewed_write(self, request, kind, objs=(), reason="", undoes=None, *, savepoint=True):
        """
        Make all that is written inside one change of the history, which may undo another one.

        It is rolled back when verdicts change by it, unless the editor has been shown just these changes and confirms.
        """
        with change_set(kind, by=request.user, reason=reason, undoes=undoes, savepoint=savepoint):
            if not any(self.can_change_verdicts(request, obj, kind) for obj in objs or [None]):
                yield
                return
            subject = ", ".join(name_of(obj) for obj in objs)
            cause = Cause(kind) if kind in Cause.values else Cause.CHANGED
            with track_verdicts(cause, subject, savepoint=savepoint) as write:
                yield
            dry_run = DryRun.of_verdicts(write.changed_verdicts)
            if dry_run.verdict_changes and request.POST.get(CONFIRMED) != dry_run.digest:
                roll_back(dry_run)

    def construct_change_message(self, request, form, formsets, add=False):
        """Let the history of verdicts say what a form has changed, as Django's log does."""
        if write := tracked_write():
            write.subject, write.details = name_of(form.instance), _changed_fields(form, formsets)
        return super().construct_change_message(request, form, formsets, add)

    def delete_model(self, request, obj):
        with self.reviewed_write(request, ChangeKind.DELETED, [obj]), record_shortened_lists([obj]):
            super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        with self.reviewed_write(request, ChangeKind.DELETED, queryset), record_shortened_lists(queryset):
            super().delete_queryset(request, queryset)

    def delete_view(self, request, object_id, extra_context=None):
        view = partial(super().delete_view, request, object_id, extra_context)
        return self._write_or_ask(request, view) if request.method == "POST" else view()

    def response_action(self, request, queryset):
        return self._write_or_ask(request, partial(super().response_action, request, queryset))

    def _write_or_ask(self, request, write):
        """Write, or ask whether verdicts shall change; the answer posts once more what was posted."""
        response, dry_run = write_or_dry_run(request, write)
        if dry_run is None:
            return response
        hidden = {"csrfmiddlewaretoken", CONFIRMED}
        posted = [(name, value) for name, values in request.POST.lists() if name not in hidden for value in values]
        title = _("Empty parts") if dry_run.empty_parts else _("Verdicts would change")
        return self.page(request, "verdict_changes_confirmation", title=title, dry_run=dry_run, posted=posted)

    def get_fields(self, request, obj=None):
        """Leave out why something is changed: that is asked below all else."""
        return [name for name in super().get_fields(request, obj) if name != "change_reason"]


def _changed_fields(form, formsets):
    """Return what was changed, and beside it, as text: "year, region; award changed (TW-7K3M9Q · 1): amount"."""
    # Before translations are off: what was typed is read as it was typed.
    changed = [name for name in form.changed_data if name not in HOW_TO_SAVE]
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
