"""Completeness of imports, downloads and merging: what they leave out is named here, with the reason."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import kinds, merging
from tenders.choices import EditorialState
from tenders.derived import DerivedTextField
from tenders.exports.cells import cell_text
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.imports import validating
from tenders.imports.columns import ATTRIBUTES, COMPANY_NAMES, IMPORTED, PARTY_NAMES
from tenders.imports.validating import check_constraints, is_violated
from tenders.models import Award, Company, Institution, Tender
from tests.factories import create_category, create_company, create_institution, create_region, create_tender
from tests.samples import create_full
from tests.test_imports import csv_of, imported, planned

COLUMNS = {Tender: TENDERS, Award: TENDERS, Institution: INSTITUTIONS, Company: COMPANIES}

COMPUTED = "computed of other columns"
KEY = "a key of this database"
GIVEN = "given at the first save, never changed"
WORKFLOW = "decided by editors, not by sources"
RECORD = {"id": KEY, "reference": GIVEN, "state": WORKFLOW, "search_text": COMPUTED}
SORTED = {**RECORD, "sort_en": COMPUTED, "sort_zh": COMPUTED}
TENDER = {**SORTED, "pinyin_text": COMPUTED}
PARTY = {**SORTED, "name_text": COMPUTED}
AWARD = {"id": KEY, "tender": "the row that it stands in"}

NOT_MERGED = {
    Tender: TENDER,
    Institution: PARTY,
    Company: PARTY,
    Award: {
        "id": KEY,
        "tender": "the kept tender",
        "number": "the next free one of the kept tender",
        "notes": "taken where the kept award has none",
        "notes_zh": "taken with the notes",
    },
}
NOT_EXPORTED = {
    Tender: {name: reason for name, reason in TENDER.items() if name != "reference"},
    Institution: {name: reason for name, reason in PARTY.items() if name != "reference"},
    Company: {name: reason for name, reason in PARTY.items() if name != "reference"},
    Award: AWARD,
}
NOT_IMPORTED = {Tender: TENDER, Award: AWARD}

FOR_PEOPLE = "stands beside a code or reference for people"
COLUMNS_NOT_IMPORTED = {
    **dict.fromkeys(COMPANY_NAMES, "of companies that award_companies names"),
    **{name: "of an organisation that is not there yet" for names in PARTY_NAMES.values() for name in names},
    "region_name_en": FOR_PEOPLE,
    "region_name_zh": FOR_PEOPLE,
    "category_name_en": FOR_PEOPLE,
    "category_name_zh": FOR_PEOPLE,
    "company_seats": "a fact of the companies",
    "same_region": COMPUTED,
    "award_amount": COMPUTED,
    "disputed": COMPUTED,
    "address": COMPUTED,
}


def fields(model):
    return {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}


def two_values(field):
    """Return two different values of a column."""
    if isinstance(field, models.ForeignKey):
        return field.related_model(pk=1), field.related_model(pk=2)
    if field.choices:
        return field.choices[0][0], field.choices[1][0]
    if isinstance(field, models.BooleanField):
        return False, True
    if isinstance(field, models.DecimalField):
        return Decimal(1), Decimal(2)
    return (1, 2) if isinstance(field, models.IntegerField) else ("1", "2")


def merged_fields(model):
    """Return the columns whose values merging asks about, moves or joins."""
    if model is Award:
        return {attribute.name for attribute in merging.AWARD_CONTENT}
    attributes = {attribute.name: attribute for attribute in model.ATTRIBUTES}
    merged = {attribute.name for attribute in model.stored_attributes() if attribute.kind.is_list}  # see below
    for field in model._meta.concrete_fields:
        keep, drop = (model(**{field.name: value}) for value in two_values(field))
        for difference in merging.differences(keep, drop):
            merged |= {*merging.fields_of(keep, attributes[difference.field])}
    return merged


@pytest.mark.parametrize("model", NOT_MERGED)
def test_every_field_is_merged_or_named_as_not_merged(model):
    assert fields(model) - merged_fields(model) == set(NOT_MERGED[model])


@pytest.mark.parametrize("model", [Tender, Institution, Company])
def test_merged_records_have_the_lists_of_both(db, model):
    values = {"credit_code": ""} if model is not Tender else {}  # which no two records have
    keep, drop = create_full(model), create_full(model, **values)
    lists = [attribute for attribute in model.stored_attributes() if attribute.kind.is_list]
    before = {attribute.name: {*listed(attribute.value(keep)), *listed(attribute.value(drop))} for attribute in lists}

    merged = merging.merge(keep=keep, drop=drop)

    assert {name: before[name] - set(listed(getattr(merged, name))) for name in before} == {
        name: set() for name in before
    }


def listed(value):
    """Return the items of a value of a kind that is a list."""
    if isinstance(value, str):
        return value.splitlines()
    return value if isinstance(value, list) else list(value.all())


@pytest.mark.parametrize("model", NOT_EXPORTED)
def test_every_field_is_exported_or_named_as_not_exported(model):
    names = {column.name for column in COLUMNS[model]}
    exported = {attribute.name for attribute in model.ATTRIBUTES if attribute.column in names} | ({"reference"} & names)

    assert fields(model) - exported == set(NOT_EXPORTED[model])


@pytest.mark.parametrize("model", NOT_IMPORTED)
def test_every_field_is_imported_or_named_as_not_imported(model):
    columns = {attribute.name for attribute in model.ATTRIBUTES if attribute.column in IMPORTED}

    assert fields(model) - columns == set(NOT_IMPORTED[model])


@pytest.mark.parametrize("model", [Tender, Institution, Company])
def test_columns_that_are_named_as_computed_are(model):
    computed = {field.name for field in model._meta.concrete_fields if isinstance(field, DerivedTextField)}

    assert {name for name, reason in NOT_MERGED[model].items() if reason == COMPUTED} == computed


def test_every_imported_column_is_exported():
    assert {column.name for column in TENDERS} >= IMPORTED


def test_every_exported_column_is_imported_or_named_as_not_imported():
    assert {column.name for column in TENDERS} - IMPORTED == set(COLUMNS_NOT_IMPORTED)


SAMPLES = {
    kinds.Text: lambda kind: "Some words",
    kinds.Line: lambda kind: "Some title",
    kinds.BilingualText: lambda kind: "Some place",
    kinds.OfficialNumber: lambda kind: "ZFCG2019-001",
    kinds.Code: lambda kind: kind.codelist.values[0],
    kinds.Flag: lambda kind: "yes",
    kinds.Count: lambda kind: "1",
    kinds.Year: lambda kind: "2019",
    kinds.Money: lambda kind: "100.5",
    kinds.PartialDate: lambda kind: "2019-06",
    kinds.RegionCode: lambda kind: create_region("CN-BJ").code,
    kinds.CategorySlug: lambda kind: create_category("one").slug,
    kinds.CategorySlugs: lambda kind: create_category("another").slug,
    kinds.InstitutionReference: lambda kind: create_institution().reference,
    kinds.CompanyReferences: lambda kind: create_company().reference,
    kinds.TenderReferences: lambda kind: create_tender(title_en="Another platform").reference,
}


@pytest.fixture
def full_row(db):
    """A canonical value in every column that is imported."""
    row = {column: SAMPLES[type(attribute.kind)](attribute.kind) for column, attribute in ATTRIBUTES.items()}
    return {"reference": "TW-000001", **row}


def test_every_attribute_of_a_row_is_written_and_exported(full_row):
    imported(csv_of(full_row))
    Tender.objects.filter(reference="TW-000001").update(state=EditorialState.PUBLISHED)

    tender = Tender.objects.with_figures().for_download().get(reference="TW-000001")

    exported = {column.name: cell_text(column.value(tender), column.separators) for column in TENDERS}
    assert {column: exported[column] for column in full_row} == full_row


def test_every_attribute_of_a_row_is_compared(full_row):
    _planner, _plan, (before,) = planned(csv_of(full_row))
    imported(csv_of(full_row))
    _planner, _plan, (after,) = planned(csv_of(full_row))

    assert {difference.column for difference in before.differences} == set(ATTRIBUTES)
    assert after.differences == []


# Constraints

CHECKS = [(model, *check) for model in (Tender, Award) for check in check_constraints(model)]


def test_every_check_constraint_is_asked_by_an_import(full_row, monkeypatch):
    asked = set()

    def spy(constraint, model, values):
        asked.add(constraint.name)
        return is_violated(constraint, model, values)

    monkeypatch.setattr(validating, "is_violated", spy)
    planned(csv_of(full_row))

    assert asked == {
        constraint.name
        for model in (Tender, Award)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    }


def values_of(field):
    """Return values that a column may be asked about, good and bad ones."""
    if isinstance(field, models.BooleanField):
        values = st.booleans()
    elif isinstance(field, models.DecimalField):
        values = st.decimals(-2, 2, places=2)
    elif isinstance(field, models.IntegerField):
        values = st.integers(-1, 2) | st.integers(1970, 2110)
    elif isinstance(field, models.ForeignKey):
        values = st.just(field.related_model(pk=1))
    else:
        texts = ["2019", "2019-06", "2019-13", "2019-06-31", "2019-06-19", "TW-7K3M9Q", "TW-7K3M9I", "tw-7k3m9q", "x"]
        values = st.sampled_from(["", *texts])
    return values | st.none() if field.null else values


@pytest.mark.parametrize(("model", "constraint", "names"), CHECKS, ids=lambda value: getattr(value, "name", ""))
@given(data=st.data())
@settings(max_examples=40)
def test_a_constraint_in_python_is_the_one_of_the_database(db, model, constraint, names, data):
    values = {name: data.draw(values_of(model._meta.get_field(name)), label=name) for name in names}

    try:
        constraint.validate(model, model(**values))
        is_refused = False
    except ValidationError:
        is_refused = True

    assert is_violated(constraint, model, values) == is_refused
