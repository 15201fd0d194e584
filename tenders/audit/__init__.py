"""Read the audit log: who changed what of a record, when, from what to what, and why."""

from tenders.audit.backfill import backfill_history
from tenders.audit.latest import latest_changes
from tenders.audit.records import history_of, public_history_of

__all__ = ["backfill_history", "history_of", "latest_changes", "public_history_of"]
