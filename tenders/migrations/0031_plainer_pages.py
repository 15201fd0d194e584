"""
Say on the pages under /about/ what the site says in plainer words, and in Chinese in the terms of the law.

As in ``0010_fuller_pages``, a text that editors have written stays.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
FORMER = ("corrected_pages", "fuller_pages")  # the later first
pages = import_module("tenders.migrations.0010_fuller_pages")


def texts():
    """Return (slug, column, old text, new text) of each text that changes."""
    for path in sorted((HERE / "plainer_pages").glob("*.md")):
        slug, language, _suffix = path.name.split(".")
        folder = next(folder for folder in FORMER if (HERE / folder / path.name).exists())
        yield slug, f"text_{language}", pages.read(f"{folder}/{path.name}"), pages.read(f"plainer_pages/{path.name}")


def make_plainer(apps, schema_editor):
    pages.replace(apps, texts())


def restore(apps, schema_editor):
    pages.replace(apps, [(slug, column, new, old) for slug, column, old, new in texts()])


class Migration(migrations.Migration):
    dependencies = [("tenders", "0030_plain_labels")]

    operations = [migrations.RunPython(make_plainer, restore, elidable=False)]
