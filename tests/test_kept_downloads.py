"""Downloads are made once for a version of the records, and then sent from files."""

import gzip
import os
from threading import BoundedSemaphore

import pytest

from tenders.exports.kept import UNFINISHED, KeptFiles
from tenders.models import Tender
from tenders.views import downloads
from tenders.views.downloads import Download


@pytest.fixture
def folder(settings, tmp_path):
    settings.DOWNLOADS_KEPT_MB, settings.DOWNLOADS_ROOT = 1, tmp_path / "downloads"
    return settings.DOWNLOADS_ROOT


@pytest.fixture
def made(monkeypatch):
    """The addresses of the files that are made."""
    write, addresses = Download._written, []

    def noted(view, form, export):
        addresses.append(export.address)
        return write(view, form, export)

    monkeypatch.setattr(Download, "_written", noted)
    return addresses


def download(client, address, **headers):
    response = client.get(address, headers=headers)
    return response, b"".join(response)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_download_of_an_unchanged_version_is_made_once(client, tender_data, folder, made, form):
    first, content = download(client, f"/tenders.{form}?year=2019")
    again, same = download(client, f"/tenders.{form}?year=2019")
    redundant, also_same = download(client, f"/tenders.{form}?year=2019&q=")

    assert content == same == also_same
    assert len(made) == 1
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert again[name] == redundant[name] == first[name]
    assert again["ETag"] == first["ETag"]
    assert again["Link"].split(";")[0] == first["Link"].split(";")[0]


def test_a_write_makes_it_anew(client, tender_data, folder, made):
    _response, before = download(client, "/tenders.csv")
    Tender.objects.filter(pk=Tender.objects.first().pk).update(notes="More is known now.")
    _response, after = download(client, "/tenders.csv")

    assert len(made) == 2
    assert b"More is known now." in after
    assert b"More is known now." not in before


def test_what_a_write_came_into_or_nobody_read_to_its_end_is_not_kept(client, tender_data, folder, made):
    response = client.get("/tenders.csv")
    Tender.objects.filter(pk=Tender.objects.first().pk).update(notes="More is known now.")
    b"".join(response)
    left = client.get("/tenders.csv")
    next(iter(left))
    left.close()
    del left

    assert not list(folder.iterdir())


def test_a_compressed_download_from_a_file_is_the_same(client, tender_data, folder):
    _response, content = download(client, "/tenders.csv")
    response, compressed = download(client, "/tenders.csv", **{"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed) == content


def test_other_lists_forms_queries_and_hosts_have_files_of_their_own(client, tender_data, folder, made, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    for address in ("/tenders.csv", "/tenders.json", "/companies.csv", "/tenders.csv?year=2019"):
        download(client, address)
    _response, content = download(client, "/tenders.csv", host="other.example")

    assert len(made) == 5
    assert b"http://other.example/tenders/" in content


def test_wrong_parameters_are_refused_and_nothing_is_kept(client, tender_data, folder):
    assert client.get("/tenders.csv?yaer=2019").status_code == 400
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_keeps_nobody_from_downloading(client, tender_data, settings, tmp_path):
    settings.DOWNLOADS_KEPT_MB, settings.DOWNLOADS_ROOT = 1, tmp_path / "file" / "downloads"
    (tmp_path / "file").write_text("no folder")

    for _ in range(2):
        response, content = download(client, "/tenders.csv")
        assert response.status_code == 200
        assert content.count(b"TW-") >= Tender.objects.published().count()


# The files


def take(files, key, *blocks, is_current=True):
    return b"".join(files.keep(key, blocks, lambda: is_current))


def test_those_that_nobody_has_asked_for_longest_go_first(tmp_path):
    files = KeptFiles(tmp_path, 250)
    for number, key in enumerate("ab"):
        take(files, key, b"x" * 100)
        os.utime(tmp_path / key, ns=(number, 0))
    files.open("a").close()

    take(files, "c", b"x" * 100)

    assert {path.name for path in tmp_path.iterdir()} == {"a", "c"}


def test_a_file_that_is_too_large_is_sent_and_not_kept(tmp_path):
    files = KeptFiles(tmp_path, 250)

    assert take(files, "large", b"x" * 200, "y" * 200, b"z") == b"x" * 200 + b"y" * 200 + b"z"
    assert not list(tmp_path.iterdir())


def test_asking_for_a_file_leaves_the_moment_it_was_made(tmp_path):
    files = KeptFiles(tmp_path, 250)
    take(files, "a", b"x")
    os.utime(tmp_path / "a", ns=(5, 7))
    files.open("a").close()

    assert (tmp_path / "a").stat().st_mtime_ns == 7
    assert (tmp_path / "a").stat().st_atime_ns > 7


def test_what_a_killed_process_left_goes_in_time(tmp_path):
    (tmp_path / f"left{UNFINISHED}").write_bytes(b"x" * 200)
    os.utime(tmp_path / f"left{UNFINISHED}", ns=(1, 1))

    take(KeptFiles(tmp_path, 250), "a", b"x" * 100)

    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_that_another_process_removed_is_made_anew(tmp_path):
    files = KeptFiles(tmp_path, 250)
    parts = files.keep("a", [b"x"], lambda: True)
    next(parts)
    for path in tmp_path.iterdir():
        path.unlink()

    assert list(parts) == []
    assert files.open("a") is None


def test_a_download_that_fails_leaves_its_place(client, tender_data, monkeypatch):
    monkeypatch.setattr(downloads, "_free_places", BoundedSemaphore(1))
    monkeypatch.setattr(Download, "_written", lambda *arguments: 1 / 0)
    client.raise_request_exception = False

    assert [client.get("/tenders.csv").status_code for _ in range(2)] == [500, 500]
