"""
Keyset pagination: pages of a list that follow one another by the values of its order, however long it is.

A cursor names the last row of a page by these values, and the last public change when the first page was read. It is
signed, for one list, so that nobody else makes one and it is read for no other query.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.core.signing import BadSignature, Signer
from django.db.models import Q

from tenders.kinds import canonical
from tenders.models import Change

MAX_LIMIT = 1000  # rows of a page
MAX_CURSOR = 4000  # characters; the longest title gives about half of that


class UnreadableCursorError(Exception):
    """Raised for a text that is no cursor of this list, or one whose change is not recorded any more."""


@dataclass(frozen=True)
class Cursor:
    """
    A row of a list: its ``values`` in the order of the list, None where unknown.

    ``change`` is the primary key of the last public change when the first page was read, 0 without any.
    """

    values: list
    change: int

    def encode(self, query):
        """Return the cursor as a text for a list, which ``query`` names."""
        texts = [canonical(value) if isinstance(value, Decimal) else value for value in self.values]
        return _signer(query).sign_object([texts, self.change, _moment_of(self.change)], compress=True)

    @classmethod
    def decode(cls, text, query):
        """Return the cursor that ``encode`` made a text of; raises ``UnreadableCursorError``."""
        try:
            values, change, moment = _signer(query).unsign_object(text)
        except (BadSignature, ValueError) as error:
            raise UnreadableCursorError(text) from error
        if moment != _moment_of(change):
            raise UnreadableCursorError(text)
        return cls(values, change)


@dataclass(frozen=True)
class ListPage:
    """The records of a page, in order, and the cursor of the next one (None on the last)."""

    records: list
    next: Cursor | None


def read_page(rows, order, limit, *, after=None, change=0):
    """
    Return the ``ListPage`` of at most ``limit`` rows behind a cursor, from the beginning without one.

    ``order`` are the ``OrderBy`` expressions by which the rows are ordered, of which the last one is unique. A column
    that may be NULL says ``nulls_last`` or ``nulls_first``. ``change`` is that of the next cursor.
    """
    keys = {f"page_key_{number}": by.expression for number, by in enumerate(order)}
    rows = rows.annotate(**keys)
    if after:
        if len(after.values) != len(order):
            raise UnreadableCursorError
        rows = rows.filter(_is_behind(list(zip(keys, order, after.values, strict=True))))
    records = list(rows[: limit + 1])
    if len(records) <= limit:
        return ListPage(records, None)
    records.pop()
    return ListPage(records, Cursor([getattr(records[-1], key) for key in keys], change))


def _is_behind(keys):
    """Return the condition that a row comes after another, which has the values of (name, order, value) triples."""
    (name, by, value), *others = keys
    is_unknown = Q(**{f"{name}__isnull": True})
    if value is None:
        behind = ~is_unknown if by.nulls_first else Q(pk__in=[])
    else:
        behind = Q(**{f"{name}__{'lt' if by.descending else 'gt'}": value}) | (is_unknown if by.nulls_last else Q())
    if others:
        same = is_unknown if value is None else Q(**{name: value})
        behind |= same & _is_behind(others)
    return behind


def _signer(query):
    return Signer(salt=f"cursor of {query}", sep="~")


def _moment_of(change):
    """Return when a change was made, by which that of another database with the same number is not taken for it."""
    moment = Change.objects.filter(pk=change).values_list("made_at", flat=True).first() if change else None
    if change and moment is None:
        raise UnreadableCursorError
    return moment and moment.astimezone(datetime.UTC).isoformat()
