"""The filters of the lists: years, categories, sizes, amounts, dates, words, and the conditions of their options."""

import datetime
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from tenders.choices import CompanySize
from tenders.facets import (
    INDENT,
    NOT_EVALUABLE,
    OF_RECORDS,
    OF_WHAT_IS_KNOWN,
    UNKNOWN,
    Bound,
    OptionsField,
    OptionsFilter,
    Parameter,
)
from tenders.fields import PartialDateFormField, day_span
from tenders.kinds import YEARS
from tenders.languages import is_chinese
from tenders.models import Article, AwardSupplier, Category, Citation, Company, Institution, Region, Tender
from tenders.models.categories import MAX_DEPTH
from tenders.search import MAX_WORDS, pinyin_patterns, words

MAX_SEARCH = 200  # characters of what is sought
MAX_CITY = 100

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


def city_choices():
    cities = Tender.objects.published().exclude(city="", city_zh="").order_by("city", "city_zh")
    return [
        (city or city_zh, (city_zh or city) if is_chinese() else city or city_zh)
        for city, city_zh in cities.values_list("city", "city_zh").distinct()
    ]


class CodeFilter(OptionsFilter):
    """A code of a codelist, unknown where it is empty or where there is no related record that has it."""

    def __init__(self, field_name, codelist, **kwargs):
        relation, _separator, _field = field_name.rpartition("__")
        unknown = Q(**{field_name: ""}) | (Q(**{f"{relation}__isnull": True}) if relation else Q())
        super().__init__(field_name, choices=codelist.choices, unknown=unknown, **kwargs)


class YearField(OptionsField):
    """Years; one of which no tender is recorded is a good value that matches nothing."""

    def valid_value(self, value):
        return len(value) == 4 and value.isascii() and value.isdecimal() and int(value) in YEARS

    def validate(self, value):
        if wrong := [year for year in value if not self.valid_value(year)]:
            raise ValidationError(
                _("“%(value)s” isn’t a year: write four digits, such as 2019."), params={"value": wrong[0]}
            )


class YearFilter(OptionsFilter):
    """Years, the latest first; claims know of a tender which years it may be of, a tuple, or None for any."""

    field_class = YearField
    can_rank = False

    def labels(self, values):
        return {value: value for value in sorted(values, reverse=True)}

    def values_for(self, facts):
        return [facts.years]

    def is_listed(self, facts, wanted):
        return facts.years is not None and len(facts.years) == 1 and str(facts.years[0]) in wanted

    def possible_options(self, value, wanted):
        return super().possible_options(value, wanted) if value is None else [{str(year)} for year in value]


class SearchField(forms.CharField):
    """Words to look for."""

    widget = forms.SearchInput(attrs={"autocomplete": "off"})

    def validate(self, value):
        super().validate(value)
        if value and not (wanted := words(value)):
            raise ValidationError(_("Enter something to search for."))
        if value and len(wanted) > MAX_WORDS:
            raise ValidationError(
                _("Search for at most %(max)s words; you entered %(n)s."),
                params={"max": MAX_WORDS, "n": len(wanted)},
            )


class CityField(OptionsField):
    """Cities; one of which no tender is recorded is a good value that matches nothing, as names are corrected."""

    def valid_value(self, value):
        return 0 < len(value) <= MAX_CITY and value.isprintable()


class CityFilter(OptionsFilter):
    """Cities by their English name, or by the Chinese one where there is no other."""

    field_class = CityField
    not_evaluable = NOT_EVALUABLE

    def __init__(self, **kwargs):
        def match(value):
            return Q(city=value) | Q(city="", city_zh=value)

        super().__init__(choices=city_choices, match=match, unknown=Q(city="", city_zh=""), **kwargs)


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

    def options_for_key(self, key):
        return self._paths.get(key) or super().options_for_key(key)

    def with_ancestors(self, value):
        return set(self._paths.get(value, [value]))

    def descendant_options(self, value, wanted):
        paths = {option: self.with_ancestors(option) for option in wanted}
        return [path for option, path in paths.items() if value in path - {option}]

    def ranked_values(self, value):
        """Return the categories beside one, under the same parent."""
        parents = self.with_ancestors(value) - {value} if isinstance(value, str) else set()
        return [option for option in self.known_values if self.with_ancestors(option) - {option} == parents]


class CompanySizeFilter(OptionsFilter):
    """A size class; "small or micro" may be either."""

    def descendant_options(self, value, wanted):
        return [{value, size} for size in OVERLAPPING_SIZES.get(value, ()) if size in wanted]


class AmountBound(Bound):
    """A bound of the awarded amount in yuan, by the cent."""

    attribute = "award_amount"
    step = Decimal("0.01")

    def limits_for(self, facts):
        return facts.least_amount, facts.most_amount

    def recorded_points(self, facts):
        return [] if facts.amount is None else [facts.amount]


class AmountOptionsFilter(AmountBound, OptionsFilter):
    """Whether the awarded amount is known, and in which band it lies."""

    can_rank = False

    def __init__(self, **kwargs):
        key = Case(*(When(self._in_band(band), then=Value(band)) for band in AMOUNT_BANDS), output_field=CharField())
        unknown = Q(award_amount__isnull=True)
        super().__init__(choices=AMOUNT_CHOICES, match=self._in_band, key=key, unknown=unknown, **kwargs)

    @staticmethod
    def _in_band(value):
        if value == "known":
            return Q(award_amount__isnull=False)
        low, high = AMOUNT_BANDS[value]
        return Q(award_amount__gte=low) & (Q() if high is None else Q(award_amount__lt=high))

    def accepts(self, point, value):
        bands = [AMOUNT_BANDS[code] for code in value]
        return any(low <= point and (high is None or point < high) for low, high in bands)

    def breakpoints(self, value):
        return [end for code in value for end in AMOUNT_BANDS[code] if end is not None]

    def claim_error(self, values):
        return OF_WHAT_IS_KNOWN if "known" in values else super().claim_error(values)

    def options_for_key(self, key):
        return [key, "known"] if key else super().options_for_key(key)


class FlagFilter(OptionsFilter):
    """A flag; ``yes`` and ``no`` are what its options mean, in words that need no label."""

    can_rank = False

    def __init__(self, field_name, *, yes, no, **kwargs):
        match = {value: Q(**{field_name: value == "yes"}) for value in ("yes", "no")}
        key = ExpressionWrapper(F(field_name), CharField())  # as it is stored: a bool would take a call for each row
        super().__init__(field_name, choices=[("yes", yes), ("no", no)], match=match.get, key=key, **kwargs)

    def options_for_key(self, key):
        return super().options_for_key(key) if key is None else ["yes" if key else "no"]


class SameRegionFilter(FlagFilter):
    """Whether purchase and winner are in one region: any winner's seat is; none is when all are known."""

    attribute, attributes = "same_region", ("region", "supplier_region")

    def values_for(self, facts):
        region, seats = facts.values.get("region"), [winner.get("supplier_region") for winner in facts.winners]
        if region is None:
            return [None]
        if region in seats:
            return ["yes"]
        return [None if None in seats else "no"]


class DateFilter(Bound, django_filters.Filter):
    """A bound of the date of notice, as exact as one likes: a tender matches when it lies *certainly* within."""

    field_class = PartialDateFormField
    attribute = "notice_date"
    step = datetime.timedelta(days=1)

    def __init__(self, field_name, *, day, **kwargs):
        self.day = day  # of the days that the value may mean: 0 for the first, 1 for the last
        super().__init__(field_name, **kwargs)

    def filter(self, queryset, value):
        return queryset.filter(**{self.field_name: day_span(value)[self.day]}) if value else queryset

    def limits_for(self, facts):
        return facts.days

    def recorded_points(self, facts):
        return facts.days if facts.notice_date else ()

    def accepts(self, point, value):
        return point >= day_span(value)[0] if self.day == 0 else point <= day_span(value)[1]

    def breakpoints(self, value):
        return [day_span(value)[self.day]]


class AmountFilter(AmountBound, django_filters.NumberFilter):
    """The least or the most that was awarded, in yuan."""

    def __init__(self, **kwargs):
        super().__init__(field_name="award_amount", min_value=0, max_digits=15, decimal_places=2, **kwargs)
        self.extra["widget"] = forms.TextInput(attrs={"inputmode": "decimal"})  # shows again what is no number, too

    def accepts(self, point, value):
        return point >= value if self.lookup_expr == "gte" else point <= value

    def breakpoints(self, value):
        return [value]


class SearchFilter(Parameter, django_filters.CharFilter):
    """Words, all of which must occur in folded text; ``where`` gives the condition that one does."""

    field_class = SearchField
    not_evaluable = OF_RECORDS

    def __init__(self, *, where, **kwargs):
        self.where = where
        super().__init__(label=_("Search"), max_length=MAX_SEARCH, **kwargs)

    def filter(self, queryset, value):
        for word in words(value):
            queryset = queryset.filter(self.where(word))
        return queryset


def contains(column, word):
    """Return the condition that a folded text contains a folded word."""
    return Q(GreaterThan(StrIndex(column, Value(word)), 0))


def in_texts(word):
    """Return the condition that a word occurs in the texts of a record, or is pinyin or initials of its title."""
    of_title = (contains("pinyin_text", pattern) for pattern in pinyin_patterns(word))
    return reduce(or_, of_title, contains("search_text", word))


def in_tender(word):
    """Return the condition that a word occurs in a tender's own texts, or in the name of what it refers to."""
    buyers = Institution.objects.published().filter(contains("name_text", word))
    companies = Company.objects.published().filter(contains("name_text", word))
    suppliers = AwardSupplier.objects.filter(company__in=companies)
    return (
        in_texts(word)
        | Q(buyer__in=buyers)
        | Q(pk__in=suppliers.values("award__tender"))
        | Q(region__in=Region.objects.filter(contains("name_text", word)))
        | Q(category__in=Category.objects.filter(contains("name_text", word)))
    )


def in_party(word):
    """Return the condition that a word occurs in a party's names, aliases, place, reference or notes."""
    regions = Region.objects.filter(contains("name_text", word))
    return contains("name_text", word) | contains("search_text", word) | Q(region__in=regions)


def of_supplier(**conditions):
    """Return the condition that a tender has a supplier who meets conditions."""
    return Q(Exists(AwardSupplier.objects.filter(award__tender=OuterRef("pk"), **conditions)))


def cited_from(**conditions):
    return Q(Exists(Citation.objects.filter(tender=OuterRef("pk"), **conditions)))
