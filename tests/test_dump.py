"""What is dumped can be loaded again: into an empty database, with its history, and nothing more."""

import json

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tenders.choices import ChangeKind
from tenders.models import Article, Change, Tender
from tenders.models.changes import change_set
from tenders.operations import sequences
from tests.factories import create_tender

MODELS = list(apps.get_app_config("tenders").get_models(include_auto_created=True))


@pytest.fixture
def dump(tmp_path):
    """Return a function that dumps all data of the app, and returns the path and the objects, in no order."""

    def write(name):
        path = tmp_path / f"{name}.json"
        call_command("dumpdata", "tenders", output=path, verbosity=0)
        return path, {comparable(dumped) for dumped in json.loads(path.read_text(encoding="utf-8"))}

    return write


def comparable(dumped):
    """Return a dumped object as text in which the items of many-to-many lists are sorted: the database has no order."""
    fields = {name: sorted(value) if isinstance(value, list) else value for name, value in dumped["fields"].items()}
    return json.dumps(dumped | {"fields": fields}, sort_keys=True)


def test_a_dump_is_loaded_with_its_history_and_nothing_more(article_data, dump):
    with change_set(ChangeKind.ADDED):
        tender = create_tender()
        tender.possibly_same_as.set(Tender.objects.exclude(pk=tender.pk)[:2])
    path, before = dump("before")
    with connection.constraint_checks_disabled():
        for model in MODELS:
            model._base_manager.all()._raw_delete("default")

    call_command("loaddata", path, verbosity=0)

    assert not dump("after")[1] ^ before


def test_no_number_of_a_deleted_record_is_given_again(article_data, dump):
    with change_set(ChangeKind.ADDED):
        deleted = create_tender()
    number = deleted.pk
    with change_set(ChangeKind.DELETED):
        deleted.delete()
    path, _before = dump("before")
    sequences.set_last_numbers(connection, {"tenders_tender": number - 1})

    call_command("loaddata", path, verbosity=0)

    assert create_tender().pk == number + 1  # else it would have the history of the deleted one


def test_loading_writes_no_history(article_data):
    assert not Change.objects.exists()
    assert not Article.history.exists()
