"""The tables of a version, read by what their descriptor says: typed amounts, numbers, flags and dates."""

import io
import json
import sqlite3
import zipfile
from functools import cache

import duckdb
import pandas as pd
import polars as pl
import pytest
from frictionless import Package

from outside.conftest import fetch, fetch_json

POLARS = {"integer": pl.Int64, "number": pl.Float64, "string": pl.String, "date": pl.Date}
DUCKDB = {"integer": "BIGINT", "number": "DECIMAL(15, 2)", "string": "VARCHAR", "date": "DATE", "boolean": "BOOLEAN"}
PANDAS = {"integer": "Int64", "number": "Float64", "string": "string", "date": "string", "boolean": "string"}


@cache
def version():
    return fetch_json("/data/versions.json")["results"][0]["version"]


@cache
def package():
    """Return the files of the data package of the last version, and its descriptor."""
    with zipfile.ZipFile(io.BytesIO(fetch(f"/data/versions/{version()}/tables.zip"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return files, json.loads(files["datapackage.json"])


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The same tables as an SQLite database."""
    path = tmp_path_factory.mktemp("tables") / "tenderwatch.sqlite3"
    path.write_bytes(fetch(f"/data/versions/{version()}/tenderwatch.sqlite3"))
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def resources():
    return [(resource["name"], resource) for resource in package()[1]["resources"]]


def expected(database, name):
    """Return {column: number of known values} of a table as SQLite has it, and the table."""
    found = pd.read_sql_query(f"SELECT * FROM {name}", database)  # noqa: S608 names of tables
    return found.notna().sum().to_dict(), found


@pytest.mark.parametrize(("name", "resource"), resources())
def test_a_table_is_typed_in_pandas(database, name, resource):
    known, stored = expected(database, name)
    types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}

    table = pd.read_csv(
        io.BytesIO(package()[0][resource["path"]]),
        na_values=resource["schema"]["missingValues"],
        keep_default_na=False,
        dtype={name: PANDAS[kind] for name, kind in types.items()},
    )

    assert table.notna().sum().to_dict() == known
    for column, kind in types.items():
        if kind == "date":
            assert pd.to_datetime(table[column], format="%Y-%m-%d").notna().sum() == known[column]
        elif kind in ("number", "integer"):
            assert table[column].sum() == pytest.approx(stored[column].sum())


@pytest.mark.parametrize(("name", "resource"), resources())
def test_a_table_is_typed_in_polars(database, name, resource):
    known, stored = expected(database, name)
    types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}

    table = pl.read_csv(
        io.BytesIO(package()[0][resource["path"]]),
        null_values=resource["schema"]["missingValues"],
        schema={name: POLARS.get(kind, pl.String) for name, kind in types.items()},
    )

    assert {column: len(table) - table[column].null_count() for column in types} == known
    for column, kind in types.items():
        if kind in ("number", "integer"):
            assert table[column].sum() == pytest.approx(stored[column].sum())


@pytest.mark.parametrize(("name", "resource"), resources())
def test_a_table_is_typed_in_duckdb(database, name, resource, tmp_path):
    known, _stored = expected(database, name)
    types = {field["name"]: DUCKDB[field["type"]] for field in resource["schema"]["fields"]}
    (tmp_path / "table.csv").write_bytes(package()[0][resource["path"]])

    columns = ", ".join(f'COUNT("{column}")' for column in types)
    found = duckdb.execute(
        f"SELECT {columns} FROM read_csv($path, header = true, columns = $types, nullstr = $missing)",  # noqa: S608
        {"path": str(tmp_path / "table.csv"), "types": types, "missing": resource["schema"]["missingValues"]},
    ).fetchone()

    assert dict(zip(types, found, strict=True)) == known


def test_the_tables_are_a_valid_data_package(tmp_path):
    for name, content in package()[0].items():
        (tmp_path / name).write_bytes(content)

    report = Package(str(tmp_path / "datapackage.json")).validate()

    assert report.valid, report.to_summary()


def test_the_records_are_lines_of_json():
    content = fetch(f"/data/versions/{version()}/tenders.jsonl")

    in_pandas = pd.read_json(io.BytesIO(content), lines=True)
    in_polars = pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)

    assert len(in_pandas) == len(in_polars) > 0
    assert in_pandas["award_amount"].sum() == in_polars["award_amount"].sum() > 0
