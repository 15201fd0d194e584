"""Slugs, the short names in addresses: made from a title where none is given, of Chinese in pinyin."""

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from tenders.search import pinyin


def slug_of(text, max_length):
    """Return a text in small Latin letters, digits and hyphens, Chinese in pinyin without tones, cut at a word."""
    slug = slugify(pinyin(text, separator="-"))
    if len(slug) <= max_length:
        return slug
    whole_words = slug[: max_length + 1].rpartition("-")[0]
    return whole_words or slug[:max_length]


def free_slug(model, text):
    """Return the slug of a text, with a number if a record has it already; empty text if it has no letters."""
    field = model._meta.get_field("slug")
    slug, number = slug_of(text, field.max_length), 1
    taken = set(model._base_manager.values_list("slug", flat=True))
    while slug in taken:
        number += 1
        ending = f"-{number}"
        slug = slug_of(text, field.max_length - len(ending)) + ending
    return slug


class SlugFormMixin:
    """A form whose slug may be left empty: it is made from the first title that is given. A saved one stays."""

    slug_sources = ("title_en", "title_zh")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            help_text = _("Leave empty to generate it from the title or name (Chinese in pinyin).")
            self.fields["slug"].help_text = " ".join(filter(None, [str(self.fields["slug"].help_text), str(help_text)]))

    def clean(self):
        cleaned = super().clean()
        if "slug" in self.fields and not cleaned.get("slug") and "slug" not in self.errors:
            cleaned["slug"] = self.initial.get("slug") if self.instance.pk else self._new_slug(cleaned)
        return cleaned

    def _new_slug(self, cleaned):
        title = next((cleaned[name] for name in self.slug_sources if cleaned.get(name)), "")
        slug = free_slug(self._meta.model, title)
        if title and not slug:
            self.add_error("slug", _("Enter a slug: it can’t be generated from this title."))
        return slug
