"""The tables of a version as files: CSV in a ZIP with the descriptor of a data package, and an SQLite database."""

import csv
import hashlib
import io
import json
import sqlite3
from contextlib import closing, contextmanager

from tenders.exports.archives import Archive
from tenders.exports.cells import cell_text, unescape
from tenders.exports.table_schema import LICENCES, MISSING_VALUES, PROFILE, resource, type_of
from tenders.versions.tables import TABLES

DESCRIPTOR = "datapackage.json"
SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "number": "NUMERIC"}
ROWS_PER_STATEMENT = 500


class _HashedWriter:
    """A binary file that counts and hashes what is written to it."""

    def __init__(self, file):
        self.file, self.size, self._hash = file, 0, hashlib.sha256()

    def write(self, text):
        data = text.encode()
        self.size += len(data)
        self._hash.update(data)
        return self.file.write(data)

    @property
    def sha256(self):
        return self._hash.hexdigest()


def cells_of_tables():
    """Yield (table, rows of cells) for each table, as the database has them now."""
    for table in TABLES:
        rows = (
            [cell_text(value, column.separators) for column, value in zip(table.columns, row, strict=True)]
            for row in table.values()
        )
        yield table, rows


def write_package(path, tables, about):
    """
    Write a ZIP with a CSV file for each table, and the descriptor; return {table: number of rows}.

    ``tables`` are pairs of a table and its rows of cells, ``about`` are the members of the descriptor beside the files.
    """
    resources, numbers = [], {}
    with Archive(path, "w") as archive:
        for table, rows in tables:
            name = f"{table.name}.csv"
            with archive.open_member(name) as member:
                hashed = _HashedWriter(member)
                writer = csv.writer(hashed)
                writer.writerow([column.name for column in table.columns])
                numbers[table.name] = 0
                for row in rows:
                    writer.writerow(row)
                    numbers[table.name] += 1
            more = {"bytes": hashed.size, "hash": f"sha256:{hashed.sha256}"}
            resources.append(resource(table.name, name, table.description, table.schema(), **more))
        descriptor = {"profile": PROFILE, **about, "licenses": LICENCES, "resources": resources}
        archive.writestr(DESCRIPTOR, json.dumps(descriptor, ensure_ascii=False, indent=1))
    return numbers


@contextmanager
def opened_package(path):
    """Yield (the members of the descriptor beside the files, [(table, rows of cells)]) of a ZIP of tables."""
    with Archive(path) as archive:
        descriptor = json.loads(archive.read(DESCRIPTOR))
        about = {name: value for name, value in descriptor.items() if name not in ("profile", "licenses", "resources")}
        yield about, [(table, _rows(archive, f"{table.name}.csv")) for table in TABLES]


def _rows(archive, name):
    """Yield the rows of cells of a CSV file, without its header."""
    with archive.open(name) as member:
        rows = csv.reader(io.TextIOWrapper(member, encoding="utf-8", newline=""))
        next(rows)
        yield from rows


def write_sqlite(path, package):
    """Write the tables of a ZIP as an SQLite database, whose unknown and empty values are NULL."""
    with opened_package(package) as (_about, tables), closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        for table, rows in tables:
            database.execute(_create_table(table))
            insert = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608 names of ours
            database.executemany(insert, (_values(table, row) for row in rows))
        database.commit()
        database.execute("VACUUM")  # so that the same rows are the same bytes


def _create_table(table):
    lines = [f'"{column.name}" {SQL_TYPES.get(type_of(column), "TEXT")}' for column in table.columns]
    lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    for columns, other, theirs in table.foreign_keys:
        lines.append(f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {other} ({', '.join(theirs)})")
    return f"CREATE TABLE {table.name} ({', '.join(lines)})"


def _values(table, row):
    return [_value(type_of(column), cell) for column, cell in zip(table.columns, row, strict=True)]


def _value(kind, cell):
    """Return a cell as SQLite stores it; text of a number becomes one by the type of the column."""
    if cell in MISSING_VALUES:
        return None
    if kind == "boolean":
        return int(cell == "yes")
    return unescape(cell) if kind == "string" else cell
