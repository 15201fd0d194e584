"""
Completeness: whatever a model, a codelist or a list of charts has is known wherever it must be.

What is left out stands in a list of exceptions, each with its reason. The precedent is NetBox's
``test_missing_filters``.
"""

import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.enums import ChoicesType
from django.http import QueryDict
from django.utils import translation
from django.utils.text import capfirst

from tenders import choices
from tenders.audit import history_of
from tenders.charts import amounts, bars, list_charts, tiles, times, years
from tenders.choices import ChangeKind
from tenders.derived import DerivedTextField
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Award, Company, Institution, Tender
from tenders.models.changes import change_set
from tenders.views import details
from tests.factories import create_award, create_company, create_institution, create_tender
from tests.samples import MODELS, create_full, sample

CHINESE = re.compile("[\u4e00-\u9fff]")

# Fields that are no attributes, and why.
OF_RECORDS = {
    "id": "the number of the row in this database",
    "reference": "given at the first save, never stated, never changed",
    "state": "the editorial state, which changes by actions",
}
FIELDS_APART = {
    Tender: OF_RECORDS,
    Institution: OF_RECORDS,
    Company: OF_RECORDS,
    Award: {"id": "the number of the row in this database", "tender": "what an award belongs to"},
}


@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_an_attribute(model):
    fields = {
        field.name
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if not isinstance(field, DerivedTextField)
    }

    assert fields - {attribute.name for attribute in model.ATTRIBUTES} == set(FIELDS_APART[model])


@pytest.mark.parametrize("model", MODELS)
def test_every_attribute_is_a_field_or_computed(model):
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}

    assert {attribute.name for attribute in model.ATTRIBUTES if attribute.name not in fields} == {
        attribute.name for attribute in model.ATTRIBUTES if attribute.is_computed
    }


@pytest.mark.parametrize("model", MODELS)
def test_every_fact_has_a_canonical_form_that_is_validated_and_leads_back(db, model):
    record = create_full(model)
    for fact, attribute in model.FACTS.items():
        text = record.canonical(fact)

        attribute.kind.validate(text)
        if not attribute.is_computed and not attribute.kind.is_list:
            assert attribute.kind.from_canonical(text, model._meta.get_field(attribute.name)) == attribute.value(record)
        if attribute.kind.is_typed:
            with pytest.raises(ValidationError):
                attribute.kind.validate("abc!")


@pytest.mark.parametrize("model", MODELS)
def test_every_kind_of_value_has_a_look_on_pages(model):
    component = (Path(settings.BASE_DIR) / "templates/components/value.html").read_text(encoding="utf-8")

    for attribute in model.FACTS.values():
        assert attribute.kind.component == "text" or f'component == "{attribute.kind.component}"' in component


@pytest.mark.parametrize("model", MODELS)
def test_every_fact_is_shown_on_the_page_of_its_record(client, db, model):
    record = create_full(model)
    page = record.tender if model is Award else record
    prefix = f"award-{record.number}-" if model is Award else ""

    text = client.get(page.get_absolute_url()).text

    rows = dict(re.findall(r'<tr id="([\w-]+)"[^>]*>\s*<th scope="row">.*?</th>\s*<td>(.*?)</td>', text, re.DOTALL))
    for fact in model.FACTS:
        assert 'class="unknown"' not in rows[f"{prefix}{fact}"], fact


BARE = {
    Tender: create_tender,
    Award: lambda: create_award(create_tender()),
    Institution: create_institution,
    Company: create_company,
}


@pytest.mark.parametrize("model", MODELS)
def test_every_change_of_an_attribute_is_in_the_history(db, model):
    with change_set(ChangeKind.ADDED):
        record = BARE[model]()
    attributes = [attribute for attribute in model.stored_attributes() if attribute.name != "number"]

    with change_set(ChangeKind.CHANGED):
        for attribute in attributes:
            value = sample(attribute)
            if isinstance(value, list):
                getattr(record, attribute.name).set(value)
            else:
                setattr(record, attribute.name, value)
        record.save()

    changes = history_of(record.tender if model is Award else record)
    assert {entry.field for entry in changes[0].entries} == {
        capfirst(str(model._meta.get_field(attribute.name).verbose_name)) for attribute in attributes
    }


def chinese_labels():
    """Yield (what is labelled, its label) of all that has a label which is made of no record."""
    for codelist in vars(choices).values():
        if isinstance(codelist, ChoicesType) and codelist.__module__ == choices.__name__:
            yield from ((f"{codelist.__name__}.{member.name}", member.label) for member in codelist)
    for model in MODELS:
        for attribute in model.ATTRIBUTES:
            if attribute.description:
                yield f"{model.__name__}.{attribute.name}: description", attribute.description
            yield from ((f"{model.__name__}.{attribute.name}: name", text) for text in attribute.name_descriptions)
        for attribute in model.stored_attributes():
            yield f"{model.__name__}.{attribute.name}", model._meta.get_field(attribute.name).verbose_name
    for filterset in (TenderFilter, InstitutionFilter, CompanyFilter):
        for name, found in filterset.base_filters.items():
            if found.label:
                yield f"{filterset.__name__}.{name}", found.label


def test_every_label_has_a_chinese_translation():
    with translation.override("zh-hans"):
        english = {what for what, label in chinese_labels() if not CHINESE.search(str(label))}

    assert not english


@pytest.mark.parametrize("path", ["tenders", "institutions", "companies"])
def test_every_chart_of_a_list_is_on_its_page_with_a_chinese_title(client, all_data, path):
    filterset = {"tenders": TenderFilter, "institutions": InstitutionFilter, "companies": CompanyFilter}[path](
        QueryDict()
    )

    with translation.override("zh-hans"):
        functions = getattr(list_charts, f"charts_of_{path}")
        charts = list_charts.draw(functions, filterset, filterset.facets(), filterset.qs.count())
        page = client.get(f"/zh-hans/{path}/?view=charts").text

    assert all(CHINESE.search(chart.title) and chart.title in page for chart in charts)
    assert len({chart.name for chart in charts}) == len(charts)


def test_every_chart_is_drawn_somewhere(client, all_data):
    functions = {
        name
        for module in (amounts, bars, tiles, times, years)
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and re.search(r"\b(Chart|_bar_chart)\(", inspect.getsource(function))
    }
    source = inspect.getsource(list_charts) + inspect.getsource(details)

    assert {name for name in functions if not re.search(rf"\b{name}\b[(,]", source)} == set()
