"""Parts of files: the ``Range`` of a request (RFC 9110), so that a download can go on where it was interrupted."""

import re

RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class UnsatisfiableRangeError(Exception):
    """Raised for a part that a file does not have."""


def part_of(headers, size, etag):
    """
    Return (start, end) of the part of a file that a request asks for, or None for all of it.

    ``end`` is behind the last byte. Of several parts, of another unit, or of another version of the file (``If-Range``,
    which has to be the ETag), all is sent, as the standard allows. Raises ``UnsatisfiableRangeError``.
    """
    match = RANGE.fullmatch(headers.get("Range", "").replace(" ", ""))
    if match is None or headers.get("If-Range", etag) != etag:
        return None
    first, last, final = match.groups()
    if final is not None:
        start, end = max(0, size - int(final)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None  # not a range at all
    if start >= end:
        raise UnsatisfiableRangeError
    return start, end


class FilePart:
    """A part of an open file, as a file that is read from its start to its end."""

    def __init__(self, file, start, end):
        file.seek(start)
        self.file, self.left = file, end - start

    def read(self, size=-1):
        block = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(block)
        return block

    def close(self):
        self.file.close()
