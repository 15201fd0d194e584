"""Read the JSON of a file: one document, or one on each line."""

import json
import re
from decimal import Decimal

from django.utils.translation import gettext as _

from tenders.imports.readers import Unreadable

MAX_BYTES = 100_000_000  # which are held in memory
MAX_DEPTH = 50  # objects and lists in each other
HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


class Number(Decimal):
    """A number of JSON, exact, with the digits that stand there: ``text``."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number


def read_documents(file):
    """Return [(number of the line, value)] of a binary file, 0 for a whole document; raises ``Unreadable``."""
    file.seek(0)
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Unreadable(_("Split the file: up to 100 MB of JSON can be read."))
    try:
        text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Unreadable(_("Save the file as UTF-8: some of its bytes aren’t characters.")) from None
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and _is_document(lines[0][1]):
        return [(number, _parse(line, number)) for number, line in lines]
    return [(0, _parse(text))]


def _is_document(line):
    """Return whether a line is an object by itself, as those of JSON lines are."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _parse(text, line=0):
    try:
        value = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_refuse_constant)
        if HALF_CHARACTER.search(text):
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        params = {"line": line or error.lineno, "column": error.colno}
        raise Unreadable(
            _("Correct the JSON: it breaks off or has a wrong sign in line %(line)s, character %(column)s."),
            params=params,
        ) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # half a character, a number that is none
        raise Unreadable(_("Correct the JSON: it has a text or a number that JSON doesn’t allow.")) from None
    _check_depth(value)
    return value


def _refuse_constant(name):
    raise ValueError(name)


def _check_depth(value):
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep():
    return Unreadable(_("Use an OCDS package: objects in this JSON file stand more than 50 deep in each other."))
