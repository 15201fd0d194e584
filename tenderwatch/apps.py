"""The admin of this project is the editors' desk."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "tenders.views.desk.Desk"
