"""
OCDS as others read it: its schema with the extensions of a package, and what releases merge to.

The schema of the standard is no part of this project. Where ``OCDS_SCHEMA`` names a folder that holds it, and the
registered extensions in ``ext``, tests validate against it.
"""

import json
import os
from functools import cache
from pathlib import Path

import ocdsmerge
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource

from tenders.ocds.extension import FOLDER, SCHEMA
from tenders.ocds.packages import EXTENSIONS

GIVEN = os.environ.get("OCDS_SCHEMA", "")
OURS = json.loads((FOLDER / SCHEMA).read_text())
TAG = "https://standard.open-contracting.org/schema/1__1__5"


def _patched(schema, patch):
    """Return a schema with a patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    schema = dict(schema) if isinstance(schema, dict) else {}
    for name, value in patch.items():
        if value is None:
            schema.pop(name, None)
        else:
            schema[name] = _patched(schema.get(name), value)
    return schema


@cache
def release_schema():
    """Return the schema of releases with all extensions of our packages."""
    (folder,) = {path.parent for path in Path(GIVEN).rglob("release-package-schema.json")}
    schema = json.loads((folder / "release-schema.json").read_text())
    roots = (Path(GIVEN), *Path(GIVEN).resolve().parents)
    extensions = next(root / "ext" for root in roots if (root / "ext").is_dir())
    for name in EXTENSIONS:
        schema = _patched(schema, json.loads((extensions / name / "release-schema.json").read_text()))
    return _patched(schema, OURS)


def _strict(schema):
    """Return a schema that allows no member which it does not declare, and nothing that is empty."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _strict(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and not isinstance(schema.get("properties", {}).get("type"), str):
        found.setdefault("additionalProperties", False)
        found.setdefault("minProperties", 1)
    return found


@cache
def validator(name):
    """Return the strict validator of packages: ``release`` or ``record``."""
    (path,) = Path(GIVEN).rglob(f"{name}-package-schema.json")
    resource = Resource.from_contents(_strict(release_schema()))
    versioned = Resource.from_contents({"$schema": "http://json-schema.org/draft-04/schema#"})
    registry = Registry().with_resources(
        [(f"{TAG}/release-schema.json", resource), (f"{TAG}/versioned-release-validation-schema.json", versioned)]
    )
    return Draft4Validator(json.loads(path.read_text()), registry=registry, format_checker=FormatChecker())


def errors_of(name, package):
    """Return what is wrong in a package; nothing without the schema."""
    if not GIVEN:
        return []
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator(name).iter_errors(package)]


def _own_rules():
    """Return the rules by which releases are merged, as far as they are ours."""
    whole = [((name,), member) for name, member in OURS["properties"].items()]
    whole += [(("tender", name), member) for name, member in OURS["definitions"]["Tender"]["properties"].items()]
    rules = {path: "wholeListMerge" for path, member in whole if member.get("wholeListMerge")}
    return rules | {(name,): "omitWhenMerged" for name in ("id", "date", "tag")}


@cache
def _merger():
    rules = _own_rules()
    if GIVEN:
        found = ocdsmerge.rules.get_merge_rules(release_schema())
        assert rules.items() <= found.items()
        rules = found
    return ocdsmerge.Merger(merge_rules=rules)


def merged(releases):
    """Return what some releases compile to."""
    return _merger().create_compiled_release([dict(release) for release in releases])
