"""
Building a copy of the database as it was after a change: an SQLite file, whatever the engine of the site.

It has the tables that public pages read: no accounts, reports or files that wait. From an SQLite database the rows are
copied by SQLite itself, from any other one by one.
"""

from contextlib import contextmanager
from itertools import compress
from urllib.parse import quote

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connections, models, router, transaction

from tenders.choices import EditorialState
from tenders.models import (
    Alert,
    Change,
    DatasetVersion,
    DistinctPair,
    NoticeIntake,
    PossibleDuplicate,
    Report,
    ReportSender,
    Upload,
)
from tenders.operations.databases import as_alias
from tenders.past import rewinding

# Tables that stay empty, and those of which all but some columns do.
LEFT_OUT = {
    Alert,
    DatasetVersion,
    DistinctPair,
    DistinctPair.history.model,
    NoticeIntake,
    PossibleDuplicate,
    Report,
    ReportSender,
    Upload,
}
FAST = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "ignore_check_constraints = ON",
        "cache_size = -65536", "read_uncommitted = ON")  # fmt: skip
ROWS = 2000  # of one statement
# How PostgreSQL has to write what SQLite stores in another way.
AS_STORED = {
    models.DateTimeField: "replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '.000000', '')",
    models.DecimalField: "{}::text",
    models.JSONField: "{}::text",
}


def build(copy, change, hidden, *, version):
    """
    Write a new file, to which ``copy`` is a connection, with the records as they were after a change.

    ``hidden`` is ``hidden_today()``, and ``version`` the dataset version of the copy.
    """
    source = connections[router.db_for_read(Change)]
    with as_alias(copy, copy.alias), copy.cursor() as cursor:
        tables, indexes = _schema(copy)
        for pragma in FAST:
            cursor.execute(f"PRAGMA {pragma}")
        if source.vendor == "sqlite":
            cursor.execute("ATTACH %s AS present", [_address(source)])
        with transaction.atomic(using=copy.alias):
            for statement in tables:
                cursor.execute(statement)
            _fill(source, copy)
            for statement in indexes:
                cursor.execute(statement)
            rewinding.rewind(copy, change)
            left_out = sum(_hide(cursor, name, found) for name, found in hidden.items())
            _note(cursor, version, left_out)


def left_out(copy):
    """Return how many records were public then and are left out, as they are not today."""
    with copy.cursor() as cursor:
        cursor.execute("SELECT left_out FROM past")
        return cursor.fetchone()[0]


def _models():
    """Return the models of the tables of a copy; those that Django makes with them come by themselves."""
    return [get_user_model(), *apps.get_app_config("tenders").get_models()]


def _schema(copy):
    """Return the statements that create the tables, and those that create their indexes."""
    with copy.schema_editor(collect_sql=True, atomic=False) as editor:
        for model in _models():
            editor.create_model(model)
    is_table = [statement.startswith("CREATE TABLE") for statement in editor.collected_sql]
    tables = list(compress(editor.collected_sql, is_table))
    return tables, [statement for statement in editor.collected_sql if statement not in tables]


def _address(source):
    """Return the address of an SQLite database, to read it."""
    name = str(source.settings_dict["NAME"])
    return name if name.startswith("file:") else f"file:{quote(name)}?mode=ro"


@contextmanager
def _snapshot(source):
    """Read the same state of the source throughout the block; SQLite does so in the transaction of the copy."""
    if source.vendor == "sqlite" or source.in_atomic_block:
        yield
        return
    with transaction.atomic(using=source.alias), source.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _fill(source, copy):
    """Write the rows of today."""
    with _snapshot(source):
        for model in apps.get_app_config("tenders").get_models(include_auto_created=True):
            if model not in LEFT_OUT:
                (_copy_table if source.vendor == "sqlite" else _copy_rows)(model, source, copy)
        changes, reports = Change.objects.using(source.alias), Report.objects.using(source.alias)
        editors = get_user_model().objects.using(source.alias).filter(pk__in=changes.values("by")).order_by("pk")
        names = editors.values("pk", "first_name", "last_name")
        _write(copy, [get_user_model()(username=f"editor-{values['pk']}", **values) for values in names])
        corrected = reports.filter(change__isnull=False).order_by("pk").values("pk", "change_id")
        _write(copy, [Report(**values) for values in corrected])


def _write(copy, objs):
    if objs:
        type(objs[0])._base_manager.using(copy.alias).bulk_create(objs)


def _copy_table(model, source, copy):
    columns = ", ".join(copy.ops.quote_name(field.column) for field in model._meta.concrete_fields)
    table = copy.ops.quote_name(model._meta.db_table)
    with copy.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM present.{table}")


def _copy_rows(model, source, copy):
    fields, quote = model._meta.concrete_fields, copy.ops.quote_name
    table, columns = quote(model._meta.db_table), [quote(field.column) for field in fields]
    selected = [_as_stored(field).format(column) for field, column in zip(fields, columns, strict=True)]
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(fields))})"
    with source.chunked_cursor() as rows, copy.cursor() as cursor:
        rows.execute(f"SELECT {', '.join(selected)} FROM {table}")
        while batch := rows.fetchmany(ROWS):
            cursor.executemany(statement, batch)


def _as_stored(field):
    return next((expression for kind, expression in AS_STORED.items() if isinstance(field, kind)), "{}")


def _hide(cursor, model, found):
    """Let what is not public today not be public in the copy; return how many records that concerns."""
    table = apps.get_model("tenders", model)._meta.db_table
    statement = f"UPDATE {table} SET state = %s WHERE id = %s AND state = %s"
    number = 0
    for pk, state in found:
        cursor.execute(statement, [state, pk, EditorialState.PUBLISHED])
        number += cursor.rowcount
    return number


def _note(cursor, version, number):
    """Note the version of the records in the copy, and how many are left out."""
    cursor.execute("CREATE TABLE past AS SELECT %s AS left_out", [number])
    cursor.execute(
        "INSERT INTO tenders_datasetversion (id, value, evaluated, listed, recorded) VALUES (1, %s, %s, %s, '')",
        [version] * 3,
    )
