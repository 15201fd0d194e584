"""The past: ``as_of`` gives what was public then, byte for byte, on every public address."""

import datetime
import fcntl
import os
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions, past
from tenders.anonymising import remove_words
from tenders.choices import ChangeKind, EditorialState
from tenders.merging import merge
from tenders.models import Article, Change, Claim, Company, Institution, Page, Report, Source, Tender
from tenders.models.changes import change_set, tracked_models
from tenders.past.copies import SUFFIX
from tenders.past.hidden import hidden_today
from tenders.past.reading import PAST
from tenders.urls import citation_urlpatterns, machine_urlpatterns, urlpatterns
from tenders.views.as_of import PRESENT_ONLY
from tests.factories import create_article, create_tender
from tests.test_undoing import EDITS, last, make_edit, records, rows  # noqa: F401 a fixture

pytestmark = pytest.mark.django_db
DOWNLOADS = ["/tenders.json", "/tenders.csv", "/institutions.json", "/companies.json"]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Keep the copies in a folder of the test, and return it."""
    settings.PAST_ROOT = tmp_path / "past"
    return settings.PAST_ROOT


def moment(change):
    """Return the moment of a change, as an address has it."""
    return change.made_at.isoformat()


def content(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200, (address, query)
    return b"".join(response.streaming_content) if response.streaming else response.content


def change(record, **values):
    with change_set(ChangeKind.CHANGED):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def copies(folder):
    return sorted(folder.glob(f"*{SUFFIX}"))


# What was public then


SERIES = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9)


@settings(max_examples=6)
@given(SERIES, st.integers(0, 8))
def test_after_any_edits_the_records_are_read_as_they_were_before_some_of_them(records, edits, place):  # noqa: F811
    with transaction.atomic():
        before = {}
        for number, edit in enumerate(edits):
            before[last().pk] = rows()
            make_edit(number, *edit)
        number, expected = list(before.items())[place % len(before)]
        hidden = {(model, pk): state for model, found in hidden_today().items() for pk, state in found}

        with past.reading_as_of(number):
            found = rows()

        assert found.keys() == expected.keys()
        for (model, pk), row in expected.items():
            columns = [field.attname for field in _model(model)._meta.concrete_fields]
            if (state := hidden.get((model.lower(), pk))) and EditorialState.PUBLISHED in row[0]:
                row[0][columns.index("state")] = state
            assert found[model, pk] == row, (model, pk)
        transaction.set_rollback(True)


def _model(name):
    return next(model for model in tracked_models() if model.__name__ == name)
