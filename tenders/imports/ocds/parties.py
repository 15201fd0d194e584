"""The organizations of a process: in ``parties`` (OCDS 1.1), or where they are named (OCDS 1.0)."""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import Fact, NameStatus
from tenders.credit_codes import validate_credit_code
from tenders.imports.readers import RefusedCell
from tenders.models import Company
from tenders.ocds.parties import KIND
from tenders.ocds.values import CREDIT_CODE
from tenders.references import REFERENCE_PATTERN
from tenders.search import HAN, fold

NAMES_OF_CHINA = ("CN", "CHN", "China", "PRC", "P.R. China", "People's Republic of China", "中国", "中华人民共和国")
CHINA = set(map(fold, NAMES_OF_CHINA))


@dataclass
class Organization:
    """An organization as cells name it: by its reference, if it has one of ours, and its names; all with quotations."""

    reference: str = ""
    name_en: str = ""
    name_zh: str = ""
    credit_code: str = ""
    kind: str = ""
    seat: str = ""
    named_at: tuple = ()
    quotations: dict = field(default_factory=dict)  # by fact
    refused: RefusedCell | None = None  # a seat that is not in China

    @property
    def name(self):
        """What a cell names it by."""
        return self.reference or self.name_zh or self.name_en


class Organizations:
    """Reads the organizations that parts of a release refer to, or hold."""

    def __init__(self, members):
        self._members = members
        self._parties = {}
        for path, _party in members.items("parties"):
            self._parties.setdefault(members.name(*path, "id"), path)

    def find(self, model, path):
        """Return the organization that a reference at a path stands for; None where nothing names one."""
        members = self._members
        key = members.name(*path, "id")
        party = self._parties.get(key) if key else None
        organization = Organization(named_at=path)
        if re.fullmatch(f"{model.REFERENCE_PREFIX}-{REFERENCE_PATTERN}", key):
            organization.reference = key
        for place in filter(None, (party, path)):
            members.read(*place, "id")
            self._read_names(organization, model, place)
            self._read_details(organization, model, place)
        if party:
            members.read(*party, "roles")
        if party and organization.reference:
            members.read(*party, "additionalIdentifiers")
        return organization if organization.name_en or organization.name_zh else None

    def _read_names(self, organization, model, path):
        members = self._members
        places = [(*path, "name_zh"), (*path, "name"), (*path, "identifier", "legalName")]
        has_one = model is Company and not organization.reference  # a cell names it by that
        for place in places:
            text = members.text(*place)
            field, fact = ("name_zh", Fact.NAME_ZH) if HAN.search(text) else ("name_en", Fact.NAME_EN)
            if not text:
                continue
            if not getattr(organization, field) and not (has_one and organization.name):
                setattr(organization, field, text)
                organization.named_at = place
                members.read(*place)
                status = (*path, "details", "nameStatus" if fact == Fact.NAME_EN else "nameStatus_zh")
                members.read(*status)
                if members.text(*status) in ("", NameStatus.SOURCED):  # else it is a name of ours
                    organization.quotations[fact] = members.quote(*place)
            elif getattr(organization, field) == text:
                members.read(*place)

    def _read_details(self, organization, model, path):
        members = self._members
        code = members.name(*path, "identifier", "id").upper()
        is_code = members.text(*path, "identifier", "scheme") == CREDIT_CODE and _is_credit_code(code)
        if is_code and not organization.credit_code:
            organization.credit_code = code
            organization.quotations[Fact.CREDIT_CODE] = members.quote(*path, "identifier", "id")
            members.read(*path, "identifier", "scheme")
        for place, _item in members.items(*path, "details", "classifications"):
            if members.text(*place, "scheme") == KIND:
                organization.kind = members.text(*place, "id")
                organization.quotations[Fact.KIND] = members.quote(*place, "id")
                members.read(*place)
        self._read_seat(organization, path)

    def _read_seat(self, organization, path):
        members = self._members
        country = (*path, "address", "countryName")
        if (text := members.text(*country)) and fold(text) not in CHINA:
            message = _("Leave this process out: its organizations must be in China.")
            organization.refused = RefusedCell(text, message, [members.quote(*country)])
            return
        members.read(*country)
        code, region = (*path, "details", "regionCode"), (*path, "address", "region")
        for place in (code, region):
            if (text := members.text(*place)) and not organization.seat:
                organization.seat = text
                organization.quotations[Fact.REGION] = members.quote(*place)
        members.read(*region)


def _is_credit_code(text):
    try:
        validate_credit_code(text)
    except ValidationError:
        return False
    return True
