"""The types of problem details (RFC 9457): why a request for data was refused, and what to do."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ProblemType:
    """A type of problem: its code, which stays, the status that it is sent with, and what to do."""

    code: str
    status: HTTPStatus
    title: Promise
    remedy: Promise

    def __str__(self):
        return self.code


UNKNOWN_PARAMETER = ProblemType(
    "unknown-parameter",
    HTTPStatus.BAD_REQUEST,
    _("Unknown parameter"),
    _(
        "Check the name of the parameter: the error says which one is meant. We don’t ignore unknown parameters, as "
        "a typo would give you more rows than you asked for."
    ),
)
UNREADABLE_VALUE = ProblemType(
    "unreadable-value",
    HTTPStatus.BAD_REQUEST,
    _("Invalid value"),
    _("Correct the value: the error says which values there are. A parameter with one value is used only once."),
)
CURSOR = ProblemType(
    "cursor",
    HTTPStatus.BAD_REQUEST,
    _("Invalid cursor"),
    _(
        "Start again without the cursor. It belongs to one query and one order, and to the history of this site. "
        "Follow “next” and change nothing in it but the limit."
    ),
)
HISTORY_BEGINS = ProblemType(
    "history-begins",
    HTTPStatus.BAD_REQUEST,
    _("Before the history begins"),
    _("Ask for a later moment: the error names the first one. What was recorded before has no history."),
)
NOT_FOUND = ProblemType(
    "not-found",
    HTTPStatus.NOT_FOUND,
    _("Not found"),
    _("Check the address. A record with this reference was never public, or there is no such file."),
)
GONE = ProblemType(
    "gone",
    HTTPStatus.GONE,
    _("Withdrawn"),
    _("Delete the record from your copy: the editors published it and withdrew it later. The address stays empty."),
)
AMENDED = ProblemType(
    "amended",
    HTTPStatus.GONE,
    _("Amended"),
    _("Take the file that the header Link names. A record had to leave this one, whose address stays empty."),
)
METHOD = ProblemType(
    "method",
    HTTPStatus.METHOD_NOT_ALLOWED,
    _("Method not allowed"),
    _("Use a method that the header Allow names. Data are only read, with GET or HEAD."),
)
TOO_LONG = ProblemType(
    "too-long",
    HTTPStatus.BAD_REQUEST,
    _("Address too long"),
    _("Shorten the address: we read up to 4,000 characters after the “?”. Ask for fewer values at once."),
)
TOO_LARGE = ProblemType(
    "too-large",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    _("Request too large"),
    _("Send less at a time: the matching of names reads up to 64 kB in a request."),
)
FORMAT = ProblemType(
    "format",
    HTTPStatus.NOT_IMPLEMENTED,
    _("Unknown format"),
    _("Ask for a format that the error names."),
)
BUSY = ProblemType(
    "busy",
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("Busy"),
    _("Try again after the seconds in the header Retry-After. Fetch one file at a time."),
)
SERVER_ERROR = ProblemType(
    "server-error",
    HTTPStatus.INTERNAL_SERVER_ERROR,
    _("Server error"),
    _("This is our fault, and it is logged. Report the request_id if it happens again."),
)

PROBLEM_TYPES = (
    UNKNOWN_PARAMETER,
    UNREADABLE_VALUE,
    CURSOR,
    HISTORY_BEGINS,
    NOT_FOUND,
    GONE,
    AMENDED,
    METHOD,
    TOO_LONG,
    TOO_LARGE,
    FORMAT,
    BUSY,
    SERVER_ERROR,
)


class ParameterError(NamedTuple):
    """What is wrong with a parameter: also a (parameter, message) pair."""

    name: str
    message: str

    @property
    def type(self):
        return UNREADABLE_VALUE


class UnknownParameterError(ParameterError):
    @property
    def type(self):
        return UNKNOWN_PARAMETER


class CursorError(ParameterError):
    @property
    def type(self):
        return CURSOR


class HistoryError(ParameterError):
    @property
    def type(self):
        return HISTORY_BEGINS


def type_of(errors):
    """Return the type of a problem with some parameters: that of the first, which may be a plain pair."""
    return getattr(next(iter(errors), None), "type", UNREADABLE_VALUE)
