"""An address of data, and the paths that it stands for: one for each form, as its URL pattern has them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

from django.urls import URLPattern, get_resolver
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from tenders.citing import CITATION_FORMATS
from tenders.feeds.writers import FORMS as FEED_FORMS
from tenders.views.api.parameters import AS_OF, ApiParameter
from tenders.views.api.schemas import REFERENCE, TEXT
from tenders.views.as_of import PRESENT_ONLY

GROUP = re.compile(r"\(\?P<(\w+)>((?:\[[^]]*\]|[^()\[])*)\)|<(?:(\w+):)?(\w+)>")
CONVERTERS = {"citation_extension": CITATION_FORMATS, "feed_extension": FEED_FORMS}  # whose values are few
WRITTEN_OUT = {"form", "plural", "extension"}  # parts of a path of which each value is a path of its own
PATH_LABELS = {
    "reference": _("Reference of the record"),
    "slug": _("Code of the article or the source"),
    "code": _("Code of the claim"),
    "name": _("Name of the chart, the release or the file"),
    "path": _("Name of the file"),
    "version": _("Name of the version"),
    "sha256": _("SHA-256 of the file"),
}


@dataclass(frozen=True)
class Endpoint:
    """
    An address of data, by the name of its URL.

    ``content`` returns {media type: JSON Schema} for the parts of a path that are written out, such as its form, and
    ``parameters`` those of the query string. ``example`` returns values of the other parts, or None.
    """

    name: str
    group: Promise
    summary: Promise
    content: Callable
    parameters: Callable = lambda parts: []
    example: Callable = lambda parts: {}
    problems: tuple = ()  # types of problem details beside those of every address

    def operations(self):
        """Return the paths, in the order of the URL pattern."""
        route, values = route_of(self.name)
        written = [name for name in values if name in WRITTEN_OUT]
        found = []
        for choice in product(*(values[name] for name in written)):
            parts = dict(zip(written, choice, strict=True))
            path = re.sub(r"{(\w+)}", lambda match, parts=parts: parts.get(match[1], match[0]), route)
            found.append(Operation(self, f"/{path}", parts, values))
        return found


@dataclass(frozen=True)
class Operation:
    """One path of an endpoint: a template with names in braces, the parts written out, and the values of the others."""

    endpoint: Endpoint
    path: str
    parts: dict
    values: dict

    @property
    def id(self):
        return "-".join([self.endpoint.name, *self.parts.values()])

    @property
    def content(self):
        return self.endpoint.content(self.parts)

    @property
    def parameters(self):
        """The parameters, those in the path first."""
        example = self.endpoint.example(self.parts) or {}
        in_path = [
            ApiParameter(name, PATH_LABELS[name], self._schema(name, example.get(name)), where="path")
            for name in re.findall(r"{(\w+)}", self.path)
        ]
        as_of = [] if self.endpoint.name in PRESENT_ONLY else [AS_OF]
        return [*in_path, *self.endpoint.parameters(self.parts), *as_of]

    def _schema(self, name, example):
        schema = REFERENCE if name == "reference" else TEXT
        return {**schema, "examples": [example]} if example else schema

    @property
    def example_path(self):
        """The path with the values of an example, and its query string; empty text if there is none."""
        example = self.endpoint.example(self.parts)
        if example is None:
            return ""
        path = re.sub(r"{(\w+)}", lambda match: str(example[match[1]]), self.path)
        return f"{path}?{example['query']}" if "query" in example else path


@cache
def routes():
    """Return {name: route} of all URLs but those of the admin, in English."""

    def walk(patterns, before):
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if not isinstance(pattern, URLPattern):
                if not route.startswith("admin/"):
                    yield from walk(pattern.url_patterns, route)
            elif pattern.name:
                yield pattern.name, route

    with override("en"):
        return dict(walk(get_resolver().url_patterns, ""))


def route_of(name):
    """Return a route with its parts as names in braces, and {name: values} of the parts that have a few."""
    values = {}

    def part(match):
        name = match[1] or match[4]
        if match[3] in CONVERTERS:
            values[name] = list(CONVERTERS[match[3]])
        elif match[2] and re.fullmatch(r"[\w|]+", match[2]):
            values[name] = match[2].split("|")
        return f"{{{name}}}"

    route = GROUP.sub(part, routes()[name])
    return route.removeprefix("^").removesuffix("$").replace("\\", ""), values
