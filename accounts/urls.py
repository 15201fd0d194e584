"""URLs of forgotten passwords, under the names that Django's views and mails use."""

from django.urls import path

from accounts import passwords

urlpatterns = [
    path("password-reset/", passwords.PasswordResetView.as_view(), name="password_reset"),
    path("password-reset/sent/", passwords.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password-reset/<uidb64>/<token>/", passwords.PasswordResetConfirmView.as_view(), name="password_reset_confirm"
    ),
    path("password-reset/complete/", passwords.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]
