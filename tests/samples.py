"""Records of which everything is known: a value of each attribute, made from its kind."""

from decimal import Decimal

from tenders import kinds
from tenders.choices import EditorialState
from tenders.models import Award, Company, Institution, Tender
from tests.factories import create_category, create_company, create_institution, create_region, create_tender, serial

MODELS = (Tender, Award, Institution, Company)

# A function that makes a value, by kind.
SAMPLES = {
    kinds.Text: lambda attribute: f"Sample of {attribute.name} {next(serial)}",
    kinds.Line: lambda attribute: f"Sample of {attribute.name} {next(serial)}",
    kinds.Name: lambda attribute: f"Sample of {attribute.name} {next(serial)}",
    kinds.BilingualText: lambda attribute: f"Sample of {attribute.name} {next(serial)}",
    kinds.Lines: lambda attribute: f"First {attribute.name}\nSecond {attribute.name}",
    kinds.CreditCode: lambda attribute: "91350100M000100Y43",
    kinds.OfficialNumber: lambda attribute: f"ZFCG2018-{next(serial)}",
    kinds.Money: lambda attribute: Decimal("1234567.89"),
    kinds.PartialDate: lambda attribute: "2018-06",
    kinds.Year: lambda attribute: 2018,
    kinds.Count: lambda attribute: 1,
    kinds.Flag: lambda attribute: True,
    kinds.Code: lambda attribute: attribute.kind.codelist.values[-1],
    kinds.RegionCode: lambda attribute: create_region("CN-GD"),
    kinds.CategorySlug: lambda attribute: create_category(f"category-{next(serial)}"),
    kinds.InstitutionReference: lambda attribute: create_institution(),
    kinds.CompanyReferences: lambda attribute: [create_company(), create_company()],
    kinds.CategorySlugs: lambda attribute: [create_category(f"category-{next(serial)}")],
    kinds.TenderReferences: lambda attribute: [create_tender()],
}


def sample(attribute):
    """Return a known value of an attribute, as its column holds it."""
    return SAMPLES[type(attribute.kind)](attribute)


def create_full(model, **fields):
    """Create a published record of which every attribute has a value; of an award, that of a new tender."""
    if model is Award:
        fields.setdefault("tender", create_tender())
    else:
        fields.setdefault("state", EditorialState.PUBLISHED)
    values = {
        attribute.name: sample(attribute) for attribute in model.stored_attributes() if attribute.name not in fields
    }
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    record = model.objects.create(**fields, **{name: value for name, value in values.items() if name not in lists})
    for name, value in lists.items():
        getattr(record, name).set(value)
    return record
