"""
Manifests: what a version is, its files with their hashes, the hash of each record, and the version before it.

A version is a folder. It is never written to again; what has to leave it later is taken out by an amendment, a version
of its own (``2026.1.1`` amends ``2026.1``).
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from tenders.versions.canonical import canonical_json, sha256_of

FORMAT = 1
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
RELEASE = re.compile(r"[0-9]{4}\.[1-9][0-9]{0,2}")
NAME = re.compile(rf"{RELEASE.pattern}(?:\.[1-9][0-9]{{0,2}})?")
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Version:
    """A version in its folder."""

    folder: Path
    manifest: dict

    @property
    def name(self):
        return self.manifest["version"]

    @property
    def key(self):
        """What versions are sorted by: when they came, and their name."""
        return self.released_at, numbers(self.name)

    @property
    def change(self):
        """The number of the last change that it contains; 0 without any."""
        return self.manifest["change"]

    @cached_property
    def released_at(self):
        return datetime.fromisoformat(self.manifest["released_at"])

    @cached_property
    def changed_at(self):
        """When the last change was made that it contains; None without any."""
        text = self.manifest["changed_at"]
        return datetime.fromisoformat(text) if text else None

    @property
    def sha256(self):
        return self.manifest["sha256"]

    @property
    def files(self):
        """{name: bytes, sha256, records} of the files that it was made with."""
        return self.manifest["files"]

    @property
    def leaves(self):
        """{reference: hash of the record}, those that an amendment took out included."""
        return self.manifest["leaves"]

    @property
    def num_records(self):
        """How many records it has."""
        return len(self.leaves) - len(self.withdrawn)

    @property
    def amends(self):
        """The name of the version that this one amends; empty text for a release."""
        return self.manifest.get("amends", "")

    @property
    def reason(self):
        """Why this version amends another; empty text for a release."""
        return self.manifest.get("reason", "")

    @property
    def release(self):
        """The name of the release that this version is, or amends."""
        return RELEASE.match(self.name)[0]

    @property
    def withdrawn(self):
        """The references of the records that amendments have taken out."""
        return self.manifest.get("withdrawn", [])

    def path(self, file):
        return self.folder / file

    def there(self):
        """Return the files that are still in the folder: {name: bytes, sha256, records}."""
        return {name: file for name, file in self.files.items() if self.path(name).is_file()}


def current_editions(versions):
    """Return the releases as they are now, the oldest first: each, or the last amendment of it."""
    editions = {version.release: version for version in versions}
    return list(editions.values())


def numbers(name):
    """Return the numbers in the name of a version, by which it is sorted."""
    return [int(part) for part in name.split(".")]


def versions_in(folder):
    """Return the versions in a folder, the oldest first; one without a readable manifest is left out."""
    found = []
    for path in Path(folder).glob(f"*/{MANIFEST}"):
        if NAME.fullmatch(path.parent.name) and (version := read_version(path.parent)):
            found.append(version)
    return sorted(found, key=lambda version: version.key)


def read_version(path):
    """Return the version in a folder; None if its manifest cannot be read."""
    try:
        status = (path / MANIFEST).stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@lru_cache(maxsize=100)
def _read(path, _written_at, _size):
    """Return the version in a folder; its manifest, which may hold many leaves, is read once."""
    version = Version(path, json.loads((path / MANIFEST).read_text(encoding="utf-8")))
    is_readable = version.manifest["format"] == FORMAT and version.key and version.sha256 and version.files
    if not is_readable:
        raise ValueError
    return version


def own_sha256(manifest):
    """Return the hash of a manifest: that of its canonical JSON, without the member that holds it."""
    return sha256_of(canonical_json({name: value for name, value in manifest.items() if name != "sha256"}))


def link_to(version):
    """Return how a manifest names the version before it; None for none."""
    return version and {"version": version.name, "sha256": version.sha256}


def write_manifest(folder, manifest):
    """Write the manifest of a version, with its own hash, and the list of checksums; return the version."""
    manifest["sha256"] = own_sha256(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    version = Version(folder, manifest)
    write_sums(version)
    return version


def write_sums(version):
    """Write the checksums of the files that are there, as ``sha256sum -c`` reads them."""
    sums = {name: file["sha256"] for name, file in version.there().items()}
    sums[MANIFEST] = described(version.path(MANIFEST))["sha256"]
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items()))
    version.path(SUMS).write_text(lines, encoding="utf-8")


def described(path):
    """Return the size and the hash of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
