"""
Forgotten passwords: Django's own views, where mail is set, with limits.

The answer is the same whether there is an account with a mail address or not, and takes as long, as mails are sent
beside it. A new password leaves the second factor as it is.
"""

from datetime import timedelta
from threading import Thread

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.http import Http404
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts.addresses import client_network
from accounts.limits import minutes_until, with_time
from accounts.models import PasswordResetRequest
from accounts.security_log import log

PERIOD = timedelta(hours=1)
REQUESTS_PER_ADDRESS = 5
MAILS_PER_ACCOUNT = 3


def in_background(function, *args, **kwargs):
    """Call a function in a thread of its own, in the same language."""
    in_language = translation.override(translation.get_language())
    Thread(target=in_language(function), args=args, kwargs=kwargs).start()


class ResetForm(PasswordResetForm):
    """Django's form for a client with an address; accounts that have had their mails lately get none."""

    def __init__(self, *args, address, **kwargs):
        super().__init__(*args, **kwargs)
        self.address = address

    def get_users(self, email):
        """Return the accounts to which mails are sent, and record the request."""
        users = []
        for user in super().get_users(email):
            if PasswordResetRequest.objects.filter(user=user).count() < MAILS_PER_ACCOUNT:
                users.append(user)
                log("password-reset-requested", user=user)
        PasswordResetRequest.objects.bulk_create(
            PasswordResetRequest(user=user, address=self.address) for user in users or [None]
        )
        return users

    def send_mail(self, *args, **kwargs):
        in_background(super().send_mail, *args, **kwargs)


class MailedPage:
    """A page that is there only where mail is set."""

    def dispatch(self, request, *args, **kwargs):
        if not settings.CAN_SEND_MAIL:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{**admin.site.each_context(self.request), "subtitle": None, **kwargs})


@method_decorator(never_cache, name="dispatch")
class PasswordResetView(MailedPage, views.PasswordResetView):
    form_class = ResetForm
    template_name = "admin/accounts/password_reset.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "address": client_network(self.request)}

    def form_valid(self, form):
        PasswordResetRequest.objects.filter(requested_at__lte=timezone.now() - PERIOD).delete()
        earlier = PasswordResetRequest.objects.filter(address=form.address).order_by("-requested_at")
        if len(times := earlier.values_list("requested_at", flat=True)[:REQUESTS_PER_ADDRESS]) == REQUESTS_PER_ADDRESS:
            return self.refuse(form, times[REQUESTS_PER_ADDRESS - 1] + PERIOD)
        return super().form_valid(form)

    def refuse(self, form, until):
        """Return a 429 response that says when to try again."""
        log("password-reset-refused")

        message = with_time(
            lambda wait: ngettext(
                "Too many requests from your address. Try again in %(wait)s minute, after %(time)s (%(zone)s).",
                "Too many requests from your address. Try again in %(wait)s minutes, after %(time)s (%(zone)s).",
                wait,
            ),
            until,
        )
        form.add_error(None, message)
        response = self.form_invalid(form)
        response.status_code, response["Retry-After"] = 429, 60 * minutes_until(until)
        return response


class PasswordResetDoneView(MailedPage, views.PasswordResetDoneView):
    pass


class PasswordResetConfirmView(MailedPage, views.PasswordResetConfirmView):
    pass


class PasswordResetCompleteView(MailedPage, views.PasswordResetCompleteView):
    pass
