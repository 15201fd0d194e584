"""The values of properties of matched records, with which others extend their own tables."""

from tenders.choices import ValueType
from tenders.kinds import canonical
from tenders.reconciliation.types import PROPERTIES, find_public, name_for


def extend(ids, names):
    """Return the columns with some names, and their values of the records with some references, as the API has them."""
    records = find_public(ids)
    rows = {
        asked: {name: _values(record_type.properties.get(name), record) for name in names}
        for asked, (record_type, record) in records.items()
    }
    _name_references(rows)
    empty = {name: [] for name in names}  # of a reference that stands for no public record, as of unknown values
    return {
        "meta": [{"id": name, "name": name} for name in names],
        "rows": {asked: rows.get(asked, empty) for asked in ids},
    }


def _values(column, record):
    """Return the values of a column: a list, empty where it is unknown or its type of record has no such column."""
    value = column.value(record) if column else None
    if value in (None, "", []):
        return []
    return [_value(column, one) for one in (value if isinstance(value, list) else [value])]


def _value(column, value):
    if column.type == ValueType.NUMBER:
        return {"int": value}
    if column.type == ValueType.REFERENCE:
        return {"id": value}
    return {"str": canonical(value)}


def _name_references(rows):
    """Add the names of the records that values refer to."""
    values = [value for row in rows.values() for values in row.values() for value in values if "id" in value]
    found = find_public({value["id"] for value in values})
    for value in values:
        value["name"] = name_for(found[value["id"]][1], "") if value["id"] in found else value["id"]


def properties_of(record_type):
    """Return the properties of records of a type, of all types without one."""
    columns = record_type.properties if record_type else PROPERTIES
    return [{"id": name, "name": name, "description": str(column.description)} for name, column in columns.items()]
