"""The lists of today as a data package (Frictionless Standards): where the files are, the types of their columns."""

from django.urls import reverse

from tenders.exports.live_lists import LISTS
from tenders.exports.table_schema import LICENCES, PROFILE, resource, schema


def data_package(data, absolute):
    """Return the descriptor of the lists as CSV; ``absolute`` gives the absolute address of a path."""
    about = {"profile": PROFILE, "name": "tenderwatch", "title": data.title, "description": str(data.description)}
    if data.changed_at:
        about["created"] = data.changed_at.isoformat()
    return {
        **about,
        "homepage": absolute(reverse("data")),
        "licenses": LICENCES,
        "resources": [
            resource(
                listed.name,
                next(address for form, address, _type in listed.files(absolute) if form == "csv"),
                listed.description,
                schema(listed.columns, list(listed.key)),
            )
            for listed in LISTS
        ],
    }
