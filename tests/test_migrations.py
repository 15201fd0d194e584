"""Migrations of a database that has records: nothing is lost on the way there and back."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenders import merging
from tenders.models import DistinctPair, RedirectedReference, VerdictChange
from tests.factories import create_article, create_claim, create_company, create_source

RENAMED = {VerdictChange: "Turn", RedirectedReference: "FormerReference", DistinctPair: "NotSame"}


@pytest.fixture
def migrate(committed):
    """Return a function that migrates the tables of the app and returns its models as they are then."""

    def to(name):
        call_command("migrate", "tenders", name, verbosity=0)
        return MigrationExecutor(connection).loader.project_state([("tenders", name)]).apps

    return to


def rows_of(*models):
    return [list(model.objects.order_by("pk").values_list(*names)) for model, names in models]


def test_what_is_renamed_keeps_its_rows_and_permissions(migrate):
    claim = create_claim(create_article(), "count", printed=1)
    VerdictChange.objects.create(
        claim=claim, changed_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC), verdict="agrees", cause="first", recorded=1
    )
    RedirectedReference.objects.create(reference="C-000000", redirects_to="C-000001", is_public=True)
    DistinctPair.objects.create(one="I-000000", other="I-000001", reason="Two cities.")
    group = Group.objects.create(name="Readers")
    names = [f"view_{model._meta.model_name}" for model in RENAMED]
    group.permissions.set(Permission.objects.filter(codename__in=names))
    fields = [
        ["claim_id", "changed_at", "verdict", "cause", "recorded"],
        ["reference", "redirects_to", "is_public"],
        ["one", "other", "reason"],
    ]
    before = rows_of(*zip(RENAMED, fields, strict=True))

    old = migrate("0010_fuller_pages")
    old_models = [old.get_model("tenders", name) for name in RENAMED.values()]
    old_fields = [[{"changed_at": "turned_at", "redirects_to": "leads_to"}.get(n, n) for n in some] for some in fields]
    back = rows_of(*zip(old_models, old_fields, strict=True))
    old_names = set(group.permissions.values_list("codename", flat=True))
    migrate("0011_plain_names")

    assert back == before
    assert old_names == {"view_turn", "view_formerreference", "view_notsame"}
    assert rows_of(*zip(RENAMED, fields, strict=True)) == before
    assert set(group.permissions.values_list("codename", flat=True)) == set(names)
    assert {permission.content_type.model for permission in group.permissions.all()} == {
        model._meta.model_name for model in RENAMED
    }


def test_a_merge_of_before_gets_the_history_of_its_redirect(migrate):
    keep, drop = create_company(), create_company()
    merging.merge(keep=keep, drop=drop, reason="One company.")
    migrate("0016_chinese_texts")
    now = migrate("0017_history_of_all")

    (row,) = now.get_model("tenders", "HistoricalRedirectedReference").objects.all()

    assert (row.reference, row.redirects_to, row.is_public) == (drop.reference, keep.reference, True)
    assert (row.change.kind, row.change.reason) == ("merged", "One company.")


def test_an_address_that_is_none_of_the_web_stops_the_migration_in_words(migrate):
    source = create_source(slug="a-script")
    old = migrate("0021_erased_changes")
    old.get_model("tenders", "Source").objects.filter(pk=source.pk).update(url="javascript:alert(1)")

    with pytest.raises(CommandError, match=r"http:// or https://: a-script\."):
        migrate("0022_web_addresses")

    old.get_model("tenders", "Source").objects.filter(pk=source.pk).update(url="https://example.org/")
    new = migrate("0022_web_addresses")
    assert new.get_model("tenders", "Source").objects.get(pk=source.pk).url == "https://example.org/"
