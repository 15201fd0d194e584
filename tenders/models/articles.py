"""Articles: published analyses, and the tenders that they count."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenders.derived import DerivedTextField
from tenders.fields import PARTIAL_DATE_REGEX, PartialDateField
from tenders.models.changes import tracked_history
from tenders.models.names import bilingual_text, shown_text
from tenders.models.natural_keys import NaturalKeyModel
from tenders.models.records import Editorial, EditorialQuerySet
from tenders.models.sources import Source
from tenders.models.tenders import Tender
from tenders.search import fold_all, title_pinyin

CODE = r"[A-Z][0-9]{1,3}[a-z]{0,3}"  # of a claim
MARK = re.compile(rf"\[\[({CODE})\]\]")  # the placeholder of a claim in the text of an article: [[A20]]


class Article(Editorial):
    """
    A published analysis of tenders, whose printed figures are compared with the records.

    The text is written by our editors. Of the author's text only figures and their places are stored, no sentence.
    """

    slug = models.SlugField(
        _("slug"), max_length=80, unique=True, help_text=_("Used in its address; it never changes.")
    )
    title_en = models.CharField(_("English title"), max_length=300)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True, default="")
    publisher = models.CharField(_("publisher"), max_length=300)
    publisher_zh = models.CharField(_("publisher in Chinese"), max_length=300, blank=True, default="")
    published_date = PartialDateField(pgettext_lazy("date", "published"))
    sources = models.ManyToManyField(
        Source,
        verbose_name=_("sources with its text"),
        related_name="articles",
        blank=True,
        help_text=_(
            "The article itself and its versions. A tender counts as the article’s if its existence is "
            "cited from one of them."
        ),
    )
    from_date = PartialDateField(
        _("covers from"), help_text=_("The first date covered; 2018 is enough. Leave empty if the article doesn’t say.")
    )
    to_date = PartialDateField(_("covers to"))
    scope_en = models.CharField(
        _("scope"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("What the article says it counts, in our words."),
    )
    scope_zh = models.CharField(_("scope, in Chinese"), max_length=300, blank=True, default="")
    text_en = models.TextField(
        _("English text"),
        blank=True,
        default="",
        help_text=_(
            "Markdown in our own words; begin with level-2 headings (##). [[A20]] shows the figure of claim A20."
        ),
    )
    text_zh = models.TextField(_("Chinese text"), blank=True, default="", help_text=_("Markdown, with the same marks."))

    title = bilingual_text("title")
    scope = bilingual_text("scope")
    text = bilingual_text("text")
    shown_publisher = shown_text("publisher")
    search_text = DerivedTextField(
        derive=fold_all,
        columns=["title_en", "title_zh", "publisher", "publisher_zh", "scope_en", "scope_zh"],
    )
    pinyin_text = DerivedTextField(derive=title_pinyin, columns=["title_zh"])

    objects = EditorialQuerySet.as_manager()
    history = tracked_history(excluded_fields=["search_text", "pinyin_text"], m2m_fields=["sources"])

    class Meta(Editorial.Meta):
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["published_date", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(**{name: ""}) | Q(**{f"{name}__regex": PARTIAL_DATE_REGEX}),
                name=f"article_{name}_partial",
                violation_error_message=_("Write the date as 2019, 2019-06 or 2019-06-19."),
            )
            for name in ("published_date", "from_date", "to_date")
        ] + [
            models.CheckConstraint(
                condition=~Q(slug="compare"),
                name="article_slug_free",
                violation_error_message=_("Choose another slug: “compare” is the address of another page."),
            )
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("article-detail", args=[self.slug])

    def codes_without_claim(self):
        """Return the codes that the text marks and that no claim of the article has, in the order of the text."""
        codes = {claim.code for claim in self.claims.all()} if self.pk else set()
        return [code for code in dict.fromkeys(MARK.findall(f"{self.text_en}\n{self.text_zh}")) if code not in codes]

    def clean(self):
        if self.from_date and self.to_date and self.from_date > self.to_date:
            raise ValidationError({"to_date": _("Check the dates: the last is before the first.")})


class Inclusion(NaturalKeyModel):
    """A tender that an article counts by an editor's inference, although no citation states it."""

    NATURAL_KEY = ("article__slug", "tender__reference")

    article = models.ForeignKey(Article, models.CASCADE, verbose_name=_("article"), related_name="inclusions")
    tender = models.ForeignKey(Tender, models.CASCADE, verbose_name=_("tender"), related_name="inclusions")
    reason = models.TextField(_("reason"), help_text=_("Public: why the article must count this tender."))
    reason_zh = models.TextField(_("reason in Chinese"), blank=True, default="")
    shown_reason = shown_text("reason")

    history = tracked_history()

    class Meta:
        verbose_name = _("tender counted by an article, inferred")
        verbose_name_plural = _("tenders counted by an article, inferred")
        ordering = ["article", "tender__reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "tender"],
                name="inclusion_once",
                violation_error_message=_("This tender is already inferred."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="inclusion_has_reason",
                violation_error_message=_("Give a reason why the article must count this tender."),
            ),
        ]

    def __str__(self):
        return f"{self.article_id}: {self.tender_id}"
