"""Explain the living articles on the page about method; where editors have written that page anew, it is theirs."""

from pathlib import Path

from django.db import migrations

TEXTS = Path(__file__).parent / "first_pages"


def explain_articles(apps, schema_editor):
    for page in apps.get_model("tenders", "Page").objects.filter(slug="method"):
        for language in ("en", "zh"):
            first = (TEXTS / f"method.{language}.md").read_text(encoding="utf-8")
            more = (TEXTS / f"method_articles.{language}.md").read_text(encoding="utf-8")
            if getattr(page, f"text_{language}") == first:
                setattr(page, f"text_{language}", f"{first.rstrip()}\n\n{more}")
        page.save()


class Migration(migrations.Migration):
    dependencies = [("tenders", "0004_articles")]

    operations = [migrations.RunPython(explain_articles, migrations.RunPython.noop, elidable=False)]
