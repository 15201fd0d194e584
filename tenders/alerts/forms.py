"""The form in which a reader asks for an alert."""

from django import forms
from django.utils.translation import gettext_lazy

from tenders.choices import AlertInterval
from tenders.models.alerts import MAX_EMAIL
from tenders.reports.forms import ReaderForm


class AlertForm(ReaderForm):
    """Whom to write to, and how often."""

    field_order = ("email", "every")

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=MAX_EMAIL,
        help_text=gettext_lazy("Used for these mails alone. Deleted when you stop them."),
        error_messages={
            "required": gettext_lazy("Enter your e-mail address."),
            "invalid": gettext_lazy("Enter one mail address, such as name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    every = forms.ChoiceField(
        label=gettext_lazy("How often at most"),
        choices=AlertInterval,
        initial=AlertInterval.DAY,
        error_messages={
            "invalid_choice": gettext_lazy("Choose how often."),
            "required": gettext_lazy("Choose how often."),
        },
    )
