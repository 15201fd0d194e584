"""The files of versions as they are served: from their folder alone, the same for ever, in parts, to any web page."""

import json
import re
import shutil

import pytest
from django.urls import reverse

from tenders.catalogue import dataset_summary
from tenders.choices import ChangeKind, EditorialState
from tenders.citing import citation_for
from tenders.models import Tender
from tenders.models.changes import change_set
from tenders.versions import latest_version, versions_in
from tenders.versions.amending import amend
from tenders.versions.releasing import release
from tests.factories import create_tender


@pytest.fixture
def version(settings, tmp_path, db):
    settings.DATA_VERSIONS = tmp_path / "versions"
    with change_set(ChangeKind.ADDED):
        create_tender(title_en="A walrus platform")
        create_tender(title_en="Another")
    return release(settings.DATA_VERSIONS, "2026.1")


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_every_file_of_a_version_is_on_its_page_and_as_its_checksum_says(client, version):
    page = client.get("/data/versions/")
    listed = client.get("/data/versions.json").json()["results"][0]["files"]

    names = {path.name for path in version.folder.iterdir()}
    assert {file["name"] for file in listed} == names
    for file in listed:
        response = client.get(file["address"], headers={"accept-encoding": "gzip"})
        assert file["address"].removeprefix("http://testserver") in page.text
        assert file["sha256"] in page.text
        assert response["ETag"] == f'"{file["sha256"]}"'
        assert body(response) == version.path(file["name"]).read_bytes()
        assert "Content-Encoding" not in response
        assert response["Access-Control-Allow-Origin"] == "*"


def test_a_file_may_be_kept_for_ever_but_not_the_sums_of_those_that_are_left(client, version):
    assert "immutable" in client.head("/data/versions/2026.1/tables.zip")["Cache-Control"]
    assert client.head("/data/versions/2026.1/SHA256SUMS")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("asked", "status", "content_range"),
    [
        ("bytes=0-9", 206, "bytes 0-9/{size}"),
        ("bytes=10-", 206, "bytes 10-{last}/{size}"),
        ("bytes=-5", 206, "bytes {fifth}-{last}/{size}"),
        ("bytes=0-99999999", 206, "bytes 0-{last}/{size}"),
        ("bytes=99999999-", 416, "bytes */{size}"),
        ("bytes=-0", 416, "bytes */{size}"),
        ("bytes=9-3", 200, None),
        ("bytes=0-1,4-5", 200, None),
        ("lines=0-1", 200, None),
    ],
)
def test_a_part_of_a_file_is_sent(client, version, asked, status, content_range):
    whole = version.path("tables.zip").read_bytes()
    size = len(whole)

    response = client.get("/data/versions/2026.1/tables.zip", headers={"range": asked})

    expected = content_range and content_range.format(size=size, last=size - 1, fifth=size - 5)
    assert (response.status_code, response.get("Content-Range")) == (status, expected)
    sent = body(response)
    if status == 206:
        start, end = map(int, re.findall(r"\d+", expected)[:2])
        assert sent == whole[start : end + 1]
        assert response["Content-Length"] == str(end - start + 1)


def test_a_download_goes_on_only_with_the_same_file(client, version):
    address, tag = "/data/versions/2026.1/tables.zip", f'"{version.files["tables.zip"]["sha256"]}"'

    same, other = ({"range": "bytes=5-", "if-range": stated} for stated in (tag, '"another"'))
    assert len(body(client.get(address, headers=same))) == version.files["tables.zip"]["bytes"] - 5
    assert len(body(client.get(address, headers=other))) == version.files["tables.zip"]["bytes"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304
    head = client.head(address)
    assert (head.status_code, head["Content-Length"]) == (200, str(version.files["tables.zip"]["bytes"]))


def test_no_other_file_can_be_read(client, version, settings):
    (version.folder / "private").write_text("x", encoding="utf-8")
    shutil.copytree(version.folder, settings.DATA_VERSIONS / "x")

    for path in ("2026.1/nothing.json", "2026.2/tables.zip", "2026.1/private", "x/tables.zip", "2026.1/%2e%2e%2fx"):
        assert client.get(f"/data/versions/{path}").status_code == 404, path
    for path in ("../x", "2026.1/..", "2026.1/.", "2026.1/../../db.sqlite3"):
        assert client.get(f"/data/versions/{path}").status_code in (301, 404), path


def test_an_amended_file_is_gone_and_says_where_the_new_one_is(client, version, settings):
    Tender.objects.filter(title_en="Another").update(state=EditorialState.WITHDRAWN)
    reference = Tender.objects.get(title_en="Another").reference
    amend(settings.DATA_VERSIONS, [reference], "Its buyer asked for it.")

    response = client.get("/data/versions/2026.1/tenders.jsonl")
    page = client.get("/data/versions/").text

    address = "http://testserver/data/versions/2026.1.1/tenders.jsonl"
    assert (response.status_code, response["Link"]) == (410, f'<{address}>; rel="successor-version"')
    assert client.head("/data/versions/2026.1/manifest.json").status_code == 200
    assert client.head("/data/versions/2026.1/institutions.jsonl").status_code == 200  # it had nothing of the record
    assert "Its buyer asked for it." in page
    assert "Version 2026.1.1" in page
    assert "/data/versions/2026.1/" not in page


def test_pages_that_name_versions_change_with_them(client, version, settings):
    tag = client.get("/data/")["ETag"]
    release(settings.DATA_VERSIONS, "2026.2")

    assert client.get("/data/", headers={"if-none-match": tag}).status_code == 200


def test_the_data_set_is_cited_with_its_version(client, version):
    assert "Version 2026.1 of " in citation_for(dataset_summary(), "address").note
    assert version.sha256 in client.get("/data/versions/").text

    with change_set(ChangeKind.CHANGED):
        tender = Tender.objects.get(title_en="Another")
        tender.title_en = "Renamed"
        tender.save()

    assert "last frozen as 2026.1" in citation_for(dataset_summary(), "address").note


def test_a_site_without_versions_says_so(client, db, settings, tmp_path):
    settings.DATA_VERSIONS = tmp_path / "none"

    assert "No version has been released yet." in client.get("/data/versions/").text
    assert client.get("/data/versions.json").json()["results"] == []
    assert latest_version() is None


def test_what_is_no_version_is_not_served(client, version, settings):
    (version.folder / "manifest.json").write_text(json.dumps({"version": "2026.1"}), encoding="utf-8")

    assert versions_in(settings.DATA_VERSIONS) == []
    assert client.get("/data/versions/2026.1/tables.zip").status_code == 404


def test_versions_are_compared_by_their_names(client, version, settings):
    with change_set(ChangeKind.CHANGED):
        tender = Tender.objects.get(title_en="Another")
        tender.title_en = "Renamed"
        tender.save()
    release(settings.DATA_VERSIONS, "2026.2")

    response = client.get(reverse("compare-data", args=["json"]), {"from": "2026.1", "to": "2026.2"})

    (row,) = json.loads(body(response))["results"]
    assert (row["field"], row["old"], row["new"]) == ("title_en", "Another", "Renamed")
