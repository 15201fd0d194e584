"""Columns as fields of a Table Schema (Frictionless Standards): their types, and the texts that stand for no value."""

from tenders.choices import ValueType
from tenders.exports.writers import LICENCE
from tenders.facets import UNKNOWN

PROFILE = "tabular-data-package"
MISSING_VALUES = [UNKNOWN, ""]
DAY = "day"  # the type of a column with a whole date, beside those of ``ValueType``
TYPES = {ValueType.NUMBER: "integer", ValueType.MONEY: "number", ValueType.FLAG: "boolean", DAY: "date"}
FLAGS = {"trueValues": ["yes"], "falseValues": ["no"]}
LICENCES = [{"name": "CC-BY-4.0", "path": LICENCE, "title": "Creative Commons Attribution 4.0"}]


def type_of(column):
    """Return the type of a column in a Table Schema; several values in one cell are a text."""
    return "string" if column.separators else TYPES.get(column.type, "string")


def field(column):
    """Return a column as a field of a Table Schema; a partial date is a text, as no type holds a year alone."""
    described = {"name": column.name, "type": type_of(column), "description": str(column.description)}
    return described | FLAGS if described["type"] == "boolean" else described


def schema(columns, key, foreign_keys=()):
    """Return the Table Schema of columns; ``foreign_keys`` are (columns, table, columns of that table)."""
    described = {"fields": [field(column) for column in columns], "missingValues": MISSING_VALUES, "primaryKey": key}
    if foreign_keys:
        described["foreignKeys"] = [
            {"fields": fields, "reference": {"resource": table, "fields": theirs}}
            for fields, table, theirs in foreign_keys
        ]
    return described


def resource(name, path, description, table_schema, **more):
    """Return a CSV file as a resource of a data package."""
    return {
        "name": name,
        "path": path,
        "profile": "tabular-data-resource",
        "description": str(description),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **more,
        "schema": table_schema,
    }
