"""Progress of long commands, shown on a terminal alone."""

import sys
import time

EVERY = 0.5  # seconds between two lines


def shown_progress(label, items, total):
    """Yield items, and show on standard error how many of ``total`` there were; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    shown_at = time.monotonic()
    for number, item in enumerate(items, 1):
        yield item
        if time.monotonic() - shown_at > EVERY:
            shown_at = time.monotonic()
            sys.stderr.write(f"\r\033[K{label}: {number:,} of {total:,} ({100 * number // max(total, 1)} %)")
            sys.stderr.flush()
    sys.stderr.write("\r\033[K")
    sys.stderr.flush()
