"""The admin."""

from tenders.admin import articles, claims, pages, parties, places, sources, tenders

__all__ = ["articles", "claims", "pages", "parties", "places", "sources", "tenders"]
