"""Open contracting data, by the library of the Data Review Tool and by OCDS Kit."""

import pytest
import requests
from libcoveocds.api import ocds_json_output
from ocdsextensionregistry.util import session
from ocdskit.combine import merge

from outside import standard
from outside.conftest import fetch_json

QUERIES = ["", "?year=2019", "?amount=known&sort=-amount", "?disputed=yes"]
# What libcoveocds finds; it has no error where it finds anything.
FINDINGS = ("validation_errors", "additional_fields", "additional_closed_codelist_values", "json_deref_error")


@pytest.fixture(autouse=True)
def from_folder(monkeypatch):
    """Read the standard from a folder where there is one."""
    if standard.GIVEN:
        monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: standard.FolderAdapter())


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("member", ["releases", "records"])
def test_a_package_has_no_finding(tmp_path, member, query):
    found = ocds_json_output(output_dir=str(tmp_path), json_data=fetch_json(f"/ocds/{member}.json{query}"))

    assert {name: found[name] for name in FINDINGS if found.get(name)} == {}
    assert not found["extensions"]["invalid_extension"]
    assert len(found["extensions"]["extensions"]) == 5


def test_records_compile_to_what_they_say():
    session.cache.clear()
    package = fetch_json("/ocds/records.json")
    extensions = package["extensions"]

    for record in package["records"]:
        (compiled,) = merge([{"version": "1.1", "extensions": extensions, "releases": record["releases"]}])
        for name in ("tender", "buyer", "awards", "parties"):
            assert compiled.get(name) == record["compiledRelease"].get(name), (record["ocid"], name)
