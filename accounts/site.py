"""The part of the admin site that is about log-in: its two steps, one's own account, forgotten passwords."""

from django.conf import settings
from django.contrib import admin
from django.urls import path

from accounts import views


class AccountsSite(admin.AdminSite):
    """An admin site whose users log in with a password and, where needed, a second factor."""

    def get_urls(self):
        def page(view):
            return self.admin_view(view.as_view(admin_site=self))

        return [
            path("login/code/", views.CodeStep.as_view(admin_site=self), name="login_code"),
            path("login/set-up/", views.SetUpStep.as_view(admin_site=self), name="login_set_up"),
            path("account/", page(views.AccountPage), name="account"),
            path("account/set-up/", page(views.SetUpPage), name="second_factor_set_up"),
            *super().get_urls(),
        ]

    def each_context(self, request):
        return {**super().each_context(request), "can_send_mail": settings.CAN_SEND_MAIL}

    def login(self, request, extra_context=None):
        view = views.PasswordStep.as_view(
            admin_site=self, authentication_form=self.login_form, extra_context=extra_context
        )
        return view(request)
