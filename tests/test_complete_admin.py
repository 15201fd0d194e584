"""The admin's forms are complete: what can be known of a record can be entered."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten

from tenders.admin.records import record_fieldsets
from tenders.admin.tenders import AwardForm
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
def test_an_attribute_that_the_layout_does_not_place_follows_at_the_end_of_the_facts(model):
    (_none, heading), (_title, facts), _citing = record_fieldsets(model, ["notes"], [("region", "credit_code")])

    first, *others = facts["fields"]
    placed = {*flatten(heading["fields"]), *first}
    assert placed == {"notes", "notes_zh", "region", "credit_code"}
    assert placed | {*others} >= {attribute.name for attribute in model.stored_attributes()}
    assert not placed & {*others}
