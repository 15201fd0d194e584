"""The admin."""

from tenders.admin import articles, claims, parties, places, sources, tenders

__all__ = ["articles", "claims", "parties", "places", "sources", "tenders"]
