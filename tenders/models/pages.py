"""Static pages that editors write: method, coverage, licence, contact."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenders.languages import is_chinese
from tenders.models.changes import tracked_history

LINKED_EVERYWHERE = ("method", "coverage", "licence", "contact")


class PageManager(models.Manager):
    def get_by_natural_key(self, slug):
        return self.get(slug=slug)


class Page(models.Model):
    """A page under ``/about/``, in Markdown, in both languages."""

    slug = models.SlugField(_("slug"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title_en = models.CharField(_("English title"), max_length=100)
    title_zh = models.CharField(_("Chinese title"), max_length=100)
    text_en = models.TextField(_("English text"), help_text=_("Markdown; begin with level-2 headings (##)."))
    text_zh = models.TextField(_("Chinese text"), help_text=_("Markdown."))

    objects = PageManager()
    history = tracked_history()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["position", "slug"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("page", args=[self.slug])

    def natural_key(self):
        return (self.slug,)

    @property
    def is_linked_everywhere(self):
        """Whether the header or the footer of every page links to this page."""
        return self.slug in LINKED_EVERYWHERE

    @property
    def title(self):
        """The title in the reader's language."""
        return self.title_zh if is_chinese() else self.title_en

    @property
    def text(self):
        """The Markdown text in the reader's language."""
        return self.text_zh if is_chinese() else self.text_en
