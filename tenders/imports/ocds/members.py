"""The members of a compiled release: which were read, and so which have no place in a record."""

from collections import Counter

from django.utils.text import Truncator

from tenders.imports.ocds.documents import Number
from tenders.imports.readers import Quotation
from tenders.kinds import sanitize

MAX_STATED = 500  # characters of a quotation
# What names a release, and says nothing of the tender; parts of it have an ``id``.
OF_RELEASE = {"ocid", "date", "tag", "initiationType", "language"}


class Members:
    """The members of the compiled release of a process."""

    def __init__(self, process):
        self.process = process
        self._read, self._left = set(), set()

    def at(self, *path):
        """Return the value at a path, None where there is none; it is not read by that."""
        value = self.process.release
        for step in path:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value

    def items(self, *path):
        """Return (path, object) of the objects of a list."""
        value = self.at(*path)
        found = enumerate(value) if isinstance(value, list) else ()
        return [((*path, number), item) for number, item in found if isinstance(item, dict)]

    def text(self, *path):
        """Return the text at a path, on one line; empty where there is none."""
        value = self.at(*path)
        return sanitize(" ".join(value.split())) if isinstance(value, str) else ""

    def name(self, *path):
        """Return the identifier at a path, which may be a number in the file."""
        value = self.at(*path)
        return value.text if isinstance(value, Number) else self.text(*path)

    def read(self, *path):
        """Note that the value at a path has a place in the record."""
        self._read.add(path)

    def leave_out(self, *path):
        """Note that the value at a path has no place, whatever was read of it."""
        self._left.add(path)

    def quote(self, *path):
        """Return what the file states at a path, and where; the value is read by that."""
        self.read(*path)
        return self.quotation(*path)

    def quotation(self, *path):
        """Return what the file states at a path, and where."""
        return Quotation(self.process.place(path), Truncator(as_stated(self.at(*path))).chars(MAX_STATED))

    def left_out(self):
        """Return the paths of what was not read, without the numbers of lists; of several, how many."""
        prefixes = {path[:length] for path in self._read for length in range(len(path))}
        found = Counter(self._unread(self.process.release, (), prefixes))
        return [f"{name} ({number})" if number > 1 else name for name, number in found.items()]

    def _unread(self, value, path, prefixes):
        if path in self._left:
            yield _named(path)
            return
        if path in self._read or value in (None, "", [], {}):
            return
        if path and path not in prefixes:
            yield _named(path)
            return
        steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, inner in steps:
            if step != "id" and not (path == () and step in OF_RELEASE):
                yield from self._unread(inner, (*path, step), prefixes)


def _named(path):
    """Return a path without the numbers of lists."""
    return "/".join(step for step in path if isinstance(step, str))


def as_stated(value):
    """Return a value as it stands in the file: of organizations their names, of other objects nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return value.text
    if isinstance(value, list):
        return "; ".join(filter(None, map(as_stated, value)))
    if isinstance(value, dict):
        return as_stated(value.get("name"))
    return sanitize(value) if isinstance(value, str) else ""
