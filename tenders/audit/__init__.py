"""Read the audit log: who changed what of a record, when, from what to what, and why."""

from tenders.audit.backfill import backfill_history
from tenders.audit.latest import last_public_change, latest_changes
from tenders.audit.news import latest_news, month_of_news, news_items
from tenders.audit.records import history_of, public_history_of

__all__ = [
    "backfill_history",
    "history_of",
    "last_public_change",
    "latest_changes",
    "latest_news",
    "month_of_news",
    "news_items",
    "public_history_of",
]
