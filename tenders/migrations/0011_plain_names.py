import django.db.models.deletion
from django.db import migrations, models

MODELS = {"turn": "verdictchange", "formerreference": "redirectedreference", "notsame": "distinctpair"}
ACTIONS = ("add", "change", "delete", "view")
PATTERN = "[0123456789ABCDEFGHJKMNPQRSTVWXYZ]{6}"


def of_one_kind(one, other):
    condition = models.Q()
    for prefix in ("TW", "I", "C"):
        pattern = f"^{prefix}-{PATTERN}$"
        condition |= models.Q(**{f"{one}__regex": pattern, f"{other}__regex": pattern})
    return condition


def rename_permissions(apps, schema_editor, names=tuple(MODELS.items())):
    """Rename the permissions of the models: with a model Django renames its content type alone."""
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    for old, new in names:
        for action in ACTIONS:
            permissions.filter(content_type__app_label="tenders", codename=f"{action}_{old}").update(
                codename=f"{action}_{new}"
            )


def rename_permissions_back(apps, schema_editor):
    rename_permissions(apps, schema_editor, names=[(new, old) for old, new in MODELS.items()])


class Migration(migrations.Migration):
    """The tables of the turns of verdicts, former references and pairs that are not the same, by plainer names."""

    dependencies = [
        ("tenders", "0010_fuller_pages"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # A constraint names columns: those whose columns or names change are made anew.
        migrations.RemoveConstraint("turn", "turn_once_at_a_time"),
        migrations.RemoveConstraint("formerreference", "former_reference_leads_on"),
        migrations.RemoveConstraint("notsame", "not_same_once"),
        migrations.RemoveConstraint("notsame", "not_same_in_order"),
        migrations.RemoveConstraint("notsame", "not_same_has_reason"),
        migrations.RenameModel("Turn", "VerdictChange"),
        migrations.RenameModel("FormerReference", "RedirectedReference"),
        migrations.RenameModel("NotSame", "DistinctPair"),
        migrations.RenameField("verdictchange", "turned_at", "changed_at"),
        migrations.RenameField("redirectedreference", "leads_to", "redirects_to"),
        migrations.AlterModelOptions(
            "verdictchange",
            {
                "ordering": ["claim", "changed_at"],
                "verbose_name": "turn of a verdict",
                "verbose_name_plural": "turns of verdicts",
            },
        ),
        migrations.AlterField(
            "verdictchange",
            "claim",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="verdict_changes",
                to="tenders.claim",
                verbose_name="claim",
            ),
        ),
        migrations.AddConstraint(
            "verdictchange",
            models.UniqueConstraint(
                fields=("claim", "changed_at"),
                name="verdict_change_once_at_a_time",
                violation_error_message="A verdict turns once at a time.",
            ),
        ),
        migrations.AddConstraint(
            "redirectedreference",
            models.CheckConstraint(
                condition=of_one_kind("reference", "redirects_to")
                & ~models.Q(reference=models.F("redirects_to")),
                name="redirected_reference_redirects",
                violation_error_message="A former reference leads to another record of the same kind.",
            ),
        ),
        migrations.AddConstraint(
            "distinctpair",
            models.UniqueConstraint(
                fields=("one", "other"),
                name="distinct_pair_once",
                violation_error_message="It is recorded already that these two are not the same.",
            ),
        ),
        migrations.AddConstraint(
            "distinctpair",
            models.CheckConstraint(
                condition=of_one_kind("one", "other") & models.Q(one__lt=models.F("other")),
                name="distinct_pair_in_order",
                violation_error_message="Give two records of one kind, the first in the alphabet first.",
            ),
        ),
        migrations.AddConstraint(
            "distinctpair",
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="distinct_pair_has_reason",
                violation_error_message="Say why the two are not the same.",
            ),
        ),
        migrations.RunPython(rename_permissions, rename_permissions_back),
    ]
