"""
The records as they were: every public page, download and claim ``as_of`` a day, a moment or a change.

``resolve`` finds the change that a moment belongs to, and ``reading_as_of`` lets a thread read the records as they were
after a change. A router sends its reads to a copy of the database, an SQLite file, in which what was written later is
undone. See docs/adr/0042-the-past.md.
"""

from tenders.past.copies import PastBusyError
from tenders.past.moments import AsOf, BeforeHistoryError, UnreadableMomentError, began_at, resolve
from tenders.past.reading import num_left_out, reading_as_of

__all__ = [
    "AsOf",
    "BeforeHistoryError",
    "PastBusyError",
    "UnreadableMomentError",
    "began_at",
    "num_left_out",
    "reading_as_of",
    "resolve",
]
