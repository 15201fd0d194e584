from django.contrib.auth.management import create_permissions
from django.db import migrations


def allow_editors(apps, schema_editor):
    """Let editors see, answer and delete the reports of readers; contributors do not see them."""
    app = apps.get_app_config("tenders")
    app.models_module = True  # as in 0007_roles
    create_permissions(app, verbosity=0, apps=apps, using=schema_editor.connection.alias)
    app.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    found = permissions.filter(content_type__app_label="tenders", content_type__model="report")
    group, _is_new = apps.get_model("auth", "Group").objects.get_or_create(name="Editors")
    group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("tenders", "0027_reports")]

    operations = [migrations.RunPython(allow_editors, migrations.RunPython.noop)]
