"""Progress of long commands, shown on a terminal alone."""

import sys
import time

EVERY = 0.5  # seconds between two lines


class Progress:
    """A line on standard error with how much of something is done; nothing where that is no terminal."""

    def __init__(self, label, total, output=None):
        self.label, self.total = label, total
        self.output = sys.stderr if output is None else output
        self.is_shown = self.output.isatty()
        self._shown_at = time.monotonic()

    def update(self, number):
        """Show that ``number`` of all are done; the line is gone when all are."""
        if not self.is_shown:
            return
        if number >= self.total:
            self._show("")
        elif time.monotonic() - self._shown_at > EVERY:
            self._shown_at = time.monotonic()
            self._show(f"{self.label}: {number:,} of {self.total:,} ({100 * number // self.total} %)")

    def of(self, items):
        """Yield some items, and show how many there were."""
        for number, item in enumerate(items, 1):
            yield item
            self.update(number)
        self.update(self.total)

    def _show(self, line):
        self.output.write(f"\r\033[K{line}")
        self.output.flush()
