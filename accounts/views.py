"""The pages of log-in, of the second factor and of sessions, in the admin site that they are given."""

from urllib.parse import quote

import qrcode
from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django_otp import login as login_with_device
from qrcode.image.svg import SvgPathFillImage

from accounts import pending, second_factor, sessions
from accounts.forms import CodeForm, IdentityForm, SetUpForm
from accounts.security_log import log

KEY = "second_factor_key"  # in the session: the secret of the app that is being set up
SURE_UNTIL = "identity_confirmed_until"  # in the session, as seconds: how long the app may be replaced


class SitePage:
    """A view of an admin site."""

    admin_site = None
    title = ""

    def get_context_data(self, **kwargs):
        site = self.admin_site.each_context(self.request)
        return super().get_context_data(**{**site, "title": self.title, "subtitle": None, **kwargs})


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class LoginPage(SitePage, LoginView):
    """A step of the log-in; ``next`` is passed on to the following one."""

    def get_default_redirect_url(self):
        return reverse("admin:index", current_app=self.admin_site.name)

    def redirect_to_step(self, name):
        """Redirect to another step, which leads to the same page in the end."""
        address = reverse(f"admin:{name}", current_app=self.admin_site.name)
        return redirect(f"{address}?next={quote(self.get_success_url())}")

    def redirect_pending(self, user):
        return self.redirect_to_step("login_code" if second_factor.is_set_up(user) else "login_set_up")


class PasswordStep(LoginPage):
    """Name and password. Who needs a second factor is not logged in yet."""

    template_name = "admin/accounts/login.html"

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and "_restart" in request.POST:
            pending.cancel(request)
            return self.redirect_to_step("login")
        if request.method == "GET" and self.admin_site.has_permission(request):
            return redirect("admin:index")
        if request.method == "GET" and (user := pending.pending_user(request)):
            return self.redirect_pending(user)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=_("Log in"), username=self.request.user.get_username(), **kwargs)

    def form_valid(self, form):
        user = form.get_user()
        if not second_factor.is_needed(user):
            return super().form_valid(form)
        pending.begin(self.request, user)
        return self.redirect_pending(user)


class PendingStep(LoginPage):
    """A step after the password; who has not given one is led to the first."""

    def dispatch(self, request, *args, **kwargs):
        self.user = pending.pending_user(request)
        if self.user is None:
            return self.redirect_to_step("login")
        if second_factor.is_set_up(self.user) != self.is_for_set_up:
            return self.redirect_pending(self.user)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(pending_name=self.user.get_username(), **kwargs)


class CodeStep(PendingStep):
    """The code of the second factor."""

    form_class = CodeForm
    template_name = "admin/accounts/code.html"
    is_for_set_up = True

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.user}

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=_("Second factor"), **kwargs)

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.fields["code"].widget.attrs["autofocus"] = True
        return form

    def form_valid(self, form):
        pending.complete(self.request, self.user, form.device)
        return redirect(self.get_success_url())


class SetUpMixin:
    """A page with a new secret, as a QR code and as text, which an app proves to know by a code."""

    form_class = SetUpForm
    template_name = "admin/accounts/set_up.html"

    @property
    def key(self):
        return self.request.session.setdefault(KEY, second_factor.new_key())

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        kwargs.pop("request", None)
        return {**kwargs, "user": self.user, "key": self.key}

    def get_context_data(self, **kwargs):
        address = second_factor.app_address(self.user, self.key)
        image = qrcode.make(address, image_factory=SvgPathFillImage, border=2)
        return super().get_context_data(
            title=_("Set up the second factor"),
            address=address,
            image=mark_safe(image.to_string(encoding="unicode")),  # noqa: S308 drawn from squares
            secret=second_factor.secret_text(self.key),
            **kwargs,
        )

    def recovery_codes(self, codes, continue_url):
        """Return the page that shows new recovery codes, once."""
        return recovery_codes_page(self.admin_site, self.request, self.user, codes, continue_url)


class SetUpStep(SetUpMixin, PendingStep):
    """The set-up of a second factor by who is not logged in without one."""

    is_for_set_up = False

    def form_valid(self, form):
        device, codes = form.result
        self.request.session.pop(KEY)
        continue_url = self.get_success_url()
        sessions.end_sessions(self.user)
        pending.complete(self.request, self.user, device)
        return self.recovery_codes(codes, continue_url)


class SetUpPage(SetUpMixin, SitePage, FormView):
    """The set-up of a second factor, or of another app, by who is logged in and has confirmed to be the owner."""

    def dispatch(self, request, *args, **kwargs):
        self.user = request.user
        if request.session.get(SURE_UNTIL, 0) < timezone.now().timestamp():
            return redirect("admin:account")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(cancel_url=reverse("admin:account"), **kwargs)

    def form_valid(self, form):
        device, codes = form.result
        for name in (KEY, SURE_UNTIL):
            self.request.session.pop(name)
        login_with_device(self.request, device)
        sessions.end_sessions(self.user, keep=self.request.session.session_key)
        if codes is None:
            messages.success(self.request, _("The new app is set up. Your recovery codes still work."))
            return redirect("admin:account")
        return self.recovery_codes(codes, reverse("admin:account"))


class AccountPage(SitePage, FormView):
    """One's own second factor and sessions."""

    form_class = IdentityForm
    template_name = "admin/accounts/account.html"

    def get_form_kwargs(self):
        kwargs = {**super().get_form_kwargs(), "user": self.request.user, "request": self.request}
        if "_identity" not in self.request.POST:
            kwargs |= {"data": None, "files": None}
        return kwargs

    def get_context_data(self, **kwargs):
        user = self.request.user
        app = second_factor.app_of(user)
        return super().get_context_data(
            title=_("Your account"),
            app=app,
            num_recovery_codes=second_factor.num_recovery_codes(user),
            sessions=sessions.sessions_of(user),
            current_key=self.request.session.session_key,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        if "_end" in request.POST or "_end_others" in request.POST:
            return self.end_sessions()
        return super().post(request, *args, **kwargs)

    def end_sessions(self):
        """End one of the other sessions, or all of them."""
        user, keep = self.request.user, self.request.session.session_key
        handle = None if "_end_others" in self.request.POST else self.request.POST["_end"]
        number = sessions.end_sessions(user, keep=keep, handle=handle)
        if number:
            log("sessions-ended", user=user, number=number)
        text = ngettext("%(number)s session was ended.", "%(number)s sessions were ended.", number)
        messages.success(self.request, text % {"number": number})
        return redirect("admin:account")

    def form_valid(self, form):
        user = self.request.user
        if "_renew" in self.request.POST and second_factor.is_set_up(user):
            codes = second_factor.renew_recovery_codes(user)
            return recovery_codes_page(self.admin_site, self.request, user, codes, reverse("admin:account"))
        self.request.session[SURE_UNTIL] = (timezone.now() + pending.LIFETIME).timestamp()
        self.request.session.pop(KEY, None)
        return redirect("admin:second_factor_set_up")


def recovery_codes_page(admin_site, request, user, codes, continue_url):
    """Return the page that shows recovery codes, once, with a link that downloads them."""
    lines = [_("TenderWatch recovery codes of %(name)s. Each works once.") % {"name": user.get_username()}, "", *codes]
    context = {
        **admin_site.each_context(request),
        "title": _("Your recovery codes"),
        "subtitle": None,
        "codes": codes,
        "file": "data:text/plain;charset=utf-8," + quote("\r\n".join(lines)),
        "continue_url": continue_url,
    }
    return TemplateResponse(request, "admin/accounts/recovery_codes.html", context)
