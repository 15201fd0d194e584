"""
Database triggers that compute the figures of tenders and the dataset version.

Triggers run on every write, including those that bypass ``save``: ``loaddata``, ``QuerySet.update``, other processes.
Migrations run without triggers, as SQLite recreates altered tables and drops theirs: ``remove`` runs before, and
``install`` after a migration and recomputes all figures. See ``docs/adr/0010-kept-by-the-database.md``.
"""

import re
from contextlib import contextmanager
from typing import NamedTuple

from django.apps import apps
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import get_random_string

from tenders.derived import DerivedTextField, all_derived_fields
from tenders.models import (
    AddressCheck,
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
from tenders.models.sources import TYPED_FACTS

NAMES = {"notes", "notes_zh", "name_en", "name_en_status", "name_zh", "name_zh_status", "aliases_en", "aliases_zh"}
PREFIX = "tenders_kept"  # of the names of triggers; installed databases have it
FROM_SUPPLIERS = """
    FROM tenders_award a
    JOIN tenders_awardsupplier s ON s.award_id = a.id
    JOIN tenders_company c ON c.id = s.company_id
    LEFT JOIN tenders_region r ON r.id = c.region_id
    WHERE a.tender_id = t.id
"""
# Figures are SQL expressions by column. A sum that is too large for an amount column is a data error, and NULL.
AWARD_FIGURES = {
    "award_amount": """(
        SELECT CASE WHEN COUNT(*) = COUNT(a.amount) AND SUM(a.amount) < 10000000000000 THEN ROUND(SUM(a.amount), 2) END
        FROM tenders_award a WHERE a.tender_id = t.id
    )""",
    "is_same_region": f"""CASE
        WHEN EXISTS (SELECT 1 {FROM_SUPPLIERS} AND c.region_id = t.region_id) THEN TRUE
        WHEN t.region_id IS NULL OR NOT EXISTS (SELECT 1 {FROM_SUPPLIERS}) THEN NULL
        WHEN EXISTS (SELECT 1 {FROM_SUPPLIERS} AND c.region_id IS NULL) THEN NULL
        WHEN EXISTS (
            SELECT 1 FROM tenders_award a
            WHERE a.tender_id = t.id AND NOT EXISTS (SELECT 1 FROM tenders_awardsupplier s WHERE s.award_id = a.id)
        ) THEN NULL
        ELSE FALSE
    END""",
    "companies": f"(SELECT LIST(c.reference) {FROM_SUPPLIERS})",
    "company_sizes": f"(SELECT LIST(c.size) {FROM_SUPPLIERS} AND c.size <> '')",
    "company_regions": f"(SELECT LIST(r.code) {FROM_SUPPLIERS} AND r.code IS NOT NULL)",
}
CITATION_FIGURES = {
    "is_disputed": f"""EXISTS (
        SELECT 1 FROM tenders_citation q
        WHERE q.tender_id = t.id AND q.fact IN ({", ".join(f"'{fact.value}'" for fact in TYPED_FACTS)})
        GROUP BY q.award_id, q.fact HAVING COUNT(DISTINCT q.value) > 1
    )""",
    "source_kinds": """(
        SELECT LIST(o.kind) FROM tenders_citation q JOIN tenders_source o ON o.id = q.source_id WHERE q.tender_id = t.id
    )""",
}
ARTICLE_FIGURES = {
    "articles": """(
        SELECT LIST(b.slug) FROM tenders_article b
        WHERE EXISTS (SELECT 1 FROM tenders_inclusion i WHERE i.article_id = b.id AND i.tender_id = t.id)
        OR EXISTS (
            SELECT 1 FROM tenders_article_sources w JOIN tenders_citation q ON q.source_id = w.source_id
            WHERE w.article_id = b.id AND q.tender_id = t.id AND q.fact = 'existence'
        )
    )""",
}
ALL_FIGURES = AWARD_FIGURES | CITATION_FIGURES | ARTICLE_FIGURES
# LIST(x) in the SQL above is replaced by the aggregation of distinct values that the database has.
LIST_SQL = {
    "sqlite": r"COALESCE(',' || GROUP_CONCAT(DISTINCT \1) || ',', '')",
    "postgresql": r"COALESCE(',' || STRING_AGG(DISTINCT \1, ',') || ',', '')",
}

# (table, events, figures to recompute, condition on the tenders ``t``). ROWS(x) is replaced by the values of a column
# in the written row, old and new.
WRITES = ["INSERT", "UPDATE", "DELETE"]
FIGURE_TRIGGERS = [
    ("tenders_tender", ["INSERT"], ALL_FIGURES, "t.id IN (ROWS(id))"),
    ("tenders_tender", ["UPDATE OF region_id"], AWARD_FIGURES, "t.id IN (ROWS(id))"),
    ("tenders_award", WRITES, AWARD_FIGURES, "t.id IN (ROWS(tender_id))"),
    (
        "tenders_awardsupplier",
        WRITES,
        AWARD_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_award WHERE id IN (ROWS(award_id)))",
    ),
    (
        "tenders_company",
        ["INSERT", "UPDATE OF reference, size, region_id"],
        AWARD_FIGURES,
        "t.id IN (SELECT a.tender_id FROM tenders_award a JOIN tenders_awardsupplier s ON s.award_id = a.id"
        " WHERE s.company_id IN (ROWS(id)))",
    ),
    (
        "tenders_region",
        ["INSERT", "UPDATE OF code"],
        AWARD_FIGURES,
        "t.id IN (SELECT a.tender_id FROM tenders_award a JOIN tenders_awardsupplier s ON s.award_id = a.id"
        " JOIN tenders_company c ON c.id = s.company_id WHERE c.region_id IN (ROWS(id)))",
    ),
    ("tenders_citation", WRITES, CITATION_FIGURES | ARTICLE_FIGURES, "t.id IN (ROWS(tender_id))"),
    (
        "tenders_source",
        ["INSERT", "UPDATE OF kind"],
        CITATION_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_citation WHERE source_id IN (ROWS(id)))",
    ),
    (
        "tenders_article",
        ["INSERT", "UPDATE OF slug"],
        ARTICLE_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_inclusion WHERE article_id IN (ROWS(id)))"
        " OR t.id IN (SELECT q.tender_id FROM tenders_citation q JOIN tenders_article_sources w"
        " ON w.source_id = q.source_id WHERE w.article_id IN (ROWS(id)))",
    ),
    (
        "tenders_article_sources",
        WRITES,
        ARTICLE_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_citation WHERE source_id IN (ROWS(source_id)))",
    ),
    ("tenders_inclusion", WRITES, ARTICLE_FIGURES, "t.id IN (ROWS(tender_id))"),
]
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
# Not in the data set: what a program found, readers report or notices propose, and files that await an import.
TRANSIENT_MODELS = {NoticeIntake, PossibleDuplicate, Report, ReportSender, Upload}


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
        cursor.execute(_upsert_figures(connection, ALL_FIGURES, "TRUE"))
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


def recompute_figures(connection, keys):
    """Recompute the figures of the tenders with some primary keys."""
    with connection.cursor() as cursor:
        cursor.execute(_upsert_figures(connection, ALL_FIGURES, f"t.id IN ({', '.join(map(str, keys))})"))


def recompute_figures_after(connection, table, rows):
    """
    Recompute the figures of the tenders that depend on written rows of a table, old and new.

    ``rows`` is the statement that selects them, with ``{}`` for a column.
    """
    with connection.cursor() as cursor:
        for written, _events, figures, condition in FIGURE_TRIGGERS:
            if written == table:
                tenders = re.sub(r"\bROWS\((\w+)\)", lambda column: rows.format(column[1]), condition)
                cursor.execute(_upsert_figures(connection, figures, tenders))


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
    for table, events, figures, condition in FIGURE_TRIGGERS:
        for event in events:
            written = {"INSERT": ["NEW"], "DELETE": ["OLD"]}.get(event, ["OLD", "NEW"])
            tenders = re.sub(r"\bROWS\((\w+)\)", ", ".join(rf"{row}.\1" for row in written), condition)
            yield make(table, f"AFTER {event}", _upsert_figures(connection, figures, tenders))
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


def _upsert_figures(connection, figures, condition):
    """Return the statement that recomputes some figures of the tenders that match a condition."""
    statement = f"""
        INSERT INTO tenders_tenderfigures (tender_id, {", ".join(figures)})
        SELECT t.id, {", ".join(figures.values())} FROM tenders_tender t WHERE {condition}
        ON CONFLICT (tender_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in figures)}
    """
    return re.sub(r"\bLIST\(([^)]*)\)", LIST_SQL[connection.vendor], statement)


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
