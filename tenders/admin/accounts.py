"""Accounts: their group says what somebody may do, and that they may log in."""

from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User

admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Django's page of a user without the staff status, which nothing here asks for (``views.admin_site.has_role``)."""

    list_display = ["username", "first_name", "last_name", "is_active", "is_superuser"]
    list_filter = ["groups", "is_active", "is_superuser"]

    def get_fieldsets(self, request, obj=None):
        return [
            (name, {**options, "fields": [field for field in flatten(options["fields"]) if field != "is_staff"]})
            for name, options in super().get_fieldsets(request, obj)
        ]
