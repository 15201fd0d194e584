"""What ``check --deploy`` says of accounts."""

from django.conf import settings
from django.core import checks

HALF_A_YEAR = 60 * 60 * 24 * 182  # seconds


def register():
    """Register the checks of this module."""
    for check in (second_factor, mail, transport):
        checks.register(check, checks.Tags.security, deploy=True)


def second_factor(app_configs, **kwargs):
    if settings.SECOND_FACTOR_REQUIRED:
        return []
    reason = settings.SECOND_FACTOR_EXEMPTION or "DJANGO_ENV is not 'production'"
    return [
        checks.Warning(
            f"Editors need no second factor: {reason}.",
            hint="Unset SECOND_FACTOR_EXEMPTION as soon as the reason has gone.",
            id="accounts.W001",
        )
    ]


def mail(app_configs, **kwargs):
    if not settings.CAN_SEND_MAIL or settings.DEFAULT_FROM_EMAIL != "webmaster@localhost":
        return []
    return [
        checks.Warning("EMAIL_URL is set, but not DEFAULT_FROM_EMAIL, the sender of emails.", id="accounts.W002"),
    ]


def transport(app_configs, **kwargs):
    if settings.SECURE_HSTS_SECONDS == 0 or settings.SECURE_HSTS_SECONDS >= HALF_A_YEAR:
        return []  # Django reports 0
    return [
        checks.Warning(
            f"Browsers insist on HTTPS for {settings.SECURE_HSTS_SECONDS} seconds only.",
            hint="Raise HSTS_SECONDS to 31536000 once the host and all its subdomains are certain to serve HTTPS.",
            id="accounts.W003",
        )
    ]
