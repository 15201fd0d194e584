"""The admin."""

from tenders.admin import articles, changes, claims, parties, places, sources, tenders

__all__ = ["articles", "changes", "claims", "parties", "places", "sources", "tenders"]
