"""Versions of the data set: frozen files with checksums, each chained to the one before it."""

from tenders.versions.manifests import Version, versions_in

__all__ = ["Version", "versions_in"]
