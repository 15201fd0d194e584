"""
Take records that had to be withdrawn out of the versions that hold them, while the hashes of the records stay.

Each of these versions is amended: a version of its own has the files without the records, the same leaves, what is
gone and why, and its place in the chain. Then the files that had the records go. So no file ever changes under its
address, and a version can still be verified.
"""

import json
from datetime import UTC, datetime, timedelta

from tenders.models import Company, Institution, Tender
from tenders.operations import OperationError, failing_in_words
from tenders.versions.manifests import (
    current_editions,
    described,
    link_to,
    numbers,
    versions_in,
    write_manifest,
    write_sums,
)
from tenders.versions.releasing import (
    DIFFERENCES,
    OCDS,
    PACKAGE,
    RECORDS,
    SQLITE,
    finish,
    json_lines,
    reference_in,
    unfinished,
)
from tenders.versions.table_files import opened_package, write_package, write_sqlite

RECORD_TABLES = {"tenders", "institutions", "companies"}


def amend(folder, references, reason, *, now=None):
    """
    Take records out of all versions that hold them; return [(version, amendment)].

    With an institution or a company go all records that name it, as their statements may quote its name. Raises
    ``OperationError`` for a record that is public, or in no version.
    """
    now = now or datetime.now(UTC)
    _refuse(references, reason)
    with failing_in_words("The versions were not all amended; run it again"):
        versions = versions_in(folder)
        remove_amended_files(versions)
        if not any(reference in version.leaves for version in versions for reference in references):
            raise OperationError(f"No version has {', '.join(sorted(references))}.")
        done, last = [], versions[-1]
        for version in current_editions(versions):
            if gone := _gone(version, references):
                last = _amended(folder, version, gone, reason, last, now)
                remove_amended_files([version, last])
                done.append((version, last))
    return done


def remove_amended_files(versions):
    """Remove what amendments have made anew from the versions that they amend."""
    by_name = {version.name: version for version in versions}
    for amendment in versions:
        former = by_name.get(amendment.amends)
        gone = [name for name in former.there() if former.files[name] != amendment.files.get(name)] if former else []
        for name in gone:
            former.path(name).unlink()
        if gone:
            write_sums(former)


def _refuse(references, reason):
    if not reason.strip():
        raise OperationError("Give a reason: it stands in the manifest, which is public.")
    for model in (Tender, Institution, Company):
        if public := model.objects.published().filter(reference__in=references).order_by("reference").first():
            raise OperationError(
                f"Withdraw {public.reference} first: it is public, and the next version would have it."
            )


def _gone(version, references):
    """Return the references that leave a version: those asked for, and of what names a party among them."""
    lines = {reference_in(line): line for line in json_lines(version.path(RECORDS))}
    gone, new = set(), set(references) & lines.keys()
    while new:
        gone |= new
        named = [f'"{reference}"' for reference in new if not reference.startswith(Tender.REFERENCE_PREFIX)]
        new = {other for other, line in lines.items() if any(name in line for name in named)} - gone
    return gone


def _amended(folder, version, gone, reason, last, now):
    """Write the amendment of a version; return it."""
    edition = numbers(version.name)[2] + 1 if version.amends else 1
    name, moment = f"{version.release}.{edition}", max(now, last.released_at + timedelta(microseconds=1))
    with unfinished(folder, name) as path:
        # The database is made of the tables, which come before it.
        records = {file: _rewrite(version, path, name, file, gone) for file in sorted(version.files)}
        write_manifest(
            path,
            {
                **{key: value for key, value in version.manifest.items() if key != "sha256"},
                "version": name,
                "released_at": moment.isoformat(timespec="microseconds"),
                "files": {
                    file: {**described(path / file), "records": number} for file, number in sorted(records.items())
                },
                "amends": version.name,
                "reason": reason,
                "withdrawn": sorted({*version.withdrawn, *gone}),
                "previous": link_to(last),
            },
        )
        return finish(path, folder / name)


def _rewrite(version, path, name, file, gone):
    """Write a file of a version without the records that are gone; return how many records it has."""
    source, target = version.path(file), path / file
    if file == PACKAGE:
        with opened_package(source) as (about, tables):
            rows = ((table, _rows_left(table, rows, gone)) for table, rows in tables)
            return sum(write_package(target, rows, {**about, "version": name}).values())
    if file == SQLITE:
        write_sqlite(target, path / PACKAGE)
        return version.files[file]["records"]
    if file in OCDS:
        return _rewrite_package(source, target, gone)
    lines = [line for line in json_lines(source) if _is_left(file, line, gone)]
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return len(lines)


def _rewrite_package(source, target, gone):
    """Write an OCDS package, of which each release or record has a line, without those of some tenders."""
    first, *items, last = json_lines(source)
    items = [item.removesuffix(",") for item in items]
    left = [item for item in items if "-".join(json.loads(item)["ocid"].rsplit("-", 2)[1:]) not in gone]
    target.write_text("\n".join([first, ",\n".join(left), last]) + "\n", encoding="utf-8", newline="\n")
    return len(left)


def _is_left(file, line, gone):
    """Return whether a line stays: it isn't about a record that is gone, and no difference of another one names it."""
    if file == DIFFERENCES:
        return not any(f'"{reference}"' in line for reference in gone)
    return reference_in(line) not in gone


def _rows_left(table, rows, gone):
    """Yield the rows of a table without those of records that are gone; other references to these are emptied."""
    names = [column.name for column in table.columns]
    own = [names.index(name) for name in table.part_of]
    others = [
        names.index(column)
        for columns, other, _theirs in table.foreign_keys
        for column in columns
        if other in RECORD_TABLES and column not in table.part_of
    ]
    for row in rows:
        if gone.isdisjoint(row[number] for number in own):
            yield [("" if number in others and cell in gone else cell) for number, cell in enumerate(row)]
