"""The admin."""

from tenders.admin import accounts, articles, changes, claims, parties, places, sources, tenders

__all__ = ["accounts", "articles", "changes", "claims", "parties", "places", "sources", "tenders"]
