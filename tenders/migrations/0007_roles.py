from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RECORDS = ["tender", "institution", "company"]
SEEN = ["region", "category", "source", "article", "claim", "inclusion", "award", "awardsupplier", "citation", "change"]
# Of records and articles contributors write their own drafts; the desk sees to it that they write no others.
CONTRIBUTORS = {
    **dict.fromkeys(SEEN, ["view"]),
    **dict.fromkeys([*RECORDS, "article"], ["add", "change", "view"]),
    **dict.fromkeys(["award", "citation", "claim", "inclusion"], ["add", "change", "delete", "view"]),
    "source": ["add", "view"],
}
ALL = ["add", "change", "delete", "view"]
EDITORS = {
    **dict.fromkeys(["region", "awardsupplier", "change"], ["view"]),
    **dict.fromkeys(["award", "citation", "claim", "inclusion", "source", "category", "page"], ALL),
    **dict.fromkeys([*RECORDS, "article"], [*ALL, "publish"]),
}
GROUPS = {"Contributors": CONTRIBUTORS, "Editors": EDITORS}


def make_groups(apps: Apps, schema_editor):
    """Make the two groups; one of the same name that is there already keeps its permissions and gets these."""
    app = apps.get_app_config("tenders")
    app.models_module = True  # permissions of models of a migration's state are made only for an app that has models
    create_permissions(app, verbosity=0, apps=apps, using=schema_editor.connection.alias)
    app.models_module = None

    permissions = {
        permission.codename: permission
        for permission in apps.get_model("auth", "Permission").objects.filter(content_type__app_label="tenders")
    }
    for name, may in GROUPS.items():
        group, _is_new = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        codenames = [f"{action}_{model}" for model, actions in may.items() for action in actions]
        group.permissions.add(*(permissions[codename] for codename in codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("tenders", "0006_history"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
