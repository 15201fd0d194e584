"""The parameters of the lists, written once: pages, downloads and claims read the same query string alike."""

from functools import cached_property

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from tenders import choices
from tenders.choices import CompanySize
from tenders.facets import (
    INDENT,
    UNKNOWN,
    Bound,
    FacetedFilterSet,
    OptionsField,
    OptionsFilter,
    Parameter,
    ReferencesFilter,
    SortFilter,
    null_if_empty,
)
from tenders.fields import PartialDateFormField, day_span
from tenders.languages import is_chinese
from tenders.models import Article, AwardSupplier, Category, Citation, Company, Institution, Region, Tender
from tenders.models.facts import YEARS
from tenders.models.tenders import MAX_DEPTH, in_category
from tenders.search import words

YES_NO = [("yes", _("Yes")), ("no", _("No"))]

# Half-open bands of the awarded amount in yuan: the lower end belongs to the band, the upper one does not.
AMOUNT_BANDS = {
    "0-1m": (0, 1_000_000),
    "1m-5m": (1_000_000, 5_000_000),
    "5m-10m": (5_000_000, 10_000_000),
    "10m-": (10_000_000, None),
}
AMOUNT_CHOICES = [
    ("known", _("Known")),
    ("0-1m", _("Under 1 million yuan")),
    ("1m-5m", _("1 to 5 million yuan")),
    ("5m-10m", _("5 to 10 million yuan")),
    ("10m-", _("10 million yuan and more")),
]


OVERLAPPING_SIZES = {
    CompanySize.SMALL: [CompanySize.SMALL_OR_MICRO],
    CompanySize.MICRO: [CompanySize.SMALL_OR_MICRO],
    CompanySize.SMALL_OR_MICRO: [CompanySize.SMALL, CompanySize.MICRO],
}


def region_choices():
    return list(Region.objects.values_list("code", "name_zh" if is_chinese() else "name_en"))


def article_choices():
    return [(article.slug, article.title) for article in Article.objects.published()]


def year_choices():
    years = Tender.objects.published().order_by("-year").values_list("year", flat=True).distinct()
    return [(str(year), str(year)) for year in years]


class YearField(OptionsField):
    """Years; one of which no tender is recorded is a good value that matches nothing."""

    def valid_value(self, value):
        return len(value) == 4 and value.isascii() and value.isdecimal() and int(value) in YEARS

    def validate(self, value):
        if wrong := [each for each in value if not self.valid_value(each)]:
            raise ValidationError(
                _("“%(value)s” is no year: write four digits, such as 2019."), params={"value": wrong[0]}
            )


class YearFilter(OptionsFilter):
    """Years, the latest first."""

    field_class = YearField

    def labels(self, values):
        return {value: value for value in sorted(values, reverse=True)}

    def may_be(self, value, wanted):
        """The same of a tuple of years, each of which it may be."""
        return super().may_be(value, wanted) if value is None else [{str(year)} for year in value]


class SearchField(forms.CharField):
    """Words to look for."""

    widget = forms.SearchInput(attrs={"autocomplete": "off"})

    def validate(self, value):
        super().validate(value)
        if value and not words(value):
            raise ValidationError(_("There is no word to look for."))


class CategoryFilter(OptionsFilter):
    """A category; one that has others under it holds what is filed under those too."""

    @cached_property
    def _tree(self):
        return list(Category.objects.order_by("position", "slug"))

    @cached_property
    def _paths(self):
        categories = {category.pk: category for category in self._tree}
        paths = {}
        for category in self._tree:
            path = [category.slug]
            while (category := categories.get(category.parent_id)) and len(path) < MAX_DEPTH:
                path.append(category.slug)
            paths[path[0]] = path
        return paths

    @cached_property
    def options(self):
        """The categories in the order of their tree, each level indented."""

        def below(parent_id, depth):
            for category in self._tree:
                if category.parent_id == parent_id:
                    yield category.slug, INDENT * depth + category.name
                    yield from below(category.pk, depth + 1)

        return [*below(None, 0), (UNKNOWN, _("Unknown"))]

    def filed_under(self, key):
        return self._paths.get(key) or super().filed_under(key)

    def implies(self, value):
        return set(self._paths.get(value, [value]))

    def narrower(self, value, wanted):
        return [self.implies(each) for each in wanted if value in self.implies(each) - {each}]


class CompanySizeFilter(OptionsFilter):
    """A size class; "small or micro" may be either."""

    def narrower(self, value, wanted):
        return [{value, each} for each in OVERLAPPING_SIZES.get(value, ()) if each in wanted]


class AmountOptionsFilter(Bound, OptionsFilter):
    """Whether the awarded amount is known, and in which band it lies."""

    about = "award_amount"

    def holds(self, point, value):
        bands = [AMOUNT_BANDS[each] for each in value]
        return any(low <= point and (high is None or point < high) for low, high in bands)

    def edges(self, value):
        return [edge for each in value for edge in AMOUNT_BANDS[each] if edge is not None]

    def filed_under(self, key):
        return [key, "known"] if key else super().filed_under(key)


class FlagFilter(OptionsFilter):
    """A flag: yes or no."""

    def __init__(self, field_name, **kwargs):
        match = {value: Q(**{field_name: value == "yes"}) for value, _label in YES_NO}
        key = ExpressionWrapper(F(field_name), CharField())  # as it is kept: a bool would take a call for each row
        super().__init__(field_name, choices=YES_NO, match=match.get, key=key, **kwargs)

    def filed_under(self, key):
        return super().filed_under(key) if key is None else ["yes" if key else "no"]


class DateFilter(Bound, django_filters.Filter):
    """A bound of the date of notice, as exact as one likes: a tender matches when it lies *certainly* within."""

    field_class = PartialDateFormField
    about = "notice_date"

    def __init__(self, field_name, *, day, **kwargs):
        self.day = day  # of the days that the value may mean: 0 for the first, 1 for the last
        super().__init__(field_name, **kwargs)

    def filter(self, queryset, value):
        return queryset.filter(**{self.field_name: day_span(value)[self.day]}) if value else queryset

    def holds(self, point, value):
        return point >= day_span(value)[0] if self.day == 0 else point <= day_span(value)[1]

    def edges(self, value):
        return [day_span(value)[self.day]]


class AmountFilter(Bound, django_filters.NumberFilter):
    """A bound of the awarded amount in yuan."""

    about = "award_amount"

    def __init__(self, **kwargs):
        super().__init__(field_name="award_amount", min_value=0, max_digits=15, decimal_places=2, **kwargs)
        self.extra["widget"] = forms.TextInput(attrs={"inputmode": "decimal"})  # shows again what is no number, too

    def holds(self, point, value):
        return point >= value if self.lookup_expr == "gte" else point <= value

    def edges(self, value):
        return [value]


class SearchFilter(Parameter, django_filters.CharFilter):
    """
    Words, all of which must occur; ``where`` gives the condition that one does.

    English or Chinese of any length: a word is looked for in what ``tenders.search`` makes of the records' text.
    """

    field_class = SearchField

    def __init__(self, *, where, **kwargs):
        self.where = where
        super().__init__(label=_("Search"), max_length=200, **kwargs)

    def filter(self, queryset, value):
        for word in words(value):
            queryset = queryset.filter(self.where(word))
        return queryset


def contains(column, word):
    """Return the condition that a folded text contains a folded word."""
    return Q(GreaterThan(StrIndex(column, Value(word)), 0))


def in_tender(word):
    """Return the condition that a word occurs in a tender's titles, reference or notes, or in a name of a party."""
    buyers = Institution.objects.published().filter(contains("name_text", word))
    companies = Company.objects.published().filter(contains("name_text", word))
    suppliers = AwardSupplier.objects.filter(company__in=companies)
    return contains("search_text", word) | Q(buyer__in=buyers) | Q(pk__in=suppliers.values("award__tender"))


def in_party(word):
    """Return the condition that a word occurs in a party's names, aliases, reference or notes."""
    return contains("name_text", word) | contains("search_text", word)


def of_supplier(**conditions):
    """Return the condition that a tender has a supplier who meets conditions."""
    return Q(Exists(AwardSupplier.objects.filter(award__tender=OuterRef("pk"), **conditions)))


def _amount_in(value):
    if value == "known":
        return Q(award_amount__isnull=False)
    low, high = AMOUNT_BANDS[value]
    return Q(award_amount__gte=low) & (Q() if high is None else Q(award_amount__lt=high))


def _cited_from(**conditions):
    return Q(Exists(Citation.objects.filter(tender=OuterRef("pk"), **conditions)))


def by_cases(match, values):
    """Return the expression that is, of several values that exclude each other, the one a row matches."""
    return Case(*(When(match(value), then=Value(value)) for value in values), output_field=CharField())


class TenderFilter(FacetedFilterSet):
    """The parameters of the tender list."""

    facet_names = (
        "year",
        "region",
        "category",
        "institution",
        "institution_kind",
        "amount",
        "status",
        "company",
        "company_size",
        "supplier_region",
        "same_region",
        "level",
        "method",
        "main_subject",
        "certainty",
        "disputed",
        "source_kind",
        "article",
    )

    q = SearchFilter(where=in_tender)
    year = YearFilter("year", label=_("Year"), choices=year_choices)
    region = OptionsFilter(
        "region__code",
        label=_("Region of the purchase"),
        choices=region_choices,
        unknown=Q(region__isnull=True),
    )
    category = CategoryFilter(
        label=_("Category"),
        choices=(),
        match=in_category,
        unknown=Q(category__isnull=True),
        key="category__slug",
    )
    institution = ReferencesFilter(
        "buyer__reference",
        label=_("Institution"),
        records=Institution.objects.published,
        unknown=Q(buyer__isnull=True),
    )
    institution_kind = OptionsFilter(
        "buyer__kind",
        label=_("Kind of institution"),
        choices=choices.InstitutionKind.choices,
        unknown=Q(buyer__isnull=True) | Q(buyer__kind=""),
    )
    level = OptionsFilter(
        "buyer__level",
        label=_("Level of institution"),
        choices=choices.Level.choices,
        unknown=Q(buyer__isnull=True) | Q(buyer__level=""),
    )
    company = ReferencesFilter(
        label=_("Winner"),
        records=Company.objects.published,
        match=lambda reference: of_supplier(company__reference=reference),
        key="figures__companies",
        unknown=~of_supplier(),
    )
    company_size = CompanySizeFilter(
        label=_("Size of the winner"),
        choices=choices.CompanySize.choices,
        match=lambda code: of_supplier(company__size=code),
        key="figures__company_sizes",
        unknown=~of_supplier(company__size__gt=""),
    )
    supplier_region = OptionsFilter(
        label=_("Region of the winner"),
        choices=region_choices,
        match=lambda code: of_supplier(company__region__code=code),
        key="figures__company_regions",
        unknown=~of_supplier(company__region__isnull=False),
    )
    same_region = FlagFilter(
        "is_same_region", label=_("Winner from the region of the purchase"), unknown=Q(is_same_region__isnull=True)
    )
    amount = AmountOptionsFilter(
        label=_("Awarded amount"),
        choices=AMOUNT_CHOICES,
        match=_amount_in,
        key=by_cases(_amount_in, AMOUNT_BANDS),
        unknown=Q(award_amount__isnull=True),
    )
    amount_min = AmountFilter(label=_("Awarded at least (yuan)"), lookup_expr="gte")
    amount_max = AmountFilter(label=_("Awarded at most (yuan)"), lookup_expr="lte")
    date_from = DateFilter("notice_date__first_day__gte", day=0, label=_("Notice from"))
    date_to = DateFilter("notice_date__last_day__lte", day=1, label=_("Notice to"))
    status = OptionsFilter("status", label=_("Status"), choices=choices.TenderStatus.choices, unknown=Q(status=""))
    method = OptionsFilter(
        "procurement_method",
        label=_("Procurement method"),
        choices=choices.ProcurementMethod.choices,
        unknown=Q(procurement_method=""),
    )
    main_subject = FlagFilter(
        "is_main_subject", label=_("Blockchain is the main subject"), unknown=Q(is_main_subject__isnull=True)
    )
    certainty = OptionsFilter("certainty", label=_("Certainty"), choices=choices.Certainty.choices)
    source_kind = OptionsFilter(
        label=_("Kind of source"),
        choices=choices.SourceKind.choices,
        match=lambda code: _cited_from(source__kind=code),
        key="figures__source_kinds",
        unknown=~_cited_from(),
    )
    disputed = FlagFilter("is_disputed", label=_("Sources disagree"))
    article = OptionsFilter(
        label=_("Counted by the article"),
        choices=article_choices,
        match=lambda slug: contains("figures__articles", f",{slug},"),
        key="figures__articles",
    )
    reference = ReferencesFilter("reference", label=_("Reference"), records=Tender.objects.published)
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

    class Meta:
        model = Tender
        fields = []

    def __init__(self, data=None, queryset=None, **kwargs):
        if queryset is None:
            queryset = Tender.objects.published()
        super().__init__(data, queryset.with_figures(), **kwargs)


class PartyFilter(FacetedFilterSet):
    """
    The parameters of a list of parties: their own, and those of the tender list.

    The latter are read as "has a published tender that matches". Without any of them the list holds the parties of
    all published tenders.
    """

    q = SearchFilter(where=in_party)
    seat = OptionsFilter(
        "region__code", label=_("Region of the seat"), choices=region_choices, unknown=Q(region__isnull=True)
    )

    def __init__(self, data=None, queryset=None, **kwargs):
        super().__init__(data, queryset, **kwargs)
        theirs = self.data.copy()
        for name in self.filters:
            theirs.pop(name, None)
        self.tenders = TenderFilter(theirs)
        for name, values in self.tenders.data.lists():  # references of merged records lead on
            self.data.setlist(name, values)

    @property
    def parameters(self):
        return set(self.filters) | self.tenders.parameters

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

    unit = "buyer"
    facet_names = ("kind", "level", "seat", "year", "region", "category", "amount", "status")

    kind = OptionsFilter("kind", label=_("Kind"), choices=choices.InstitutionKind.choices, unknown=Q(kind=""))
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

    class Meta:
        model = Institution
        fields = []

    def __init__(self, data=None, queryset=None, **kwargs):
        if queryset is None:
            queryset = Institution.objects.published()
        super().__init__(data, queryset.with_num_tenders(), **kwargs)

    def takes_part_in(self, tenders):
        return Q(Exists(tenders.filter(buyer=OuterRef("pk"))))


class CompanyFilter(PartyFilter):
    """The parameters of the company list."""

    unit = "awards__suppliers"
    facet_names = ("kind", "size", "seat", "year", "region", "category", "amount", "institution_kind")

    kind = OptionsFilter("kind", label=_("Kind"), choices=choices.CompanyKind.choices, unknown=Q(kind=""))
    size = OptionsFilter("size", label=_("Size class"), choices=choices.CompanySize.choices, unknown=Q(size=""))
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

    class Meta:
        model = Company
        fields = []

    def __init__(self, data=None, queryset=None, **kwargs):
        if queryset is None:
            queryset = Company.objects.published()
        super().__init__(data, queryset.with_num_tenders(), **kwargs)

    def takes_part_in(self, tenders):
        suppliers = AwardSupplier.objects.filter(
            company=OuterRef("pk"), award__tender__in=tenders.order_by().values("pk")
        )
        return Q(Exists(suppliers))
