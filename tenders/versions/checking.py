"""Verify versions: every file, every record and every link of the chain is what a manifest says."""

from tenders.versions.canonical import sha256_of
from tenders.versions.manifests import (
    MANIFEST,
    NAME,
    SUMS,
    UNFINISHED,
    described,
    link_to,
    own_sha256,
    versions_in,
)
from tenders.versions.releasing import RECORDS, json_lines, reference_in


def problems_of(folder):
    """Yield a sentence for everything in a folder of versions that is not as its manifests say."""
    versions = versions_in(folder)
    yield from _unreadable(folder, {version.name for version in versions})
    amendments, previous = {version.amends: version for version in versions if version.amends}, None
    for version in versions:
        yield from _problems_of_manifest(version, previous)
        yield from _problems_of_files(version, amendments.get(version.name))
        yield from _problems_of_records(version)
        previous = version


def _unreadable(folder, names):
    """Yield what lies in the folder and is no version with a readable manifest."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in names or path.name.startswith(UNFINISHED):
            continue
        if NAME.fullmatch(path.name):
            yield f"{path.name}: {MANIFEST} is missing or can't be read."
        else:
            yield f"{path.name} isn't a version."


def _problems_of_manifest(version, previous):
    if version.folder.name != version.name:
        yield f"{version.folder.name}: the manifest is that of {version.name}."
    if own_sha256(version.manifest) != version.sha256:
        yield f"{version.name}: {MANIFEST} was altered: its own sha256 doesn't fit."
    link = version.manifest.get("previous")
    if link != link_to(previous):
        stated = f"{link['version']} with the sha256 {link['sha256'][:12]}…" if link else "no version before it"
        found = f"{previous.name} with {previous.sha256[:12]}…" if previous else "none"
        yield f"{version.name}: the chain is broken: it names {stated}, and there is {found}."


def _problems_of_files(version, amendment):
    """Yield altered, missing and additional files; those that the amendment made anew have to be gone."""
    for name, stated in version.files.items():
        is_amended = bool(amendment) and amendment.files.get(name) != stated
        if version.path(name).is_file():
            if is_amended:
                yield f"{version.name}: {name} should be gone since {amendment.name}: run amend_versions again."
            elif described(version.path(name)) != {key: stated[key] for key in ("bytes", "sha256")}:
                yield f"{version.name}: {name} was altered: its sha256 doesn't fit."
        elif not is_amended:
            yield f"{version.name}: {name} is missing."
    for path in sorted(version.folder.iterdir()):
        if path.name not in {*version.files, MANIFEST, SUMS}:
            yield f"{version.name}: {path.name} isn't in the manifest."
    yield from _problems_of_sums(version)


def _problems_of_sums(version):
    expected = {name: file["sha256"] for name, file in version.there().items()}
    expected[MANIFEST] = described(version.path(MANIFEST))["sha256"]
    try:
        lines = version.path(SUMS).read_text(encoding="utf-8").splitlines()
        stated = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    except (OSError, ValueError):
        stated = {}
    for name in sorted(expected.keys() | stated.keys()):
        if stated.get(name) != expected.get(name):
            yield f"{version.name}: {SUMS} is wrong about {name}."


def _problems_of_records(version):
    """Yield the records whose hash is not that of the manifest; those that were withdrawn are not there."""
    missing = set(version.leaves) - set(version.withdrawn)
    if not version.path(RECORDS).is_file():
        return  # a problem of the files, if it should be there
    for number, line in enumerate(json_lines(version.path(RECORDS)), 1):
        reference = reference_in(line)
        if reference not in version.leaves:
            yield f"{version.name}: line {number} of {RECORDS} is no record of the manifest."
        elif reference in version.withdrawn:
            yield f"{version.name}: {reference} was withdrawn and is in {RECORDS}."
        elif sha256_of(line) != version.leaves[reference]:
            yield f"{version.name}: the record {reference} was altered: its sha256 doesn't fit."
        missing.discard(reference)
    for reference in sorted(missing):
        yield f"{version.name}: the record {reference} is missing."
