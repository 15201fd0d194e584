"""Files of downloads that were made before: a download of an unchanged version is made once."""

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

UNFINISHED = ".part"


class KeptFiles:
    """
    Files in a folder by key, together up to a number of bytes; those that nobody has asked for longest go first.

    Several processes may share the folder. Where it cannot be written (a full disk), nothing is kept.
    """

    def __init__(self, folder, max_bytes):
        self.folder, self.max_bytes = Path(folder), max_bytes

    def open(self, key):
        """Return the file of a key, open for reading, or None."""
        path = self.folder / key
        try:
            file = path.open("rb")
        except OSError:
            return None
        with suppress(OSError):  # it may have been removed since, or be another user's
            os.utime(path, ns=(time.time_ns(), os.fstat(file.fileno()).st_mtime_ns))
        return file

    def keep(self, key, parts, is_current):
        """Yield the parts of a file, and keep it once all have been taken, if ``is_current()`` still."""
        with self._unfinished() as file:
            for part in parts:
                block = part.encode() if isinstance(part, str) else part
                file = self._write(file, block)
                yield block
            if file and is_current():
                self._finish(file, key)

    @contextmanager
    def _unfinished(self):
        """Open a file that is removed unless it has been finished; None where that is not possible."""
        file = None
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = NamedTemporaryFile(dir=self.folder, suffix=UNFINISHED, delete=False)  # noqa: SIM115 closed below
        try:
            yield file
        finally:
            if file:
                with suppress(OSError):
                    file.close()
                Path(file.name).unlink(missing_ok=True)

    def _write(self, file, block):
        """Return the file with a block more; None if it is not to be kept any more."""
        if file is None or file.tell() + len(block) > self.max_bytes:
            return None
        try:
            file.write(block)
        except OSError:
            return None
        return file

    def _finish(self, file, key):
        with suppress(OSError):
            file.flush()
            Path(file.name).rename(self.folder / key)
            self._remove_oldest()

    def _remove_oldest(self):
        """Remove the files that nobody has asked for longest, until the others have room."""
        found = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                status = path.stat()
                found.append((status.st_atime_ns, status.st_size, path))
        excess = sum(size for _asked, size, _path in found) - self.max_bytes
        for _asked, size, path in sorted(found):
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size
