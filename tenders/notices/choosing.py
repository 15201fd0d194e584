"""Choosing a value from what the places of a notice state: one value if they agree, else none with the candidates."""

from dataclasses import dataclass

from tenders.notices.codes import WarningCode
from tenders.notices.folding import fold, squeeze
from tenders.notices.readings import Candidate, NoticeWarning, Reading, Span

MAX_CANDIDATES = 20


@dataclass(frozen=True)
class Statement:
    """A value with its place, and how much its label weighs."""

    value: object
    span: Span
    weight: int = 4


def same(value):
    """Return the form in which two values are compared: without blanks, full-width forms and quotation marks."""
    return squeeze(fold(value)).strip('"').casefold() if isinstance(value, str) else value


def choose(statements, *, code=WarningCode.VALUES_DIFFER):
    """Return the reading of a fact from its statements: those of the greatest weight must agree."""
    if not statements:
        return Reading()
    greatest = max(statement.weight for statement in statements)
    best = [statement for statement in statements if statement.weight == greatest]
    if len({same(statement.value) for statement in best}) == 1:
        return Reading(best[0].value, (best[0].span,))
    return doubtful(best, code)


def doubtful(statements, code, details=""):
    """Return a reading without a value: the candidates, and the reason."""
    candidates, seen = [], set()
    for statement in statements:
        if same(statement.value) not in seen and len(candidates) < MAX_CANDIDATES:
            seen.add(same(statement.value))
            candidates.append(Candidate(statement.value, statement.span))
    warning = NoticeWarning(code, statements[0].span if statements else None, {"details": details} if details else {})
    return Reading(None, (), tuple(candidates), warning)
