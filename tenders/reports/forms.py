"""The forms of readers: in which they report an error, and what such forms share."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenders.models.reports import MAX_SOURCE, MAX_TEXT

SPACES = "\n\t"  # control characters that people type


def without_control_characters(text):
    """Return a text without what nobody can type or see; lines end as on Unix."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign in SPACES or unicodedata.category(sign) not in ("Cc", "Cs"))


class ShortText(forms.CharField):
    """A text that says how much of it is too much; a browser would cut off what is pasted (``maxlength``)."""

    def __init__(self, *, limit, **kwargs):
        super().__init__(**kwargs)
        self.limit = limit

    def validate(self, value):
        super().validate(value)
        if (over := len(value) - self.limit) > 0:
            text = ngettext(
                "Shorten this by %(n)s character: up to %(max)s are read.",
                "Shorten this by %(n)s characters: up to %(max)s are read.",
                over,
            )
            raise ValidationError(text, code="max_length", params={"n": over, "max": self.limit})


class ReaderForm(forms.Form):
    """A form of the public pages: without control characters, and with a field that no person sees."""

    required_css_class = "required"

    website = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, data=None, **kwargs):
        if data is not None:
            data = {name: without_control_characters(data.get(name, "")) for name in self.base_fields}
        super().__init__(data, label_suffix="", **kwargs)

    def clean_website(self):
        """Refuse what a program has filled in; a person whose browser did so finds the field empty and sends again."""
        if self.cleaned_data["website"]:
            self.data = self.data | {"website": ""}
            raise ValidationError(_("Send the form once more: a field that people don’t see was filled in."))
        return ""


class ReportForm(ReaderForm):
    """What is wrong, by which source, and to whom to answer."""

    field_order = ("text", "source", "email")

    text = ShortText(
        label=gettext_lazy("What is wrong?"),
        limit=MAX_TEXT,
        help_text=gettext_lazy("Name the fact and what would be right. Up to 4,000 characters."),
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60}),
        error_messages={"required": gettext_lazy("Say what is wrong.")},
    )
    source = ShortText(
        label=gettext_lazy("Which source says so?"),
        limit=MAX_SOURCE,
        required=False,
        help_text=gettext_lazy("The address of a public document, or its title, publisher and date."),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address, if you want an answer"),
        required=False,
        help_text=gettext_lazy("Used for one answer, then erased. Shown to the editors only."),
        error_messages={"invalid": gettext_lazy("Enter one mail address, such as name@example.org, or none.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
