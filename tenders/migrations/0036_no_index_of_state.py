"""Drop the indexes of ``state``: nearly all records have one value, and SQLite used them where others find few."""

from django.db import migrations, models

INDEXES = {
    "tenders_article": "tenders_article_state_c7f222ef",
    "tenders_company": "tenders_company_state_36ed0f83",
    "tenders_historicalarticle": "tenders_historicalarticle_state_0f811578",
    "tenders_historicalcompany": "tenders_historicalcompany_state_5c591087",
    "tenders_historicalinstitution": "tenders_historicalinstitution_state_1c72a2b0",
    "tenders_historicaltender": "tenders_historicaltender_state_4fe79d7c",
    "tenders_institution": "tenders_institution_state_fa1a7945",
    "tenders_tender": "tenders_tender_state_89904a0e",
}
STATE = models.CharField(
    choices=[
        ("draft", "Draft"),
        ("in-review", "In review"),
        ("published", "Published"),
        ("withdrawn", "Withdrawn"),
    ],
    default="draft",
    editable=False,
    max_length=10,
    verbose_name="state",
)


def drop(table, index):
    """Return the operation that drops an index, and its twin for patterns on PostgreSQL."""
    return migrations.RunSQL(
        [f"DROP INDEX IF EXISTS {index}", f"DROP INDEX IF EXISTS {index}_like"],
        f"CREATE INDEX {index} ON {table} (state)",
    )


class Migration(migrations.Migration):
    dependencies = [("tenders", "0035_notice_intakes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[drop(table, index) for table, index in INDEXES.items()],
            state_operations=[
                migrations.AlterField(table.removeprefix("tenders_"), "state", STATE) for table in INDEXES
            ],
        )
    ]
