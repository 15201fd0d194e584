"""What describes the data for programs: each file that it names is there, and is as it is described."""

import csv
import hashlib
import json
import re

import pytest
from django.urls import reverse

from tenders.exports.live_lists import LISTS
from tenders.models import Page
from tenders.versions.releasing import release
from tenders.versions.tables import TABLES
from tests.factories import create_tender

HOST = "http://testserver"
DESCRIPTIONS = ("/data/dcat.jsonld", "/data/datapackage.json", "/data/croissant.json", "/llms.txt")


@pytest.fixture
def version(settings, tmp_path, db):
    settings.DATA_VERSIONS = tmp_path / "versions"
    create_tender(title_en="A walrus platform")
    return release(settings.DATA_VERSIONS, "2026.1")


def described(client, address):
    return json.loads(client.get(address).content)


def body(client, address):
    response = client.get(address.removeprefix(HOST))
    assert response.status_code == 200, address
    return response, response.getvalue()


def test_the_catalogue_names_files_that_there_are_with_their_checksums(client, version):
    catalogue = described(client, "/data/dcat.jsonld")

    live, frozen = catalogue["dcat:dataset"]
    assert len(live["dcat:distribution"]) == 20
    assert frozen["dcat:version"] == "2026.1"
    for file in live["dcat:distribution"]:
        response = client.head(file["dcat:downloadURL"]["@id"].removeprefix(HOST))
        assert file["dcat:mediaType"]["@id"].endswith("/" + response["Content-Type"].partition(";")[0])
    for file in frozen["dcat:distribution"]:
        response, content = body(client, file["dcat:downloadURL"]["@id"])
        assert file["dcat:mediaType"]["@id"].endswith("/" + response["Content-Type"].partition(";")[0])
        assert file["dcat:byteSize"]["@value"] == str(len(content))
        assert file["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(content).hexdigest()


def test_no_reader_of_the_catalogue_has_to_fetch_a_context(client, version):
    for address in ("/data/dcat.jsonld", "/data/croissant.json"):
        document = described(client, address)
        context = document.pop("@context")
        assert isinstance(context, dict)
        used = set(re.findall(r'"([a-z]+):[A-Za-z]', json.dumps(document))) - {"http", "https", "mailto"}
        assert used <= set(context), address


def test_the_data_package_has_the_columns_of_the_downloads(client, version):
    resources = described(client, "/data/datapackage.json")["resources"]

    assert [resource["name"] for resource in resources] == [listed.name for listed in LISTS]
    for resource in resources:
        _response, content = body(client, resource["path"])
        header = next(csv.reader([content.decode("utf-8-sig").splitlines()[0]]))
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert resource["schema"]["missingValues"] == ["unknown", ""]
        assert set(resource["schema"]["primaryKey"]) <= set(header)


def test_croissant_has_the_tables_of_the_last_version(client, version):
    document = described(client, "/data/croissant.json")

    archive = document["distribution"][0]
    _response, content = body(client, archive["contentUrl"])
    assert archive["sha256"] == hashlib.sha256(content).hexdigest()
    assert [records["name"] for records in document["recordSet"]] == [table.name for table in TABLES]
    for records, table in zip(document["recordSet"], TABLES, strict=True):
        assert [field["name"] for field in records["field"]] == [column.name for column in table.columns]


def test_without_a_version_there_is_no_croissant(client, db, settings, tmp_path):
    settings.DATA_VERSIONS = tmp_path / "none"

    assert client.get("/data/croissant.json").status_code == 404
    assert len(described(client, "/data/dcat.jsonld")["dcat:dataset"]) == 1
    assert "croissant" not in client.get("/llms.txt").text


def test_llms_txt_leads_to_data_and_texts_alone(client, version):
    links = re.findall(r"\]\(([^)]+)\)", client.get("/llms.txt").text)

    assert len(links) > 15
    for link in links:
        response = client.head(link.removeprefix(HOST))
        assert response.status_code == 200, link
        assert "html" not in response["Content-Type"], link


def test_a_page_of_the_editors_is_there_as_written(client, db):
    for page in Page.objects.all():
        address = f"/about/{page.slug}.md"
        assert client.get(address).text == f"# {page.title_en}\n\n{page.text_en}\n"
        assert client.get(f"/zh-hans{address}").text == f"# {page.title_zh}\n\n{page.text_zh}\n"
    assert client.get(reverse("page-text", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("address", DESCRIPTIONS)
def test_descriptions_have_no_parameters(client, version, address):
    assert client.get(address, {"year": "2019"}).status_code == 400
    assert client.get(address, headers={"origin": "https://notebook.example"})["Access-Control-Allow-Origin"] == "*"
