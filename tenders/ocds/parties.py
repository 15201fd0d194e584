"""Institutions and companies as organizations of OCDS."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from tenders.choices import CompanySize
from tenders.kinds import sanitize
from tenders.models import Company
from tenders.ocds.attributes import write_attributes
from tenders.ocds.values import CLASSIFICATION, CREDIT_CODE, classification, without_empty

KIND, LEVEL, SIZE = (f"{CLASSIFICATION}-{name}" for name in ("KIND", "LEVEL", "SIZE"))
COUNTRY = "China"


def party_name(state):
    """Return the name of a party: the English one, where there is one."""
    return sanitize(state.name_en or state.name_zh)


def organization(batch, change, model, state, site):
    """Return the state of a public party after a change as an organization, without its roles."""
    region = batch.regions.at(state.region_id, change)
    details, address = {}, {}
    found = {
        "id": state.reference,
        "name": party_name(state),
        "identifier": _identifier(state),
        "additionalIdentifiers": [
            {
                "scheme": CLASSIFICATION,
                "id": state.reference,
                "uri": f"{site}{_page(model, state.reference)}",
            }
        ],
        "address": address,
        "details": details,
    }
    if region:
        address |= {"region": region.name_en, "countryName": COUNTRY}
        details["regionCode"] = region.code
    details["classifications"] = _classifications(model, state)
    if model is Company:
        if state.size and state.size != CompanySize.SMALL_OR_MICRO:
            details["scale"] = state.size
        details["groupRegion"] = batch.region(state.group_region_id, change)
        if institution := batch.institutions.public_at(state.institution_id, change):
            details["sameBodyAs"] = institution.reference
    write_attributes(model, state, found, "parties/")
    found["details"] = without_empty(details)
    return without_empty(found)


def _identifier(state):
    if not state.credit_code:
        return None
    return without_empty(
        {"scheme": CREDIT_CODE, "id": state.credit_code, "legalName": sanitize(state.name_zh or state.name_en)}
    )


def _classifications(model, state):
    """Return the kind and the level of an institution; of a company the kind, and a size that has no code in OCDS."""
    found = [(KIND, state.kind)]
    if model is Company:
        found.append((SIZE, state.size if state.size == CompanySize.SMALL_OR_MICRO else ""))
    else:
        found.append((LEVEL, state.level))
    return [classification(scheme, code) for scheme, code in found if code]


def _page(model, reference):
    """Return the path of the page of a party."""
    with override(settings.LANGUAGE_CODE):
        return reverse(f"{model._meta.model_name}-detail", args=[reference])
