"""Insert many rows without an object of Django for each, which takes most of the time of an import."""

from django.db import connections, router
from django.db.models import Value


def insert_from(model, rows, names, new):
    """
    Insert rows of a query set into the table of a model, by the database alone: columns of the same ``names``.

    ``new`` are values or expressions of further columns. Nothing of it becomes an object in Python.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    expressions = {
        f"_new_{name}": value if hasattr(value, "resolve_expression") else Value(value, fields[name])
        for name, value in new.items()
    }
    database = router.db_for_write(model)
    query = rows.using(database).annotate(**expressions).values_list(*names, *expressions).query
    selected, params = query.get_compiler(using=database).as_sql()
    quote = connections[database].ops.quote_name
    columns = ", ".join(quote(fields[name].column) for name in (*names, *new))
    with connections[database].cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {selected}", params)


def insert_rows(model, names, rows):
    """Insert rows of values, as the database writes them, into columns of the table of a model."""
    database = router.db_for_write(model)
    quote = connections[database].ops.quote_name
    columns = ", ".join(quote(model._meta.get_field(name).column) for name in names)
    values = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({values})"  # noqa: S608 names of ours
    with connections[database].cursor() as cursor:
        cursor.executemany(statement, rows)
