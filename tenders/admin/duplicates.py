"""Records that may be the same: the work queue, comparing two side by side, merging them, or finding them different."""

import re
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenders import duplicate_pairs, merging
from tenders.admin.verdict_review import EDIT_STARTED, write_or_dry_run
from tenders.choices import ChangeKind, EditorialState
from tenders.duplicates import candidates
from tenders.models import DatasetVersion, DistinctPair
from tenders.models.changes import change_set, last_change
from tenders.references import REFERENCE_PATTERN

PAIRS_PER_PAGE = 50  # of the work queue
WARNED = 3  # candidates that the warning names when a record is saved
NAME_FIELDS = {"name_en", "name_zh", "aliases_en", "aliases_zh", "credit_code"}
NAME_FIELDS |= {"title_en", "title_zh", "official_number"}


class MergeForm(forms.Form):
    """Which value is taken of each field that differs, and why the two records are one."""

    reason = forms.CharField(
        label=_("Reason why they are the same"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("It is kept in the history of both records. Readers see it in the public history."),
    )

    def __init__(self, data=None, *, keep, drop):
        self.keep, self.drop = keep, drop
        self.differences = merging.differences(keep, drop)
        super().__init__(data)
        for difference in self.differences:
            name = difference.field
            self.fields[name] = forms.ChoiceField(
                label=difference.label,
                choices=[(merging.KEEP, _display(keep, name)), (merging.DROP, _display(drop, name))],
                initial=difference.default,
                widget=forms.RadioSelect,
            )

    def compared(self):
        """Return the fields that differ, each with its two sides as (radio button, sources)."""
        sides = []
        for difference in self.differences:
            sources = [self._sources(record, difference) for record in (self.keep, self.drop)]
            field = self[difference.field]
            sides.append((field, list(zip(field, sources, strict=True))))
        return sides

    def _sources(self, record, difference):
        citations = record.citations.filter(fact=difference.fact, award__isnull=True).select_related("source")
        return [citation.source for citation in citations.order_by("-is_chosen", "pk")] if difference.fact else []


class DistinctPairForm(forms.Form):
    """Why two records that look alike are not the same."""

    reason = forms.CharField(label=_("Reason why they are different"), max_length=1000)


class DuplicatesMixin:
    """The pages of an admin for its records that may be the same; they are an editor's work."""

    change_list_template = "admin/tenders/record_change_list.html"

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("duplicates/", self.editors_view(self.duplicates_view), name=f"{name}_duplicates"),
            path("merge/", self.editors_view(self.merge_view), name=f"{name}_merge"),
            path("not-same/", self.editors_view(self.not_same_view), name=f"{name}_not_same"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        context = {"has_publish_permission": self.has_publish_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _admin_url(self, page, *args, **parameters):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args, query=parameters)

    def duplicates_view(self, request):
        """Show the pairs that may be the same, the likeliest first."""
        are_stored = duplicate_pairs.are_stored(self.model)
        found = (duplicate_pairs.stored_pairs if are_stored else duplicate_pairs.pairs_at_once)(self.model)
        page = Paginator(found, PAIRS_PER_PAGE).get_page(request.GET.get("page"))
        pairs = [
            (one, other, score, why, self._merge_address(one, other))
            for one, other, score, why in duplicate_pairs.page_of_pairs(self.model, page)
        ]
        title = _("Possible duplicates: %(kind)s") % {"kind": self.opts.verbose_name_plural}
        return self.page(request, "duplicates", title=title, page=page, pairs=pairs, are_stored=are_stored)

    def _merge_address(self, one, other):
        """Return the address that compares two records; the one to keep is the public one, else the older."""
        keep, drop = sorted([one, other], key=lambda record: (not record.is_published, record.pk))
        return self._admin_url("merge", keep=keep.reference, drop=drop.reference)

    def not_same_view(self, request):
        """Record that two records are distinct, or take that back."""
        if request.method != "POST":
            raise PermissionDenied
        with transaction.atomic():
            DatasetVersion.lock()
            one, other = self._two(request.POST)
            names = {"one": one.reference, "other": other.reference}
            form = DistinctPairForm(request.POST)
            if "_take_back" not in request.POST and form.is_valid():
                first, second = sorted(names.values())
                values = {"reason": form.cleaned_data["reason"], "found_by": request.user}
                with change_set(ChangeKind.ADDED, by=request.user, reason=values["reason"]):
                    DistinctPair.objects.get_or_create(one=first, other=second, defaults=values)
                message = _("%(one)s and %(other)s are marked as different.")
                self.message_user(request, message % names, messages.SUCCESS)
                return HttpResponseRedirect(self._admin_url("duplicates"))
            if "_take_back" in request.POST:
                with change_set(ChangeKind.DELETED, by=request.user):
                    if found := DistinctPair.objects.about(one, other):
                        found.delete()
                self.message_user(request, _("%(one)s and %(other)s are possible duplicates again.") % names)
            else:
                self.message_user(request, _("Give a reason why the two are different."), messages.ERROR)
            return HttpResponseRedirect(self._merge_address(one, other))

    def _two(self, parameters):
        """Return the two records that an address or a form names."""
        references = [parameters.get("keep", ""), parameters.get("drop", "")]
        if not all(re.fullmatch(f"[A-Z]{{1,2}}-{REFERENCE_PATTERN}", reference) for reference in references):
            raise Http404(gettext("Enter the references of two records."))
        found = {record.reference: record for record in self.model.objects.filter(reference__in=references)}
        if len(set(references)) < 2:
            raise Http404(gettext("Choose two records: a record can’t be merged with itself."))
        if len(found) < 2:
            raise Http404(gettext("One of the two records no longer exists: it was merged or deleted."))
        return [found[reference] for reference in references]

    @admin.action(description=_("Merge the two selected %(verbose_name_plural)s"), permissions=["publish"])
    def merge_selected(self, request, queryset):
        records = list(queryset.order_by("pk")[:3])
        if len(records) != 2:
            self.message_user(request, _("Select exactly two to compare and merge."), messages.WARNING)
            return None
        return HttpResponseRedirect(self._merge_address(*records))

    def merge_view(self, request):
        """Show two records side by side, field by field, and merge them."""
        if request.method != "POST":
            return self._compare(request)
        response, dry_run = write_or_dry_run(request, partial(self._compare, request))
        return self._compare(request, dry_run) if dry_run else response

    def _compare(self, request, dry_run=None):
        """Show two records, or merge them when that is posted; with a dry run the form is only shown again."""
        # Read before the records are: what somebody saves in between then counts as not seen.
        last_changes = " ".join(str(last_change(record)) for record in self._two(request.GET))
        keep, drop = self._two(request.GET)
        form = MergeForm(request.POST if request.method == "POST" else None, keep=keep, drop=drop)
        is_stale = request.POST.get(EDIT_STARTED, last_changes) != last_changes
        if is_stale:
            message = _("Someone changed one of the two records after you opened this page. This is how they are now.")
            form.add_error(None, message)
        elif form.is_valid() and dry_run is None:
            try:
                return self._merge(request, form)
            except ValidationError as error:
                form.add_error(None, error.messages)
        return self.page(
            request,
            "merge",
            title=_("Merge %(drop)s into %(keep)s") % {"keep": keep.reference, "drop": drop.reference},
            form=form,
            dry_run=dry_run,
            edit_started_at_change=last_changes,
            sides=[(keep, self._admin_url("change", keep.pk)), (drop, self._admin_url("change", drop.pk))],
            moving=merging.moving(keep, drop),
            swap=self._admin_url("merge", keep=drop.reference, drop=keep.reference),
            found=DistinctPair.objects.about(keep, drop),
            not_same_form=DistinctPairForm(prefix=None, auto_id="not_same_%s"),
        )

    def _merge(self, request, form):
        keep, drop = form.keep, form.drop
        reason = form.cleaned_data["reason"]
        with self.reviewed_write(request, ChangeKind.MERGED, [keep], reason):
            merging.merge(keep=keep, drop=drop, choices=form.cleaned_data, by=request.user, reason=reason)
        text = _("%(drop)s was merged into %(keep)s.") % {"drop": drop.reference, "keep": keep.reference}
        self.log_change(request, keep, str(text))
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._admin_url("change", keep.pk))

    def warn_of_duplicates(self, request, form, change):
        """Warn who saves a new or renamed record of those that it may be the same as."""
        if change and not NAME_FIELDS & set(form.changed_data):
            return
        record = form.instance
        found = candidates(record)
        duplicate_pairs.store_pairs_of(record, found)
        if found:
            named = [self._candidate(request, record, candidate) for candidate in found[:WARNED]]
            links = format_html_join(gettext("; "), '<a href="{}">{}</a>', named)
            text = _("%(record)s was saved. It may be a duplicate of another record:") % {"record": record.reference}
            self.message_user(request, format_html("{} {}", text, links), messages.WARNING)

    def _candidate(self, request, record, candidate):
        other = candidate.record
        address = self._admin_url("change", other.pk)
        if self.has_publish_permission(request) and other.state != EditorialState.WITHDRAWN:
            address = self._merge_address(record, other)
        words = {"reference": other.reference, "name": other, "remark": candidate.why}
        return address, gettext("%(reference)s %(name)s (%(remark)s)") % words


def _display(record, field):
    """Return a value as text, "unknown" for none; of a text of editors, both languages."""
    display = getattr(record, f"get_{field}_display", None)
    value = display() if display else getattr(record, field)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    texts = [text for text in (value, getattr(record, f"{field}_zh", "")) if text not in (None, "")]
    return " / ".join(map(str, texts)) or _("unknown")
