"""Validation that asks the database only of what may be wrong."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenders.models import Tender
from tests.factories import create_institution, create_region, create_tender

pytestmark = pytest.mark.django_db


def test_of_stored_rows_only_the_constraints_of_written_fields_are_checked():
    tender = create_tender()
    tender.year, tender.certainty = 1066, ""

    with tender.only_written({"notes"}), CaptureQueriesContext(connection) as queries:
        tender.validate_constraints()
    with tender.only_written({"year"}), pytest.raises(ValidationError) as of_year:
        tender.validate_constraints()
    with pytest.raises(ValidationError) as of_all:
        tender.validate_constraints()

    assert not queries
    assert of_year.value.messages == ["Enter a year between 1978 and 2099."]
    assert set(of_all.value.messages) == {"Enter a year between 1978 and 2099.", "Choose how certain the tender is."}


def test_a_constraint_of_several_fields_is_checked_when_one_is_written():
    tender = create_tender()
    tender.category_basis = "stated"

    with tender.only_written({"category"}), pytest.raises(ValidationError, match="without a category, choose neither"):
        tender.validate_constraints()


def test_a_related_record_that_was_read_is_not_asked_for_again():
    tender = create_tender(buyer=create_institution(), region=create_region("CN-BJ"))
    tender = Tender.objects.select_related("buyer", "region").get(pk=tender.pk)

    with CaptureQueriesContext(connection) as queries:
        tender.clean_fields()

    assert not queries


def test_a_related_record_that_is_not_there_is_refused():
    tender = create_tender()
    tender.buyer_id = 999_999

    with pytest.raises(ValidationError, match="not a valid choice"):
        tender.clean_fields()
