"""The data dictionary (docs/data.md) names every field, fact and code, and no other."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import models

from tenders import choices
from tenders.models import (
    AddressCheck,
    Article,
    Award,
    Category,
    Citation,
    Claim,
    Company,
    DatasetVersion,
    Inclusion,
    Institution,
    Page,
    Region,
    Report,
    Source,
    SourceFile,
    Tender,
    VerdictChange,
)
from tenders.models.sources import ATTRIBUTES_BY_FACT, TYPED_FACTS

TEXT = (Path(settings.BASE_DIR) / "docs" / "data.md").read_text(encoding="utf-8")
SHARED, COMPUTED = "What institutions, companies and tenders share", "Computed fields"
MODELS = [Article, Award, Category, Citation, Claim, Company, Inclusion, Institution, Page, Region, Source, Tender]
MODELS += [VerdictChange, DatasetVersion, SourceFile, AddressCheck, Report]
CODELISTS = {
    name: codelist
    for name, codelist in vars(choices).items()
    if isinstance(codelist, type)
    and issubclass(codelist, models.TextChoices)
    and codelist.__module__ == choices.__name__
}
# Facts have a table of their own; the others are no codes of the data.
NO_SECTION = {"Fact", "ChangeKind", "ValueType"}


def section(title):
    """Return the text under a heading, up to the next one."""
    return re.search(rf"^##+ {re.escape(title)}\n(.*?)(?=^##|\Z)", TEXT, re.M | re.S)[1]


def names_in(text):
    return set(re.findall(r"`(?:\w+\.)?([\w-]+)`", text))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_field_stands_in_the_section_of_its_model(model):
    title = COMPUTED if model is DatasetVersion else model.__name__
    named = names_in(section(title) + section(SHARED) + section(COMPUTED))
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}

    assert fields - {"id"} <= named


def test_the_table_of_facts_has_every_fact_and_whether_it_is_typed():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (yes|no) \|$", section("Facts that can be cited"), re.M)

    assert dict(rows) == {fact.value: "yes" if fact in TYPED_FACTS else "no" for fact in ATTRIBUTES_BY_FACT}


@pytest.mark.parametrize("name", sorted(set(CODELISTS) - NO_SECTION))
def test_every_code_stands_in_the_section_of_its_codelist(name):
    assert {code for code in CODELISTS[name].values if code} <= names_in(section(name))
