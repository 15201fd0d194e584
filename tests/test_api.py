"""The addresses of data: all are described, as they answer, and the examples of the page run."""

import html
import io
import json
import re
import shlex
import urllib.request
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import QueryDict

from tenders import problems
from tenders.choices import ChangeKind
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Tender
from tenders.models.changes import change_set
from tenders.problems import PROBLEM_TYPES, ParameterError, type_of
from tenders.urls import machine_urlpatterns
from tenders.views.api.endpoints import routes
from tenders.views.api.examples import EXAMPLES, examples
from tenders.views.api.table import ENDPOINTS
from tenders.views.errors import DATA

PARTS = ("extend", "properties", "record", "suggest", "types")
RECONCILIATION = ("reconciliation", *(f"reconciliation-{part}" for part in PARTS))
# Addresses of machines that send no data of ours, or have a specification of their own.
NOT_DESCRIBED = {
    "oembed": "oEmbed, whose specification asks for 501, which checks of OpenAPI take for an error of the server",
    **dict.fromkeys(RECONCILIATION, "the Reconciliation Service API, which describes itself in a manifest"),
    "favicon": "a picture for browsers",
    "robots": "for crawlers",
    "sitemap": "for crawlers",
    "sitemap-section": "for crawlers",
}
SITE = "http://testserver"


@pytest.fixture
def document(client, all_data):
    return client.get("/openapi.json").json()


def operations():
    return [operation for endpoint in ENDPOINTS for operation in endpoint.operations()]


def test_every_address_of_data_is_described():
    """An address of data is one without a language, or one with an extension."""
    with_extension = {name for name, route in routes().items() if "." in route}
    names = with_extension | {pattern.name for pattern in machine_urlpatterns}

    described = {endpoint.name for endpoint in ENDPOINTS}

    assert names - NOT_DESCRIBED.keys() == described
    assert len(described) == len(ENDPOINTS)


def test_every_described_address_is_one_for_programs(document):
    for path in document["paths"]:
        assert DATA.search(path.replace("{", "").replace("}", "")), path


def test_the_description_refers_to_what_it_has(document):
    text = json.dumps(document)

    assert document["openapi"] == "3.1.0"
    for address in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        part = document
        for name in address.split("/"):
            part = part[name]
    ids = re.findall(r'"operationId": "([^"]+)"', text)
    assert len(set(ids)) == len(ids) == len(document["paths"]) == len(operations())


@pytest.mark.parametrize("path", ["/tenders.json", "/institutions.json", "/companies.json"])
def test_a_list_has_the_parameters_that_it_reads(document, path):
    filter_class = {"/tenders": TenderFilter, "/institutions": InstitutionFilter, "/companies": CompanyFilter}
    found = {parameter["name"]: parameter for parameter in parameters_of(document, path)}
    own = filter_class[path.removesuffix(".json")]

    assert found.keys() == own().parameters | {"limit", "cursor", "as_of"}
    csv = parameters_of(document, path.replace("json", "csv"))
    assert {parameter["name"] for parameter in csv} == own().parameters | {"as_of"}
    for parameter in found.values():
        schema = parameter["schema"].get("items", parameter["schema"])
        for value in [value for one in schema.get("anyOf", [schema]) for value in one.get("enum", ())]:
            assert not own(query(parameter["name"], value)).parameter_errors


def parameters_of(document, path):
    names = [one["$ref"].rpartition("/")[2] for one in document["paths"][path]["get"]["parameters"]]
    return [document["components"]["parameters"][name] for name in names]


def query(name, value):
    data = QueryDict(mutable=True)
    data[name] = value
    return data


def conforms(value, schema, document, where="$"):
    """Assert that a value conforms to a schema, as far as the schemas of the description go."""
    if "$ref" in schema:
        return conforms(value, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document, where)
    if "anyOf" in schema:
        return any(conforms(value, one, document, where) for one in schema["anyOf"])
    types = schema.get("type", [])
    python = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
        "array": list,
        "object": dict,
    }
    if types and not any(
        isinstance(value, python[name]) and (name == "boolean") == isinstance(value, bool)
        for name in ([types] if isinstance(types, str) else types)
    ):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        return False
    if isinstance(value, list) and "items" in schema:
        return all(conforms(item, schema["items"], document, where) for item in value)
    if isinstance(value, dict) and "properties" in schema:
        missing = set(schema["required"]) - value.keys()
        wrong = [
            name
            for name, item in value.items()
            if name in schema["properties"] and not conforms(item, schema["properties"][name], document, where)
        ]
        return not missing and not wrong
    return True


def test_every_address_answers_as_described(client, document):
    """One request for each path: its status, type and members, and no member of a row that is not described."""
    tried = 0
    with change_set(ChangeKind.CHANGED, None, "Corrected."):  # the history begins
        Tender.objects.first().save()
    for operation in operations():
        path = operation.example_path
        described = document["paths"][operation.path]["get"]
        if not path:
            assert operation.endpoint.name in ("source-file", "version-file", "croissant")  # there is none
            continue
        response = client.get(path)
        assert response.status_code == 200, path
        content_type = response["Content-Type"].partition(";")[0]
        assert content_type in described["responses"]["200"]["content"], path
        if content_type.endswith("json"):
            answer = json.loads(response.getvalue())
            schema = described["responses"]["200"]["content"][content_type]["schema"]
            assert conforms(answer, schema, document), path
            row = schema.get("properties", {}).get("results", {}).get("items", {}).get("$ref", "").rpartition("/")[2]
            if row:
                assert answer["results"][0].keys() == document["components"]["schemas"][row]["properties"].keys()
        tried += 1
    assert tried > 40


# Errors


def test_every_type_of_problem_is_explained_on_the_page(client, db):
    for prefix in ("", "/zh-hans"):
        text = client.get(f"{prefix}/data/api/").text
        for problem_type in PROBLEM_TYPES:
            assert text.count(f'id="{problem_type}"') == 1
    assert set(PROBLEM_TYPES) == {one for one in vars(problems).values() if isinstance(one, problems.ProblemType)}


@pytest.mark.parametrize(
    ("method", "address", "code"),
    [
        ("get", "/tenders.json?colour=red&year=x", "unreadable-value"),
        ("get", "/tenders.json?colour=red", "unknown-parameter"),
        ("get", "/tenders/?year=x", "unreadable-value"),
        ("get", "/openapi.json?x=1", "unknown-parameter"),
        ("get", "/tenders.json?as_of=2001", "history-begins"),
        ("get", "/tenders.json?as_of=soon", "unreadable-value"),
        ("get", "/data/compare.json?from=2001", "history-begins"),
        ("get", "/tenders/TW-000000.json", "not-found"),
        ("get", "/sources/x/files/" + 64 * "0", "not-found"),
        ("get", "/nothing.json", "not-found"),
        ("post", "/tenders.json", "method"),
        ("get", f"/tenders.json?q={4000 * 'x'}", "too-long"),
        ("get", "/oembed?format=pdf", "format"),
        ("get", "/oembed?url=http://testserver/nothing/", "not-found"),
    ],
)
def test_a_problem_names_its_type_by_an_address(client, db, method, address, code):
    response = getattr(client, method)(address, headers={"accept": "application/json"})
    found = response.json()

    assert response["Content-Type"] == "application/problem+json"
    assert found["type"] == f"{SITE}/data/api/#{code}"
    assert found["status"] == response.status_code
    (problem_type,) = [one for one in PROBLEM_TYPES if one.code == code]
    assert (found["status"], found["title"]) == (problem_type.status, str(problem_type.title))
    assert response.get("Access-Control-Allow-Origin") == (None if address.startswith("/tenders/?") else "*")


def test_an_error_of_ours_is_a_problem_too(client, db, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("tenders.views.downloads.Download.find", fail)
    client.raise_request_exception = False
    response = client.get("/tenders.json")

    assert (response.status_code, response.json()["type"]) == (500, f"{SITE}/data/api/#server-error")
    assert response.json()["request_id"]


def test_the_type_of_a_problem_is_that_of_its_first_error():
    assert type_of([("year", "wrong")]) == type_of([]) == ParameterError("year", "wrong").type


# The examples of the page


def run(client, monkeypatch, text):
    """Run a program of Python that asks the site of the tests."""

    def urlopen(address):
        response = client.get(address.removeprefix(SITE))
        assert response.status_code == 200
        return io.BytesIO(response.getvalue())

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    scope = {}
    exec(compile(text, "example", "exec"), scope)  # noqa: S102 it is ours
    return scope


def test_the_examples_in_python_run(client, all_data, monkeypatch, capsys):
    first, second = [example.text for example in examples(SITE) if example.language == "Python"]

    tenders = run(client, monkeypatch, first)["tenders"]
    facts = run(client, monkeypatch, second)["tender"]["facts"]

    assert len({row["reference"] for row in tenders}) == len(tenders) == 46
    assert facts["year"]["statements"]
    assert "46 tenders; the award is unknown of" in capsys.readouterr().out


def test_every_address_of_an_example_answers(client, all_data):
    assert {example.language for example in EXAMPLES} == {"curl", "Python", "pandas", "DuckDB", "R"}
    for example in examples(SITE):
        for address in re.findall(rf"{SITE}[^\"'{{]*(?=[\"'])", example.text):
            assert client.get(address.removeprefix(SITE)).status_code == 200, address
        if example.language == "curl":
            program, *arguments = shlex.split(example.text)
            assert program == "curl"
            assert urlsplit(arguments[-1]).netloc == "testserver"


def test_the_page_shows_every_address_and_its_examples(client, all_data):
    for prefix in ("", "/zh-hans"):
        text = html.unescape(client.get(f"{prefix}/data/api/").text)
        for operation in operations():
            assert f"<code>{operation.path}</code>" in text
        for example in examples(SITE):
            assert example.text in text
        for name in TenderFilter.base_filters:
            assert f"<code>{name}</code>" in text
    assert 'href="/data/api/"' in client.get("/data/").text
    assert 'href="/data/api/"' in client.get("/").text


def test_the_limits_of_the_page_are_those_of_the_code(client, db):
    text = client.get("/data/api/").text

    assert "up to 1000 rows" in text
    assert f"up to {settings.DOWNLOADS_AT_ONCE} downloads at once" in text
