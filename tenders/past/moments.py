"""Moments and versions: which change of the history the text of an ``as_of`` parameter means."""

import datetime
import re
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from tenders.models import Change
from tenders.problems import HistoryError, ParameterError
from tenders.versions import versions_in
from tenders.versions.manifests import NAME as VERSION

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
# ISO 8601. A space stands for the + of an offset where an address was not encoded.
MOMENT = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?P<second>:\d\d(?P<fraction>\.\d{1,6})?)?(?P<zone>Z|[+ -]\d\d:?\d\d)?"
)


@dataclass(frozen=True)
class AsOf:
    """A moment of the past: the text that asks for it, and the last change that had been made by then."""

    text: str
    change: int  # primary key
    made_at: datetime.datetime  # of the change
    is_current: bool  # whether nothing has been changed since


class UnreadableMomentError(Exception):
    """Raised for a text that is no moment, or one of the future; the message says what would be right."""

    def problem_of(self, parameter):
        """Return what is wrong with a parameter as problem details have it."""
        return ParameterError(parameter, str(self))


class BeforeHistoryError(UnreadableMomentError):
    """Raised for a moment before the first change that is recorded."""

    def problem_of(self, parameter):
        return HistoryError(parameter, str(self))


def resolve(text):
    """
    Return the ``AsOf`` that a text means.

    A text means the end of the period that it names: of a year, a month or a day in the time zone of the site, of a
    minute or a second. So the ``date`` of a download leads back to its very bytes. The name of a version of the data
    set means its last change.
    """
    made = Change.objects.order_by("pk").values_list("pk", "made_at")
    if VERSION.fullmatch(text):
        found = made.filter(**_of_version(text)).last()
        if found is None:
            raise BeforeHistoryError(_("The history doesn’t reach back to this version."))
        return AsOf(text, *found, is_current=found == made.last())
    start, end = period(text)
    if start > timezone.now():
        raise UnreadableMomentError(_("Give a moment that isn’t in the future."))
    found = made.filter(made_at__lt=end).last()
    if found is None:
        if (first := began_at()) is None:
            raise BeforeHistoryError(_("No history has been recorded yet. Leave the parameter out."))
        began = timezone.localtime(first).isoformat(timespec="seconds")
        raise BeforeHistoryError(
            _("The history begins at %(moment)s. Give that moment or a later one.") % {"moment": began}
        )
    return AsOf(text, *found, is_current=found == made.last())


def began_at():
    """Return the moment at which the history begins; None without any."""
    return Change.objects.order_by("pk").values_list("made_at", flat=True).first()


def _of_version(name):
    """Return the columns of the last change of a version; raises ``UnreadableMomentError`` if there is no such one."""
    for version in versions_in(settings.DATA_VERSIONS):
        if version.name == name:
            return {"pk": version.change, "made_at": version.changed_at}
    raise UnreadableMomentError(_("There is no version %(name)s.") % {"name": name})


def period(text):
    """Return the first moment of a period of time, and the first after it."""
    try:
        if parts := PARTIAL_DATE.fullmatch(text):
            return _days(*(int(part) for part in parts.groups() if part))
        if parts := MOMENT.fullmatch(text):
            return _instant(parts)
    except (ValueError, OverflowError):
        pass  # the 30th of February, or the end of the year 9999
    raise UnreadableMomentError(_("Write a day as 2026-12-01, or a moment as 2026-12-01T18:30:00+08:00."))


def _days(year, month=None, day=None):
    start = datetime.datetime(year, month or 1, day or 1)
    if day:
        end = start + datetime.timedelta(days=1)
    elif month:
        end = (start + datetime.timedelta(days=31)).replace(day=1)
    else:
        end = start.replace(year=year + 1)
    return timezone.make_aware(start), timezone.make_aware(end)


def _instant(parts):
    fraction, zone = parts["fraction"] or "", (parts["zone"] or "").replace(" ", "+")
    text = f"{parts['minute']}{parts['second'] or ':00'}{'0' * (7 - len(fraction)) if fraction else ''}{zone}"
    start = datetime.datetime.fromisoformat(text)
    if fraction:
        length = datetime.timedelta(microseconds=10 ** (7 - len(fraction)))
    else:
        length = datetime.timedelta(seconds=1 if parts["second"] else 60)
    start = timezone.make_aware(start) if timezone.is_naive(start) else start
    return start, start + length
