"""The admin of this project: a site of our own."""

from django.contrib.admin.apps import AdminConfig


class TenderWatchAdminConfig(AdminConfig):
    default_site = "tenders.views.admin_site.TenderWatchAdminSite"
