"""The parameters of the lists, written once: pages, downloads and claims read the same query string alike."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import classproperty
from django.utils.translation import gettext_lazy as _

from tenders import choices
from tenders.facets import OF_RECORDS, Group, OptionsFilter, ReferencesFilter, SortFilter, null_if_empty
from tenders.filter_sets import FacetedFilterSet
from tenders.models import AwardSupplier, Company, Institution, Tender
from tenders.models.categories import in_category
from tenders.parameters import (
    AmountFilter,
    AmountOptionsFilter,
    CategoryFilter,
    CityFilter,
    CodeFilter,
    CompanySizeFilter,
    DateFilter,
    FlagFilter,
    SameRegionFilter,
    SearchFilter,
    YearFilter,
    article_choices,
    cited_from,
    contains,
    in_party,
    in_tender,
    of_supplier,
    region_choices,
    year_choices,
)


class TenderFilter(FacetedFilterSet):
    """The parameters of the tender list."""

    queryset = Tender.objects.published().with_figures()
    facet_names = (
        "year",
        "region",
        "category",
        "main_subject",
        "status",
        "method",
        "institution",
        "institution_kind",
        "level",
        "company",
        "company_size",
        "supplier_region",
        "same_region",
        "amount",
        "disputed",
        "certainty",
        "source_kind",
        "article",
    )

    q = SearchFilter(where=in_tender)
    year = YearFilter("year", label=_("Year"), group=Group.WHAT, choices=year_choices, attribute="year")
    region = OptionsFilter(
        "region__code",
        label=_("Region of the purchase"),
        group=Group.WHAT,
        choices=region_choices,
        unknown=Q(region__isnull=True),
        attribute="region",
    )
    city = CityFilter(label=_("City of the purchase"))
    category = CategoryFilter(
        label=_("Category"),
        group=Group.WHAT,
        choices=(),
        match=in_category,
        unknown=Q(category__isnull=True),
        key="category__slug",
        attribute="category",
    )
    institution = ReferencesFilter(
        "buyer__reference",
        label=_("Institution"),
        group=Group.WHO,
        records=Institution.objects.published,
        unknown=Q(buyer__isnull=True),
        attribute="institution",
    )
    institution_kind = CodeFilter(
        "buyer__kind",
        choices.InstitutionKind,
        label=_("Kind of institution"),
        group=Group.WHO,
        attribute="institution_kind",
    )
    level = CodeFilter(
        "buyer__level", choices.Level, label=_("Level of government"), group=Group.WHO, attribute="level"
    )
    company = ReferencesFilter(
        label=_("Winner"),
        group=Group.WHO,
        records=Company.objects.published,
        match_any=lambda references: of_supplier(company__reference__in=references),
        key="figures__companies",
        unknown=~of_supplier(),
        attribute="company",
        has_several=True,
    )
    company_size = CompanySizeFilter(
        label=_("Size of the winner"),
        group=Group.WHO,
        choices=choices.CompanySize.choices,
        match=lambda code: of_supplier(company__size=code),
        key="figures__company_sizes",
        unknown=~of_supplier(company__size__gt=""),
        attribute="company_size",
        has_several=True,
    )
    supplier_region = OptionsFilter(
        label=_("Region of the winner"),
        group=Group.WHO,
        choices=region_choices,
        match_any=lambda codes: of_supplier(company__region__code__in=codes),
        key="figures__company_regions",
        unknown=~of_supplier(company__region__isnull=False),
        attribute="supplier_region",
        has_several=True,
    )
    same_region = SameRegionFilter(
        "is_same_region",
        label=_("Local or outside supplier"),
        yes=_("Won by a supplier from the region"),
        no=_("Won by an outside supplier"),
        unknown=Q(is_same_region__isnull=True),
        group=Group.WHO,
    )
    amount = AmountOptionsFilter(label=_("Awarded amount"), group=Group.MONEY)
    amount_min = AmountFilter(label=_("Awarded at least (yuan)"), group=Group.MONEY, lookup_expr="gte")
    amount_max = AmountFilter(label=_("Awarded at most (yuan)"), group=Group.MONEY, lookup_expr="lte")
    date_from = DateFilter("notice_date__first_day__gte", day=0, label=_("Notice published from"), group=Group.WHAT)
    date_to = DateFilter("notice_date__last_day__lte", day=1, label=_("Notice published until"), group=Group.WHAT)
    status = CodeFilter(
        "status", choices.TenderStatus, label=_("Stage of the process"), group=Group.WHAT, attribute="status"
    )
    method = CodeFilter(
        "procurement_method",
        choices.ProcurementMethod,
        label=_("Procurement method"),
        group=Group.WHAT,
        attribute="method",
    )
    main_subject = FlagFilter(
        "is_main_subject",
        label=_("Role of blockchain"),
        yes=_("Blockchain is the main subject"),
        no=_("Blockchain is one part among others"),
        group=Group.WHAT,
        unknown=Q(is_main_subject__isnull=True),
        attribute="main_subject",
    )
    certainty = OptionsFilter(
        "certainty",
        label=_("Certainty"),
        group=Group.EVIDENCE,
        choices=choices.Certainty.choices,
        not_evaluable=OF_RECORDS,
    )
    source_kind = OptionsFilter(
        label=_("Kind of source"),
        group=Group.EVIDENCE,
        choices=choices.SourceKind.choices,
        match=lambda code: cited_from(source__kind=code),
        key="figures__source_kinds",
        unknown=~cited_from(),
        not_evaluable=OF_RECORDS,
    )
    disputed = FlagFilter(
        "is_disputed",
        label=_("Agreement of the sources"),
        yes=_("Sources disagree"),
        no=_("No disagreement known"),
        not_evaluable=OF_RECORDS,
        group=Group.EVIDENCE,
    )
    article = OptionsFilter(
        label=_("Counted by the article"),
        group=Group.EVIDENCE,
        choices=article_choices,
        match=lambda slug: contains("figures__articles", f",{slug},"),
        key="figures__articles",
        not_evaluable=OF_RECORDS,
    )
    reference = ReferencesFilter(
        "reference",
        label=_("Reference"),
        records=lambda: Tender.objects.published().select_related("buyer", "region", "category"),
        not_evaluable=OF_RECORDS,
    )
    sort = SortFilter(
        default="-year",
        orders={
            "title": [null_if_empty("sort_en")],
            "title_zh": [null_if_empty("sort_zh")],
            "year": [F("year"), null_if_empty("notice_date")],
            "date": [null_if_empty("notice_date")],
            "institution": [null_if_empty("buyer__sort_en")],
            "institution_zh": [null_if_empty("buyer__sort_zh")],
            "region": [F("region__name_en")],
            "category": [F("category__name_en")],
            "amount": [F("award_amount")],
            "status": [null_if_empty("status")],
            "reference": [F("reference")],
        },
    )


class TenderSelection(TenderFilter):
    """The parameters of the tender list but for the order, for what is listed in an order of its own."""

    @classmethod
    def get_filters(cls):
        return {name: found for name, found in super().get_filters().items() if name != "sort"}


class PartyFilter(FacetedFilterSet):
    """
    The parameters of a list of parties: their own, and those of the tender list.

    The latter are read as "has a published tender that matches": without any, the parties of all published tenders.
    """

    not_evaluable = _("Use the parameters of the tender list: claims are about tenders.")

    q = SearchFilter(where=in_party)
    seat = OptionsFilter(
        "region__code",
        label=_("Registered in"),
        group=Group.WHO,
        choices=region_choices,
        unknown=Q(region__isnull=True),
    )

    def __init__(self, data=None):
        super().__init__(data)
        theirs = self.data.copy()
        for name in self.filters:
            theirs.pop(name, None)
        self.tenders = TenderFilter(theirs)
        for name, values in self.tenders.data.lists():  # with references of merged records replaced
            self.data.setlist(name, values)

    @classproperty
    def parameters(cls):  # noqa: N805
        return frozenset(cls.base_filters) | TenderFilter.parameters

    def get_filter(self, name):
        return super().get_filter(name) or self.tenders.get_filter(name)

    def bound_field(self, name):
        return super().bound_field(name) if name in self.filters else self.tenders.bound_field(name)

    @property
    def parameter_errors(self):
        return [*super().parameter_errors, *self.tenders.parameter_errors]

    def is_valid(self):
        return super().is_valid() and self.tenders.is_valid()

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        return queryset.filter(self.takes_part_in(self.tenders.qs)) if self.is_valid() else queryset

    def everything(self):
        return self.queryset.filter(self.takes_part_in(self.tenders.everything()))

    def rows_without(self, *names):
        return super().rows_without(*names).filter(self.takes_part_in(self.tenders.rows_without()))

    def facet_counts(self, names):
        own = [name for name in names if name in self.filters]
        parties = set(super().rows_without().values_list("pk", flat=True))
        theirs = [name for name in names if name not in own]
        return super().facet_counts(own) | self.tenders.facet_counts(theirs, unit=self.unit, units=parties)

    def takes_part_in(self, tenders):
        """Return the condition that a party takes part in any of some tenders."""
        raise NotImplementedError


class InstitutionFilter(PartyFilter):
    """The parameters of the institution list."""

    queryset = Institution.objects.published().with_num_tenders()
    unit = "buyer"
    facet_names = ("kind", "level", "seat", "year", "region", "category", "status", "amount")

    kind = CodeFilter("kind", choices.InstitutionKind, label=_("Kind"), group=Group.WHO)
    sort = SortFilter(
        default="name",
        default_zh="name_zh",
        orders={
            "name": [F("sort_en")],
            "name_zh": [F("sort_zh")],
            "kind": [null_if_empty("kind")],
            "level": [null_if_empty("level")],
            "seat": [F("region__name_en")],
            "tenders": [F("num_tenders")],
            "reference": [F("reference")],
        },
    )

    def takes_part_in(self, tenders):
        return Q(Exists(tenders.filter(buyer=OuterRef("pk"))))


class CompanyFilter(PartyFilter):
    """The parameters of the company list."""

    queryset = Company.objects.published().with_num_tenders()
    unit = "awards__suppliers"
    facet_names = ("kind", "size", "seat", "institution_kind", "year", "region", "category", "amount")

    kind = CodeFilter("kind", choices.CompanyKind, label=_("Kind"), group=Group.WHO)
    size = CodeFilter("size", choices.CompanySize, label=_("Size class"), group=Group.WHO)
    sort = SortFilter(
        default="name",
        default_zh="name_zh",
        orders={
            "name": [F("sort_en")],
            "name_zh": [F("sort_zh")],
            "kind": [null_if_empty("kind")],
            "size": [null_if_empty("size")],
            "founded": [F("founded_year")],
            "seat": [F("region__name_en")],
            "tenders": [F("num_tenders")],
            "reference": [F("reference")],
        },
    )

    def takes_part_in(self, tenders):
        suppliers = AwardSupplier.objects.filter(
            company=OuterRef("pk"), award__tender__in=tenders.order_by().values("pk")
        )
        return Q(Exists(suppliers))
