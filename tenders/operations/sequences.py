"""Sequences: which number the database gives to the next row of a table."""

from django.apps import apps
from django.db import models
from django.db.models import Max

from tenders.models.changes import tracked_models


def last_numbers(connection):
    """Return {table: last number given to a row, None if there was none}."""
    columns = _numbered_columns()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")
            return dict.fromkeys(columns) | {table: n for table, n in cursor.fetchall() if table in columns}
        found = {}
        for table, column in columns.items():
            sequence = "pg_get_serial_sequence(%s, %s)::regclass"
            cursor.execute(f"SELECT pg_sequence_last_value({sequence})", [f'"{table}"', column])
            found[table] = cursor.fetchone()[0]
        return found


def set_last_numbers(connection, numbers):
    """Let the next rows of some tables get the numbers after these."""
    columns = _numbered_columns()
    with connection.cursor() as cursor:
        for table, number in numbers.items():
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                if number:
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])
            else:
                sequence = "pg_get_serial_sequence(%s, %s)"
                values = [f'"{table}"', columns[table], number or 1, bool(number)]
                cursor.execute(f"SELECT setval({sequence}, %s, %s)", values)


def skip_numbers_of_deleted(connection):
    """Give no object the number of a deleted one, to which history refers; ``loaddata`` knows only of what is there."""
    last, skipped = last_numbers(connection), {}
    for model in tracked_models():
        history, table = model.history.model._base_manager.using(connection.alias), model._meta.db_table
        number = history.aggregate(last=Max(model._meta.pk.attname))["last"] or 0
        if number > (last[table] or 0):
            skipped[table] = number
    set_last_numbers(connection, skipped)


def _numbered_columns():
    """Return {table: column} of the primary keys that the database gives itself."""
    keys = [model._meta.pk for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {key.model._meta.db_table: key.column for key in keys if isinstance(key, models.AutoField)}
