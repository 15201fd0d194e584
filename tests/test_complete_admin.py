"""The admin's forms are complete: what can be known of a record can be entered."""

import re
from collections import Counter

import pytest
from django.contrib import admin
from django.urls import reverse

from tenders.admin.tenders import AwardForm
from tenders.choices import Fact
from tenders.models import Award, Company, Institution, Tender

RECORDS = [Tender, Institution, Company]
# Editable fields without a field of the form, and why.
WITHOUT_FIELD = {
    "id": "given by the database",
    "reference": "given when a record is first saved",
    "state": "changed by the buttons of the form",
    "tender": "an award is entered on the page of its tender",
}


def entered(model, request):
    """Return the names of the fields of the form in which an editor enters a record or an award."""
    form = AwardForm if model is Award else admin.site.get_model_admin(model).get_form(request)
    return set(form.base_fields)


@pytest.fixture
def request_of_admin(rf, admin_user):
    request = rf.get("/")
    request.user = admin_user
    return request


@pytest.mark.parametrize("model", [*RECORDS, Award])
def test_every_attribute_can_be_entered(request_of_admin, model):
    attributes = {attribute.name for attribute in model.stored_attributes()}

    assert attributes <= entered(model, request_of_admin)


@pytest.mark.parametrize("model", [*RECORDS, Award])
def test_every_editable_field_can_be_entered(request_of_admin, model):
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    editable = {field.name for field in fields if field.editable}

    assert editable - WITHOUT_FIELD.keys() <= entered(model, request_of_admin)


@pytest.mark.parametrize("model", RECORDS)
def test_every_field_has_a_row_in_the_form(admin_client, db, model):
    text = admin_client.get(reverse(f"admin:tenders_{model._meta.model_name}_add")).text

    names = [attribute.name for attribute in model.stored_attributes()]
    if model is Tender:
        names += [f"awards-0-{attribute.name}" for attribute in Award.stored_attributes()]
    assert [name for name in names if text.count(f'name="{name}"') < 1] == []


@pytest.mark.parametrize("model", RECORDS)
def test_a_statement_of_every_fact_can_be_added(admin_client, db, model):
    text = admin_client.get(reverse(f"admin:tenders_{model._meta.model_name}_add")).text

    offered = Counter(re.findall(r'<input type="hidden" name="citations-\d+-fact" value="([^"]+)"', text))
    facts = [*model.FACTS, *(Award.FACTS if model is Tender else [])]
    assert offered == Counter(str(fact) for fact in facts if fact != Fact.IS_JOINT)  # it follows from the companies
