"""The contracting processes of a file: the releases of each, compiled, and where each value stands in the file."""

import warnings
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from tenders.imports.readers import Unreadable

MAX_OCID = 100  # characters
# Lists of objects that a later release replaces as a whole. The rest of the rules of OCDS 1.1 follows from the data:
# objects with an ``id`` are merged by it, lists of anything else are replaced.
OF_STANDARD = {("parties", "additionalIdentifiers"): "wholeListMerge"}
OF_OUR_EXTENSION = {
    (name,): "wholeListMerge"
    for name in ("parties", "awards", "contracts", "relatedProcesses", "statements", "unknown")
} | {
    ("tender", "documents"): "wholeListMerge",
    ("tender", "suggestedClassifications"): "wholeListMerge",
}


@dataclass(frozen=True)
class Version:
    """A release as it stands in the file: the number of its line (0: no JSON lines), the path to it, its members."""

    line: int
    path: tuple
    release: dict


@dataclass
class Process:
    """A contracting process: what its releases say together, and these, oldest first."""

    ocid: str
    versions: list = field(default_factory=list)
    compiled: Version | None = None
    release: dict = field(default_factory=dict)

    @property
    def first(self):
        """The oldest release, else the compiled one."""
        return self.versions[0] if self.versions else self.compiled

    def place(self, path):
        """Return where the value at a path of the compiled release stands: ocid, line of JSON lines, JSON pointer."""
        if self.compiled or len(self.versions) == 1:
            version = self.compiled or self.versions[0]
            return self.place_in(version, path)
        for version in reversed(self.versions):
            found = _path_in(version.release, self.release, path)
            if found is not None:
                return self.place_in(version, found)
        return f"{self.ocid} {pointer(path)}"

    def place_in(self, version, path):
        """Return where a value of one of the releases stands."""
        line = f"#{version.line} " if version.line else ""
        return f"{self.ocid} {line}{pointer((*version.path, *path))}"


def pointer(path):
    """Return a path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def find_processes(documents, extensions=""):
    """Return the processes of documents, in their order; raises ``Unreadable`` naming ocid and pointer."""
    processes = {}
    for line, document in documents:
        for path, release, is_compiled in _releases(document, ()):
            version = Version(line, path, release)
            process = processes.setdefault(_ocid(version), Process(_ocid(version)))
            if is_compiled:
                process.compiled = version
            else:
                process.versions.append(version)
    is_ours = "/ocds/extension/" in extensions
    for process in processes.values():
        _compile(process, OF_STANDARD | OF_OUR_EXTENSION if is_ours else OF_STANDARD)
    return list(processes.values())


def _releases(document, path):
    """Yield (path, release, whether it is compiled) of a package, a list of these, a record or a release."""
    if isinstance(document, list):
        for number, item in enumerate(document):
            yield from _releases(item, (*path, number))
    elif not isinstance(document, dict):
        raise _no_package(path)
    elif "records" in document:
        yield from _items(document, path, "records", _record)
    elif "ocid" not in document and "releases" in document:
        yield from _items(document, path, "releases", _release)
    elif "compiledRelease" in document or "releases" in document:
        yield from _record(document, path)
    elif "ocid" in document:
        yield from _release(document, path)
    else:
        raise _no_package(path)


def _items(document, path, name, read):
    items = document[name]
    if not isinstance(items, list):
        raise Unreadable(_("Write a list at %(place)s."), params={"place": pointer((*path, name))})
    for number, item in enumerate(items):
        yield from read(item, (*path, name, number))


def _record(record, path):
    if not isinstance(record, dict):
        raise _no_package(path)
    releases = record.get("releases") or []
    if not isinstance(releases, list):
        raise Unreadable(_("Write a list at %(place)s."), params={"place": pointer((*path, "releases"))})
    whole = [
        ((*path, "releases", number), release)
        for number, release in enumerate(releases)
        if not (isinstance(release, dict) and "url" in release and "ocid" not in release)
    ]
    compiled = record.get("compiledRelease")
    if not (compiled or whole):
        raise Unreadable(
            _("Use a package that has the releases themselves: the record at %(place)s only has links to them."),
            params={"place": pointer(path)},
        )
    for place, release in whole:
        yield from _release(release, place)
    if compiled:
        for place, release, _is_compiled in _release(compiled, (*path, "compiledRelease")):
            yield place, release, True


def _release(release, path):
    if not isinstance(release, dict):
        raise _no_package(path)
    yield path, release, False


def _no_package(path):
    message = _("Use an OCDS release package, record package, or JSON lines of these: there is none at %(place)s.")
    return Unreadable(message, params={"place": pointer(path) or "/"})


def _ocid(version):
    ocid = version.release.get("ocid")
    if not isinstance(ocid, str) or not ocid.strip() or len(ocid) > MAX_OCID or len(ocid.split()) != 1:
        place = (f"#{version.line} " if version.line else "") + pointer((*version.path, "ocid"))
        raise Unreadable(
            _("Write the ocid of the process at %(place)s: a text without blanks, up to 100 characters."),
            params={"place": place},
        )
    return ocid


def _compile(process, rules):
    """Set what the releases of a process say together."""
    process.versions.sort(key=lambda version: str(version.release.get("date") or ""))
    if process.compiled or len(process.versions) == 1:
        process.release = (process.compiled or process.versions[0]).release
        return
    try:
        from ocdsmerge import Merger
        from ocdsmerge.exceptions import OCDSMergeError
    except ImportError:
        raise Unreadable(
            _("Install ocdsmerge (the extra “ocds”), or use a record package: %(ocid)s has several releases."),
            params={"ocid": process.ocid},
        ) from None
    releases = [version.release for version in process.versions]
    for version in process.versions:
        if not isinstance(version.release.get("date"), str):
            raise Unreadable(
                _("Write the date of each release of %(ocid)s, by which they are merged: none is at %(place)s."),
                params={"ocid": process.ocid, "place": pointer((*version.path, "date"))},
            )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids that are there twice: the last one counts
            process.release = Merger(merge_rules=rules).create_compiled_release(releases)
    except (OCDSMergeError, TypeError, ValueError, AttributeError, KeyError):
        raise Unreadable(
            _("Correct the releases of %(ocid)s: they can’t be merged, as a member has another form in each."),
            params={"ocid": process.ocid},
        ) from None


def _path_in(release, compiled, path):
    """Return the path in a release of the value at a path of the compiled one, if the release has that value."""
    found = []
    for step in path:
        if isinstance(step, int):
            if not isinstance(release, list):
                return None
            wanted = compiled[step]
            key = wanted.get("id") if isinstance(wanted, dict) else None
            step_in = next(
                (
                    number
                    for number, item in enumerate(release)
                    if item == wanted or (key is not None and isinstance(item, dict) and item.get("id") == key)
                ),
                None,
            )
            if step_in is None:
                return None
            found.append(step_in)
            release, compiled = release[step_in], compiled[step]
        else:
            if not (isinstance(release, dict) and step in release):
                return None
            found.append(step)
            release, compiled = release[step], compiled[step]
    return tuple(found) if release == compiled else None
