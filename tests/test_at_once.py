"""Concurrent writes of editors in separate processes: no write fails on a lock, and none is lost."""

import os
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from bench.editors import EDITORS, write_at_once
from bench.forms import Fields
from tenders.admin.tenders import TenderAdmin
from tenders.choices import EditorialState
from tests.conftest import copy_of
from tests.factories import create_tender

SAVES = 5


@pytest.fixture
def address(connection_with, django_db_blocker, tmp_path):
    """Return the URL of a migrated database for other processes, which would not see the transaction of a test."""
    with django_db_blocker.unblock():
        empty = connection_with(())
        if empty.vendor == "sqlite":
            empty.ensure_connection()
            path = tmp_path / "editors.sqlite3"
            path.write_bytes(empty.connection.serialize())
            yield f"sqlite:///{path}"
        else:
            copy = copy_of(empty, suffix="editors")
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{copy.settings_dict['NAME']}").geturl()
            copy.creation.destroy_test_db(verbosity=0)


def test_four_editors_write_concurrently_and_nothing_is_lost(address):
    outcome = write_at_once(address, SAVES)

    assert outcome.errors == []
    assert outcome.lost == []
    assert outcome.unrecorded == []
    assert outcome.rows == EDITORS * SAVES


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ('<input name="a" value="1"><input name="b"><input type="submit" name="s">', {"a": "1", "b": ""}),
        ('<input type="checkbox" name="a" checked><input type="checkbox" name="b">', {"a": "on"}),
        ('<input name="a" value="1"><input name="a" value="2"><input name="a">', {"a": ["1", "2", ""]}),
        ('<select name="a"><option value="1"><option value="2" selected></select>', {"a": ["2"]}),
        ('<textarea name="a">\nx &amp; y</textarea>', {"a": "\nx & y"}),
    ],
)
def test_form_data_is_parsed_as_a_browser_would_send_it(page, values):
    assert Fields(page).values == values


def test_a_save_while_a_form_is_being_opened_is_not_overwritten(admin_client, db, monkeypatch):
    tender = create_tender(state=EditorialState.DRAFT, notes="First.")
    address = reverse("admin:tenders_tender_change", args=[tender.pk])
    get_object = TenderAdmin.get_object

    def slow_get_object(*arguments):
        found = get_object(*arguments)
        tender.notes = "First. Another's."
        tender.save()
        return found

    monkeypatch.setattr(TenderAdmin, "get_object", slow_get_object)
    fields = Fields(admin_client.get(address).text).values
    monkeypatch.undo()
    assert fields["notes"].strip() == "First."

    admin_client.post(address, {**fields, "notes": "First. Mine."})

    tender.refresh_from_db()
    assert tender.notes == "First. Another's."
