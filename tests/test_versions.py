"""Versions of the data set: whole or not at all, the same for the same data, and verified to the last record."""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from tenders.choices import EditorialState
from tenders.models import Award, Citation, Company, Tender
from tenders.operations import OperationError
from tenders.versions import versions_in
from tenders.versions.amending import amend
from tenders.versions.canonical import canonical_json
from tenders.versions.checking import problems_of
from tenders.versions.releasing import release
from tenders.versions.tables import TABLES
from tests.factories import create_award, create_company, create_institution, create_tender

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def _shipped_version(tmp_path_factory):
    """The folder of a version of all shipped data, which the first test that asks for it has to write."""
    return tmp_path_factory.mktemp("versions")


@pytest.fixture
def shipped(all_data, _shipped_version):
    """A version of all shipped data, for tests that alter nothing of it."""
    if not versions_in(_shipped_version):
        release(_shipped_version, "2026.1", now=NOW)
    return versions_in(_shipped_version)[0]


@pytest.fixture
def versions(tmp_path, db):
    """A folder with a version of two tenders, one of them awarded."""
    buyer = create_institution(name_en="Walrus Office")
    winner = create_company(name_en="Walrus Ltd")
    create_award(create_tender(title_en="A walrus platform", buyer=buyer), winner, amount=3_206_000)
    create_tender(title_en="Another")
    release(tmp_path, "2026.1", now=NOW)
    return tmp_path


def rows_of(version, name):
    with zipfile.ZipFile(version.path("tables.zip")) as archive, archive.open(f"{name}.csv") as member:
        return list(csv.DictReader(io.TextIOWrapper(member, encoding="utf-8", newline="")))


def sha256_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_canonical_json_is_sorted_without_blanks_and_has_amounts_as_texts():
    value = {"b": [Decimal("8595000.50"), None, True], "a": "区块链\n"}

    assert canonical_json(value) == '{"a":"区块链\\n","b":["8595000.5",null,true]}'


def test_canonical_json_has_no_float():
    with pytest.raises(TypeError):
        canonical_json({"a": 0.1})


def test_a_version_has_every_public_record(shipped):
    assert set(shipped.leaves) >= set(Tender.objects.published().values_list("reference", flat=True))
    assert len(rows_of(shipped, "tenders")) == Tender.objects.published().count() == 46
    assert len(rows_of(shipped, "citations")) == Citation.objects.filter(tender__state="published").count() + sum(
        Citation.objects.filter(**{f"{kind}__state": "published"}).count() for kind in ("institution", "company")
    )
    amounts = [Decimal(row["amount"]) for row in rows_of(shipped, "awards") if row["amount"] != "unknown"]
    assert sum(amounts) == sum(filter(None, Award.objects.values_list("amount", flat=True)))


def test_the_files_are_as_the_manifest_and_the_sums_say(shipped):
    assert shipped.change == 0
    for name, file in shipped.files.items():
        assert (shipped.path(name).stat().st_size, sha256_of(shipped.path(name))) == (file["bytes"], file["sha256"])
    checked = subprocess.run(["/usr/bin/sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=shipped.folder, check=False)
    assert checked.returncode == 0
    assert list(problems_of(shipped.folder.parent)) == []


def test_a_leaf_is_the_hash_of_a_line(shipped):
    lines = shipped.path("records.jsonl").read_text(encoding="utf-8").splitlines()

    hashes = {json.loads(line)["reference"]: hashlib.sha256(line.encode()).hexdigest() for line in lines}

    assert hashes == shipped.leaves


def test_keys_of_tables_are_unique_and_refer_to_rows(shipped):
    cells = {table.name: rows_of(shipped, table.name) for table in TABLES}
    for table in TABLES:
        keys = [tuple(row[name] for name in table.key) for row in cells[table.name]]
        assert len(keys) == len(set(keys)), table.name
        for columns, other, theirs in table.foreign_keys:
            known = {tuple(row[name] for name in theirs) for row in cells[other]}
            referred = {tuple(row[name] for name in columns) for row in cells[table.name]}
            assert {key for key in referred if not {"", "unknown"} & set(key)} <= known, (table.name, columns)


def test_the_database_has_typed_values(shipped):
    with closing(sqlite3.connect(f"file:{shipped.path('tenderwatch.sqlite3')}?mode=ro", uri=True)) as database:
        amounts, dates = "SELECT typeof(amount) FROM awards", "SELECT notice_date_first FROM tenders"
        assert {kind for (kind,) in database.execute(amounts)} == {"integer", "null"}
        for (day,) in database.execute(dates):
            assert day is None or datetime.fromisoformat(day)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert not database.execute("SELECT 1 FROM tenders WHERE region = 'unknown'").fetchall()


def test_the_same_data_are_the_same_bytes(versions):
    release(versions, "2026.2", now=NOW + timedelta(days=1))

    first, second = versions_in(versions)
    differing = {name for name in first.files if first.files[name] != second.files[name]}
    assert differing == {"tables.zip"}  # whose descriptor has the name of the version
    assert first.leaves == second.leaves


def test_each_version_names_the_one_before(versions):
    second = release(versions, "2026.2", now=NOW + timedelta(days=1))

    first = versions_in(versions)[0]
    assert first.manifest["previous"] is None
    assert second.manifest["previous"] == {"version": "2026.1", "sha256": first.sha256}


def test_a_name_that_no_new_version_may_have_is_refused(versions):
    before = sorted(versions.rglob("*"))

    for name in ("2026", "2026.0", "2026.01", "v1", "../2026.3", "2026.1.1", "2025.9", "2026.1"):
        with pytest.raises(OperationError):
            release(versions, name, now=NOW + timedelta(days=1))

    assert sorted(versions.rglob("*")) == before


def test_nothing_is_released_without_a_published_tender(db, tmp_path):
    create_tender(state=EditorialState.DRAFT)

    with pytest.raises(OperationError, match="nothing to release"):
        release(tmp_path, "2026.1")

    assert list(tmp_path.iterdir()) == []


def test_a_release_that_fails_leaves_nothing(versions, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tenders.versions.releasing.write_sqlite", full)

    with pytest.raises(OperationError, match="was not released: No space left"):
        release(versions, "2026.2", now=NOW + timedelta(days=1))

    assert [path.name for path in versions.iterdir()] == ["2026.1"]


def test_no_draft_is_in_a_version(versions):
    draft = create_tender(title_en="Unseen", state=EditorialState.DRAFT)
    hidden = create_company(name_en="Unseen Ltd", state=EditorialState.DRAFT)
    create_award(Tender.objects.get(title_en="Another"), hidden)

    version = release(versions, "2026.2", now=NOW + timedelta(days=1))

    for path in version.folder.iterdir():
        data = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                data = b"".join(archive.read(name) for name in archive.namelist())
        assert not any(text.encode() in data for text in ("Unseen", draft.reference, hidden.reference)), path.name


def test_an_altered_record_is_named(versions):
    path = versions / "2026.1" / "records.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"3206000"', '"3206001"'), encoding="utf-8")

    tender = Tender.objects.get(title_en="A walrus platform")
    assert set(problems_of(versions)) == {
        "2026.1: records.jsonl was altered: its sha256 doesn't fit.",
        f"2026.1: the record {tender.reference} was altered: its sha256 doesn't fit.",
    }


def test_a_broken_link_is_named(versions):
    release(versions, "2026.2", now=NOW + timedelta(days=1))
    shutil.rmtree(versions / "2026.1")

    (problem,) = problems_of(versions)

    assert problem.startswith("2026.2: the chain is broken: it names 2026.1 with the sha256 ")


@pytest.mark.parametrize("name", ["tenders.jsonl", "SHA256SUMS", "manifest.json", "note.txt"])
def test_every_alteration_of_a_version_is_found(versions, name, settings, capsys):
    settings.DATA_VERSIONS = versions
    with (versions / "2026.1" / name).open("a", encoding="utf-8") as file:
        file.write(" \n" if name == "manifest.json" else "a  b\n")

    with pytest.raises(CommandError):
        call_command("verify_versions")

    assert name in capsys.readouterr().out


def withdrawn(record):
    type(record).objects.filter(pk=record.pk).update(state=EditorialState.WITHDRAWN)
    return record.reference


def bytes_in(folder):
    found = {}
    for path in folder.iterdir():
        found[path.name] = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found[path.name] = b"".join(archive.read(name) for name in archive.namelist())
    return found


def test_a_withdrawn_record_leaves_the_versions_and_its_hash_stays(versions):
    release(versions, "2026.2", now=NOW + timedelta(days=1))
    tender = Tender.objects.get(title_en="A walrus platform")
    reference = withdrawn(tender)

    amended = amend(versions, [reference], "It names a person.")

    assert [(one.name, other.name) for one, other in amended] == [("2026.1", "2026.1.1"), ("2026.2", "2026.2.1")]
    for version, amendment in amended:
        assert amendment.leaves == version.leaves
        assert amendment.withdrawn == [reference]
        assert amendment.manifest["reason"] == "It names a person."
    for folder in versions.iterdir():
        assert not [name for name, data in bytes_in(folder).items() if b"A walrus platform" in data]
    assert list(problems_of(versions)) == []


def test_with_a_company_go_the_records_that_name_it(versions):
    company, tender = Company.objects.get(name_en="Walrus Ltd"), Tender.objects.get(title_en="A walrus platform")

    ((_version, amendment),) = amend(versions, [withdrawn(company)], "It names a person.")

    assert amendment.withdrawn == sorted([company.reference, tender.reference])
    assert not [name for name, data in bytes_in(amendment.folder).items() if b"Walrus Ltd" in data]
    assert [row["title_en"] for row in rows_of(amendment, "tenders")] == ["Another"]
    assert rows_of(amendment, "award_suppliers") == []


def test_a_second_withdrawal_amends_the_amendment(versions):
    first, second = (withdrawn(tender) for tender in Tender.objects.order_by("pk"))
    amend(versions, [first], "One.")

    ((version, amendment),) = amend(versions, [second], "Two.")

    assert (version.name, amendment.name, amendment.amends) == ("2026.1.1", "2026.1.2", "2026.1.1")
    assert amendment.withdrawn == sorted([first, second])
    assert list(problems_of(versions)) == []


def test_what_an_interrupted_amendment_left_is_found_and_removed(versions):
    reference = withdrawn(Tender.objects.get(title_en="Another"))
    shutil.copytree(versions / "2026.1", versions.parent / "before")
    amend(versions, [reference], "Asked for.")
    shutil.rmtree(versions / "2026.1")
    shutil.copytree(versions.parent / "before", versions / "2026.1")

    assert "2026.1: records.jsonl should be gone since 2026.1.1: run amend_versions again." in problems_of(versions)
    assert amend(versions, [reference], "Asked for.") == []
    assert list(problems_of(versions)) == []


def test_a_public_record_stays_in_the_versions(versions):
    with pytest.raises(OperationError, match=r"Withdraw TW-\w+ first"):
        amend(versions, [Tender.objects.get(title_en="Another").reference], "A mistake.")


def test_a_record_of_no_version_is_named(versions):
    with pytest.raises(OperationError, match="No version has TW-000000"):
        amend(versions, ["TW-000000"], "A mistake.")


def test_the_commands_say_what_they_did(versions, settings, capsys):
    settings.DATA_VERSIONS = versions
    call_command("release_data", "2026.2")
    reference = withdrawn(Tender.objects.get(title_en="Another"))
    call_command("amend_versions", reference, reason="Asked for.")
    call_command("verify_versions")

    out = capsys.readouterr().out
    assert "Version 2026.2: " in out
    assert f"2026.1 is amended by 2026.1.1, without {reference}." in out
    assert "As their manifests say: 2026.1, 2026.2, 2026.1.1, 2026.2.1." in out
