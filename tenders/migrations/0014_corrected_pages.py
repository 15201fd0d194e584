"""
Say on the pages under /about/ what is quoted, what the missing tenders of 2018 must be, and what speaks for Hubei.

As in ``0010_fuller_pages``, a text that editors have written stays.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
pages = import_module("tenders.migrations.0010_fuller_pages")


def texts():
    """Return (slug, column, old text, new text) of each text that changes."""
    for path in sorted((HERE / "corrected_pages").glob("*.md")):
        slug, language, _suffix = path.name.split(".")
        folder = "fuller_pages" if (HERE / "fuller_pages" / path.name).exists() else "first_pages"
        yield slug, f"text_{language}", pages.read(f"{folder}/{path.name}"), pages.read(f"corrected_pages/{path.name}")


def correct(apps, schema_editor):
    pages.replace(apps, texts())


def restore(apps, schema_editor):
    pages.replace(apps, [(slug, column, new, old) for slug, column, old, new in texts()])


class Migration(migrations.Migration):
    dependencies = [("tenders", "0013_source_language")]

    operations = [migrations.RunPython(correct, restore, elidable=False)]
