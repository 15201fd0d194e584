"""Bring the page on how the tenders are published as OCDS; from then on the editors' text is the text."""

from pathlib import Path

from django.db import migrations

TEXTS = Path(__file__).parent / "publication_policy"
SLUG, POSITION = "publication-policy", 5


def bring_page(apps, schema_editor):
    texts = {
        f"text_{language}": (TEXTS / f"{SLUG}.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh")
    }
    titles = {"title_en": "Publication policy", "title_zh": "发布政策"}
    apps.get_model("tenders", "Page").objects.get_or_create(
        slug=SLUG, defaults={"position": POSITION, **titles, **texts}
    )


class Migration(migrations.Migration):
    dependencies = [("tenders", "0036_no_index_of_state")]

    operations = [migrations.RunPython(bring_page, migrations.RunPython.noop, elidable=False)]
