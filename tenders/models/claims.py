"""Claims: checkable statements of articles, and the changes of their verdicts."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenders.choices import Cause, Measure, Printed, Unit, Verdict
from tenders.derived import DerivedTextField
from tenders.languages import is_chinese
from tenders.models.articles import CODE, Article
from tenders.models.changes import tracked_history
from tenders.models.names import bilingual_text, shown_text
from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from tenders.models.parties import Company, Institution
from tenders.models.sources import Source
from tenders.models.tenders import Tender
from tenders.passages import translate_place
from tenders.search import fold_all, title_pinyin


def measures():
    """Return the choices of ``Claim.measure``: a function, so that a new measure needs no migration."""
    return Measure.choices


class ClaimQuerySet(NaturalKeyQuerySet):
    def with_last_verdict(self):
        """Annotate with ``last_verdict``, the verdict of the latest verdict change; None without any."""
        last = VerdictChange.objects.filter(claim=OuterRef("pk")).order_by("-changed_at")
        return self.annotate(last_verdict=Subquery(last.values("verdict")[:1]))


class Claim(NaturalKeyModel):
    """
    A checkable statement of an article: the printed figure, and the query that computes it from the records.

    The measure is computed over the tenders that the query strings match; these have the syntax of the tender list.
    The printed figure is an interval from ``printed_low`` to ``printed_high``; ``printed_as`` is its type.
    """

    NATURAL_KEY = ("article__slug", "code")

    article = models.ForeignKey(Article, models.CASCADE, verbose_name=_("article"), related_name="claims")
    code = models.CharField(
        _("code"),
        max_length=7,
        validators=[RegexValidator(f"^{CODE}$", _("A capital letter and a number, such as A20 or A45r."))],
        help_text=_("Such as A20. The text and the address refer to the claim by this code; it never changes."),
    )
    section = models.CharField(
        _("section"), max_length=60, blank=True, default="", help_text=_("Of the article: introduction, buyers, …")
    )
    place = models.CharField(
        _("place in it"), max_length=100, blank=True, default="", help_text=_("Paragraph, heading.")
    )
    place_zh = models.CharField(
        _("place in it, in Chinese"),
        max_length=200,
        blank=True,
        default="",
        help_text=_(
            "Section and place together. “buyers” and “paragraph 2” are translated automatically; leave "
            "empty for these."
        ),
    )
    sources = models.ManyToManyField(
        Source,
        verbose_name=_("read in"),
        related_name="claims",
        blank=True,
        help_text=_("Where the figure was read, if not in the article itself."),
    )
    statement_en = models.CharField(
        _("statement"), max_length=300, help_text=_("What the article says, in our own words.")
    )
    statement_zh = models.CharField(_("statement in Chinese"), max_length=300, blank=True, default="")
    statement = bilingual_text("statement")
    note = models.TextField(
        _("note"), blank=True, default="", help_text=_("Public: how the figure should be interpreted.")
    )
    note_zh = models.TextField(_("note in Chinese"), blank=True, default="")
    shown_note = shown_text("note")
    printed_as = models.CharField(_("in the article"), max_length=10, choices=Printed, blank=True, default="")
    printed_low = models.DecimalField(
        pgettext_lazy("printed", "from"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    printed_high = models.DecimalField(
        pgettext_lazy("printed", "to"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=12, choices=Unit)
    measure = models.CharField(_("measure"), max_length=20, choices=measures)
    query = models.CharField(
        _("tenders counted"),
        max_length=1000,
        blank=True,
        default="",
        help_text=_("The address of the tender list with the filters set, or the part of it after “?”."),
    )
    base_query = models.CharField(
        _("compared with"),
        max_length=1000,
        blank=True,
        default="",
        help_text=_("Likewise, for the whole that a share, ratio or rank is compared with."),
    )
    arguments = models.JSONField(_("further settings of the measure"), blank=True, default=dict)
    tender = models.ForeignKey(
        Tender, models.PROTECT, verbose_name=_("about the tender"), related_name="claims", null=True, blank=True
    )
    institution = models.ForeignKey(
        Institution,
        models.PROTECT,
        verbose_name=_("about the institution"),
        related_name="claims",
        null=True,
        blank=True,
    )
    company = models.ForeignKey(
        Company, models.PROTECT, verbose_name=_("about the company"), related_name="claims", null=True, blank=True
    )
    reading_of = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("alternative reading of"),
        related_name="readings",
        null=True,
        blank=True,
        help_text=_("If this is an alternative reading (or the other half) of another claim, choose that claim."),
    )
    is_set_size = models.BooleanField(
        _("total of the article"),
        default=False,
        help_text=_(
            "The claim gives the number of tenders the article counts in a year or period. Periods must not overlap."
        ),
    )
    is_margin = models.BooleanField(
        _("margin"),
        default=False,
        help_text=_("The claim gives the number of tenders of one year in one of the article’s main categories."),
    )
    not_checkable_reason = models.CharField(
        _("reason why it can’t be checked"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("Only if the claim can’t be checked."),
    )
    not_checkable_reason_zh = models.CharField(
        _("reason why it can’t be checked, in Chinese"), max_length=300, blank=True, default=""
    )
    shown_not_checkable_reason = shown_text("not_checkable_reason")

    search_text = DerivedTextField(derive=fold_all, columns=["statement_en", "statement_zh", "code", "note", "note_zh"])
    pinyin_text = DerivedTextField(derive=title_pinyin, columns=["statement_zh"])

    objects = ClaimQuerySet.as_manager()
    history = tracked_history(excluded_fields=["search_text", "pinyin_text"], m2m_fields=["sources"])

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["article", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "code"],
                name="claim_code_unique",
                violation_error_message=_("The article already has a claim with this code."),
            ),
            models.CheckConstraint(
                condition=Q(tender__isnull=True, institution__isnull=True)
                | Q(tender__isnull=True, company__isnull=True)
                | Q(institution__isnull=True, company__isnull=True),
                name="claim_about_one_record",
                violation_error_message=_("Choose only one record for a claim."),
            ),
            models.CheckConstraint(
                condition=Q(printed_as="", printed_low__isnull=True, printed_high__isnull=True)
                | Q(
                    printed_as__in=[Printed.AT_LEAST, Printed.MORE_THAN],
                    printed_low__isnull=False,
                    printed_high__isnull=True,
                )
                | Q(
                    printed_as__in=[Printed.AT_MOST, Printed.LESS_THAN],
                    printed_low__isnull=True,
                    printed_high__isnull=False,
                )
                | Q(printed_low__isnull=False, printed_high__isnull=False)
                & (
                    Q(printed_as=Printed.EXACTLY, printed_high=F("printed_low"))
                    | Q(
                        printed_as__in=[Printed.BETWEEN, Printed.ABOUT, Printed.CUT_OFF],
                        printed_high__gt=F("printed_low"),
                    )
                ),
                name="claim_printed_interval",
                violation_error_message=_("Enter the ends that fit the way the figure is stated."),
            ),
            models.CheckConstraint(
                condition=~Q(not_checkable_reason="") | (~Q(printed_as="") & ~Q(measure=Measure.NONE)),
                name="claim_checkable_or_reason",
                violation_error_message=_("Explain why the claim can’t be checked, or enter a figure and a measure."),
            ),
            models.CheckConstraint(
                condition=Q(is_set_size=False, is_margin=False) | (Q(measure=Measure.COUNT) & ~Q(printed_as="")),
                name="claim_sizes_are_counts",
                violation_error_message=_("Enter a number of tenders: a total or a margin needs one."),
            ),
            models.CheckConstraint(
                condition=Q(is_set_size=False) | Q(is_margin=False),
                name="claim_set_size_or_margin",
                violation_error_message=_("Choose either total or margin, not both."),
            ),
            models.CheckConstraint(
                condition=Q(reading_of__isnull=True) | ~Q(reading_of=F("pk")),
                name="claim_not_reading_of_itself",
                violation_error_message=_("A claim can’t be an alternative reading of itself."),
            ),
        ]

    def __str__(self):
        return f"{self.code}: {self.statement}"

    def get_absolute_url(self):
        return f"{self.article.get_absolute_url()}claims/{self.code}/"

    def clean(self):
        if self.reading_of and self.reading_of.article_id != self.article_id:
            raise ValidationError({"reading_of": _("Choose a claim of the same article.")})

    @property
    def shown_place(self):
        """The section and the place in it in the reader's language, else in the one there is."""
        place = ", ".join(filter(None, [self.section, self.place]))
        return translate_place(self.place_zh if self.place_zh and is_chinese() else place or self.place_zh)

    @property
    def record(self):
        """The tender, institution or company that the claim is about, or None."""
        return self.tender or self.institution or self.company


class VerdictChange(NaturalKeyModel):
    """A change of the verdict on a claim, with its cause."""

    NATURAL_KEY = ("claim__article__slug", "claim__code", "changed_at")

    claim = models.ForeignKey(Claim, models.CASCADE, verbose_name=_("claim"), related_name="verdict_changes")
    changed_at = models.DateTimeField(_("changed at"))
    verdict = models.CharField(_("verdict"), max_length=15, choices=Verdict)
    recorded = models.DecimalField(_("recorded"), max_digits=15, decimal_places=2, null=True, blank=True)
    low = models.DecimalField(_("at least"), max_digits=15, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(_("at most"), max_digits=15, decimal_places=2, null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    subject = models.CharField(
        _("record changed"),
        max_length=80,
        blank=True,
        default="",
        help_text=_("A reference, the slug of a source, or the code of a claim."),
    )
    details = models.CharField(_("details"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("verdict change")
        verbose_name_plural = _("verdict changes")
        ordering = ["claim", "changed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "changed_at"],
                name="verdict_change_once_at_a_time",
                violation_error_message=_("A verdict can change only once at a time."),
            ),
        ]

    def __str__(self):
        return f"{self.claim_id}: {self.verdict}"
