"""
The questions that a claim asks: its query strings as filter sets of the tender list, and what else its measure needs.

A claim speaks of the world. Parameters that speak of our records, such as how certain one is, are refused, and so is
every one that is not read: a misspelt filter would silently widen the set.
"""

import datetime
import re
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from tenders.choices import Measure
from tenders.claims import intervals
from tenders.claims.facts import EVER, Facts
from tenders.claims.matching import outcomes
from tenders.claims.measures import NUMBERS, SEVERAL_VALUES
from tenders.facets import UNKNOWN, ReferencesFilter
from tenders.fields import day_span
from tenders.filters import TenderFilter
from tenders.models import Claim, Region

OF_RECORDS = {"q", "certainty", "source_kind", "disputed", "reference"}
OF_LISTS = ("sort", "page", "per_page")  # of a list, but not of which rows it has
OF_TIME = {"year", "date_from", "date_to"}
LONGEST = 1000  # characters of a query string, as the columns of a claim hold
HIGHEST = 1000  # the n of an n-th largest award
# Which query strings a measure takes: the field or argument of each, and whether it must be there.
QUERIES = {
    Measure.SHARE: ["query", "base_query"],
    Measure.RATIO: ["query", "base_query"],
    Measure.RANK: ["query", "base_query"],
    Measure.RATIO_OF_SHARES: ["query", "base_query", "to_query", "to_base_query"],
    Measure.AMOUNT: [],
    Measure.FACT: [],
    Measure.SUM_OF_CLAIMS: [],
    Measure.NONE: [],
}
# Facets whose values can be ranked: those of which a tender has one, or several.
RANKED = ("region", "category", "institution", "institution_kind", "level", "company", "company_size")
RANKED += ("supplier_region", "status", "method")


@dataclass(frozen=True)
class Question:
    """Which tenders are meant: what is asked of each parameter, and the query string of the list of the same."""

    filters: dict
    asked: dict
    address: str = ""


class Reader:
    """Reads the query strings of one article's claims; what filters look up is looked up once for all of them."""

    def __init__(self, article, claims=()):
        self.slug = article.slug
        first = TenderFilter(QueryDict())
        for each in first.filters.values():
            getattr(each, "options", None)
        references = {"institution": set(), "company": set(), "reference": set()}
        for query in _all_queries(claims):
            for name, found in references.items():
                found.update(QueryDict(query).getlist(name))
        for name, found in references.items():
            first.filters[name].names_of(sorted(found - {UNKNOWN}))
        self._filter_class = type("ClaimFilter", (TenderFilter,), {})
        self._filter_class.base_filters = first.filters
        self._read = {}

    @cached_property
    def num_regions(self):
        return Region.objects.count()

    def read(self, query):
        """Return the question of a query string; raises ``ValidationError`` that says what would be right."""
        if query not in self._read:
            self._read[query] = self._question(query)
        return self._read[query]

    def _question(self, query):
        if len(query) > LONGEST:
            raise ValidationError(_("This is too long: at most %(n)s characters.") % {"n": LONGEST})
        given = QueryDict(_query_string(query)).copy()
        if others := set(given.pop("article", [])) - {self.slug}:
            raise ValidationError(
                _("A claim speaks of the tenders of its own article, not of “%(others)s”."),
                params={"others": ", ".join(sorted(others))},
            )
        for name in OF_LISTS:
            given.pop(name, None)
        filterset = self._filter_class(given)
        wrong = [*filterset.unknown_parameters, *filterset.parameter_errors, *_of_records(filterset)]
        if wrong:
            raise ValidationError([f"{name}: {message}" for name, message in wrong])
        address = "&".join(filter(None, [f"article={self.slug}", filterset.query_string()]))
        return Question(filterset.filters, filterset.active_filters, address)


def _query_string(text):
    """Return what stands behind the “?” in an address of the tender list; a query string itself stays as it is."""
    text = text.strip().partition("#")[0]
    address, mark, query = text.partition("?")
    if "=" in address or not (mark or "/" in address):
        return text
    if address and not re.search(r"(^|/)tenders(/|\.[a-z]+)$", address):
        raise ValidationError(_("This is the address of another page: give one of the tender list."))
    return query


def _of_records(filterset):
    for name, values in filterset.data.lists():
        if name in OF_RECORDS:
            yield name, _("This speaks of our records and not of the world: leave it out.")
        elif UNKNOWN in values or (name == "amount" and "known" in values):
            yield name, _("What is known or unknown speaks of our records and not of the world: leave it out.")


def _all_queries(claims):
    for claim in claims:
        yield from (claim.query, claim.base_query)
        if isinstance(claim.arguments, dict):
            yield from (str(claim.arguments.get(name, "")) for name in ("to_query", "to_base_query"))


@dataclass(frozen=True)
class Ranking:
    """What is ranked: a query for each value or group of values, the place of the claim's own among them."""

    queries: list
    place: int
    is_several: bool
    is_open: bool  # whether there may be values that nobody has recorded


class Queries:
    """What one claim asks; raises ``ValidationError`` where that cannot be read (any longer)."""

    def __init__(self, claim, reader, claims=()):
        self.claim, self.reader = claim, reader
        self.others = {other.code: other for other in claims}
        self.asked = {name: self._read(name) for name in QUERIES.get(claim.measure, ["query"])}
        if claim.measure == Measure.RANK:
            self.asked["query"] = self._ranked()
        self._check()

    @property
    def query(self):
        return self.asked["query"]

    @property
    def base_query(self):
        return self.asked["base_query"]

    @property
    def to_query(self):
        return self.asked["to_query"]

    @property
    def to_base_query(self):
        return self.asked["to_base_query"]

    def _read(self, name):
        text = getattr(self.claim, name, None)
        text = self._argument(name, str) if text is None else text
        try:
            return self.reader.read(text)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from error

    def _argument(self, name, kind):
        value = self.claim.arguments.get(name) if isinstance(self.claim.arguments, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool) or value in ("", []):
            raise ValidationError({name: _("This measure needs it.")})
        return value

    def _check(self):
        measure = self.claim.measure
        if measure == Measure.RATIO and (True, True) in outcomes(Facts(), [self.query, self.base_query]):
            raise ValidationError(
                {"base_query": _("A tender could match both: of a part and its whole, take the share.")}
            )
        if measure == Measure.NTH_AWARD and not 1 <= self.n <= HIGHEST:
            raise ValidationError({"n": _("1 is the largest, 2 the second.")})
        if measure == Measure.SUM_OF_CLAIMS:
            self._check_total()
        if measure in (Measure.AMOUNT, Measure.FACT) and self.record_key is None:
            raise ValidationError({"measure": _("Say which record it is about.")})
        if measure == Measure.AMOUNT and self.claim.tender_id is None:
            raise ValidationError({"tender": _("An awarded amount is that of a tender.")})
        if measure == Measure.EXISTS and self.record_key and self.claim.tender_id is None:
            raise ValidationError({"tender": _("It asks for a tender: name that one, or none.")})
        if measure == Measure.FACT and self.fact not in NUMBERS & set(self.claim.record.FACTS):
            raise ValidationError({"fact": _("This record has no such fact that is a number.")})
        if self.claim.is_set_size and set(self.query.asked) - OF_TIME:
            raise ValidationError({"query": _("The size of a set is that of years or of a period, and nothing else.")})
        if self.claim.is_set_size and not periods(self.query):
            raise ValidationError({"query": _("There is no such day: the first is after the last.")})
        if self.claim.is_margin and (set(self.query.asked) != {"year", "category"} or self.year is None):
            raise ValidationError({"query": _("A margin is the number of one year and one category.")})

    def _ranked(self):
        """Return the question for the tenders of the whole that have the ranked value."""
        ranking = self._candidates([])
        given = QueryDict(self.base_query.address).copy()
        for facet, values in ranking.queries[ranking.place].asked.items():
            given.setlist(facet, values)
        return self.reader.read(given.urlencode())

    def _check_total(self):
        """Raise unless what the claim prints is what the claim of the total prints, and all others print something."""
        code = str(self.claim.arguments.get("total", "")) if isinstance(self.claim.arguments, dict) else ""
        total = intervals.printed(self.others[code]) if code in self.others else None
        if self.summands and code and total != intervals.printed(self.claim):
            raise ValidationError({"total": _("%(code)s prints another figure than this claim.") % {"code": code}})

    @property
    def year(self):
        """The year of a query that names one, else None."""
        years = self.query.asked.get("year", [])
        return int(years[0]) if len(years) == 1 else None

    @property
    def n(self):
        return self._argument("n", int)

    @property
    def fact(self):
        return self._argument("fact", str)

    @property
    def num_regions(self):
        return self.reader.num_regions

    @property
    def record_key(self):
        """The record that the claim is about, as (kind, key); None when it is about none."""
        for kind in ("tender", "institution", "company"):
            if pk := getattr(self.claim, f"{kind}_id"):
                return kind, pk
        return None

    @property
    def summands(self):
        """What was printed for the claims that are added up, as intervals."""
        codes = [str(code) for code in self._argument("claims", list)]
        found = [intervals.printed(self.others[code]) if code in self.others else None for code in codes]
        if missing := [code for code, each in zip(codes, found, strict=True) if each is None]:
            raise ValidationError(
                {"claims": _("No claim of this article prints a figure as %(codes)s.") % {"codes": ", ".join(missing)}}
            )
        return found

    def ranking(self, rows=()):
        """Return what is ranked; of a facet that names records, those that some tenders (``rows``) have."""
        return self._candidates(rows)

    def _candidates(self, rows):
        facet, value = self._argument("facet", str), self._argument("value", (str, list))
        if facet not in RANKED:
            raise ValidationError({"facet": _("Possible values: %(codes)s.") % {"codes": ", ".join(RANKED)}})
        each = self.query.filters[facet]
        is_open = isinstance(each, ReferencesFilter) and "among" not in self.claim.arguments
        given = [_group(one) for one in self._among(facet, each, value, rows)]
        own, *groups = [_resolve_references(each, group) for group in (_group(value), *given)]
        groups = [group for place, group in enumerate(groups) if group not in groups[:place]]  # two may be one by now
        if own not in groups:
            raise ValidationError({"among": _("The ranked value is not among them.")})
        written, flat = ([one for group in some for one in group] for some in (given, groups))
        if not all(groups):
            raise ValidationError({"among": _("There is a group of no values in it.")})
        if any(len(values) != len(set(values)) for values in (written, flat)):
            raise ValidationError({"among": _("A value stands in it twice.")})
        if any(set(flat) & (each.implies(one) - {one}) for one in flat):
            raise ValidationError({"among": _("A value is part of another: a tender would have both.")})
        wanted = QueryDict(mutable=True)
        wanted.setlist(facet, flat)
        try:
            filters = self.reader.read(wanted.urlencode()).filters
        except ValidationError as error:
            raise ValidationError({"among": error.messages}) from error
        queries = [Question(filters, {facet: group}) for group in groups]
        return Ranking(queries, groups.index(own), facet in SEVERAL_VALUES, is_open)

    def _among(self, facet, each, value, rows):
        if "among" in self.claim.arguments:
            return self._argument("among", list)
        if isinstance(each, ReferencesFilter):
            held = {one for row in rows for one in row.held(facet) if one}
            return sorted(held | set(_group(value)))
        options = [option for option, _label in each.options if option != UNKNOWN]
        if facet == "category":  # the values beside it, under the same parent
            above = each.implies(value) - {value} if isinstance(value, str) else set()
            options = [option for option in options if each.implies(option) - {option} == above]
        return options


def _group(value):
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _resolve_references(each, values):
    """Return the values of a group, with those that name a merged record as those of the record that it became."""
    return each.resolve(values) if isinstance(each, ReferencesFilter) else values


def periods(query):
    """Return the first and last days of the years, or of the period, that a question admits."""
    first = max(EVER[0], day_span(query.asked["date_from"])[0]) if "date_from" in query.asked else EVER[0]
    last = min(EVER[1], day_span(query.asked["date_to"])[1]) if "date_to" in query.asked else EVER[1]
    years = sorted(query.asked.get("year", []))
    spans = [(datetime.date(int(year), 1, 1), datetime.date(int(year), 12, 31)) for year in years] or [EVER]
    spans = [(max(first, low), min(last, high)) for low, high in spans]
    return [(low, high) for low, high in spans if low <= high]


def claims_of(article):
    """Return the claims of an article with what judging and showing them asks."""
    claims = list(
        Claim.objects.filter(article=article)
        .select_related("tender", "institution", "company", "reading_of")
        .prefetch_related("sources")
        .order_by("code")
    )
    for claim in claims:
        claim.article = article
    return claims
