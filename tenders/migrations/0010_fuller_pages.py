"""
Say on the pages under /about/ how to count and to cite, and say it in Chinese in the words of the site.

A text that editors have written is theirs: only one that is still ours becomes the new one, or again the old one.
"""

from pathlib import Path

from django.db import migrations
from django.utils import timezone

HERE = Path(__file__).parent
WHY = "The text that comes with the software became fuller."


def read(*names):
    return "\n\n".join((HERE / name).read_text(encoding="utf-8").rstrip() for name in names) + "\n"


def texts():
    """Return (slug, column, old text, new text) of each text that changes."""
    for path in sorted((HERE / "fuller_pages").glob("*.md")):
        slug, language, _suffix = path.name.split(".")
        old = [f"first_pages/{slug}.{language}.md"]
        if slug == "method":
            old.append(f"first_pages/method_articles.{language}.md")
        yield slug, f"text_{language}", read(*old), read(f"fuller_pages/{path.name}")


def replace(apps, pairs):
    pages = {page.slug: page for page in apps.get_model("tenders", "Page").objects.all()}
    written = {}
    for slug, column, old, new in pairs:
        page = pages.get(slug)
        if page and getattr(page, column).rstrip() == old.rstrip():
            setattr(page, column, new)
            written[slug] = page
    for page in written.values():
        page.save()
    note(apps, written.values())


def note(apps, pages):
    """Write into the history of the pages that have one what became of them."""
    rows = apps.get_model("tenders", "HistoricalPage")
    begun = set(rows.objects.values_list("id", flat=True))
    pages = [page for page in pages if page.pk in begun]
    if not pages:
        return
    change = apps.get_model("tenders", "Change").objects.create(kind="changed", reason=WHY)
    for page in pages:
        values = {field.attname: getattr(page, field.attname) for field in page._meta.concrete_fields}
        rows.objects.create(**values, change=change, history_date=timezone.now(), history_type="~")


def make_fuller(apps, schema_editor):
    replace(apps, texts())


def make_shorter(apps, schema_editor):
    replace(apps, [(slug, column, new, old) for slug, column, old, new in texts()])


class Migration(migrations.Migration):
    dependencies = [("tenders", "0009_uploads")]

    operations = [migrations.RunPython(make_fuller, make_shorter, elidable=False)]
