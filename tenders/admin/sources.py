"""Sources, and what they state: citations are entered beside the record whose facts they state."""

from collections import defaultdict

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import AutocompletesMixin, annotation
from tenders.admin.evidence import EvidenceForm, EvidenceMixin
from tenders.admin.filters import WorkQueueFilter
from tenders.admin.verdict_review import ClaimAwareAdmin
from tenders.choices import Fact
from tenders.kinds import canonical
from tenders.models import Award, Citation, Source, Tender
from tenders.models.sources import KINDS_OF_OWN_SOURCES, TYPED_FACTS


class SourceForm(EvidenceForm):
    """A source; whether it is a document is no longer changed once it is cited: what it states would not be true."""

    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        is_document = kind not in KINDS_OF_OWN_SOURCES.values()
        if self.instance.pk and is_document != self.instance.is_document and self.instance.citations.exists():
            raise forms.ValidationError(
                _("It is cited: a document stays one, and so does what is none. Add another source, and cite that.")
            )
        return kind


@admin.register(Source)
class SourceAdmin(EvidenceMixin, ClaimAwareAdmin):
    form = SourceForm
    num_citations = annotation("num_citations", _("citations"))
    list_display = ["slug", "title", "kind", "publisher", "published_date", "version_of", "num_citations"]
    list_display_links = ["slug", "title"]
    list_select_related = ["version_of"]
    list_filter = [WorkQueueFilter, "kind", ("version_of", admin.EmptyFieldListFilter)]
    search_fields = ["slug", "title", "title_zh", "publisher", "publisher_zh", "url"]
    fields = [
        "slug",
        ("kind", "language"),
        ("title", "title_zh"),
        ("publisher", "publisher_zh"),
        ("url", "archived_url"),
        ("published_date", "seen_date"),
        "version_of",
        ("notes", "notes_zh"),
        *EvidenceMixin.fields,
    ]
    ordering = ["slug"]
    autocomplete_fields = ["version_of"]
    prepopulated_fields = {"slug": ["title"]}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request):
        citations = Citation.objects.filter(source=OuterRef("pk")).order_by().values("source")
        num_citations = Subquery(citations.values(n=Count("pk")))
        return super().get_queryset(request).annotate(num_citations=Coalesce(num_citations, 0))

    def can_change_verdicts(self, request, obj, kind):
        """Return False for a new source: nothing is cited from it yet."""
        return obj is not None


class CitationForm(forms.ModelForm):
    """One statement. The canonical value may be left out of the chosen one: it is the record's own."""

    class Meta:
        widgets = {
            "place": forms.TextInput(attrs={"size": 30}),
            "place_zh": forms.TextInput(attrs={"size": 30}),
            "stated": forms.Textarea(attrs={"rows": 2, "cols": 40}),
            "value": forms.TextInput(attrs={"size": 30}),
            "reason": forms.Textarea(attrs={"rows": 2, "cols": 45}),
            "reason_zh": forms.Textarea(attrs={"rows": 2, "cols": 45}),
        }

    def __init__(self, *args, facts, **kwargs):
        super().__init__(*args, **kwargs)
        self.facts = facts
        self.fields["value"].required = False
        self.fields["value"].help_text = _("Left empty in the chosen statement, it is what the record holds.")
        self.fields["fact"].choices = [("", "---------"), *((fact.value, fact.label) for fact in facts)]

    def clean_value(self):
        """Read an amount as editors write it, 2,530,000 or ２５３００００, in its canonical form."""
        attribute = self.facts.get(self.cleaned_data.get("fact"))
        value = self.cleaned_data["value"]
        return attribute.kind.normalize(value) if attribute else value


class TenderCitationForm(CitationForm):
    """A statement of a fact of a tender or of one of its awards."""

    award_number = forms.IntegerField(
        label=_("Award"),
        required=False,
        min_value=1,
        max_value=32767,
        widget=forms.NumberInput(attrs={"min": 1, "size": 2}),
        help_text=_("Its number, when there are several."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.award_id:
            self.initial["award_number"] = self.instance.award.number


class CitationFormSet(forms.BaseInlineFormSet):
    """
    The statements of one record, of which at most one is chosen for each fact.

    The award and the value of a statement are completed in ``clean``, so that an error stands beside the field before
    the database refuses it. A statement that is chosen anew replaces the one that was chosen before.
    """

    award_formset = None  # that of the same page, when the record is a tender

    def get_form_kwargs(self, index):
        """Give a form the attributes that may be cited, by fact, in the order of the page."""
        facts = type(self.instance).FACTS | (Award.FACTS if isinstance(self.instance, Tender) else {})
        return {**super().get_form_kwargs(index), "facts": facts}

    def clean(self):
        super().clean()
        good = [form for form in self.forms if self._is_saved(form) and form.is_valid() and self._complete(form)]
        self._refuse_duplicates(good)
        self._require_reasons(good)
        has_document = any(form.cleaned_data["source"].is_document for form in good) or self.data.get("cite_source")
        if isinstance(self.instance, Tender) and self.instance.is_published and not has_document:
            raise forms.ValidationError(
                _("A published tender keeps at least one citation of a document. Withdraw it first.")
            )

    def save(self, commit=True):
        """Bind each statement to its award; at no moment are two statements of a fact chosen."""
        for form in self.forms:
            if self._is_saved(form):
                number = form.cleaned_data.get("award_number")
                setattr(form.instance, self.fk.name, self.instance)
                form.instance.award = Award.objects.get(tender=self.instance, number=number) if number else None
                form.instance.is_chosen = form.cleaned_data["is_chosen"]
                if _is_replaced(form) and not form.has_changed():
                    form.instance.save()
        changed = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        Citation.objects.filter(pk__in=changed).update(is_chosen=False)
        return super().save(commit)

    def _is_saved(self, form):
        return (form.has_changed() or form.instance.pk) and not self._should_delete_form(form)

    def _complete(self, form):
        """Fill in the award and the value of a statement; return whether it is complete, add an error if not."""
        fact, is_award_fact = form.cleaned_data["fact"], form.cleaned_data["fact"] not in self.instance.FACTS
        number, awards = form.cleaned_data.get("award_number"), self._awards() if is_award_fact else {}
        if not is_award_fact and number:
            form.add_error("award_number", _("This is a fact of the tender, not of an award."))
            return False
        if is_award_fact and not number and len(awards) == 1:
            (number,) = awards
        if is_award_fact and number not in awards:
            if number:
                message = _("There is no award of this number.")
            else:
                message = _("Say which award: give its number.") if awards else _("There is no award.")
            form.add_error("award_number", message)
            return False
        form.cleaned_data["award_number"] = number
        if not form.cleaned_data.get("value"):
            if not form.cleaned_data.get("is_chosen"):
                message = _("Give the canonical value, or choose this statement to take the record’s own.")
                form.add_error("value", message)
                return False
            value = awards[number][fact] if is_award_fact else self.instance.canonical(fact)
            if not value:
                form.add_error("fact", _("The record holds no value of this fact that could be taken."))
                return False
            form.cleaned_data["value"] = form.instance.value = value
        return True

    def _refuse_duplicates(self, forms_):
        for same in _by_fact(forms_):
            chosen = [form for form in same if form.cleaned_data["is_chosen"]]
            chosen_anew = [form for form in chosen if _is_chosen_anew(form)]
            for form in chosen_anew[1:]:
                form.add_error("is_chosen", _("One statement of each fact is chosen, not several."))
            for form in set(chosen) - set(chosen_anew) if chosen_anew else ():
                form.cleaned_data["is_chosen"] = False
        keys, before = set(), {_key(form.initial): form for form in self.initial_forms}
        for form in forms_:
            key = _key(form.cleaned_data)
            if key in keys:
                form.add_error("fact", _("This statement is recorded already."))
            elif before.get(key, form) is not form:
                form.add_error("fact", _("Another row says this until you save. Save that row first, then this one."))
            keys.add(key)

    def _require_reasons(self, forms_):
        """Refuse a choice without a reason among statements that disagree, unless all of them stay as they were."""
        for same in _by_fact(forms_):
            disagree = len({form.cleaned_data["value"] for form in same}) > 1 and any(map(_is_written, same))
            for form in same if disagree and same[0].cleaned_data["fact"] in TYPED_FACTS else ():
                if form.cleaned_data["is_chosen"] and not form.instance.shown_reason:
                    form.add_error("reason", _("Sources disagree: say why this statement is chosen."))

    def newly_followed(self):
        """Return the saved statements that are chosen anew, or were chosen and state something else now."""
        saved = [form for form in self.forms if form.instance.pk and not self._should_delete_form(form)]
        return [
            form.instance
            for form in saved
            if _is_chosen_anew(form) or (form.cleaned_data["is_chosen"] and "value" in form.changed_data)
        ]

    def disagreements(self):
        """Return the forms of the saved statements that differ, in a list for each fact."""
        found = defaultdict(list)
        for form in self.initial_forms:
            found[form.instance.award_id, form.initial["fact"]].append(form)
        return [same for same in found.values() if len({form.initial["value"] for form in same}) > 1]

    def _awards(self):
        """Return the canonical values of the facts of the awards, by number and fact."""
        if self.award_formset is None:
            awards = Award.objects.filter(tender=self.instance)
            return {award.number: {fact: award.canonical(fact) for fact in Award.FACTS} for award in awards}
        if not self.award_formset.is_valid():
            return {}
        return {
            form.cleaned_data["number"]: _entered(form)
            for form in self.award_formset.forms
            if (form.has_changed() or form.instance.pk) and not self.award_formset._should_delete_form(form)
        }


def _entered(award_form):
    """Return the canonical values of the facts of an award as they are entered, by fact."""
    suppliers = list(award_form.cleaned_data.get("suppliers", ()))
    of_suppliers = {Fact.SUPPLIER: suppliers, Fact.IS_JOINT: True if len(suppliers) > 1 else None}
    return {
        fact: canonical(of_suppliers[fact]) if fact in of_suppliers else award_form.instance.canonical(fact)
        for fact in Award.FACTS
    }


def _by_fact(forms_):
    """Return the forms of statements without an error, in a list for each fact."""
    found = defaultdict(list)
    for form in forms_:
        if form.is_valid():
            found[_key(form.cleaned_data)[:2]].append(form)
    return list(found.values())


def _is_chosen_anew(form):
    was_chosen = form.initial.get("is_chosen") and _key(form.initial)[:2] == _key(form.cleaned_data)[:2]
    return form.cleaned_data["is_chosen"] and not was_chosen


def _is_replaced(form):
    """Return whether a statement is no longer chosen because another one of its fact is chosen anew."""
    return (
        form.initial.get("is_chosen", False)
        and not form.cleaned_data["is_chosen"]
        and "is_chosen" not in form.changed_data
    )


def _is_written(form):
    return form.has_changed() or _is_replaced(form)


def _key(data):
    """Return what is unique in the database of the cleaned or the initial data of a statement."""
    source = data.get("source")
    return (
        data.get("award_number") or None,
        data.get("fact"),
        getattr(source, "pk", source),
        data.get("place") or "",
        data.get("value") or "",
    )


class CitationInline(AutocompletesMixin, admin.StackedInline):
    """The statements on a record; one inline on the tender's form serves its awards too."""

    model = Citation
    form = CitationForm
    formset = CitationFormSet
    extra = 0
    autocomplete_fields = ["source"]
    verbose_name_plural = _("citations: which source states what")

    def get_fieldsets(self, request, obj=None):
        first = ("fact", "award_number", "is_chosen") if self.fk_name == "tender" else ("fact", "is_chosen")
        return [
            (None, {"fields": [first, "source", ("place", "place_zh"), ("stated", "value"), ("reason", "reason_zh")]})
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("award")


class TenderCitationInline(CitationInline):
    form = TenderCitationForm
    fk_name = "tender"


class InstitutionCitationInline(CitationInline):
    fk_name = "institution"


class CompanyCitationInline(CitationInline):
    fk_name = "company"
