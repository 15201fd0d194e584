"""What sources state, entered beside the record whose facts they state."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tenders.admin.base import AutocompletesMixin
from tenders.choices import Fact
from tenders.kinds import canonical
from tenders.models import Award, Citation, Tender


class CitationForm(forms.ModelForm):
    """One statement. The canonical value may be left out of the chosen one: it is the record's own."""

    class Meta:
        model = Citation
        fields = ["fact", "source", "place", "stated", "value", "is_chosen", "reason"]
        widgets = {
            "place": forms.TextInput(attrs={"size": 30}),
            "stated": forms.Textarea(attrs={"rows": 2, "cols": 40}),
            "value": forms.TextInput(attrs={"size": 30}),
            "reason": forms.Textarea(attrs={"rows": 2, "cols": 90}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["value"].required = False
        self.fields["value"].help_text = _("Left empty in the chosen statement, it is what the record holds.")
        self.fields["fact"].choices = [("", "---------"), *((fact.value, fact.label) for fact in self.facts)]

    @property
    def facts(self):
        """The attributes that may be cited here, by fact, in the order of the page."""
        target_model = Citation._meta.get_field(self.target_name).related_model
        return {**target_model.FACTS, **(Award.FACTS if self.target_name == "tender" else {})}

    def clean_value(self):
        """Read an amount as editors write it, 2,530,000 or ２５３００００, in its canonical form."""
        attribute = self.facts.get(self.cleaned_data.get("fact"))
        value = self.cleaned_data["value"]
        return attribute.kind.normalize(value) if attribute else value

    @property
    def key(self):
        """What is unique in the database: the award's number, the fact, the source, the place and the value."""
        return self._key(self.cleaned_data)

    @property
    def key_before(self):
        """The same as it stands in the database; None for a new statement."""
        return self._key(self.initial) if self.instance.pk else None

    def _key(self, data):
        source = data.get("source")
        return (
            data.get("award_number") or None,
            data.get("fact"),
            getattr(source, "pk", source),
            data.get("place") or "",
            data.get("value") or "",
        )


class TenderCitationForm(CitationForm):
    """A statement of a fact of a tender or of one of its awards."""

    target_name = "tender"
    award_number = forms.IntegerField(
        label=_("Award"),
        required=False,
        min_value=1,
        max_value=32767,
        widget=forms.NumberInput(attrs={"min": 1, "size": 2}),
        help_text=_("Its number, when there are several."),
    )

    class Meta(CitationForm.Meta):
        fields = ["fact", "award_number", "source", "place", "stated", "value", "is_chosen", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.award_id:
            self.initial["award_number"] = self.instance.award.number


class InstitutionCitationForm(CitationForm):
    target_name = "institution"


class CompanyCitationForm(CitationForm):
    target_name = "company"


class CitationFormSet(forms.BaseInlineFormSet):
    """
    The statements of one record, of which at most one is chosen for each fact.

    The award and the value of a statement are completed in ``clean``, so that an error stands beside the field before
    the database refuses it.
    """

    award_formset = None  # that of the same page, when the record is a tender

    def clean(self):
        super().clean()
        good = [form for form in self.forms if self._is_saved(form) and form.is_valid() and self._complete(form)]
        self._refuse_duplicates(good)
        has_document = any(form.cleaned_data["source"].is_document for form in good) or self._cites_the_rest()
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
        changed = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        Citation.objects.filter(pk__in=changed).update(is_chosen=False)
        return super().save(commit)

    def _is_saved(self, form):
        return (form.has_changed() or form.instance.pk) and not self._should_delete_form(form)

    def _cites_the_rest(self):
        return bool(self.data.get("cite_source"))

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
                form.add_error(
                    "value", _("Give the canonical value, or choose this statement to take the record’s own.")
                )
                return False
            value = awards[number](fact) if is_award_fact else self.instance.canonical(fact)
            if not value:
                form.add_error("fact", _("The record holds no value of this fact that could be taken."))
                return False
            form.cleaned_data["value"] = form.instance.value = value
        return True

    def _refuse_duplicates(self, forms_):
        chosen, keys = set(), set()
        before = {form.key_before: form for form in self.initial_forms}
        for form in forms_:
            if form.cleaned_data["is_chosen"]:
                if form.key[:2] in chosen:
                    form.add_error("is_chosen", _("One statement of each fact is chosen, not several."))
                chosen.add(form.key[:2])
            if form.key in keys:
                form.add_error("fact", _("This statement is recorded already."))
            elif before.get(form.key, form) is not form:
                form.add_error("fact", _("Another row says this until you save. Save that row first, then this one."))
            keys.add(form.key)

    def _awards(self):
        """Return, by the number of each award, the function that gives the canonical value of its facts."""
        if self.award_formset is None:
            return {award.number: award.canonical for award in Award.objects.filter(tender=self.instance)}
        if not self.award_formset.is_valid():
            return {}
        return {
            form.cleaned_data["number"]: _entered(form)
            for form in self.award_formset.forms
            if (form.has_changed() or form.instance.pk) and not self.award_formset._should_delete_form(form)
        }


def _entered(award_form):
    """Return the function that gives the canonical value of a fact of an award as it is entered."""
    suppliers = list(award_form.cleaned_data.get("suppliers", ()))

    def value_of(fact):
        if fact == Fact.SUPPLIER:
            return canonical(suppliers)
        if fact == Fact.IS_JOINT:
            return canonical(True if len(suppliers) > 1 else None)
        return award_form.instance.canonical(fact)

    return value_of


class CitationInline(AutocompletesMixin, admin.StackedInline):
    """The statements on a record; one inline on the tender's form serves its awards too."""

    model = Citation
    formset = CitationFormSet
    extra = 0
    autocomplete_fields = ["source"]
    verbose_name_plural = _("citations: which source states what")

    def get_fieldsets(self, request, obj=None):
        first = ("fact", "award_number", "is_chosen") if self.fk_name == "tender" else ("fact", "is_chosen")
        return [(None, {"fields": [first, ("source", "place"), ("stated", "value"), "reason"]})]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("award")


class TenderCitationInline(CitationInline):
    form = TenderCitationForm
    fk_name = "tender"


class InstitutionCitationInline(CitationInline):
    form = InstitutionCitationForm
    fk_name = "institution"


class CompanyCitationInline(CitationInline):
    form = CompanyCitationForm
    fk_name = "company"
