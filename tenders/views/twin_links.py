"""Which data a page has as its twins, named in its head (``<link rel="alternate">``) and in its ``Link`` header."""

from dataclasses import dataclass, field
from http import HTTPStatus

from django.http import QueryDict
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from tenders.exports.writers import FORMS

JSON = "application/json"


@dataclass(frozen=True)
class Twin:
    """
    Data with what a page shows: the name of their URL, their media type, what the URL has beside that of the page.

    ``parameters`` of the page's query string are passed on; None: all that the page says to read.
    """

    name: str
    type: str = JSON
    kwargs: dict = field(default_factory=dict)
    parameters: frozenset | None = None


def downloads_of(kind):
    """Return the downloads of a list, the first one in JSON."""
    forms = sorted(FORMS, key=lambda form: form != "json")
    return [Twin(f"{kind}-download", FORMS[form][1].partition(";")[0], {"form": form}) for form in forms]


# By the name of a page's URL.
TWINS = {
    "overview": [Twin("overview-data")],
    "tender-list": downloads_of("tender"),
    "institution-list": downloads_of("institution"),
    "company-list": downloads_of("company"),
    "tender-detail": [Twin("tender-data")],
    "institution-detail": [Twin("institution-data")],
    "company-detail": [Twin("company-data")],
    "article-list": [Twin("article-list-data")],
    "article-compare": [Twin("article-compare-data")],
    "article-detail": [Twin("article-data", parameters=frozenset({"verdict"}))],
    "claim-detail": [Twin("claim-data")],
    "search": [Twin("search-data")],
    "data": [Twin("data-data")],
    "version-list": [Twin("version-data")],
    "compare": [Twin("compare-data", JSON, {"form": "json"}), Twin("compare-data", "text/csv", {"form": "csv"})],
    "chart-embed": [
        Twin("chart-data", JSON, {"form": "json"}),
        Twin("chart-data", "text/csv", {"form": "csv"}),
        Twin("chart-picture", "image/svg+xml", {"form": "svg"}),
    ],
}


class TwinLinksMiddleware(MiddlewareMixin):
    """Name the twins of a page: ``twins`` in its context, and its ``Link`` header."""

    def process_template_response(self, request, response):
        context, match = response.context_data or {}, request.resolver_match
        query = context.get("query", context.get("page_query", ""))  # None: there is nothing to show
        if response.status_code == HTTPStatus.OK and match and match.view_name in TWINS and query is not None:
            found = [
                (request.build_absolute_uri(address_of(twin, match.kwargs, query)), twin.type)
                for twin in TWINS[match.view_name]
            ]
            response.context_data = {**context, "twins": found}
            response["Link"] = ", ".join(f'<{address}>; rel="alternate"; type="{type_}"' for address, type_ in found)
        return response


def address_of(twin, kwargs, query):
    """Return the path of a twin, with what it reads of a page's query string."""
    path = reverse(twin.name, kwargs={**kwargs, **twin.kwargs})
    if twin.parameters is not None:
        given = QueryDict(query).copy()
        for name in set(given) - twin.parameters:
            del given[name]
        query = given.urlencode()
    return f"{path}?{query}" if query else path
