"""App config of the admin with the project's own ``AdminSite``."""

from django.contrib.admin.apps import AdminConfig


class TenderWatchAdminConfig(AdminConfig):
    default_site = "tenders.views.admin_site.TenderWatchAdminSite"
