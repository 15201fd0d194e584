"""The OpenAPI description (3.1) of all addresses of data."""

from django.utils.translation import gettext as _

from tenders.exports.writers import LICENCE
from tenders.problems import BUSY, METHOD, NOT_FOUND, PROBLEM_TYPES, TOO_LONG, UNREADABLE_VALUE
from tenders.views.api.schemas import components, ref
from tenders.views.api.table import ENDPOINTS
from tenders.views.errors import PROBLEM

API_VERSION = "1.0.0"  # its first number changes when something is taken away, which is announced for six months
OF_EVERY_ADDRESS = (NOT_FOUND, METHOD, BUSY)
HEADERS = {
    "ETag": "changes with the data: send it back in If-None-Match",
    "Last-Modified": "moment of the last public change",
    "Link": "the address, the licence, the page, and the next page (RFC 8288)",
    "Access-Control-Allow-Origin": "*",
}


class SharedParameters:
    """The parameters of all addresses, each described once; those with one name and other values have a number."""

    def __init__(self):
        self.described = {}

    def ref(self, parameter):
        """Return a reference to the description of a parameter."""
        described, number = _parameter(parameter), 1
        name = parameter.name
        while self.described.setdefault(name, described) != described:
            number += 1
            name = f"{parameter.name}-{number}"
        return {"$ref": f"#/components/parameters/{name}"}


def openapi(site, explained_at):
    """Return the description of a site; ``explained_at`` is the address of the page for people."""
    shared = SharedParameters()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TenderWatch",
            "summary": _("Chinese government blockchain tenders, with a source for every fact"),
            "description": _(
                "Lists, records, studies and charts as data, with the query string, rows and order of their pages. An "
                "unknown value is null. No key is needed."
            ),
            "version": API_VERSION,
            "license": {"name": "CC BY 4.0", "url": LICENCE},
        },
        "externalDocs": {"url": explained_at},
        "servers": [{"url": site}],
        "tags": [{"name": name} for name in dict.fromkeys(str(endpoint.group) for endpoint in ENDPOINTS)],
        "paths": {
            operation.path: {"get": _operation(endpoint, operation, shared)}
            for endpoint in ENDPOINTS
            for operation in endpoint.operations()
        },
        "components": {
            "schemas": components(),
            "parameters": shared.described,
            "responses": {found.code: _problem(found, explained_at) for found in PROBLEM_TYPES},
            "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        },
    }


def _operation(endpoint, operation, shared):
    parameters = operation.parameters
    found = {
        "operationId": operation.id,
        "tags": [str(endpoint.group)],
        "summary": str(endpoint.summary),
        "responses": {
            "200": {
                "description": str(endpoint.summary),
                "content": {media_type: {"schema": schema} for media_type, schema in operation.content.items()},
                "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
            },
            "414": {  # of the web server, beyond 8,190 bytes
                "description": f"{TOO_LONG.title}. {TOO_LONG.remedy}",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
            "304": {"description": _("Not changed since the ETag that was sent")},
            **_problems(endpoint, any(parameter.where == "query" for parameter in parameters)),
        },
    }
    if parameters:
        found["parameters"] = [shared.ref(parameter) for parameter in parameters]
    return found


def _problems(endpoint, has_parameters):
    """Return the responses of an address with problem details, by status."""
    types = [*([UNREADABLE_VALUE] if has_parameters else []), *OF_EVERY_ADDRESS, *endpoint.problems]
    return {str(int(found.status)): {"$ref": f"#/components/responses/{found.code}"} for found in types}


def _problem(problem_type, explained_at):
    return {
        "description": f"{problem_type.title}. {problem_type.remedy} {explained_at}#{problem_type}",
        "content": {PROBLEM[0]: {"schema": ref("Problem")}},
    }


def _parameter(parameter):
    description = ". ".join(str(text).removesuffix(".") for text in (parameter.label, parameter.note) if text)
    found = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path" or parameter.is_required,
        "description": description,
        "schema": parameter.schema if parameter.where == "path" else _or_empty(parameter.schema),
    }
    return found | {"style": "form", "explode": True} if parameter.is_repeated else found


def _or_empty(schema):
    """Return the schema of a value that may be left empty, as forms send it: then nothing is asked for."""
    if schema["type"] == "array":
        return schema | {"items": {"anyOf": [schema["items"], ref("Empty")]}}
    return (
        schema
        if schema["type"] == "string" and not {"enum", "pattern"} & set(schema)
        else {"anyOf": [schema, ref("Empty")]}
    )
