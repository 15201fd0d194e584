"""What ``check --deploy`` says of the site for readers."""

from django.conf import settings
from django.core import checks

from tenders.charts.rendering import check_fonts


def register():
    """Register the checks of this module."""
    checks.register(contact, deploy=True)
    checks.register(check_fonts, deploy=True)


def contact(app_configs, **kwargs):
    if settings.CONTACT_EMAIL:
        return []
    return [
        checks.Warning(
            "Readers find no address of the editors.",
            hint="Set CONTACT_EMAIL. Without it the page “Contact” leads to the form for reports alone.",
            id="tenders.W001",
        )
    ]
