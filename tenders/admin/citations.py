"""What sources state, entered beside the record whose facts they state."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tenders.models import Award, Citation


class CitationForm(forms.ModelForm):
    """One statement. The canonical value may be left out of the chosen one: it is the record's own."""

    class Meta:
        model = Citation
        fields = ["fact", "source", "place", "stated", "value", "is_chosen", "reason"]
        widgets = {
            "place": forms.TextInput(attrs={"size": 12}),
            "stated": forms.Textarea(attrs={"rows": 2, "cols": 20}),
            "value": forms.TextInput(attrs={"size": 12}),
            "reason": forms.Textarea(attrs={"rows": 2, "cols": 20}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["value"].required = False
        self.fields["value"].help_text = ""
        self.fields["fact"].choices = [("", "---------"), *((fact.value, fact.label) for fact in self.facts)]

    @property
    def facts(self):
        """The facts that may be cited here, in the order of the page."""
        target_model = Citation._meta.get_field(self.target_name).related_model
        return [*target_model.FACTS, *(Award.FACTS if self.target_name == "tender" else ())]

    def clean(self):
        cleaned_data = super().clean()
        if not cleaned_data.get("value") and not cleaned_data.get("is_chosen"):
            self.add_error("value", _("Give the canonical value, or choose this statement to take the record’s own."))
        return cleaned_data


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
    """The statements of one record, which together choose one for each fact."""

    award_formset = None  # that of the same page, when the record is a tender

    def clean(self):
        super().clean()
        chosen, statements = set(), set()
        for form in self.forms:
            if (not form.has_changed() and not form.instance.pk) or self._should_delete_form(form):
                continue
            if not hasattr(form, "cleaned_data") or not form.cleaned_data.get("fact"):
                continue
            data = form.cleaned_data
            award = self._award_number(form)
            key = (award, data["fact"])
            if data.get("is_chosen"):
                if key in chosen:
                    form.add_error("is_chosen", _("One statement of each fact is chosen, not several."))
                chosen.add(key)
            if (
                data.get("is_chosen")
                and not data.get("value")
                and award is None
                and not self.instance.canonical(data["fact"])
            ):
                form.add_error("fact", _("The record holds no value of this fact that could be taken."))
            statement = (*key, data.get("source"), data.get("place"), data.get("value"))
            if statement in statements:
                form.add_error("fact", _("This statement is recorded already."))
            statements.add(statement)

    def _award_number(self, form):
        """Return the number of the award a statement speaks of, None for the record itself; note what is wrong."""
        fact, number = form.cleaned_data["fact"], form.cleaned_data.get("award_number")
        if fact not in Award.FACTS or fact in self.instance.FACTS:
            if number:
                form.add_error("award_number", _("This is a fact of the tender, not of an award."))
            return None
        numbers = self._numbers_of_awards()
        if not number and len(numbers) == 1:
            number = numbers[0]
        if not number:
            form.add_error(
                "award_number", _("Say which award: give its number.") if numbers else _("There is no award.")
            )
        elif number not in numbers:
            form.add_error("award_number", _("There is no award of this number."))
        form.cleaned_data["award_number"] = number
        return number

    def _numbers_of_awards(self):
        if self.award_formset is None or not self.award_formset.is_valid():
            return []
        return [
            form.cleaned_data["number"]
            for form in self.award_formset.forms
            if (form.has_changed() or form.instance.pk) and not self.award_formset._should_delete_form(form)
        ]

    def save(self, commit=True):
        """Bind each statement to its award, and give a chosen one without a value that of the record."""
        for form in self.forms:
            if form in self.deleted_forms or not hasattr(form, "cleaned_data") or not form.cleaned_data.get("fact"):
                continue
            citation, number = form.instance, form.cleaned_data.get("award_number")
            setattr(citation, self.fk.name, self.instance)
            citation.award = Award.objects.get(tender=self.instance, number=number) if number else None
            if not citation.value:
                citation.value = citation.target.canonical(citation.fact)
        # What is no longer chosen goes first: at no moment are two statements of a fact chosen.
        self.forms.sort(key=lambda form: bool(getattr(form, "cleaned_data", {}).get("is_chosen")))
        return super().save(commit)


class CitationInline(admin.TabularInline):
    """The statements on a record; one inline on the tender's form serves its awards too."""

    model = Citation
    formset = CitationFormSet
    extra = 0
    autocomplete_fields = ["source"]
    verbose_name_plural = _("citations: which source states what")

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
