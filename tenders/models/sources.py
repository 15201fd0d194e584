"""Sources, and citations: statements of facts by sources."""

import re

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from tenders.choices import Fact, NameStatus, SourceKind, SourceLanguage
from tenders.fields import PARTIAL_DATE_REGEX, PartialDateField
from tenders.languages import is_chinese
from tenders.models.awards import Award
from tenders.models.changes import tracked_history
from tenders.models.checked import CheckedModel, web_address_constraint
from tenders.models.names import shown_text
from tenders.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from tenders.models.parties import Company, Institution
from tenders.models.tenders import Tender
from tenders.passages import translate_place
from tenders.search import HAN, fold

# Fact -> the attributes of all models that have the fact.
ATTRIBUTES_BY_FACT = {
    fact: [model.FACTS[fact] for model in (Tender, Award, Institution, Company) if fact in model.FACTS] for fact in Fact
}
if missing := [fact.value for fact, attributes in ATTRIBUTES_BY_FACT.items() if not attributes]:
    raise ImproperlyConfigured(f"No record has an attribute for these facts: {', '.join(missing)}.")

LATIN = re.compile("[A-Za-z]")
LATIN_FACTS = {Fact.OFFICIAL_NUMBER, Fact.CREDIT_CODE}  # stated in Latin letters by Chinese documents too
# Facts whose statements contradict each other if they differ.
TYPED_FACTS = tuple(fact for fact, attributes in ATTRIBUTES_BY_FACT.items() if attributes[0].kind.is_typed)


# The kind of source of a name or title that no document has, by its status.
KINDS_OF_OWN_SOURCES = {
    NameStatus.UNVERIFIED: SourceKind.EDITORS_TRANSLATION,
    NameStatus.COMMON_KNOWLEDGE: SourceKind.COMMON_KNOWLEDGE,
}
ENGLISH_NAMES, CHINESE_NAMES = {Fact.NAME_EN, Fact.TITLE_EN}, {Fact.NAME_ZH, Fact.TITLE_ZH}


class SourceQuerySet(NaturalKeyQuerySet):
    def own(self, status):
        """Return the source of names with a status; None for a status of names that documents have."""
        if (kind := KINDS_OF_OWN_SOURCES.get(status)) is None:
            return None
        with override(None):
            new = {"slug": kind.value, "kind": kind, "title": str(kind.label)}
        return self.filter(kind=kind).order_by("pk").first() or self.create(**new)


class Source(NaturalKeyModel):
    """A document that states facts, or a substitute: the editors' general knowledge or translation."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=SourceKind)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=SourceLanguage,
        blank=True,
        default="",
        help_text=_("The language of the source, in which citations quote it."),
    )
    title = models.CharField(_("title"), max_length=500, help_text=_("In brackets if it is our description."))
    title_zh = models.CharField(
        _("title in Chinese"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("Our translation, shown beside the title. It replaces a description in brackets."),
    )
    publisher = models.CharField(_("publisher"), max_length=300, blank=True, default="")
    publisher_zh = models.CharField(_("publisher in Chinese"), max_length=300, blank=True, default="")
    shown_publisher = shown_text("publisher")
    url = models.URLField(_("address"), max_length=500, blank=True, default="")
    archived_url = models.URLField(_("archived copy"), max_length=500, blank=True, default="")
    published_date = PartialDateField(pgettext_lazy("date", "published"))
    seen_date = PartialDateField(_("seen"))
    version_of = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("version of"),
        related_name="versions",
        null=True,
        blank=True,
        help_text=_("The source that this one copies, translates or summarises. A version isn’t independent evidence."),
    )
    notes = models.TextField(
        _("notes"), blank=True, default="", help_text=_("Public: what readers should know about this source.")
    )
    notes_zh = models.TextField(_("notes in Chinese"), blank=True, default="")
    shown_notes = shown_text("notes")

    objects = SourceQuerySet.as_manager()
    history = tracked_history()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_date="") | Q(published_date__regex=PARTIAL_DATE_REGEX),
                name="source_published_date_partial",
                violation_error_message=_("Write the date of publication as 2019, 2019-06 or 2019-06-19."),
            ),
            models.CheckConstraint(
                condition=Q(seen_date="") | Q(seen_date__regex=PARTIAL_DATE_REGEX),
                name="source_seen_date_partial",
                violation_error_message=_("Write the date seen as 2019, 2019-06 or 2019-06-19."),
            ),
            models.CheckConstraint(
                condition=Q(version_of__isnull=True) | ~Q(version_of=models.F("pk")),
                name="source_not_version_of_itself",
                violation_error_message=_("A source can’t be a version of itself."),
            ),
            web_address_constraint("url", name="source_url_web"),
            web_address_constraint("archived_url", name="source_archived_url_web"),
        ]

    def __str__(self):
        return self.title

    @property
    def is_document(self):
        """Whether this is a document; other sources never support the existence of a tender."""
        return self.kind not in KINDS_OF_OWN_SOURCES.values()

    @property
    def last_check(self):
        """The last ``AddressCheck`` of the address as it is now; None without any."""
        check = getattr(self, "address_check", None)
        return check if check and check.url == self.url else None

    def may_have(self, target, fact):
        """
        Return whether the value of a fact may stand here: of a name or title, if it is sourced, and in this language.

        A title that is our description stands nowhere, and a name in another language is somebody's translation. Where
        the language is not known, the Chinese one is the original.
        """
        if fact not in ENGLISH_NAMES | CHINESE_NAMES:
            return True
        is_description = getattr(target, "is_title_descriptive", False)
        if self.kind == SourceKind.OPEN_DATA:  # it has names in any language
            return not is_description and target.status_of(fact) in {"", NameStatus.SOURCED}
        if not self.is_document or is_description or target.status_of(fact) not in {"", NameStatus.SOURCED}:
            return False
        is_chinese = self.language == SourceLanguage.CHINESE
        if self.language not in {SourceLanguage.ENGLISH, SourceLanguage.CHINESE}:
            is_chinese = any(target.canonical(name) for name in CHINESE_NAMES & {*target.FACTS})
        return fact in (CHINESE_NAMES if is_chinese else ENGLISH_NAMES)

    @property
    def shown_title(self):
        """The title as printed, in whatever language; words of ours in its place, in the reader's language."""
        is_ours = self.title.startswith("[") or not self.is_document or self.language == SourceLanguage.CHINESE
        return self.title_zh if self.title_zh and is_ours and is_chinese() else self.title

    @property
    def translated_title(self):
        """Our translation of the printed title for readers of Chinese; empty text where there is none."""
        return self.title_zh if is_chinese() and self.title_zh != self.shown_title else ""


class CitationManager(models.Manager):
    def get_by_natural_key(self, target, award_number, fact, source, place, value):
        """Get a citation by the record's reference, the award's number (0: the record itself) and the statement."""
        return self.get(
            Q(tender__reference=target) | Q(institution__reference=target) | Q(company__reference=target),
            Q(award__number=award_number) if award_number else Q(award__isnull=True),
            fact=fact,
            source__slug=source,
            place=place,
            value=value,
        )


# Kind of target -> (condition for a citation of it, columns that identify the target).
_TARGETS = {
    "tender": (Q(tender__isnull=False, award__isnull=True), ["tender"]),
    "award": (Q(award__isnull=False), ["award"]),
    "institution": (Q(institution__isnull=False), ["institution"]),
    "company": (Q(company__isnull=False), ["company"]),
}


class Citation(CheckedModel):
    """The statement of one fact of a tender, an award, an institution or a company by one source."""

    tender = models.ForeignKey(
        Tender, models.CASCADE, verbose_name=_("tender"), related_name="citations", null=True, blank=True
    )
    award = models.ForeignKey(
        Award,
        models.CASCADE,
        verbose_name=_("award"),
        related_name="citations",
        null=True,
        blank=True,
        help_text=_("Only for a fact of an award of this tender."),
    )
    institution = models.ForeignKey(
        Institution, models.CASCADE, verbose_name=_("institution"), related_name="citations", null=True, blank=True
    )
    company = models.ForeignKey(
        Company, models.CASCADE, verbose_name=_("company"), related_name="citations", null=True, blank=True
    )
    fact = models.CharField(_("fact"), max_length=20, choices=Fact)
    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("source"), related_name="citations")
    place = models.CharField(
        _("place"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Where in the source: page, section, paragraph."),
    )
    place_zh = models.CharField(
        _("place in Chinese"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("“title”, “paragraph 6” and “page 2” are translated automatically; leave empty for these."),
    )
    stated = models.CharField(
        _("exact words"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("Only the exact words of the source. Leave empty if you quote none."),
    )
    value = models.CharField(
        _("value in database form"),
        max_length=2000,
        help_text=_("The same value as the database writes it: 8595000, 2019-06, CN-BJ, a reference or a code."),
    )
    is_chosen = models.BooleanField(
        _("used"), default=False, help_text=_("The record follows this statement. Only one per fact.")
    )
    reason = models.TextField(
        _("reason"),
        blank=True,
        default="",
        help_text=_("Why this statement is used or not, and how its words are interpreted."),
    )
    reason_zh = models.TextField(_("reason in Chinese"), blank=True, default="")
    shown_reason = shown_text("reason")

    objects = CitationManager()
    history = tracked_history()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["fact", "-is_chosen", "source", "place", "value"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tender__isnull=False, institution__isnull=True, company__isnull=True)
                | Q(tender__isnull=True, institution__isnull=False, company__isnull=True, award__isnull=True)
                | Q(tender__isnull=True, institution__isnull=True, company__isnull=False, award__isnull=True),
                name="citation_has_one_target",
                violation_error_message=_("Choose one tender, one institution or one company for a citation."),
            ),
            models.CheckConstraint(
                condition=Q(award__isnull=True) & ~Q(fact__in=list(Award.FACTS))
                | Q(award__isnull=False, fact__in=list(Award.FACTS)),
                name="citation_award_has_its_facts",
                violation_error_message=_("Choose the award for a fact of an award, and no award for any other fact."),
            ),
            models.CheckConstraint(
                condition=~Q(value=""),
                name="citation_has_value",
                violation_error_message=_("Enter the value in database form."),
            ),
            *(
                models.UniqueConstraint(
                    fields=[*columns, "fact"],
                    condition=condition & Q(is_chosen=True),
                    name=f"citation_{target}_one_chosen",
                    violation_error_message=_("Only one statement of each fact can be used."),
                )
                for target, (condition, columns) in _TARGETS.items()
            ),
            *(
                models.UniqueConstraint(
                    fields=[*columns, "fact", "source", "place", "value"],
                    condition=condition,
                    name=f"citation_{target}_once",
                    violation_error_message=_("This statement is recorded already."),
                )
                for target, (condition, columns) in _TARGETS.items()
            ),
        ]

    def __str__(self):
        return f"{self.get_fact_display()}: {self.value}"

    def natural_key(self):
        number = self.award.number if self.award else 0
        return (self.record.reference, number, self.fact, self.source.slug, self.place, self.value)

    @property
    def shown_place(self):
        """The place in the reader's language, else in the one there is."""
        return translate_place(self.place_zh if self.place_zh and is_chinese() else self.place or self.place_zh)

    @property
    def record(self):
        """The tender, institution or company of this citation."""
        return self.tender or self.institution or self.company

    @property
    def target(self):
        """The award of this citation, else its record."""
        return self.award or self.record

    @property
    def attribute(self):
        """The attribute that is stated; None for a fact that the target does not have."""
        return self.target and self.target.FACTS.get(self.fact)

    @property
    def quotation_problem(self):
        """Why ``stated`` is no quotation from the source; empty text where it is one, or empty."""
        if not self.stated:
            return ""
        if not self.source.is_document:
            return _("Move these words to the reason: this source isn’t a document, so there is nothing to quote.")
        if self.source.kind == SourceKind.OPEN_DATA:  # which has codes that may be ours
            return ""
        is_chinese = self.source.language == SourceLanguage.CHINESE and self.fact not in LATIN_FACTS
        if is_chinese and LATIN.search(self.stated) and not HAN.search(self.stated):
            return _("Quote the source’s own Chinese words, not a translation.")
        attribute = self.attribute or Award.FACTS.get(self.fact)  # of an award that is not saved yet
        if attribute and fold(self.stated) in map(fold, attribute.kind.own_words(self.value)):
            return _("Quote the words of the source or leave this empty: this is our own word for the value.")
        return ""

    def clean(self):
        errors = {}
        has_source = self.source_id or self._meta.get_field("source").is_cached(self)  # which may not be saved yet
        if has_source and (problem := self.quotation_problem):
            errors["stated"] = problem
        if self.award and self.tender and self.award.tender_id != self.tender_id:
            errors["award"] = _("Choose an award of this tender.")
        if self.target and self.fact and self.fact not in {*self.target.FACTS, *Award.FACTS}:
            name = self.target._meta.verbose_name.capitalize()
            errors["fact"] = _("%(target)s has no such fact.") % {"target": name}
        attribute = self.attribute or Award.FACTS.get(self.fact)  # of an award that is not saved yet
        if self.value and attribute:
            try:
                attribute.kind.validate(self.value)
            except ValidationError as error:
                errors["value"] = error
        if errors:
            raise ValidationError(errors)


def disputed(citations):
    """Return the set of (award id, fact) whose citations state different canonical values."""
    values = {}
    for citation in citations:
        if citation.fact in TYPED_FACTS:
            values.setdefault((citation.award_id, citation.fact), set()).add(citation.value)
    return {key for key, different in values.items() if len(different) > 1}
