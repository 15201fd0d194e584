"""Undoing: a change of the history is taken back as a new change; nothing is deleted from the history."""

from tenders.undoing.plans import NOT_UNDONE, plan_undo
from tenders.undoing.writing import undo

__all__ = ["NOT_UNDONE", "plan_undo", "undo"]
