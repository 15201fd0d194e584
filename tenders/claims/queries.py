"""
What a claim asks: its query strings, parsed into filters of the tender list, and what else its measure needs.

A claim speaks of the world. Filters that claims cannot evaluate, such as those that speak of our records, are refused,
and so is every parameter that is not read: a misspelt filter would silently widen the set.
"""

import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from tenders.claims.facts import EVER, OF_TIME
from tenders.claims.matching import ParsedQuery
from tenders.claims.measures import measure_of
from tenders.facets import NOT_EVALUABLE, UNKNOWN, LimitedValuesMixin, Parameter
from tenders.fields import day_span
from tenders.filters import TenderFilter
from tenders.models import Claim

OF_LISTS = ("sort", "page", "per_page", "view", "columns")  # of a list, but not of which rows it has
LONGEST = 1000  # characters of a query string, as the columns of a claim hold


class ClaimFilter(TenderFilter):
    """The parameters of the tender list, with a form of those alone that are given: an article asks many queries."""

    def get_form_class(self):
        given = {name: self.filters[name].field for name in self.data if name in self.filters}
        return type("ClaimForm", (LimitedValuesMixin, forms.Form), given)


class QueryParser:
    """Parses the query strings of one article's claims; what filters look up is looked up once for all of them."""

    def __init__(self, article, claims=()):
        self.slug = article.slug
        first = TenderFilter(QueryDict())
        queries = list(_all_queries(claims))
        for name in set(first.filters).intersection(_ranked(claims).union(*queries)):
            getattr(first.filters[name], "options", None)  # computed once, and shared by all copies
        references = {"institution": set(), "company": set(), "reference": set()}
        for query in queries:
            for name, values in references.items():
                values.update(query.getlist(name))
        for name, values in references.items():
            first.filters[name].names_of(sorted(values - {UNKNOWN}))
        self._filter_class = type("ArticleFilter", (ClaimFilter,), {})
        self._filter_class.base_filters = first.filters
        self._parsed = {}

    def parse(self, query):
        """Return the parsed query of a query string; raises ``ValidationError`` that says what would be right."""
        if query not in self._parsed:
            self._parsed[query] = self._parse(query)
        return self._parsed[query]

    def _parse(self, query):
        given = _query_dict(_query_string(query)).copy()
        if others := set(given.pop("article", [])) - {self.slug}:
            raise ValidationError(
                _("Remove the filter “%(others)s”: a claim counts only the tenders of its own article."),
                params={"others": ", ".join(sorted(others))},
            )
        for name in OF_LISTS:
            given.pop(name, None)
        filterset = self._filter_class(given)
        wrong = [*filterset.unknown_parameters, *filterset.parameter_errors, *_claim_errors(filterset)]
        if wrong:
            raise ValidationError([f"{name}: {message}" for name, message in wrong])
        address = "&".join(filter(None, [f"article={self.slug}", filterset.query_string()]))
        return ParsedQuery(filterset.filters, filterset.active_filters, address)


def _query_dict(query):
    if len(query) > LONGEST:
        raise ValidationError(_("Shorten this to at most %(n)s characters.") % {"n": LONGEST})
    return QueryDict(query)


def _query_string(text):
    """Return what stands behind the “?” in an address of the tender list; a query string itself stays as it is."""
    text = text.strip().partition("#")[0]
    address, mark, query = text.partition("?")
    if "=" in address or not (mark or "/" in address):
        return text
    if address and not re.search(r"(^|/)tenders(/|\.[a-z]+)$", address):
        raise ValidationError(_("Enter an address of the tender list; this one is of another page."))
    return query


def _claim_errors(filterset):
    """Yield why claims cannot evaluate a filter that is given, as (parameter, message) pairs."""
    for name, values in filterset.data.lists():
        found = filterset.filters.get(name)
        if found is not None:
            error = found.claim_error(values) if isinstance(found, Parameter) else NOT_EVALUABLE
            if error:
                yield name, error


def _all_queries(claims):
    for claim in claims:
        arguments = claim.arguments if isinstance(claim.arguments, dict) else {}
        for text in (claim.query, claim.base_query, *map(arguments.get, ("to_query", "to_base_query"))):
            try:
                yield _query_dict(text if isinstance(text, str) else "")
            except ValidationError:
                continue  # the claim says so when it is evaluated


def _ranked(claims):
    """Return the names of the filters whose options the claims rank."""
    facets = (claim.arguments.get("facet") for claim in claims if isinstance(claim.arguments, dict))
    return {facet for facet in facets if isinstance(facet, str)}


def periods(query):
    """Return the first and last days of the years, or of the period, that a parsed query admits."""
    asked = query.active_filters
    first = max(EVER[0], day_span(asked["date_from"])[0]) if "date_from" in asked else EVER[0]
    last = min(EVER[1], day_span(asked["date_to"])[1]) if "date_to" in asked else EVER[1]
    years = sorted(asked.get("year", []))
    spans = [(datetime.date(int(year), 1, 1), datetime.date(int(year), 12, 31)) for year in years] or [EVER]
    spans = [(max(first, low), min(last, high)) for low, high in spans]
    return [(low, high) for low, high in spans if low <= high]


class ClaimQueries:
    """
    What one claim asks, checked: ``by_name`` are its parsed queries, ``others`` the claims of its article by code.

    Raises ``ValidationError`` where that cannot be read (any longer).
    """

    def __init__(self, claim, parser, claims=()):
        self.claim, self.parser, self.measure = claim, parser, measure_of(claim)
        self.others = {other.code: other for other in claims}
        self.by_name = {name: self._parse(name) for name in self.measure.queries}
        self.measure.check(self)
        self._check_size()

    @property
    def query(self):
        return self.by_name["query"]

    @property
    def base_query(self):
        return self.by_name["base_query"]

    def argument(self, name, kind):
        """Return an argument of the measure; raises ``ValidationError`` unless it is there and of a type."""
        value = self.claim.arguments.get(name) if isinstance(self.claim.arguments, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool) or value in ("", []):
            raise ValidationError({name: _("Required for this measure.")})
        return value

    @property
    def record_key(self):
        """The record that the claim is about, as (kind, key); None when it is about none."""
        for kind in ("tender", "institution", "company"):
            if pk := getattr(self.claim, f"{kind}_id"):
                return kind, pk
        return None

    def _parse(self, name):
        text = getattr(self.claim, name, None)
        text = self.argument(name, str) if text is None else text
        try:
            return self.parser.parse(text)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from error

    def _check_size(self):
        """Raise unless the size of a set is that of some time, and a margin that of a year and a category."""
        asked = self.query.active_filters if self.claim.is_set_size or self.claim.is_margin else {}
        if self.claim.is_set_size and set(asked) - OF_TIME:
            raise ValidationError(
                {"query": _("Use only years or a period here: the size of a set has no other filters.")}
            )
        if self.claim.is_set_size and not periods(self.query):
            raise ValidationError({"query": _("Check the dates: the first is after the last.")})
        if self.claim.is_margin and (set(asked) != {"year", "category"} or len(asked["year"]) != 1):
            raise ValidationError({"query": _("Use one year and one category: a margin is the number of both.")})


def claims_of(article, *conditions):
    """Return the claims of an article, or some of them, with what evaluating and showing them needs."""
    claims = list(
        Claim.objects.filter(*conditions, article=article)
        .select_related("tender", "institution", "company", "reading_of")
        .prefetch_related("sources")
        .order_by("code")
    )
    for claim in claims:
        claim.article = article
    return claims
