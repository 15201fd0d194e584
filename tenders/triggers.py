"""
Database triggers that compute the figures of tenders and the dataset version.

Triggers run on every write, including those that bypass ``save``: ``loaddata``, ``QuerySet.update``, other processes.
Migrations run without triggers, as SQLite recreates altered tables and drops theirs: ``remove`` runs before, and
``install`` after a migration and recomputes all figures. See ``docs/adr/0010-kept-by-the-database.md``.
"""

from contextlib import contextmanager
from typing import NamedTuple

from django.apps import apps
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import get_random_string

from tenders.derived import DerivedTextField, all_derived_fields
from tenders.figures import ALL_FIGURES, FIGURE_WRITES, upsert_figures, with_rows
from tenders.models import (
    AddressCheck,
    Alert,
    Article,
    Award,
    Category,
    Citation,
    Claim,
    Company,
    DatasetVersion,
    DistinctPair,
    Inclusion,
    Institution,
    NoticeIntake,
    Page,
    PossibleDuplicate,
    Region,
    Report,
    ReportSender,
    Source,
    SourceFile,
    Tender,
    TenderFigures,
    Upload,
)
from tenders.models.changes import is_history

NAMES = {"notes", "notes_zh", "name_en", "name_en_status", "name_zh", "name_zh_status", "aliases_en", "aliases_zh"}
PREFIX = "tenders_kept"  # of the names of triggers; installed databases have it
DELETE_FIGURES = "DELETE FROM tenders_tenderfigures WHERE tender_id = OLD.id"
# What evaluations of claims are not computed from: models besides the history, and columns of the others.
NOT_EVALUATED_MODELS = {
    AddressCheck,
    DistinctPair,
    Page,
    SourceFile,
    Tender.suggested_categories.through,
    Tender.possibly_same_as.through,
}
NOT_EVALUATED_COLUMNS = {
    Region: {"name_en", "name_zh", "kind"},
    Institution: {*NAMES, "city", "city_zh", "credit_code", "is_credit_code_as_issued"},
    Company: {*NAMES, "city", "city_zh", "credit_code", "is_credit_code_as_issued", "group_name", "group_name_zh"},
    Category: {"name_en", "name_zh", "name_zh_status", "position", "description"},
    Tender: {
        *("notes", "notes_zh", "title_en", "title_en_status", "title_zh", "title_zh_status"),
        *("official_number", "city", "city_zh"),
    },
    Award: {"notes", "notes_zh", "lot"},
    Source: {"publisher", "publisher_zh", "url", "archived_url", "published_date", "seen_date", "notes", "notes_zh"},
    Citation: {"place", "place_zh", "stated", "reason", "reason_zh"},
    Article: {
        "title_en",
        "title_zh",
        "publisher",
        "publisher_zh",
        "published_date",
        "scope_en",
        "scope_zh",
        "text_en",
        "text_zh",
    },
    Inclusion: {"reason", "reason_zh"},
    Claim: {
        *("section", "place", "place_zh", "statement_en"),
        *("statement_zh", "note", "note_zh", "not_checkable_reason_zh"),
    },
}
# What lists without a search, and their charts, are not computed from.
NOTES = {"notes", "notes_zh"}
NOT_LISTED_MODELS = {AddressCheck, DistinctPair, Page, SourceFile}
NOT_LISTED_COLUMNS = {
    **dict.fromkeys((Institution, Company, Tender, Award, Source), NOTES),
    Citation: NOT_EVALUATED_COLUMNS[Citation],
}
PARTIAL_VERSIONS = {
    "evaluated": (NOT_EVALUATED_MODELS, NOT_EVALUATED_COLUMNS),
    "listed": (NOT_LISTED_MODELS, NOT_LISTED_COLUMNS),
}
NEW_VERSION = """
INSERT INTO tenders_datasetversion (id, value) VALUES (1, {random})
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""
# On PostgreSQL the version is updated once per transaction, before a statement locks rows, so that writers wait for
# each other there and do not deadlock; call ``DatasetVersion.lock`` before ``select_for_update``. A transaction-local
# setting changes with every write, so that the transaction does not read what was cached before its own writes.
NEW_VERSION_POSTGRESQL = f"""
IF COALESCE(current_setting('tenders.uncommitted', true), '') = '' THEN
    {NEW_VERSION.format(random="md5(gen_random_uuid()::text)")};
END IF;
PERFORM set_config('tenders.uncommitted', md5(gen_random_uuid()::text), true);
"""
NEW_PARTIAL_VERSION = "UPDATE tenders_datasetversion SET {subject} = {random} WHERE id = 1"
NEW_PARTIAL_VERSION_POSTGRESQL = f"""
IF COALESCE(current_setting('tenders.uncommitted_{{subject}}', true), '') = '' THEN
    {NEW_PARTIAL_VERSION.format(subject="{subject}", random="md5(gen_random_uuid()::text)")};
END IF;
PERFORM set_config('tenders.uncommitted_{{subject}}', md5(gen_random_uuid()::text), true);
"""
MAX_NAME_LENGTH = 63  # PostgreSQL truncates longer names
COMPUTED_MODELS = {DatasetVersion, TenderFigures}
# Not in the data set: what a program found, readers report or follow or notices propose, and files for imports.
TRANSIENT_MODELS = {Alert, NoticeIntake, PossibleDuplicate, Report, ReportSender, Upload}


class Trigger(NamedTuple):
    """The name of a trigger, its source as the database stores it, and the statements that create it."""

    name: str
    source: str
    statements: list


def install(sender, using, plan=None, **kwargs):
    """Create the triggers, and recompute figures, derived fields and versions, once all migrations are applied."""
    connection = connections[using]
    tables = {model._meta.db_table for model in [*_dataset_models(), *COMPUTED_MODELS]}
    if not tables <= set(connection.introspection.table_names()):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        triggers = list(_triggers(connection))
        if not plan and _installed(connection, cursor) == {trigger.name: trigger.source for trigger in triggers}:
            return
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes("tenders")):  # columns may still be missing
            return
        _create(triggers, cursor)
        cursor.execute(upsert_figures(connection, ALL_FIGURES, "TRUE"))
        for model in filter(all_derived_fields, _dataset_models()):
            model.objects.using(using).derive_stale()
        renew_versions(using)


def renew_versions(using):
    """Renew the dataset version and its partial ones."""
    versions = {name: get_random_string(32) for name in ("value", *PARTIAL_VERSIONS)}
    DatasetVersion.objects.using(using).update_or_create(pk=1, defaults=versions)


def remove(sender, using, plan, **kwargs):
    """Drop the triggers before a migration, and delete the version, so that nothing is cached until ``install``."""
    connection = connections[using]
    if not plan:
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        _drop(connection, cursor)
        if DatasetVersion._meta.db_table in connection.introspection.table_names(cursor):
            cursor.execute("DELETE FROM tenders_datasetversion")


@contextmanager
def suspended(connection):
    """Run a block without the triggers, which writes what they compute itself; inside a transaction."""
    with connection.cursor() as cursor:
        _drop(connection, cursor)
        yield
        _create(_triggers(connection), cursor)


def _create(triggers, cursor):
    for trigger in triggers:
        for statement in trigger.statements:
            cursor.execute(statement)


def _drop(connection, cursor):
    drop = "DROP TRIGGER {}" if connection.vendor == "sqlite" else "DROP FUNCTION {} CASCADE"
    for name in _installed(connection, cursor):
        cursor.execute(drop.format(name))


def _installed(connection, cursor):
    """Return {name: source} of the installed triggers."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
    else:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE %s AND pg_function_is_visible(oid)", [f"{PREFIX}%"]
        )
    return dict(cursor.fetchall())


def _dataset_models():
    """Return the models of the data set, including the tables of many-to-many relations."""
    models = apps.get_app_config("tenders").get_models(include_auto_created=True)
    return [model for model in models if model not in COMPUTED_MODELS | TRANSIENT_MODELS]


def _triggers(connection):
    """Yield the triggers for the database of a connection."""
    make = _sqlite if connection.vendor == "sqlite" else _postgresql
    for table, events, figures, condition in FIGURE_WRITES:
        for event in events:
            written = {"INSERT": ["NEW"], "DELETE": ["OLD"]}.get(event, ["OLD", "NEW"])
            tenders = with_rows(condition, lambda column, rows=written: ", ".join(f"{row}.{column}" for row in rows))
            yield make(table, f"AFTER {event}", upsert_figures(connection, figures, tenders))
    yield make("tenders_tender", "AFTER DELETE", DELETE_FIGURES)
    for model in _dataset_models():
        if connection.vendor == "sqlite":
            for event in ("INSERT", "UPDATE", "DELETE"):
                renew = NEW_VERSION.format(random="lower(hex(randomblob(16)))")
                yield make(model._meta.db_table, f"AFTER {event}", renew, subject="version")
        else:
            timing = "BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE"
            yield make(model._meta.db_table, timing, NEW_VERSION_POSTGRESQL, subject="version", level="STATEMENT")
    yield _report_trigger(connection)
    for subject, (models, columns) in PARTIAL_VERSIONS.items():
        for model in _dataset_models():
            if not is_history(model) and model not in models:
                yield from _partial_version_triggers(connection, model, subject, columns.get(model, ()))


def _report_trigger(connection):
    """Return the trigger for the one thing of a report that public pages show: which change it led to."""
    table, timing = Report._meta.db_table, "AFTER UPDATE"
    if connection.vendor == "sqlite":
        renew = NEW_VERSION.format(random="lower(hex(randomblob(16)))")
        return _sqlite(table, timing, renew, subject="version", condition="WHEN OLD.change_id IS NOT NEW.change_id ")
    changed = "WHEN (OLD.change_id IS DISTINCT FROM NEW.change_id) "
    return _postgresql(table, timing, NEW_VERSION_POSTGRESQL, subject="version", condition=changed)


def _partial_version_triggers(connection, model, subject, ignored):
    """Yield the triggers that renew a version, on an update only if a column that is not ignored changes."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, DerivedTextField)]
    columns = [field.column for field in fields if field.name not in ignored]
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        renew = NEW_PARTIAL_VERSION.format(subject=subject, random="lower(hex(randomblob(16)))")
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
        for event, condition in (("INSERT", ""), ("UPDATE", f"WHEN {changed} "), ("DELETE", "")):
            yield _sqlite(table, f"AFTER {event}", renew, subject=subject, condition=condition)
    else:
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        written = {"subject": subject, "level": "STATEMENT"}
        renew = NEW_PARTIAL_VERSION_POSTGRESQL.format(subject=subject)
        yield _postgresql(table, "AFTER INSERT OR DELETE OR TRUNCATE", renew, **written)
        yield _postgresql(table, "AFTER UPDATE", renew, subject=subject, condition=f"WHEN ({changed}) ")


def _trigger_name(table, timing, subject):
    return f"{PREFIX}_{subject}_{table}_{timing.split()[1]}".lower()


def _sqlite(table, timing, body, *, subject="figures", condition=""):
    name = _trigger_name(table, timing, subject)
    source = f"CREATE TRIGGER {name} {timing} ON {table} FOR EACH ROW {condition}BEGIN {body}; END"
    return Trigger(name, source, [f"DROP TRIGGER IF EXISTS {name}", source])


def _postgresql(table, timing, body, *, subject="figures", level="ROW", condition=""):
    name = _trigger_name(table, timing, subject)[:MAX_NAME_LENGTH]
    source = f" BEGIN {body.strip().rstrip(';')}; RETURN NULL; END "
    return Trigger(
        name,
        source,
        [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${source}$$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} {timing} ON {table} FOR EACH {level} {condition}EXECUTE FUNCTION {name}()",
        ],
    )
