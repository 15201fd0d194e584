"""
Attributes in OCDS: one with a path (``Attribute.ocds``) is written there as downloads have it.

What the standard has in another shape is computed, and named in ``COMPUTED``.
"""

from functools import cache

from tenders.kinds import sanitize
from tenders.models import Award, Company, Institution, Tender

# Attributes that are written otherwise than their value stands, and why.
COMPUTED = {
    Tender: {
        "exists": "that a release is there says it",
        "title_en": "the title is the Chinese one where there is no English one",
        "title_zh": "also the title, where there is no English one",
        "buyer": "an organization of the parties",
        "region": "an object with its names",
        "category": "a classification",
        "suggested_categories": "classifications",
        "notice_date": "also a moment, where the day is known",
        "budget_amount": "a value with its currency",
        "possibly_same_as": "related processes",
    },
    Award: {
        "number": "the last part of the id",
        "suppliers": "organizations of the parties",
        "amount": "a value with its currency",
        "amount_qualifier": "a bound is no amount",
        "award_date": "also a moment, where the day is known",
        "contract_date": "a contract",
        "is_joint": "that there are several suppliers says it",
    },
    Institution: {
        "name_en": "the name is the Chinese one where there is no English one",
        "kind": "a classification",
        "region": "also the address",
        "level": "a classification",
        "credit_code": "an identifier",
    },
    Company: {
        "name_en": "the name is the Chinese one where there is no English one",
        "kind": "a classification",
        "region": "also the address",
        "credit_code": "an identifier",
        "size": "a scale, or a classification where the standard has no code",
        "group_region": "an object with its names",
        "institution": "a reference",
    },
}


@cache
def _paths(model, root):
    """Return [(name, kind, is_optional, keys)] of the attributes that are written as they are, below ``root``."""
    return [
        (attribute.name, attribute.kind, attribute.is_optional, attribute.ocds.removeprefix(root).split("/"))
        for attribute in model.ATTRIBUTES
        if attribute.name not in COMPUTED[model]
    ]


def write_attributes(model, state, into, root=""):
    """Write the known values of attributes into an object, at their paths; flags of ours only where they are true."""
    for name, kind, is_optional, keys in _paths(model, root):
        value = sanitize(kind.export_value(getattr(state, name)))
        if value in (None, "", []) or (value is False and is_optional):
            continue
        target = into
        for key in keys[:-1]:
            target = target.setdefault(key, {})
        target[keys[-1]] = value
