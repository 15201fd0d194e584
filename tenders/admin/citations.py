"""Citations: what sources state is entered beside the record whose facts they state, below the fact."""

from collections import defaultdict

from django import forms
from django.contrib import admin
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tenders.admin.named_records import NamedRecordsMixin, read_records
from tenders.admin.rows import RowForm, RowFormSet
from tenders.admin.typed_values import stated_value_field
from tenders.choices import Fact
from tenders.kinds import RelatedRecord, canonical
from tenders.models import Award, Citation, Source, Tender
from tenders.models.sources import TYPED_FACTS
from tenders.references import name_of

TYPED_BY_HAND = ("source", "place", "place_zh", "stated", "value", "reason", "reason_zh")


class CitationForm(RowForm):
    """
    One statement of the fact whose row it stands in.

    What is stated may be left out of the chosen one: it is what the record holds. A new one that is left empty is none.
    """

    class Meta:
        widgets = {
            "fact": forms.HiddenInput,
            "stated": forms.Textarea(attrs={"rows": 1}),
            "reason": forms.Textarea(attrs={"rows": 1}),
            "reason_zh": forms.Textarea(attrs={"rows": 1}),
        }

    def __init__(self, *args, facts, known, **kwargs):
        super().__init__(*args, **kwargs)
        self.facts = facts
        self.fields["fact"].choices = [("", "---------"), *((fact.value, fact.label) for fact in facts)]
        self.fields["source"].label_suffix = ""
        self.fields["source"].known = known[Source]
        self.fields["value"] = stated_value_field(self.attribute, known)

    @property
    def attribute(self):
        """The attribute that is stated, as it was or as it was posted; None if there is no such fact."""
        return self.facts.get(self["fact"].value())

    def has_changed(self):
        if self.instance.pk:
            return super().has_changed()
        typed = [self[name].data or "" for name in TYPED_BY_HAND]
        return any(text.strip() for data in typed for text in (data if isinstance(data, list) else [data]))


class TenderCitationForm(CitationForm):
    """A statement of a fact of a tender or of one of its awards."""

    award_number = forms.IntegerField(required=False, min_value=1, max_value=32767, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.award_id:
            self.initial["award_number"] = self.instance.award.number


class CitationFormSet(RowFormSet):
    """
    The statements of one record, of which at most one is chosen for each fact.

    The award and the value of a statement are completed in ``clean``, so that an error stands beside the field before
    the database refuses it. A statement that is chosen anew replaces the one that was chosen before.
    """

    award_formset = None  # that of the same page, when the record is a tender

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = len(self.initial_extra or ())

    def get_form_kwargs(self, index):
        """Give a form the attributes that may be cited, by fact, in the order of the page, and the records read."""
        return {**super().get_form_kwargs(index), "facts": self._facts, "known": self._known}

    @cached_property
    def _facts(self):
        return type(self.instance).FACTS | (Award.FACTS if isinstance(self.instance, Tender) else {})

    @cached_property
    def _known(self):
        """The sources of the statements and the records that they name, read once for all: {model: {code: record}}."""
        known, codes = defaultdict(dict), defaultdict(set)
        for record in read_records(self.instance, {attribute.name for attribute in self._facts.values()}):
            known[type(record)][name_of(record)] = record
        for citation in self.get_queryset():
            known[Source][name_of(citation.source)] = citation.source
            attribute = self._facts.get(citation.fact)
            if attribute and isinstance(attribute.kind, RelatedRecord):
                codes[attribute.kind] |= {*attribute.kind.codes(citation.value)}
        for kind, named in codes.items():
            if unread := named - known[kind.model].keys():
                known[kind.model] |= {name_of(record): record for record in kind.records(unread)}
        return known

    def clean(self):
        super().clean()
        good = [form for form in self.forms if self._is_saved(form) and form.is_valid() and self._complete(form)]
        self._refuse_duplicates(good)
        self._require_reasons(good)
        for form in self.forms:
            if form.has_changed() and self._is_of_deleted_award(form):
                form.add_error(
                    None, _("This save deletes the award and this citation with it. Don’t change the citation.")
                )
        has_document = any(form.cleaned_data["source"].is_document for form in good) or self.data.get("cite_source")
        if isinstance(self.instance, Tender) and self.instance.is_published and not has_document:
            raise forms.ValidationError(
                _("A published tender needs at least one citation of a document. Withdraw the tender first.")
            )

    def save(self, commit=True):
        """Bind each statement to its award; at no moment are two statements of a fact chosen."""
        for form in self.forms:
            if self._is_saved(form) and _is_written(form):
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
        is_deleted = self._should_delete_form(form) or self._is_of_deleted_award(form)
        return (form.has_changed() or form.instance.pk) and not is_deleted

    def _is_of_deleted_award(self, form):
        """Return whether the award of a statement is deleted on the same page, and the statement with it."""
        return form.instance.award_id in self._deleted_awards

    @cached_property
    def _deleted_awards(self):
        """The primary keys of the awards that are deleted on the same page, read before they are."""
        forms_ = self.award_formset.initial_forms if self.award_formset else ()
        return {form.instance.pk for form in forms_ if self.award_formset._should_delete_form(form)}

    def _complete(self, form):
        """Fill in the award and the value of a statement; return whether it is complete, add an error if not."""
        fact, is_award_fact = form.cleaned_data["fact"], form.cleaned_data["fact"] not in self.instance.FACTS
        number, awards = form.cleaned_data.get("award_number"), self._awards() if is_award_fact else {}
        number = self._new_numbers.get(number, number)
        if not is_award_fact and number:
            form.add_error("award_number", _("This is a fact of the tender, not of an award."))
            return False
        if is_award_fact and not number and len(awards) == 1:
            (number,) = awards
        if is_award_fact and number not in awards:
            if number:
                message = _("There is no award with this number.")
            else:
                message = _("Enter the number of the award.") if awards else _("There is no award.")
            form.add_error("award_number", message)
            return False
        form.cleaned_data["award_number"] = number
        if not form.cleaned_data.get("value"):
            if not form.cleaned_data.get("is_chosen"):
                message = _(
                    "Enter the value in database form (e.g. 3206000), or tick “Used” to copy the record’s value."
                )
                form.add_error("value", message)
                return False
            value = awards[number][fact] if is_award_fact else self.instance.canonical(fact)
            if not value:
                form.add_error("fact", _("The record has no value of this fact to copy."))
                return False
            form.cleaned_data["value"] = form.instance.value = value
        return True

    def _refuse_duplicates(self, forms_):
        for same in _by_fact(forms_):
            chosen = [form for form in same if form.cleaned_data["is_chosen"]]
            chosen_anew = [form for form in chosen if _is_chosen_anew(form)]
            for form in chosen_anew[1:]:
                form.add_error("is_chosen", _("Only one statement of each fact can be used."))
            for form in set(chosen) - set(chosen_anew) if chosen_anew else ():
                form.cleaned_data["is_chosen"] = False
        keys, before = set(), {_key(form.initial): form for form in self.initial_forms}
        for form in forms_:
            key = _key(form.cleaned_data)
            if key in keys:
                form.add_error("fact", _("This statement is recorded already."))
            elif before.get(key, form) is not form:
                form.add_error(
                    "fact", _("Another row has the same statement until you save. Save that row first, then this one.")
                )
            keys.add(key)

    def _require_reasons(self, forms_):
        """Refuse a choice without a reason among statements that disagree, unless all of them stay as they were."""
        for same in _by_fact(forms_):
            disagree = len({form.cleaned_data["value"] for form in same}) > 1 and any(map(_is_written, same))
            for form in same if disagree and same[0].cleaned_data["fact"] in TYPED_FACTS else ():
                if form.cleaned_data["is_chosen"] and not form.instance.shown_reason:
                    form.add_error("reason", _("Sources disagree: give a reason for using this statement."))

    def newly_followed(self):
        """Return the saved statements that are chosen anew, or were chosen and state something else now."""
        saved = [form for form in self.forms if form.instance.pk and not self._should_delete_form(form)]
        return [
            form.instance
            for form in saved
            if _is_chosen_anew(form) or (form.cleaned_data["is_chosen"] and "value" in form.changed_data)
        ]

    @cached_property
    def _new_numbers(self):
        """The new numbers of the awards whose number is changed on the same page, by the number that they had."""
        forms_ = self.award_formset.forms if self.award_formset else ()
        return {
            form.initial["number"]: form.cleaned_data["number"]
            for form in forms_
            if form.initial.get("number") and getattr(form, "cleaned_data", {}).get("number")
        }

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


class CitationInline(NamedRecordsMixin, admin.StackedInline):
    """The statements on a record; one inline on the tender's form serves its awards too."""

    model = Citation
    form = CitationForm
    formset = CitationFormSet
    extra = 0
    named_records = ["source"]
    verbose_name_plural = _("citations: which source states what")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("award", "source")


class TenderCitationInline(CitationInline):
    form = TenderCitationForm
    fk_name = "tender"
    exclude = ["award", "institution", "company"]


class InstitutionCitationInline(CitationInline):
    fk_name = "institution"
    exclude = ["tender", "award", "company"]


class CompanyCitationInline(CitationInline):
    fk_name = "company"
    exclude = ["tender", "award", "institution"]
