"""README: its figures are those of the data and of the site, and its commands are there."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
README = re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8"))


@cache
def records(fixture, model):
    """Return the fields of the records of a model in a fixture."""
    rows = json.loads((ROOT / "fixtures" / f"{fixture}.json").read_text(encoding="utf-8"))
    return [row["fields"] for row in rows if row["model"] == f"tenders.{model}"]


def words(number):
    return {4: "four"}.get(number, str(number))


@pytest.mark.parametrize(
    ("fixture", "model", "sentence"),
    [
        ("blockchain_2018_2019", "tender", "records the {} of these tenders"),
        ("blockchain_2018_2019", "tender", "loads {} tenders"),
        ("interchain_pulse_2019", "claim", "the article's {} claims"),
        ("interchain_pulse_2019", "claim", "the article with its {} claims"),
        ("other_studies", "article", "{} other studies with"),
        ("other_studies", "claim", "other studies with {} claims"),
        ("later_tenders", "tender", "Another {} tenders"),
    ],
)
def test_its_figures_are_those_of_the_fixtures(fixture, model, sentence):
    assert sentence.format(words(len(records(fixture, model)))) in README


def test_its_years_are_those_of_the_fixtures():
    years = [fields["year"] for fields in records("later_tenders", "tender")]

    assert f"tenders, of {min(years)} to {max(years)} from" in README


def test_the_front_page_counts_the_claims_that_it_names(shipped_pages):
    number = re.search(r"the article's (\d+) claims", README)[1]

    assert f"{number} claims" in re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", shipped_pages.get("/").text))


def test_its_commands_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert set(re.findall(r"make ([a-z0-9]+)", README)) <= set(re.findall(r"^([a-z0-9]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"manage\.py (\w+)", README)) <= {*get_commands()}
    assert "TenderWatch is at" in (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
