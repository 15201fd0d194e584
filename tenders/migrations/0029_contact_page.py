"""
Say on the contact page how to report an error: the address of the editors is a setting now.

As in ``0010_fuller_pages``, a text that editors have written stays.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

FOLDER = "contact_pages"
pages = import_module("tenders.migrations.0010_fuller_pages")


def texts():
    """Return (slug, column, old text, new text) of each text that changes."""
    for path in sorted((Path(__file__).parent / FOLDER).glob("*.md")):
        slug, language, _suffix = path.name.split(".")
        folder = "fuller_pages" if (pages.HERE / "fuller_pages" / path.name).exists() else "first_pages"
        yield slug, f"text_{language}", pages.read(f"{folder}/{path.name}"), pages.read(f"{FOLDER}/{path.name}")


def explain(apps, schema_editor):
    pages.replace(apps, texts())


def restore(apps, schema_editor):
    pages.replace(apps, [(slug, column, new, old) for slug, column, old, new in texts()])


class Migration(migrations.Migration):
    dependencies = [("tenders", "0028_report_roles")]

    operations = [migrations.RunPython(explain, restore, elidable=False)]
