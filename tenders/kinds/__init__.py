"""
Kinds of value: how a value is parsed, validated, brought into canonical form, compared and displayed.

The canonical form is the text by which statements of sources are compared and stored: a plain number of yuan for an
amount (``>8500000`` for "more than"), ``yes`` or ``no`` for a flag, ISO 8601 with reduced precision for a date, ISO
3166-2 for a region, a slug for a category, a reference for an organisation, several of them sorted and joined by ``|``.
Empty text is an unknown value.
"""

from tenders.kinds.amounts import split_qualifier
from tenders.kinds.base import Kind, canonical, clean_text, plain, sanitize
from tenders.kinds.records import (
    CategorySlug,
    CategorySlugs,
    CompanyReferences,
    InstitutionReference,
    RegionCode,
    RelatedRecord,
    RelatedRecords,
    TenderReferences,
)
from tenders.kinds.values import (
    NOT_AN_OFFICIAL_NUMBER,
    OFFICIAL_NUMBER_REGEX,
    YEARS,
    BilingualText,
    Code,
    CodeIndex,
    Count,
    CreditCode,
    Existence,
    Flag,
    Line,
    Lines,
    Money,
    Name,
    OfficialNumber,
    PartialDate,
    Text,
    Year,
)
