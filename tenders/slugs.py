"""Slugs, the short names in addresses: made from a title, of Chinese in pinyin."""

from django.utils.text import slugify

from tenders.search import pinyin


def slug_of(text, max_length):
    """Return a text in small Latin letters, digits and hyphens, Chinese in pinyin without tones, cut at a word."""
    slug = slugify(pinyin(text, separator="-"))
    if len(slug) <= max_length:
        return slug
    whole_words = slug[: max_length + 1].rpartition("-")[0]
    return whole_words or slug[:max_length]


def taken_slugs(model):
    """Return the slugs of all records of a model."""
    return set(model._base_manager.values_list("slug", flat=True))


def free_slug(model, text, taken=None):
    """
    Return the slug of a text, with a number if it is ``taken``; empty text if the text has no letters.

    Those of all records are taken, unless others are given.
    """
    field = model._meta.get_field("slug")
    slug, number = slug_of(text, field.max_length), 1
    taken = taken_slugs(model) if taken is None else taken
    while slug in taken:
        number += 1
        ending = f"-{number}"
        slug = slug_of(text, field.max_length - len(ending)) + ending
    return slug
