"""Unified social credit codes in notices: taken if valid, else a warning."""

import re

from django.core.exceptions import ValidationError

from tenders.credit_codes import validate_credit_code
from tenders.notices.codes import WarningCode
from tenders.notices.readings import NoticeWarning, Span

CODE = re.compile(r"[0-9A-Za-z]{15,20}")


def read_credit_code(document, start, end, place):
    """Return (code, warning) of the code in a part of the text: the code if it is valid, the warning if it isn't."""
    match = CODE.search(document.folded, start, end)
    if match is None or (len(match[0]) == 15 and match[0].isdigit()):
        return "", None  # a number of the old register
    code = match[0].upper()
    try:
        validate_credit_code(code)
    except ValidationError:
        span = Span(match.start(), match.end(), place, "credit code")
        return "", NoticeWarning(WarningCode.CREDIT_CODE_INVALID, span, {"details": code})
    return code, None
