"""Static pages that editors write: method, coverage, licence, contact, publication policy."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders.models.changes import tracked_history
from tenders.models.names import bilingual_text
from tenders.models.natural_keys import NaturalKeyModel

LINKED_EVERYWHERE = ("method", "coverage", "licence", "contact", "publication-policy")


class Page(NaturalKeyModel):
    """A page under ``/about/``, in Markdown, in both languages."""

    slug = models.SlugField(_("slug"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title_en = models.CharField(_("English title"), max_length=100)
    title_zh = models.CharField(_("Chinese title"), max_length=100)
    text_en = models.TextField(_("English text"), help_text=_("Markdown; begin with level-2 headings (##)."))
    text_zh = models.TextField(_("Chinese text"), help_text=_("Markdown."))

    title = bilingual_text("title")
    text = bilingual_text("text")

    history = tracked_history()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["position", "slug"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("page", args=[self.slug])

    @property
    def is_linked_everywhere(self):
        """Whether every page links to this page, in its header or footer, or every file of OCDS."""
        return self.slug in LINKED_EVERYWHERE
