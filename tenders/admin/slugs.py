"""Forms in which a slug may be left empty: it is made from the title."""

from django.utils.translation import gettext_lazy as _

from tenders.slugs import free_slug


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
