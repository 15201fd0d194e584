"""
Our extension of OCDS: a patch of the schema and codelists, files that each site serves under their version.

Validators read them from there. A version only ever gets new members: what must change otherwise is a new version.
"""

from pathlib import Path

VERSION = "1.0"
FOLDER = Path(__file__).parent / "extension"
DESCRIPTION, SCHEMA = f"{VERSION}/extension.json", f"{VERSION}/release-schema.json"
CODELISTS = sorted(path.name for path in (FOLDER / VERSION / "codelists").glob("*.csv"))
FILES = {DESCRIPTION, SCHEMA, *(f"{VERSION}/codelists/{name}" for name in CODELISTS)}


def description(documentation):
    """Return what describes the extension; ``documentation`` is the address of the publication policy."""
    return {
        "name": {"en": "TenderWatch"},
        "description": {
            "en": "What each source states of each field, which fields are unknown or disputed, dates of reduced "
            "precision, amounts that are bounds, and names in Chinese."
        },
        "documentationUrl": {"en": documentation},
        "compatibility": ["1.1"],
        "schemas": ["release-schema.json"],
        "codelists": CODELISTS,
    }
