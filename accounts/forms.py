"""Forms that ask for the password and for codes."""

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts import limits, second_factor


class CodeInput(forms.TextInput):
    """An input that is empty again after a wrong code: the next one is another."""

    def format_value(self, value):
        return None


class CodeField(forms.CharField):
    """A code of an app or a recovery code, however it is spaced."""

    widget = CodeInput(
        attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "size": 20}
    )

    def __init__(self, **kwargs):
        super().__init__(**{"label": pgettext_lazy("second factor", "Code"), "max_length": 30, **kwargs})

    def clean(self, value):
        return second_factor.normalize_code(super().clean(value))


class CodeForm(forms.Form):
    """The second step of a log-in. ``device`` is what accepted the code."""

    required_css_class = "required"
    code = CodeField(help_text=_("The six digits that your authenticator app shows now, or a recovery code."))

    def __init__(self, *args, user, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.request, self.device = user, request, None

    def clean_code(self):
        if limits.is_refused(self.user, self.request):
            raise ValidationError("", code="refused")  # the response says until when
        is_known = limits.is_known(self.user.get_username(), self.request)
        try:
            self.device = second_factor.verify_code(self.user, self.cleaned_data["code"], is_known_address=is_known)
        except second_factor.InvalidCodeError as error:
            if error.wait_until:
                raise ValidationError(_wait(error.wait_until), code="wait") from error
            limits.count_failure(self.user, self.request)
            raise ValidationError(_wrong_code(), code="invalid") from error
        return self.cleaned_data["code"]


class IdentityForm(CodeForm):
    """The password and, where there is a second factor, its code: asked for before either is changed."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "size": 20}),
    )
    field_order = ("password", "code")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not second_factor.is_set_up(self.user):
            del self.fields["code"]

    def clean_password(self):
        password = self.cleaned_data["password"]
        if authenticate(self.request, username=self.user.get_username(), password=password) != self.user:
            raise ValidationError(gettext("This isn’t your password."), code="invalid")
        return password

    def clean_code(self):
        """Leave the code unused if the password is wrong."""
        return super().clean_code() if "password" in self.cleaned_data else ""


class SetUpForm(forms.Form):
    """The code of a new app, which proves that it knows the secret. ``result`` is that of ``second_factor.set_up``."""

    required_css_class = "required"
    code = CodeField(label=_("Code that the app shows"))

    def __init__(self, *args, user, key, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.key, self.result = user, key, None

    def clean_code(self):
        try:
            self.result = second_factor.set_up(self.user, self.key, self.cleaned_data["code"])
        except second_factor.InvalidCodeError as error:
            raise ValidationError(_wrong_code(), code="invalid") from error
        return self.cleaned_data["code"]


def _wrong_code():
    return gettext("This code isn’t right. Enter the one shown now, and check the clock on your phone.")


def _wait(moment):
    return limits.with_time(
        lambda wait: ngettext(
            "Too many wrong codes. Try again in %(wait)s minute, after %(time)s (%(zone)s).",
            "Too many wrong codes. Try again in %(wait)s minutes, after %(time)s (%(zone)s).",
            wait,
        ),
        moment,
    )
