"""Accounts in the admin: their group says what somebody may do, and that they may log in."""

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from accounts import second_factor, sessions
from accounts.security_log import log

admin.site.unregister(User)
admin.site.unregister([StaticDevice, TOTPDevice])  # whose pages show secrets


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Django's page of a user without the staff status, which nothing here asks for, and with the second factor."""

    list_display = ["username", "first_name", "last_name", "is_active", "is_superuser", "has_second_factor"]
    list_filter = ["groups", "is_active", "is_superuser"]
    readonly_fields = ["shown_second_factor", "shown_sessions"]
    change_form_template = "admin/accounts/user_change_form.html"

    def get_queryset(self, request):
        apps = second_factor.TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).annotate(has_app=Exists(apps))

    @admin.display(description=gettext_lazy("second factor"), boolean=True, ordering="has_app")
    def has_second_factor(self, user):
        return user.has_app

    @admin.display(description=gettext_lazy("second factor"))
    def shown_second_factor(self, user):
        if not user.has_app:
            return _("not set up")
        number = second_factor.num_recovery_codes(user)
        text = ngettext("set up, %(number)s recovery code left", "set up, %(number)s recovery codes left", number)
        return text % {"number": number}

    @admin.display(description=gettext_lazy("open sessions"))
    def shown_sessions(self, user):
        return len(sessions.sessions_of(user))

    def get_fieldsets(self, request, obj=None):
        fieldsets = [
            (name, {**options, "fields": [field for field in flatten(options["fields"]) if field != "is_staff"]})
            for name, options in super().get_fieldsets(request, obj)
        ]
        return [*fieldsets, (_("Log-in"), {"fields": self.readonly_fields})] if obj else fieldsets

    def get_urls(self):
        reset = self.admin_site.admin_view(self.reset_second_factor)
        end = self.admin_site.admin_view(self.end_sessions)
        return [
            path("<int:pk>/second-factor/", reset, name="auth_user_reset_second_factor"),
            path("<int:pk>/sessions/", end, name="auth_user_end_sessions"),
            *super().get_urls(),
        ]

    def reset_second_factor(self, request, pk):
        """Remove the second factor of somebody else, who has lost it."""
        user = self._other(request, pk)
        if request.method == "POST":
            second_factor.reset(user)
            return self._done(request, user, _("The second factor of %(name)s was removed."))
        return self._confirm(
            request,
            user,
            title=_("Reset the second factor of %(name)s?") % {"name": user.get_username()},
            text=_(
                "At the next log-in the account sets up a new app. Anyone who knows its password can do that, so make "
                "sure that its owner asked you, in person or by phone. All its sessions end."
            ),
            button=_("Reset the second factor"),
        )

    def end_sessions(self, request, pk):
        """End all sessions of somebody else."""
        user = self._other(request, pk)
        if request.method == "POST":
            log("sessions-ended", user=user, number=sessions.end_sessions(user))
            return self._done(request, user, _("All sessions of %(name)s were ended."))
        return self._confirm(
            request,
            user,
            title=_("End all sessions of %(name)s?") % {"name": user.get_username()},
            text=_("Unsaved work in these sessions is lost. The account can log in again."),
            button=_("End all sessions"),
        )

    def _other(self, request, pk):
        """Return the account of somebody else; only administrators may act on it."""
        if not request.user.is_superuser:
            raise PermissionDenied
        user = self.get_object(request, str(pk))
        if user is None or user == request.user:
            raise Http404(_("For your own account, see “Your account”."))
        return user

    def _confirm(self, request, user, **context):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": user,
            "back": reverse("admin:auth_user_change", args=[user.pk]),
            **context,
        }
        return TemplateResponse(request, "admin/accounts/confirm.html", context)

    def _done(self, request, user, message):
        self.message_user(request, message % {"name": user.get_username()}, messages.SUCCESS)
        return redirect("admin:auth_user_change", user.pk)
