"""Evidence in another storage than a folder: only Django's storage API is used, as object storage has nothing else."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from tenders.evidence.files import (
    check_file,
    delete_unknown_bytes,
    erase_file,
    files_without_bytes,
    has_its_bytes,
    keep_file,
    publish_file,
)
from tenders.models.evidence import evidence_storage
from tests.factories import create_source

CONTENT = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@pytest.fixture(autouse=True)
def in_memory(settings):
    """Keep files in memory: a storage without paths."""
    evidence = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}


@pytest.fixture
def file(db):
    source = create_source()
    return keep_file(source, check_file(source, SimpleUploadedFile("notice.pdf", CONTENT)))


def test_a_file_is_kept_sent_and_erased(file, client):
    publish_file(file, reason="It is an official notice.")
    file.refresh_from_db()
    address = f"/sources/{file.source.slug}/files/{file.sha256}"

    assert has_its_bytes(file)
    assert b"".join(client.get(address)) == CONTENT

    erase_file(file, reason="It names a person.")

    assert client.get(address).status_code == 404
    assert not evidence_storage().exists(file.path)


def test_missing_bytes_are_reported(file, client):
    publish_file(file, reason="It is an official notice.")
    evidence_storage().delete(file.path)

    assert list(files_without_bytes()) == [file]
    assert client.get(f"/sources/{file.source.slug}/files/{file.sha256}").status_code == 404
    with pytest.raises(CommandError):
        call_command("check_evidence", stdout=StringIO(), stderr=StringIO())


def test_bytes_of_no_file_are_deleted(file):
    path = file.path
    type(file).objects.all().delete()

    assert delete_unknown_bytes(older_than=timedelta(0)) == 1
    assert not evidence_storage().exists(path)
