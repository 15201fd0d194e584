"""Tenders: contracting processes."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Max, Min, Prefetch, Q
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from tenders import kinds
from tenders.choices import AmountQualifier, CategoryBasis, Certainty, Fact, ProcurementMethod, TenderStatus
from tenders.derived import DerivedTextField
from tenders.fields import PARTIAL_DATE_REGEX, PartialDateField
from tenders.kinds import NOT_AN_OFFICIAL_NUMBER, OFFICIAL_NUMBER_REGEX, YEARS
from tenders.models.attributes import Attribute, chinese_of, status_of
from tenders.models.categories import Category
from tenders.models.changes import tracked_history
from tenders.models.names import bilingual_text, shown_text, status_constraint, status_field
from tenders.models.parties import Company, Institution, notes
from tenders.models.places import Region
from tenders.models.records import Record, RecordQuerySet, cited_sources
from tenders.search import fold_all, sort_key, title_pinyin

DERIVED_FIELDS = ["search_text", "pinyin_text", "sort_en", "sort_zh"]


class TenderQuerySet(RecordQuerySet):
    def with_figures(self):
        """Annotate with ``award_amount``, ``is_disputed`` and ``is_same_region`` of ``TenderFigures``."""
        return self.annotate(
            award_amount=F("figures__award_amount"),
            is_disputed=F("figures__is_disputed"),
            is_same_region=F("figures__is_same_region"),
        )

    def years(self):
        """Return (first year, last year), or None without tenders."""
        years = self.aggregate(first=Min("year"), last=Max("year"))
        return (years["first"], years["last"]) if years["first"] else None

    def for_list(self):
        """Load the relations of a row of a list, so that a list takes a fixed number of queries."""
        return self._with_row_relations(
            Company.objects.only("reference", "state", "name_en", "name_zh", "aliases_en", "aliases_zh", "size")
        )

    def for_page(self):
        """Load the relations of the page of one tender."""
        return self.select_related("buyer__region", "region", "category__parent__parent", "figures").prefetch_related(
            Prefetch(
                "awards__suppliers", Company.objects.select_related("region", "group_region").order_by("reference")
            ),
            cited_sources(),
            Prefetch("suggested_categories", Category.objects.select_related("parent")),
            Prefetch(
                "possibly_same_as",
                self.model.objects.select_related("buyer", "region", "category").order_by("reference"),
            ),
        )

    def for_download(self):
        """Load the relations of a row of a download."""
        return self._with_row_relations(Company.objects.select_related("region")).prefetch_related(
            "suggested_categories", "possibly_same_as"
        )

    def _with_row_relations(self, suppliers):
        return self.select_related("buyer", "region", "category").prefetch_related(
            Prefetch("awards__suppliers", suppliers.published().order_by("reference"))
        )


class Tender(Record):
    """One contracting process: an institution invites offers (OCDS ``tender``, ``buyer``)."""

    REFERENCE_PREFIX = "TW"
    ATTRIBUTES = (
        Attribute("exists", kinds.Existence(), fact=Fact.EXISTENCE, is_computed=True, ocds="tender"),
        Attribute("title_en", kinds.Line(), _("English title"), Fact.TITLE_EN, ocds="tender/title"),
        status_of("title_en", _("basis of the English title"), ocds="tender/titleStatus"),
        Attribute("title_zh", kinds.Line(), _("Chinese title"), Fact.TITLE_ZH, ocds="tender/title_zh"),
        status_of("title_zh", _("basis of the Chinese title"), ocds="tender/titleStatus_zh"),
        Attribute(
            "is_title_descriptive",
            kinds.Flag(),
            _("whether the title is our description"),
            ocds="tender/isTitleDescriptive",
        ),
        Attribute(
            "official_number",
            kinds.OfficialNumber(),
            _("number of the purchase in its notices (项目编号)"),
            Fact.OFFICIAL_NUMBER,
            ocds="tender/officialNumber",
        ),
        Attribute(
            "buyer",
            kinds.InstitutionReference(),
            _("buyer"),
            Fact.INSTITUTION,
            column="institution",
            name_descriptions=(_("English name of the institution"), _("Chinese name of the institution")),
            parameter="institution",
            ocds="buyer",
        ),
        Attribute(
            "region",
            kinds.RegionCode(),
            _("region of the purchase, ISO 3166-2"),
            Fact.REGION,
            name_descriptions=(_("English name of the region"), _("Chinese name of the region")),
            parameter="region",
            ocds="tender/purchaseRegion",
        ),
        Attribute("city", kinds.BilingualText(), _("city of the purchase"), Fact.CITY, ocds="tender/purchaseLocality"),
        chinese_of("city", _("city of the purchase, in Chinese"), ocds="tender/purchaseLocality_zh"),
        Attribute(
            "category",
            kinds.CategorySlug(),
            _("category code"),
            Fact.CATEGORY,
            name_descriptions=(_("English name of the category"), _("Chinese name of the category")),
            parameter="category",
            ocds="tender/classification",
        ),
        Attribute(
            "category_basis",
            kinds.Code(CategoryBasis),
            _("whether a source states or implies the category"),
            qualifies="category",
            ocds="tender/categoryBasis",
        ),
        Attribute(
            "suggested_categories",
            kinds.CategorySlugs(),
            _("editors’ suggestions: never filtered by, never counted"),
            ocds="tender/suggestedClassifications",
        ),
        Attribute(
            "year",
            kinds.Year(),
            _("year that the source assigns the tender to"),
            Fact.YEAR,
            parameter="year",
            ocds="tender/year",
        ),
        Attribute(
            "notice_date",
            kinds.PartialDate(),
            _("date of the notice"),
            Fact.NOTICE_DATE,
            parameter="notice_date",
            ocds="tender/noticeDate",
        ),
        Attribute(
            "status",
            kinds.Code(TenderStatus),
            _("stage of the process when the source was written"),
            Fact.STATUS,
            parameter="status",
            ocds="tender/status",
        ),
        Attribute(
            "procurement_method",
            kinds.Code(ProcurementMethod),
            _("procurement method"),
            Fact.METHOD,
            column="method",
            parameter="method",
            ocds="tender/procurementMethod",
        ),
        Attribute(
            "budget_amount",
            kinds.Money(),
            _("budget in yuan"),
            Fact.BUDGET,
            parameter="budget",
            ocds="planning/budget/amount",
        ),
        Attribute(
            "is_main_subject",
            kinds.Flag(),
            _("whether blockchain is the main subject"),
            Fact.IS_MAIN_SUBJECT,
            column="main_subject",
            parameter="main_subject",
            ocds="tender/isMainSubject",
        ),
        Attribute(
            "certainty",
            kinds.Code(Certainty),
            _("how sure we are that this is a single, real tender and correctly identified"),
            ocds="tender/certainty",
        ),
        Attribute(
            "possibly_same_as",
            kinds.TenderReferences(),
            _("tenders that may be lots or re-issues of the same tender"),
            ocds="relatedProcesses",
        ),
        *notes("tender/description"),
    )

    exists = True  # that there is such a tender is what its record says

    title_en = models.CharField(_("English title"), max_length=500, blank=True, default="")
    title_en_status = status_field(_("basis of the English title"))
    title_zh = models.CharField(_("Chinese title"), max_length=500, blank=True, default="")
    title_zh_status = status_field(_("basis of the Chinese title"))
    title = bilingual_text("title")
    other_title = bilingual_text("title", other=True)
    is_title_descriptive = models.BooleanField(
        _("the title is our description"),
        default=False,
        help_text=_("Tick this if the source gives only a topic, not a title."),
    )
    official_number = models.CharField(
        _("official number"),
        max_length=100,
        blank=True,
        default="",
        help_text=_("As in the notices (项目编号, 采购项目编号). Another attempt may have the same one."),
    )
    buyer = models.ForeignKey(
        Institution, models.PROTECT, verbose_name=_("institution"), related_name="tenders", null=True, blank=True
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        verbose_name=_("region of the purchase"),
        related_name="tenders",
        null=True,
        blank=True,
        help_text=_("Where the purchase is made. Fill in even if the buyer is unknown."),
    )
    city = models.CharField(_("city"), max_length=100, blank=True, default="")
    city_zh = models.CharField(_("city in Chinese"), max_length=100, blank=True, default="")
    shown_city = shown_text("city")
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        verbose_name=_("category"),
        related_name="tenders",
        null=True,
        blank=True,
        help_text=_("Only what a source states or clearly implies."),
    )
    category_basis = models.CharField(_("category is"), max_length=10, choices=CategoryBasis, blank=True, default="")
    suggested_categories = models.ManyToManyField(
        Category,
        verbose_name=_("suggested categories"),
        related_name="suggested_for",
        blank=True,
        help_text=_("An editor’s suggestion: never filtered by, never counted."),
    )
    year = models.PositiveSmallIntegerField(
        _("year"),
        validators=[MinValueValidator(YEARS[0]), MaxValueValidator(YEARS[-1])],
        help_text=_("The year the source assigns the tender to. It may differ from the date of notice."),
        db_index=True,
    )
    notice_date = PartialDateField(_("date of notice"))
    status = models.CharField(_("status"), max_length=12, choices=TenderStatus, blank=True, default="")
    procurement_method = models.CharField(
        _("procurement method"), max_length=10, choices=ProcurementMethod, blank=True, default=""
    )
    budget_amount = models.DecimalField(
        _("budget (yuan)"), max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    is_main_subject = models.BooleanField(
        _("blockchain is the main subject"),
        null=True,
        blank=True,
        help_text=_("Whether blockchain is the main thing bought."),
    )
    certainty = models.CharField(
        _("certainty"),
        max_length=6,
        choices=Certainty,
        help_text=_("How sure we are that this is a single, real tender and correctly identified."),
    )
    possibly_same_as = models.ManyToManyField(
        "self",
        verbose_name=_("may be the same as"),
        blank=True,
        help_text=_("Tenders that may be lots or re-issues of the same tender."),
    )

    search_text = DerivedTextField(
        derive=fold_all,
        columns=["title_en", "title_zh", "reference", "official_number", "city", "city_zh", "notes", "notes_zh"],
    )
    pinyin_text = DerivedTextField(derive=title_pinyin, columns=["title_zh"])
    sort_en = DerivedTextField(derive=sort_key, columns=["title_en", "title_zh"])
    sort_zh = DerivedTextField(derive=sort_key, columns=["title_zh", "title_en"])

    objects = TenderQuerySet.as_manager()
    history = tracked_history(excluded_fields=DERIVED_FIELDS, m2m_fields=["suggested_categories", "possibly_same_as"])

    class Meta(Record.Meta):
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        constraints = [
            *Record.Meta.constraints,
            status_constraint("title_en", name="tender_title_en_status", or_else=Q(is_title_descriptive=True)),
            status_constraint("title_zh", name="tender_title_zh_status", or_else=Q(is_title_descriptive=True)),
            models.CheckConstraint(
                condition=Q(is_title_descriptive=False) | ~Q(title_en="") | ~Q(title_zh=""),
                name="tender_description_needs_title",
                violation_error_message=_("Untick this: there is no title that could be our description."),
            ),
            models.CheckConstraint(
                condition=Q(official_number="") | Q(official_number__regex=OFFICIAL_NUMBER_REGEX),
                name="tender_official_number_printed",
                violation_error_message=NOT_AN_OFFICIAL_NUMBER,
            ),
            models.CheckConstraint(
                condition=Q(category__isnull=True, category_basis="")
                | (Q(category__isnull=False) & ~Q(category_basis="")),
                name="tender_category_has_basis",
                violation_error_message=_(
                    "Choose whether the category is stated or implied; without a category, choose neither."
                ),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=YEARS[0], year__lte=YEARS[-1]),
                name="tender_year_plausible",
                violation_error_message=_("Enter a year between 1978 and 2099."),
            ),
            models.CheckConstraint(
                condition=Q(notice_date="") | Q(notice_date__regex=PARTIAL_DATE_REGEX),
                name="tender_notice_date_partial",
                violation_error_message=_("Write the date of notice as 2019, 2019-06 or 2019-06-19."),
            ),
            models.CheckConstraint(
                condition=Q(budget_amount__isnull=True) | Q(budget_amount__gte=0),
                name="tender_budget_not_negative",
                violation_error_message=_("Enter a budget that isn’t negative."),
            ),
            models.CheckConstraint(
                condition=~Q(certainty=""),
                name="tender_has_certainty",
                violation_error_message=_("Choose how certain the tender is."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self):
        """
        What a tender is called wherever it is named: its title, else what is known of it.

        An institution that is not public gives no name to a tender that is. What needs the title itself, such as a
        download, reads ``title``: it is unknown.
        """
        if self.title:
            return self.title
        has_buyer = self.buyer and (self.buyer.is_published or not self.is_published)
        known = [self.buyer] if has_buyer else list(filter(None, [self.region, self.category]))
        if not known:
            return gettext("Tender of %(year)s · title unknown") % {"year": self.year}
        names = pgettext("in a list", ", ").join(map(str, known))
        return gettext("%(names)s, %(year)s · title unknown") % {"names": names, "year": self.year}

    def assign(self, fact, text):
        """Set the column of a fact; a category that is assigned from a source has the basis "stated"."""
        super().assign(fact, text)
        if fact == Fact.CATEGORY:
            self.category_basis = CategoryBasis.STATED

    @property
    def amount_qualifier(self):
        """The qualifier of the awarded amount: that of the least exact of the awards."""
        qualifiers = {award.amount_qualifier for award in self.awards.all()}
        inexact = (AmountQualifier.AT_LEAST, AmountQualifier.ABOUT)
        return next((qualifier for qualifier in inexact if qualifier in qualifiers), "exact")

    @property
    def suppliers(self):
        """The companies of all its awards, without repeats."""
        return list(dict.fromkeys(company for award in self.awards.all() for company in award.suppliers.all()))
