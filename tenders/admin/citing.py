"""Citing one source for several facts of a record: they are listed, and its editor ticks those that it states."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.editorial import EditorialForm
from tenders.admin.fact_table import display_value
from tenders.admin.named_records import NamedRecordField
from tenders.admin.typed_values import read_as
from tenders.choices import Fact
from tenders.kinds import PartialDate, RelatedRecord
from tenders.models import Award, Source, Tender
from tenders.models.sources import KINDS_OF_OWN_SOURCES
from tenders.slugs import free_slug

# What documents seldom say: the editors file a party so, or know where it is.
SELDOM_STATED = {Fact.KIND, Fact.LEVEL}
SEATS = {Fact.REGION, Fact.CITY, Fact.GROUP_REGION}
CITING_FIELDS = ["cite_source", "cite_place", "cite_facts", "cite_offered"]


class OfferedFacts(forms.MultipleChoiceField):
    """Facts as keys (``offers``): which ones there are is known when the record has been saved."""

    def valid_value(self, value):
        return True


class NewSourceForm(forms.ModelForm):
    """A source that is not there yet."""

    url = Source._meta.get_field("url").formfield(assume_scheme="https")

    class Meta:
        model = Source
        fields = ["title", "kind", "language", "publisher", "url", "published_date", "seen_date"]
        help_texts = {"published_date": "", "seen_date": "", "language": ""}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("published_date", "seen_date"):
            read_as(self.fields[name], PartialDate())

    def clean(self):
        data = super().clean()
        self.instance.slug = free_slug(Source, data.get("title", "")) or free_slug(Source, data.get("kind", ""))
        return data


class CitingForm(EditorialForm):
    """
    A record, and a source for those of its facts that have none: chosen first, then ticked fact by fact.

    The source is one that there is (``cite_source``), or a new one (``new_source``).
    """

    cite_source = NamedRecordField(
        Source.objects.all(),
        label=gettext_lazy("Cite this source for…"),
        label_suffix="",
        required=False,
        help_text=gettext_lazy(
            "Choose a source and save. The facts on this page without a citation are then listed; tick "
            "those that the source states."
        ),
    )
    cite_place = forms.CharField(
        label=gettext_lazy("Place in the source"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Page, section, paragraph."),
    )
    cite_facts = OfferedFacts(
        label=gettext_lazy("Facts that the source states"),
        required=False,
        widget=forms.MultipleHiddenInput,
        help_text=gettext_lazy(
            "Tick only what the source states. Kind, level and region of an organisation, and a name or "
            "title in another language, must be ticked by hand. Our translations and common knowledge "
            "are cited automatically."
        ),
    )
    cite_offered = OfferedFacts(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "cite_source" not in self.fields:
            self.new_source = None
            return
        data = self.data if self.is_bound else None
        self.new_source = NewSourceForm(
            data, prefix="new_source", empty_permitted=True, use_required_attribute=False, renderer=self.renderer
        )
        labels = [(key, _label(type(self.instance), key)) for key in self["cite_offered"].data or ()]
        if choices := [(key, label) for key, label in labels if label]:
            self.fields["cite_facts"].widget = forms.CheckboxSelectMultiple(choices=choices)

    def clean(self):
        data = super().clean()
        if self.new_source and self.new_source.has_changed():
            if self.cleaned_data.get("cite_source"):
                self.add_error("cite_source", _("Choose a source or enter a new one, not both."))
            elif not self.new_source.is_valid():
                self.add_error(None, _("Complete the new source."))
        return data

    def source_to_cite(self):
        """Return the source that was chosen, or the new one, which is saved by that; None for neither."""
        if self.new_source and self.new_source.has_changed():
            return self.new_source.save()
        return self.cleaned_data.get("cite_source")


def offers(source, uncited_facts, *, is_new=False, new_parties=()):
    """
    Return {key: (target, fact)} of the facts that a source may be cited for; a key stands for one statement.

    What is not saved yet, a new source and new parties, has another key and reference in each request: their names
    stand in the keys instead.
    """
    names = {party.reference: f"+{party}" for party in new_parties}
    found = {}
    for target, fact in uncited_facts:
        if not is_ours(target, fact):
            number = target.number if isinstance(target, Award) else 0
            value = target.canonical(fact)
            if isinstance(target.FACTS[fact].kind, RelatedRecord):
                value = "|".join(sorted(names.get(code, code) for code in value.split("|")))
            found[f"{'new' if is_new else source.pk}:{number}:{fact}:{value}"] = target, fact
    return found


def is_ours(target, fact):
    """Return whether a name or title is cited from a source of our own, by its status."""
    return target.status_of(fact) in KINDS_OF_OWN_SOURCES


def is_ticked_at_first(source, target, fact):
    """Return whether a document of this language states such a fact as a rule."""
    is_seat = fact in SEATS and not isinstance(target, Tender)
    return source.is_document and source.may_have(target, fact) and not is_seat and fact not in SELDOM_STATED


def _label(model, key):
    """Return a fact and its value as a key has them; empty text for what is no key."""
    try:
        _source, number, fact, value = key.split(":", 3)
        attribute = (model if number == "0" else Award).FACTS[fact]
        known = "|".join(part for part in value.split("|") if not part.startswith("+"))
        if known:
            attribute.kind.validate(known)
    except (KeyError, ValueError, ValidationError):
        return ""
    shown = [part.removeprefix("+") for part in value.split("|") if part.startswith("+")]
    shown += [display_value(attribute, known)] if known else []
    label = Fact(fact).label
    if number != "0":
        label = _("%(fact)s of award %(number)s") % {"fact": label, "number": number}
    return _("%(field)s: %(value)s") % {"field": label, "value": _("; ").join(shown)}
