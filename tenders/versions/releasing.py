"""Release a version: all its files from one state of the database, in a folder that gets its name when it is whole."""

import json
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain

from django.db import DEFAULT_DB_ALIAS, connections
from django.urls import reverse
from django.utils.translation import override

from tenders import ocds
from tenders.audit.comparison import Comparison
from tenders.catalogue import dataset_summary
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.records import for_data, record_data
from tenders.exports.writers import LICENCE, Export, json_text, write_jsonl
from tenders.models import Change, Company, Institution, Tender
from tenders.models.records import cited_sources
from tenders.ocds.packages import Package
from tenders.operations import OperationError, failing_in_words, flush, project_version, snapshot
from tenders.versions.canonical import canonical_json, sha256_of
from tenders.versions.manifests import (
    FORMAT,
    RELEASE,
    UNFINISHED,
    described,
    link_to,
    numbers,
    read_version,
    versions_in,
    write_manifest,
)
from tenders.versions.table_files import cells_of_tables, write_package, write_sqlite

RECORDS, PACKAGE, SQLITE = "records.jsonl", "tables.zip", "tenderwatch.sqlite3"
DIFFERENCES = "differences.jsonl"
# Records whose relations are loaded at a time: SQLite refuses a statement that names a thousand of these.
RECORDS_AT_ONCE = 20
OCDS = {"ocds-releases.json": ("releases", ocds.releases), "ocds-records.json": ("records", ocds.records)}
LISTS = {
    "tenders": (Tender, TENDERS),
    "institutions": (Institution, INSTITUTIONS),
    "companies": (Company, COMPANIES),
}


def release(folder, name, *, site="http://localhost", now=None, on_file=lambda name: None):
    """
    Write a version into a folder; return it.

    ``site`` is the address of the site, which OCDS asks for. ``on_file`` is called with the name of each file before it
    is written. After an ``OperationError`` nothing is there.
    """
    now = now or datetime.now(UTC)
    with failing_in_words(f"Version {name} was not released"):
        versions = versions_in(folder)
        _refuse(name, versions, now)
        with unfinished(folder, name) as path:
            with snapshot(connections[DEFAULT_DB_ALIAS]), override("en"):
                if not Tender.objects.published().exists():
                    raise OperationError("There is nothing to release: no tender is published.")
                manifest = _written(path, name, site, now, versions[-1] if versions else None, on_file)
            write_manifest(path, manifest)
            return finish(path, folder / name)


def _refuse(name, versions, now):
    """Raise ``OperationError`` for a name that no new version may have."""
    if not RELEASE.fullmatch(name):
        raise OperationError("Name a version by its year and its number in it, such as 2026.1.")
    if any(version.name == name for version in versions):
        raise OperationError(f"There is a version {name} already, and a version never changes.")
    if versions and numbers(name) < max(numbers(version.name) for version in versions):
        raise OperationError(f"Name it higher than the versions that there are: the last one is {versions[-1].name}.")
    if versions and now <= versions[-1].released_at:
        raise OperationError(f"The clock is wrong: version {versions[-1].name} was released later than now.")


@contextmanager
def unfinished(folder, name):
    """Yield a new folder under a name that no version has; it is removed unless it gets another one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{UNFINISHED}{name}"
    shutil.rmtree(path, ignore_errors=True)  # of a run that was killed
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def finish(path, target):
    """Give a whole folder the name of its version, once it is on the disk; return the version."""
    for file in (*path.iterdir(), path):
        flush(file)
    if target.exists():  # another run was quicker
        raise OperationError(f"There is a version {target.name} already, and a version never changes.")
    path.rename(target)
    flush(target.parent)
    return read_version(target)


def _written(path, name, site, now, previous, on_file):
    """Write the files, and return the manifest without its own hash."""
    changed = Change.objects.order_by("pk").last()
    data, leaves, records = dataset_summary(), {}, {}
    about = {"name": "tenderwatch", "version": name, "title": data.title, "description": str(data.description)}
    if changed:
        about["created"] = _moment(changed.made_at)
    on_file(RECORDS)
    records[RECORDS] = _write_records(path / RECORDS, leaves)
    for plural in LISTS:
        on_file(f"{plural}.jsonl")
        records[f"{plural}.jsonl"] = _write_list(path / f"{plural}.jsonl", plural)
    on_file(PACKAGE)
    records[PACKAGE] = sum(write_package(path / PACKAGE, cells_of_tables(), about).values())
    on_file(SQLITE)
    write_sqlite(path / SQLITE, path / PACKAGE)
    records[SQLITE] = records[PACKAGE]
    package = Package(f"{site}{reverse('version-list')}", site, LICENCE, data.changed_at)
    for file, (member, write) in OCDS.items():
        on_file(file)
        tenders = Tender.objects.published().order_by("reference")
        records[file] = _write_text(path / file, package.write_json(member, write(tenders, site=site))) - 2
    if previous and Change.objects.filter(pk=previous.change, made_at=previous.changed_at).exists():
        on_file(DIFFERENCES)
        records[DIFFERENCES] = _write_text(path / DIFFERENCES, _differences(previous.change, changed.pk))
    return {
        "format": FORMAT,
        "version": name,
        "change": changed.pk if changed else 0,
        "changed_at": _moment(changed.made_at) if changed else None,
        "released_at": _moment(now),
        "code": project_version(),
        "files": {name: {**described(path / name), "records": records[name]} for name in sorted(records)},
        "leaves": leaves,
        "previous": link_to(previous),
    }


def _moment(moment):
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _with_relations(model):
    """Return the public records of a model with what ``record_data`` reads; of a party not its tenders, often many."""
    records = model.objects.published()
    if model is Tender:
        return for_data(records)
    return records.with_num_tenders().for_download().prefetch_related(cited_sources())


def _write_records(path, leaves):
    """Write each record with all its statements, a line of canonical JSON each, whose hashes are the leaves."""
    records = chain.from_iterable(
        _with_relations(model).order_by("reference").iterator(chunk_size=RECORDS_AT_ONCE)
        for model, _columns in LISTS.values()
    )
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            data = record_data(record)
            del data["address"]  # it depends on where the site is
            line = canonical_json(data)
            leaves[record.reference] = sha256_of(line)
            file.write(f"{line}\n")
    return len(leaves)


def _write_text(path, parts):
    """Write the parts of a text; return the number of its lines."""
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for part in parts:
            file.write(part)
            number += part.count("\n")
    return number


def _differences(start, end):
    """Yield a line for each difference between two changes."""
    for model, _columns in LISTS.values():
        for difference in Comparison(model, start, end).all:
            yield json_text(difference.as_data()) + "\n"


def json_lines(path):
    """Yield the lines of a file of JSON Lines, whose texts may hold other separators of lines."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.removesuffix("\n")


def reference_in(line):
    """Return the reference of the record in a line of the records; empty text if there is none."""
    try:
        return json.loads(line)["reference"]
    except (ValueError, KeyError, TypeError):
        return ""


def _write_list(path, name):
    """Write a list as its download has it, without addresses; return the number of its rows."""
    model, columns = LISTS[name]
    records = model.objects.published()
    records = records.with_figures() if model is Tender else records.with_num_tenders()
    export = Export(
        name=name,
        columns=[column for column in columns if column.name != "address"],
        records=records.for_download().order_by("reference"),
        site="",
        address="",
        page="",
        changed_at=None,
    )
    return _write_text(path, write_jsonl(export))
