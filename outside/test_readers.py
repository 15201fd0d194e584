"""The files as tables of pandas, polars and DuckDB, and the examples of the page for programs."""

import html
import io
import re
import shlex
import subprocess
import sys

import duckdb
import pandas as pd
import polars as pl
import pytest

from outside.conftest import SITE, fetch, fetch_json

LISTS = ["tenders", "institutions", "companies", "statements", "sources"]
EXAMPLE = re.compile(r'<pre role="group" tabindex="0" aria-label="(\w+): ([^"]*)"><code>(.*?)</code></pre>', re.DOTALL)
KNOWN = "/tenders.json?amount=known"


def examples():
    return [
        (language, task, html.unescape(text)) for language, task, text in EXAMPLE.findall(fetch("/data/api/").decode())
    ]


def known_amounts():
    """Return the known amounts of awards, as JSON has them."""
    return [row["award_amount"] for row in fetch_json(KNOWN)["results"]]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_a_table_in_json_lines(name):
    content, rows = fetch(f"/{name}.jsonl"), fetch_json(f"/{name}.json")["results"]

    in_pandas = pd.read_json(io.BytesIO(content), lines=True)
    in_polars = pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)

    assert len(in_pandas) == len(in_polars) == len(rows)
    assert set(in_pandas) == set(in_polars.columns) == set(rows[0])


def test_amounts_and_flags_are_numbers_and_flags():
    content = fetch("/tenders.jsonl")
    in_pandas = pd.read_json(io.BytesIO(content), lines=True)
    in_polars = pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)

    expected = sorted(known_amounts())

    assert sorted(in_pandas["award_amount"].dropna()) == sorted(in_polars["award_amount"].drop_nulls()) == expected
    assert in_polars["year"].dtype.is_integer()
    assert in_polars["same_region"].dtype == pl.Boolean


def test_csv_has_numbers_where_the_word_for_unknown_is_named():
    content = fetch("/tenders.csv")

    in_pandas = pd.read_csv(io.BytesIO(content), na_values=["unknown"], encoding="utf-8-sig")
    in_polars = pl.read_csv(io.BytesIO(content), null_values=["unknown"], infer_schema_length=None)

    assert in_pandas["award_amount"].sum() == in_polars["award_amount"].sum() == sum(known_amounts())


def programs(language):
    return [pytest.param(text, id=task) for found, task, text in examples() if found == language]


@pytest.mark.parametrize("text", [*programs("Python"), *programs("pandas")])
def test_an_example_in_python_runs(text):
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)

    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout


@pytest.mark.parametrize("text", programs("curl"))
def test_an_example_of_curl_runs(text, tmp_path):
    for _time in range(2):
        subprocess.run([*shlex.split(text), "--silent", "--show-error"], cwd=tmp_path, check=True)

    assert any(path.stat().st_size > 1000 for path in tmp_path.iterdir())


@pytest.mark.parametrize("text", programs("DuckDB"))
def test_an_example_of_duckdb_runs(text, tmp_path):
    """Its extension that reads addresses is not a package, so the file is fetched before."""
    (path,) = re.findall(rf"{SITE}(/[^']+)", text)
    (tmp_path / "file.csv").write_bytes(fetch(path))
    rows = duckdb.sql(text.replace(f"{SITE}{path}", str(tmp_path / "file.csv"))).fetchall()

    assert sum(row[1] for row in rows) == fetch_json("/tenders.json")["meta"]["total"]
    assert sum(float(row[2]) for row in rows if row[2] is not None) == sum(known_amounts())
