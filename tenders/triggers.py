"""
What the database keeps by itself, whoever writes: the figures of tenders and the version of the records.

Triggers see every write, also those that no ``save`` is told of: ``loaddata``, ``QuerySet.update``, another process.
Migrations run without them (SQLite makes altered tables anew and loses theirs): ``remove`` comes before, ``install``
after. It also writes what was written in between. Where there is nothing to migrate they stay. See
``docs/adr/0010-kept-by-the-database.md``.
"""

import re
from typing import NamedTuple

from django.apps import apps
from django.db import connections, transaction
from django.utils.crypto import get_random_string

from tenders.models import DatasetVersion, TenderFigures, Upload
from tenders.models.facts import TYPED_FACTS
from tenders.models.records import Record

PREFIX = "tenders_kept"
SUPPLIERS = """
    FROM tenders_award a
    JOIN tenders_awardsupplier s ON s.award_id = a.id
    JOIN tenders_company c ON c.id = s.company_id
    LEFT JOIN tenders_region r ON r.id = c.region_id
    WHERE a.tender_id = t.id
"""
# A sum that no column of money can hold is a slip of the pen, not an amount.
OF_AWARDS = {
    "award_amount": """(
        SELECT CASE WHEN COUNT(*) = COUNT(a.amount) AND SUM(a.amount) < 10000000000000 THEN ROUND(SUM(a.amount), 2) END
        FROM tenders_award a WHERE a.tender_id = t.id
    )""",
    "is_same_region": f"""CASE
        WHEN EXISTS (SELECT 1 {SUPPLIERS} AND c.region_id = t.region_id) THEN TRUE
        WHEN t.region_id IS NULL OR NOT EXISTS (SELECT 1 {SUPPLIERS}) THEN NULL
        WHEN EXISTS (SELECT 1 {SUPPLIERS} AND c.region_id IS NULL) THEN NULL
        WHEN EXISTS (
            SELECT 1 FROM tenders_award a
            WHERE a.tender_id = t.id AND NOT EXISTS (SELECT 1 FROM tenders_awardsupplier s WHERE s.award_id = a.id)
        ) THEN NULL
        ELSE FALSE
    END""",
    "companies": f"(SELECT LIST(c.reference) {SUPPLIERS})",
    "company_sizes": f"(SELECT LIST(c.size) {SUPPLIERS} AND c.size <> '')",
    "company_regions": f"(SELECT LIST(r.code) {SUPPLIERS} AND r.code IS NOT NULL)",
}
OF_CITATIONS = {
    "is_disputed": f"""EXISTS (
        SELECT 1 FROM tenders_citation q
        WHERE q.tender_id = t.id AND q.fact IN ({", ".join(f"'{fact.value}'" for fact in TYPED_FACTS)})
        GROUP BY q.award_id, q.fact HAVING COUNT(DISTINCT q.value) > 1
    )""",
    "source_kinds": """(
        SELECT LIST(o.kind) FROM tenders_citation q JOIN tenders_source o ON o.id = q.source_id WHERE q.tender_id = t.id
    )""",
}
OF_ARTICLES = {
    "articles": """(
        SELECT LIST(b.slug) FROM tenders_article b
        WHERE EXISTS (SELECT 1 FROM tenders_inclusion i WHERE i.article_id = b.id AND i.tender_id = t.id)
        OR EXISTS (
            SELECT 1 FROM tenders_article_sources w JOIN tenders_citation q ON q.source_id = w.source_id
            WHERE w.article_id = b.id AND q.tender_id = t.id AND q.fact = 'existence'
        )
    )""",
}
ALL = OF_AWARDS | OF_CITATIONS | OF_ARTICLES
# LIST(x) stands for the different values of x as a text, which each kind of database makes in its own way.
LIST = {
    "sqlite": r"COALESCE(',' || GROUP_CONCAT(DISTINCT \1) || ',', '')",
    "postgresql": r"COALESCE(',' || STRING_AGG(DISTINCT \1, ',') || ',', '')",
}

# What changes which figures of which tenders: a table, how it is written, the figures, and the condition on tenders;
# ``rows`` names a column of the rows written, as they were before and after.
CAUSES = [
    ("tenders_tender", ["INSERT"], ALL, lambda rows: f"t.id IN ({rows('id')})"),
    ("tenders_tender", ["UPDATE OF region_id"], OF_AWARDS, lambda rows: f"t.id IN ({rows('id')})"),
    ("tenders_award", ["INSERT", "UPDATE", "DELETE"], OF_AWARDS, lambda rows: f"t.id IN ({rows('tender_id')})"),
    (
        "tenders_awardsupplier",
        ["INSERT", "UPDATE", "DELETE"],
        OF_AWARDS,
        lambda rows: f"t.id IN (SELECT tender_id FROM tenders_award WHERE id IN ({rows('award_id')}))",
    ),
    (
        "tenders_company",
        ["INSERT", "UPDATE OF reference, size, region_id"],
        OF_AWARDS,
        lambda rows: (
            "t.id IN (SELECT a.tender_id FROM tenders_award a JOIN tenders_awardsupplier s ON s.award_id = a.id"
            f" WHERE s.company_id IN ({rows('id')}))"
        ),
    ),
    (
        "tenders_region",
        ["INSERT", "UPDATE OF code"],
        OF_AWARDS,
        lambda rows: (
            "t.id IN (SELECT a.tender_id FROM tenders_award a JOIN tenders_awardsupplier s ON s.award_id = a.id"
            f" JOIN tenders_company c ON c.id = s.company_id WHERE c.region_id IN ({rows('id')}))"
        ),
    ),
    (
        "tenders_citation",
        ["INSERT", "UPDATE", "DELETE"],
        OF_CITATIONS | OF_ARTICLES,
        lambda rows: f"t.id IN ({rows('tender_id')})",
    ),
    (
        "tenders_source",
        ["INSERT", "UPDATE OF kind"],
        OF_CITATIONS,
        lambda rows: f"t.id IN (SELECT tender_id FROM tenders_citation WHERE source_id IN ({rows('id')}))",
    ),
    (
        "tenders_article",
        ["INSERT", "UPDATE OF slug"],
        OF_ARTICLES,
        lambda rows: (
            f"t.id IN (SELECT tender_id FROM tenders_inclusion WHERE article_id IN ({rows('id')}))"
            " OR t.id IN (SELECT q.tender_id FROM tenders_citation q JOIN tenders_article_sources w"
            f" ON w.source_id = q.source_id WHERE w.article_id IN ({rows('id')}))"
        ),
    ),
    (
        "tenders_article_sources",
        ["INSERT", "UPDATE", "DELETE"],
        OF_ARTICLES,
        lambda rows: f"t.id IN (SELECT tender_id FROM tenders_citation WHERE source_id IN ({rows('source_id')}))",
    ),
    (
        "tenders_inclusion",
        ["INSERT", "UPDATE", "DELETE"],
        OF_ARTICLES,
        lambda rows: f"t.id IN ({rows('tender_id')})",
    ),
]
FORGET = "DELETE FROM tenders_tenderfigures WHERE tender_id = OLD.id"
NEW_VERSION = """
INSERT INTO tenders_datasetversion (id, value) VALUES (1, {random})
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""
# PostgreSQL renews the version once in a transaction, and before a statement locks rows, so that writers queue for it;
# who locks rows without writing queues first (``DatasetVersion.lock``). A setting of the transaction tells what it has
# written since, to itself alone.
NEW_VERSION_POSTGRESQL = f"""
IF COALESCE(current_setting('tenders.uncommitted', true), '') = '' THEN
    {NEW_VERSION.format(random="md5(gen_random_uuid()::text)")};
END IF;
PERFORM set_config('tenders.uncommitted', md5(gen_random_uuid()::text), true);
"""
LONGEST = 63  # characters of a name in PostgreSQL, which cuts off the rest and knows it by no other
COMPUTED_MODELS = {DatasetVersion, TenderFigures}
PASSING = {Upload}  # no part of the data set: what somebody is about to import


class Trigger(NamedTuple):
    """A trigger by name, its text as the database tells it, and the statements that make it."""

    name: str
    text: str
    statements: list


def install(sender, using, plan=None, **kwargs):
    """Make the triggers of a database that has all tables, after bringing up to date what they keep."""
    connection = connections[using]
    tables = {model._meta.db_table for model in [*_records(), *COMPUTED_MODELS]}
    if not tables <= set(connection.introspection.table_names()):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        triggers = list(_triggers(connection))
        if not plan and _installed(connection, cursor) == {trigger.name: trigger.text for trigger in triggers}:
            return
        for trigger in triggers:
            for statement in trigger.statements:
                cursor.execute(statement)
        cursor.execute(_write(connection, ALL, "TRUE"))
        for model in (model for model in _records() if issubclass(model, Record)):
            model.objects.using(using).derive_stale()
        DatasetVersion.objects.using(using).update_or_create(pk=1, defaults={"value": get_random_string(32)})


def remove(sender, using, plan, **kwargs):
    """Remove the triggers before a migration, and the version: no answer is kept until they are installed again."""
    connection = connections[using]
    if not plan:
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        drop = "DROP TRIGGER {}" if connection.vendor == "sqlite" else "DROP FUNCTION {} CASCADE"
        for name in _installed(connection, cursor):
            cursor.execute(drop.format(name))
        if DatasetVersion._meta.db_table in connection.introspection.table_names(cursor):
            cursor.execute("DELETE FROM tenders_datasetversion")


def _installed(connection, cursor):
    """Return the triggers that a database has, by name, as it tells their text."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
    else:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE %s AND pg_function_is_visible(oid)", [f"{PREFIX}%"]
        )
    return dict(cursor.fetchall())


def _records():
    """Return the models whose tables are the data set, those of many-to-many relations included."""
    models = apps.get_app_config("tenders").get_models(include_auto_created=True)
    return [model for model in models if model not in COMPUTED_MODELS | PASSING]


def _triggers(connection):
    """Yield the triggers for a kind of database."""
    make = _sqlite if connection.vendor == "sqlite" else _postgresql
    for table, writes, figures, condition in CAUSES:
        for write in writes:
            written = {"INSERT": ["NEW"], "DELETE": ["OLD"]}.get(write, ["OLD", "NEW"])
            tenders = condition(lambda column, written=written: ", ".join(f"{row}.{column}" for row in written))
            yield make(table, f"AFTER {write}", _write(connection, figures, tenders))
    yield make("tenders_tender", "AFTER DELETE", FORGET)
    for model in _records():
        if connection.vendor == "sqlite":
            for write in ("INSERT", "UPDATE", "DELETE"):
                renew = NEW_VERSION.format(random="lower(hex(randomblob(16)))")
                yield make(model._meta.db_table, f"AFTER {write}", renew, subject="version")
        else:
            writes = "BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE"
            yield make(model._meta.db_table, writes, NEW_VERSION_POSTGRESQL, subject="version", each="STATEMENT")


def _write(connection, figures, tenders):
    """Return the statement that writes some figures of the tenders of a condition."""
    statement = f"""
        INSERT INTO tenders_tenderfigures (tender_id, {", ".join(figures)})
        SELECT t.id, {", ".join(figures.values())} FROM tenders_tender t WHERE {tenders}
        ON CONFLICT (tender_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in figures)}
    """
    return re.sub(r"\bLIST\(([^)]*)\)", LIST[connection.vendor], statement)


def _name(table, when, subject):
    return f"{PREFIX}_{subject}_{table}_{when.split()[1]}".lower()


def _sqlite(table, when, body, *, subject="figures"):
    name = _name(table, when, subject)
    text = f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW BEGIN {body}; END"
    return Trigger(name, text, [f"DROP TRIGGER IF EXISTS {name}", text])


def _postgresql(table, when, body, *, subject="figures", each="ROW"):
    name = _name(table, when, subject)[:LONGEST]
    text = f" BEGIN {body.strip().rstrip(';')}; RETURN NULL; END "
    return Trigger(
        name,
        text,
        [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${text}$$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()",
        ],
    )
