"""One search over all public records: in groups, with the filters that its words name, and with corrected spelling."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Concat
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.choices import EditorialState
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.kinds import YEARS
from tenders.languages import is_chinese
from tenders.models import Article, Category, Claim, Company, Institution, Region, Tender
from tenders.parameters import contains, in_texts
from tenders.search import HAN, option_text, words
from tenders.spelling import similar_words

MAX_WORDS_ALONE = 5  # of a search that finds nothing: each is looked for by itself
CITY = "市"  # may follow the Chinese name of a city
FILTERSETS = {"tender": TenderFilter, "institution": InstitutionFilter, "company": CompanyFilter}


@dataclass(frozen=True)
class Group:
    """A kind of record that is searched: ``find`` returns the records that have all words of a text, best first."""

    name: str
    label: str
    find: Callable[[str], QuerySet]
    records: Callable[[], QuerySet]  # with what a line of the results shows
    list_name: str = ""  # of the page that lists them all; the search itself lists those that have none

    def address(self, text):
        """Return the address of the list of all records that a search finds."""
        query = QueryDict(mutable=True)
        query["q"] = text
        if not self.list_name:
            query["group"] = self.name
        return f"{reverse(self.list_name or 'search')}?{query.urlencode()}"


class NamedList(NamedTuple):
    """A list that a search names, such as that of the tenders in Guangdong."""

    label: str
    number: int
    url: str


def _filtered(name, **values):
    query = QueryDict(mutable=True)
    for parameter, value in values.items():
        query[parameter] = value
    return FILTERSETS[name](query).qs


def _tenders(text):
    return _filtered("tender", q=text)


def _parties(name, *, is_named=False):
    def find(text):
        """Return parties, first those of which a name begins like the text, then those that have it in a name."""
        first_word = words(text)[0]
        is_in_name = contains("name_text", first_word)
        begins = contains(Concat(Value("\n"), F("name_text")), f"\n{first_word}")  # a name is a line
        rank = Case(When(begins, then=0), When(is_in_name, then=1), default=2, output_field=IntegerField())
        found = _filtered(name, q=text).order_by(rank, "-num_tenders", "reference")
        return found.filter(is_in_name) if is_named else found

    return find


def _articles(text):
    return _with_words(Article.objects.published().order_by("-published_date", "slug"), text)


def _public_claims():
    return Claim.objects.filter(article__state=EditorialState.PUBLISHED)


def _claims(text):
    return _with_words(_public_claims().order_by("-article__published_date", "article__slug", "code"), text)


def _with_words(queryset, text):
    for word in words(text):
        queryset = queryset.filter(in_texts(word))
    return queryset


GROUPS = (
    Group("tenders", gettext_lazy("Tenders"), _tenders, Tender.objects.published().for_list, "tender-list"),
    Group(
        "institutions",
        gettext_lazy("Institutions"),
        _parties("institution"),
        Institution.objects.published().for_search,
        "institution-list",
    ),
    Group(
        "companies",
        gettext_lazy("Companies"),
        _parties("company"),
        Company.objects.published().for_search,
        "company-list",
    ),
    Group("articles", gettext_lazy("Articles"), _articles, Article.objects.published),
    Group("claims", gettext_lazy("Claims"), _claims, lambda: _public_claims().select_related("article")),
)
# What is suggested while one types, and how much of it: by their names, as places are offered as lists.
SUGGESTED = {
    replace(GROUPS[2], find=_parties("company", is_named=True)): 2,
    replace(GROUPS[1], find=_parties("institution", is_named=True)): 2,
    GROUPS[0]: 3,
    GROUPS[3]: 1,
}


def named_options(text, *, is_begun=False):
    """Return the regions and categories that have a name like a text; with ``is_begun`` one that begins like it."""
    sought = words(text)
    if not sought:
        return []
    has_word = contains("name_text", sought[0])
    options = chain(Region.objects.filter(has_word), Category.objects.filter(has_word))
    return [option for option in options if _is_named(option.name_text, sought, is_begun=is_begun)]


def named_cities(text, *, is_begun=False):
    """Return the cities of public tenders that have a name like a text, as (English name, Chinese name)."""
    sought = words(text)
    if not sought:
        return []
    tenders = Tender.objects.published().filter(contains("search_text", sought[0].removesuffix(CITY)))
    cities = tenders.exclude(city="", city_zh="").order_by("city", "city_zh").values_list("city", "city_zh").distinct()
    named = {city: option_text(*city, city[1] and city[1] + CITY) for city in cities}
    return [city for city, names in named.items() if _is_named(names, sought, is_begun=is_begun)]


def _is_named(names, sought, *, is_begun):
    """Return whether one of the names in the lines of a text is what is sought, or begins like it."""
    sought = " ".join(sought)
    if is_begun and len(sought) < 2 and not HAN.match(sought):
        return False
    lines = (" ".join(words(line)) for line in names.splitlines())
    return any(line.startswith(sought) if is_begun else line == sought for line in lines)


def named_lists(text, *, is_begun=False):
    """Yield the lists with rows that a text names: of a region, a category, a city or a year; of tenders first."""
    lists = []
    for option in named_options(text, is_begun=is_begun):
        if isinstance(option, Region):
            lists += [
                ("tender", "region", option.code, _("Tenders in %(name)s") % {"name": option.name}),
                ("institution", "seat", option.code, _("Institutions in %(name)s") % {"name": option.name}),
                ("company", "seat", option.code, _("Companies in %(name)s") % {"name": option.name}),
            ]
        else:
            label = _("Tenders in the category “%(name)s”") % {"name": option.name}
            lists.append(("tender", "category", option.slug, label))
    labels = {label for *_list, label in lists}  # of a municipality, which is a city too
    for city, city_zh in named_cities(text, is_begun=is_begun):
        name = (city_zh or city) if is_chinese() else (city or city_zh)
        if (label := _("Tenders in %(name)s") % {"name": name}) not in labels:
            lists.append(("tender", "city", city or city_zh, label))
    year = "".join(words(text))
    if len(year) == 4 and year.isascii() and year.isdecimal() and int(year) in YEARS:
        lists.append(("tender", "year", year, _("Tenders of %(year)s") % {"year": year}))
    for kind, parameter, value, label in sorted(lists, key=lambda found: found[0] != "tender"):
        if number := _filtered(kind, **{parameter: value}).count():
            yield NamedList(label, number, f"{reverse(f'{kind}-list')}?{urlencode({parameter: value})}")


def corrected(text, vocabulary):
    """
    Return other spellings of a search of which nothing is found, the likeliest first.

    ``vocabulary`` is called for the known words only if one of the search is in no record.
    """
    sought = words(text)
    if len(sought) > MAX_WORDS_ALONE:
        return []
    missing = [word for word in sought if not is_found(word)]
    if not missing:
        return []
    known = vocabulary()
    similar = {word: similar_words(word, known) for word in missing}
    if not all(similar.values()):
        return []
    first = {word: found[0] for word, found in similar.items()}
    spellings = [first]
    if len(missing) == 1:
        (word,) = missing
        spellings = [{word: other} for other in similar[word]]
    return [" ".join(spelling.get(word, word) for word in sought) for spelling in spellings]


def found_alone(text):
    """Return the words of a search of which something is found by themselves, where no record has all of them."""
    sought = words(text)
    return [word for word in sought if is_found(word)] if 1 < len(sought) <= MAX_WORDS_ALONE else []


def is_found(text):
    """Return whether any group has a record with all words of a text."""
    return any(group.find(text).order_by().exists() for group in GROUPS)
