"""Forms of a notice: one in which it is pasted or uploaded, and those of a tender with what is proposed of it."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tenders.admin.citations import TYPED_BY_HAND
from tenders.admin.citing import NewSourceForm
from tenders.admin.notices.drafts import fact_of
from tenders.admin.notices.masking import read_masked
from tenders.choices import FileFormat
from tenders.evidence.files import check_file
from tenders.evidence.formats import format_of
from tenders.kinds import RelatedRecord
from tenders.models import Award, NoticeIntake
from tenders.models.sources import TYPED_FACTS
from tenders.notices import UnreadableNotice
from tenders.notices.readings import NoticeKind
from tenders.search import HAN

MAX_SIZE = 1_048_576  # bytes of a notice
COPY = "copy-by-the-editor"  # the name of pasted text
LATER = gettext_lazy("Another notice of this tender states it.")
CORRECTED = gettext_lazy("This notice corrects an earlier one.")
UNSETTLED = gettext_lazy("Used until the difference is settled: another notice states something else.")


class NoticeForm(forms.Form):
    """
    A notice that is pasted as text or uploaded; ``checked`` is its file, ``reading`` what was read from it.

    Shown again it has the text as it was read, in which personal data is masked.
    """

    text = forms.CharField(
        label=gettext_lazy("Text of the notice"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Select all on the page of the notice, copy, and paste it here. It is read as text."),
    )
    file = forms.FileField(
        label=gettext_lazy("or a saved page"),
        required=False,
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".html,.htm,.txt"}),
        help_text=gettext_lazy("HTML or plain text (.html, .htm, .txt), up to 1 MiB."),
    )
    url = forms.URLField(
        label=gettext_lazy("Address where you found it"),
        required=False,
        max_length=NoticeIntake._meta.get_field("url").max_length,
        assume_scheme="https",
        help_text=gettext_lazy("Optional. The site doesn’t open it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.checked = self.reading = None

    def full_clean(self):
        """Read the notice; show again no more of it than what was read."""
        super().full_clean()
        if self.is_bound and self.errors:
            self.data = self.data.copy()
            self.data["text"] = self.reading.text if self.reading and self.cleaned_data.get("text") else ""

    def clean(self):
        data = super().clean()
        text, file = (data.get("text") or "").strip(), data.get("file")
        if self.errors.get("text") or self.errors.get("file"):
            return data
        if text and file:
            self.add_error("file", _("Paste the text or choose a file, not both."))
        elif not (text or file):
            self.add_error("text", _("Paste the text of a notice, or choose a saved page."))
        else:
            name = "file" if file else "text"
            try:
                self._read(file or _as_file(text), is_pasted=not file)
            except UnreadableNotice as error:
                self.add_error(name, error)
            except ValidationError as error:
                self.add_error(name, error)
        return data

    def _read(self, file, *, is_pasted):
        if file.size > MAX_SIZE:
            raise ValidationError(
                _("The notice has %(size)s bytes; the limit is 1,048,576 (1 MiB). Paste only the text of the notice."),
                params={"size": f"{file.size:,}"},
            )
        content = file.read()
        is_text = is_pasted and format_of(content) != FileFormat.HTML
        reading = read_masked(content, name=file.name, is_text=is_text)
        if reading.kind == NoticeKind.NOT_A_NOTICE:  # nobody knows where persons are named in it
            raise ValidationError(
                _("This doesn’t look like a procurement notice. Enter what it states under Tenders › Add.")
            )
        self.reading = reading
        self.checked = check_file(None, file)


def _as_file(text):
    content = text.replace("\r\n", "\n").encode()
    extension = "html" if format_of(content) == FileFormat.HTML else "txt"
    return SimpleUploadedFile(f"{COPY}.{extension}", content)


def typed_fields(proposals):
    """Return what is typed into the fields of a tender, or of one of its awards, by name."""
    found = {}
    for name, proposal in proposals.items():
        if proposal.typed and name not in {"exists", "is_joint"}:
            found |= {name: proposal.typed, **proposal.more}
    return found


class NoticeTenderForm:
    """Mixed into the form of a tender: its fields begin with what is proposed, and the source is entered with it."""

    notice = None

    def __init__(self, *args, **kwargs):
        if not (args or kwargs.get("data")):
            typed = typed_fields(self.notice.draft.tender)
            kwargs["initial"] = {**typed, **self.notice.reason, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.notice_source = None
        if self.notice.kept_source is None:
            self.notice_source = NewSourceForm(
                self.data if self.is_bound else None,
                prefix="notice_source",
                initial=None if self.is_bound else self.notice.draft.source,
                use_required_attribute=False,
                renderer=self.renderer,
            )
            self.notice.source = self.notice_source.instance

    def clean(self):
        data = super().clean()
        if self.notice_source is not None and not self.notice_source.is_valid():
            self.add_error(None, _("Complete the source of the notice."))
        return data


class NoticeAwardFormSet:
    """Mixed into the awards of a tender: each begins with what is proposed of its lot."""

    notice = None

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        number = form.initial.get("number")
        if not form.is_bound and number in self.notice.draft.awards:
            form.initial |= typed_fields(self.notice.draft.awards[number])
        return form


class NoticeCitationForm:
    """Mixed into a statement: a new one is made by the notice, whose source may not be saved yet."""

    notice = None
    is_dropped = False  # of a value that its editor has emptied

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            del self.fields["source"]
            self.instance.source = self.notice.source

    def has_changed(self):
        if self.instance.pk:
            return super().has_changed()
        typed = [self[name].data or "" for name in TYPED_BY_HAND if name in self.fields]
        texts = (text for data in typed for text in (data if isinstance(data, list) else [data]))
        return not self.is_dropped and any(text.strip() for text in texts)

    def clean(self):
        data = super().clean() or self.cleaned_data
        if not self.instance.pk:
            data["source"] = self.notice.source
        return data


class NoticeCitationFormSet:
    """Mixed into the statements of a tender: those of a notice begin with its exact words."""

    notice = None

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        if not form.is_bound and form.instance.pk and self._needs_reason(form.instance):
            form.initial |= in_both_languages("reason", UNSETTLED)
        return form

    def _needs_reason(self, citation):
        """Return whether the notice contradicts a statement that the record follows without a reason."""
        number = citation.award.number if citation.award else 0
        is_disputed = (number, citation.fact) in self.notice.disputed
        return is_disputed and citation.is_chosen and not citation.shown_reason

    def clean(self):
        """Leave out the words for a value that is not entered any more."""
        for form in self.extra_forms:
            if form.has_changed() and form.is_valid():
                data = form.cleaned_data
                form.is_dropped = data["is_chosen"] and not data.get("value") and not self._entered(data)
        super().clean()

    def save_new(self, form, commit=True):
        """State what the record has as it is saved: a new party has its reference only now."""
        if form.cleaned_data["is_chosen"] and not form["value"].data:
            citation = form.instance
            form.instance.value = (citation.award or self.instance).canonical(citation.fact)
        return super().save_new(form, commit)

    def _entered(self, data):
        if data["fact"] in self.instance.FACTS:
            return self.instance.canonical(data["fact"])
        return self._awards().get(data.get("award_number"), {}).get(data["fact"])


def take(posted, draft, pressed):
    """Fill the option that a button names (number of the award, field, number of the option) into what was posted."""
    found = re.fullmatch(r"([0-9]{1,5}):([a-z_]+):([0-9]{1,3})", pressed)
    proposals = (draft.awards.get(int(found[1]), {}) if int(found[1]) else draft.tender) if found else {}
    options = proposals[found[2]].options if found and found[2] in proposals else ()
    if not found or int(found[3]) >= len(options):
        return
    number, name, option = found[1], found[2], options[int(found[3])]
    prefix = _prefix(posted, "awards", number=number) if number != "0" else ""
    posted.setlist(f"{prefix}{name}", option.typed if isinstance(option.typed, list) else [option.typed])
    for other, value in proposals[name].more.items():
        posted[f"{prefix}{other}"] = value
    award_number = "" if number == "0" else number
    prefix = _prefix(posted, "citations", id="", fact=fact_of(int(number), name), award_number=award_number)
    if prefix and option.quotation:
        posted[f"{prefix}stated"] = option.quotation.words
        posted[f"{prefix}place"], posted[f"{prefix}place_zh"] = option.quotation.place, option.quotation.place_zh


def _prefix(posted, formset, **values):
    """Return the prefix of the form of a formset in which some values were posted; empty text for none."""
    number = posted.get(f"{formset}-TOTAL_FORMS", "")
    for index in range(int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0):
        prefix = f"{formset}-{index}-"
        if all(posted.get(prefix + name, "") == str(value) for name, value in values.items()):
            return prefix
    return ""


def in_both_languages(name, text):
    """Return a text of ours for readers of both languages, by the names of its two fields."""
    with override("en"):
        english = str(text)
    with override("zh-hans"):
        chinese = str(text)
    return {name: english, f"{name}_zh": chinese} if chinese != english else {name: english}


def statements(draft, record):
    """Return the initial values of the forms of new statements: one for each fact, some with the words of a notice."""
    chosen = set(record.citations.filter(is_chosen=True).values_list("award__number", "fact")) if record.pk else set()
    proposals = {(number, name): proposal for number, name, proposal in draft.proposals()}
    targets = [(0, record), *((number, Award) for number in draft.awards)]
    if record.pk:
        kept = set(record.awards.values_list("number", flat=True)) - draft.awards.keys()
        targets += [(number, Award) for number in sorted(kept)]
    found = []
    for number, target in targets:
        for fact, attribute in target.FACTS.items():
            initial = {"award_number": number or None, "fact": fact, "is_chosen": (number or None, fact) not in chosen}
            if proposal := proposals.get((number, attribute.name)):
                initial |= _stated(proposal, initial["is_chosen"])
                if isinstance(attribute.kind, RelatedRecord) and not HAN.search(initial.get("stated", "")):
                    initial.pop("stated", None)  # a name in Latin letters could be our translation
                if proposal.is_disputed and fact in TYPED_FACTS:
                    is_corrected = (number, attribute.name) in draft.corrections
                    initial |= in_both_languages("reason", CORRECTED if is_corrected else LATER)
            found.append(initial)
    return found


def _stated(proposal, may_be_chosen):
    """Return what a statement begins with: words only where there is a value that they state."""
    if not (proposal.typed or proposal.stated) or proposal.quotation is None:
        return {}
    quotation = proposal.quotation
    found = {"stated": quotation.words, "place": quotation.place, "place_zh": quotation.place_zh}
    if proposal.record:
        found |= {"value": proposal.stated, "is_chosen": may_be_chosen and not proposal.is_disputed}
    return found


def disputed_facts(draft):
    """Return the (number of the award or 0, fact) of which the notice states another value than the record has."""
    return {(number, fact_of(number, name)) for number, name, proposal in draft.proposals() if proposal.is_disputed}
