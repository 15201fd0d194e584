"""The public changes of records as data, for keeping a copy: entries, and the cursors between them."""

import base64
import binascii
import datetime
import json

from tenders.audit.stream import BEGINNING, WHOLE, Position
from tenders.exports.records import change_data
from tenders.models import Change


class UnreadableCursorError(Exception):
    """Raised for a text that is no cursor, or one of another history than this database has."""


def entry_data(entry, *, site=""):
    """
    Return an entry as JSON serialisable data; of a record that is gone no more than its reference, and where it leads.

    ``site`` is what addresses begin with.
    """
    if entry.kind == "withdrawn":
        return {"reference": entry.reference, "kind": "withdrawn"}
    if entry.kind == "merged":
        return {"reference": entry.reference, "kind": "merged", "leads_to": entry.leads_to}
    page, change = entry.record.get_absolute_url(), change_data(entry.change)
    action = change.pop("kind")
    return {
        "reference": entry.reference,
        "kind": entry.kind,
        "address": f"{site}{page}",
        "data": f"{site}{page.rstrip('/')}.json",
        "action": action,
        **change,
        "sources": list(entry.sources),
    }


def cursor_of(position):
    """
    Return a position as a text.

    It has the moment of its change as well: after another history was loaded, the same number is another change.
    """
    text = json.dumps([position.number, position.reference, _moment_of(position.number)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor):
    """Return the position that a cursor names; raises ``UnreadableCursorError``."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        number, reference, moment = json.loads(text)
    except (binascii.Error, ValueError, TypeError) as error:
        raise UnreadableCursorError(cursor) from error
    is_position = type(number) is int and 0 <= number < 2**62 and isinstance(reference, str)
    if not is_position or moment != _moment_of(number):
        raise UnreadableCursorError(cursor)
    return Position(number, reference)


def position_at(moment):
    """Return the position before all changes that were made at a moment or later."""
    changes = Change.objects.order_by("pk").values_list("pk", flat=True)
    first = changes.filter(made_at__gte=moment).first()
    last = (changes.filter(pk__lt=first) if first else changes).last()
    return Position(last, WHOLE) if last else BEGINNING


def _moment_of(number):
    """Return when a change was made, None if there is no such change."""
    moment = Change.objects.filter(pk=number).values_list("made_at", flat=True).first()
    return moment and moment.astimezone(datetime.UTC).isoformat()
