"""Migrations of a database that has records: nothing is lost on the way there and back."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tenders import merging
from tenders.models import DistinctPair, RedirectedReference, Source, VerdictChange
from tenders.operations.databases import as_alias, is_migrated
from tests.conftest import copy_of
from tests.factories import create_article, create_claim, create_company, create_source

pytestmark = pytest.mark.xdist_group("migrations")  # one database goes back and forth for all

SQUASHED = ("tenders", "0001_squashed_0036_no_index_of_state")
RENAMED = {VerdictChange: "Turn", RedirectedReference: "FormerReference", DistinctPair: "NotSame"}
FIELDS = {
    VerdictChange: ["claim_id", "changed_at", "verdict", "cause", "recorded"],
    RedirectedReference: ["reference", "redirects_to", "is_public"],
    DistinctPair: ["one", "other", "reason"],
}
OLD_NAMES = {"changed_at": "turned_at", "redirects_to": "leads_to"}
PERMISSIONS = [f"view_{model._meta.model_name}" for model in RENAMED]


def load_single(loader, load_disk=MigrationLoader.load_disk):
    """Load the migrations as versions did that had no squashed one."""
    load_disk(loader)
    del loader.disk_migrations[SQUASHED]


def migrate(name):
    """Migrate the tables of the app and return its models as they are then."""
    call_command("migrate", "tenders", name, verbosity=0)
    return MigrationExecutor(connection).loader.project_state([("tenders", name)]).apps


def rows_of(models, fields):
    return [list(model.objects.order_by("pk").values_list(*names)) for model, names in zip(models, fields, strict=True)]


def create_records():
    claim = create_claim(create_article(), "count", printed=1)
    VerdictChange.objects.create(
        claim=claim, changed_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC), verdict="agrees", cause="first", recorded=1
    )
    RedirectedReference.objects.create(reference="C-000000", redirects_to="C-000001", is_public=True)
    DistinctPair.objects.create(one="I-000000", other="I-000001", reason="Two cities.")
    group = Group.objects.create(name="Readers")
    group.permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    create_source(slug="a-script")
    keep, drop = create_company(), create_company()
    merging.merge(keep=keep, drop=drop, reason="One company.")
    return group, keep, drop


@pytest.fixture(scope="module")
def walk(connection_with, django_db_blocker):
    """What is found in a database with records on its way back to 0010, and forth again to the present."""
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as monkeypatch,
        as_alias(copy_of(connection_with(()), suffix="migrations")) as copy,
    ):
        monkeypatch.setattr(MigrationLoader, "load_disk", load_single)
        found = SimpleNamespace()
        group, found.keep, found.drop = create_records()
        found.before = rows_of(RENAMED, FIELDS.values())

        old = migrate("0010_fuller_pages")
        names = [[OLD_NAMES.get(name, name) for name in fields] for fields in FIELDS.values()]
        found.back = rows_of([old.get_model("tenders", name) for name in RENAMED.values()], names)
        found.old_permissions = set(group.permissions.values_list("codename", flat=True))

        migrate("0011_plain_names")
        found.forth = rows_of(RENAMED, FIELDS.values())
        found.permissions = {(p.codename, p.content_type.model) for p in group.permissions.all()}

        now = migrate("0017_history_of_all")
        found.redirects = list(
            now.get_model("tenders", "HistoricalRedirectedReference").objects.select_related("change")
        )

        sources = migrate("0021_erased_changes").get_model("tenders", "Source").objects.filter(slug="a-script")
        sources.update(url="javascript:alert(1)")
        with pytest.raises(CommandError) as refusal:
            migrate("0022_web_addresses")
        found.refusal = str(refusal.value)
        sources.update(url="https://example.org/")
        found.source = migrate("0022_web_addresses").get_model("tenders", "Source").objects.get(slug="a-script")

        MigrationRecorder(connection).record_unapplied(*SQUASHED)
        monkeypatch.undo()
        call_command("migrate", verbosity=0)
        found.is_squashed = SQUASHED in MigrationRecorder(connection).applied_migrations()
        found.is_migrated = is_migrated(connection)
        found.now = rows_of(RENAMED, FIELDS.values())
        found.url = Source.objects.get(slug="a-script").url
        yield found
        copy.creation.destroy_test_db(verbosity=0)


def test_what_is_renamed_keeps_its_rows_and_permissions(walk):
    assert walk.back == walk.before
    assert walk.old_permissions == {"view_turn", "view_formerreference", "view_notsame"}
    assert walk.forth == walk.before
    assert walk.permissions == {(f"view_{model._meta.model_name}", model._meta.model_name) for model in RENAMED}


def test_a_merge_of_before_gets_the_history_of_its_redirect(walk):
    (row,) = walk.redirects

    assert (row.reference, row.redirects_to, row.is_public) == (walk.drop.reference, walk.keep.reference, True)
    assert (row.change.kind, row.change.reason) == ("merged", "One company.")


def test_an_address_that_is_none_of_the_web_stops_the_migration_in_words(walk):
    assert "http:// or https://: a-script." in walk.refusal
    assert walk.source.url == "https://example.org/"


def test_a_database_of_an_earlier_version_is_migrated_by_those_that_it_lacks(walk):
    assert walk.is_squashed
    assert walk.is_migrated
    assert walk.now == walk.before
    assert walk.url == "https://example.org/"


def test_the_squashed_migration_is_the_sum_of_those_that_it_replaces():
    squashed = MigrationLoader(None)
    single = MigrationLoader(None, replace_migrations=False)
    last = squashed.disk_migrations[SQUASHED].replaces[-1]
    states = [squashed.project_state(SQUASHED), single.project_state(last)]

    for before, after in (states, states[::-1]):
        assert MigrationAutodetector(before, after).changes(squashed.graph) == {}
