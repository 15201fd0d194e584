"""Bring the first text of the pages under /about/; from then on the editors' text is the text."""

from pathlib import Path

from django.db import migrations

TEXTS = Path(__file__).parent / "first_pages"
PAGES = [
    ("method", "Method", "方法"),
    ("coverage", "Coverage", "覆盖范围"),
    ("licence", "Licence", "许可"),
    ("contact", "Contact and corrections", "联系与更正"),
]


def bring_pages(apps, schema_editor):
    page_model = apps.get_model("tenders", "Page")
    for position, (slug, title_en, title_zh) in enumerate(PAGES, start=1):
        page_model.objects.get_or_create(
            slug=slug,
            defaults={
                "position": position,
                "title_en": title_en,
                "title_zh": title_zh,
                "text_en": (TEXTS / f"{slug}.en.md").read_text(encoding="utf-8"),
                "text_zh": (TEXTS / f"{slug}.zh.md").read_text(encoding="utf-8"),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("tenders", "0001_initial")]

    operations = [migrations.RunPython(bring_pages, migrations.RunPython.noop, elidable=False)]
