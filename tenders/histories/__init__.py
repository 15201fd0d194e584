"""The histories of records: who changed what, when, from what to what, and why."""

from tenders.histories.beginning import begin
from tenders.histories.latest import latest_changes
from tenders.histories.records import history_of, public_history_of

__all__ = ["begin", "history_of", "latest_changes", "public_history_of"]
