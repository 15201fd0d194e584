"""The admin."""

from tenders.admin import articles, changes, claims, parties, places, reports, sources, tenders

__all__ = ["articles", "changes", "claims", "parties", "places", "reports", "sources", "tenders"]
