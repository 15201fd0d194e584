"""Which data a page has as its twins, named in its head (``<link rel="alternate">``) and in its ``Link`` header."""

from dataclasses import dataclass, field, replace
from http import HTTPStatus

from django.http import QueryDict
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from tenders.exports.writers import FORMS
from tenders.feeds.writers import FORMS as FEED_FORMS
from tenders.views.as_of import PARAMETER as AS_OF

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


def feeds_of(view):
    """Return the feeds of a page, the name of whose URL is given."""
    return [Twin(f"{view}-feed", media_type, {"form": form}) for form, (_write, media_type) in FEED_FORMS.items()]


# By the name of a page's URL.
TWINS = {
    "overview": [Twin("overview-data")],
    "tender-list": [*downloads_of("tender"), *feeds_of("tender-list")],
    "institution-list": [*downloads_of("institution"), *feeds_of("institution-list")],
    "company-list": [*downloads_of("company"), *feeds_of("company-list")],
    "tender-detail": [Twin("tender-data"), *feeds_of("tender-detail")],
    "institution-detail": [Twin("institution-data"), *feeds_of("institution-detail")],
    "company-detail": [Twin("company-data"), *feeds_of("company-detail")],
    "article-list": [Twin("article-list-data")],
    "article-compare": [Twin("article-compare-data")],
    "article-detail": [Twin("article-data", parameters=frozenset({"verdict"}))],
    "claim-detail": [Twin("claim-data")],
    "search": [Twin("search-data")],
    "changes": [replace(twin, parameters=frozenset()) for twin in (Twin("changes-data"), *feeds_of("changes"))],
    "data": [Twin("data-data")],
    "page": [Twin("page-text", "text/markdown")],
    "version-list": [Twin("version-data")],
    "compare": [Twin("compare-data", JSON, {"form": "json"}), Twin("compare-data", "text/csv", {"form": "csv"})],
    "chart-embed": [
        Twin("chart-data", JSON, {"form": "json"}),
        Twin("chart-data", "text/csv", {"form": "csv"}),
        Twin("chart-picture", "image/svg+xml", {"form": "svg"}),
    ],
    "api": [Twin("openapi")],
}


class TwinLinksMiddleware(MiddlewareMixin):
    """Name the twins of a page: ``twins`` in its context, and its ``Link`` header."""

    def process_template_response(self, request, response):
        context, match = response.context_data or {}, request.resolver_match
        query = context.get("query", context.get("page_query", ""))  # None: there is nothing to show
        if response.status_code == HTTPStatus.OK and match and match.view_name in TWINS and query is not None:
            if request.as_of:
                query = "&".join(filter(None, [query, request.as_of.query]))
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
        for name in set(given) - twin.parameters - {AS_OF}:
            del given[name]
        query = given.urlencode()
    return f"{path}?{query}" if query else path
