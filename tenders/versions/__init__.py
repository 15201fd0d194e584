"""Versions of the data set: frozen files with checksums, each chained to the one before it."""

from django.conf import settings

from tenders.versions.manifests import Version, current_editions, versions_in


def latest_version():
    """Return the last release of this site as it is now; None without any."""
    editions = current_editions(versions_in(settings.DATA_VERSIONS))
    return editions[-1] if editions else None


__all__ = ["Version", "current_editions", "latest_version", "versions_in"]
