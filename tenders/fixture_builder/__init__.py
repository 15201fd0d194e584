"""
Builder of the shipped fixtures, from the CSV tables in ``fixtures/source/``.

The tables use the terms of the research ("small or micro", the key of an institution), the fixtures those of the
database (``small-or-micro``, its reference). The texts of articles are Markdown files beside the tables, one for each
language. ``docs/data.md`` describes the tables.
"""

from tenders.fixture_builder.builder import build
from tenders.fixture_builder.tables import DatasetError, read_tables

__all__ = ["DatasetError", "build", "read_tables"]
