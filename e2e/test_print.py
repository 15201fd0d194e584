"""Printed pages have all tables and drawings, and no controls."""

import re
import subprocess
import unicodedata

import pytest

from e2e.pages import ARTICLE, DISPUTED, LANGUAGES

PRINTED = ("/", "/tenders/", "/tenders/?view=charts", DISPUTED, ARTICLE, f"{ARTICLE}claims/A17/", "/articles/compare/")

# The texts of cells and drawings that are visible on a screen.
SHOWN = """() => [...document.querySelectorAll("main td, main th, main svg text")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length)
  .map((element) => element instanceof SVGElement ? element.textContent : element.innerText)"""
CONTROLS = """() => [...document.querySelectorAll("body > header nav, form, button, input, select")]
  .filter((element) => element.checkVisibility())
  .map((element) => element.outerHTML.slice(0, 160))"""


def words(text):
    """Return the words of a text, without ligatures, hyphens and variants of characters that typesetting adds."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("path", PRINTED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_and_drawings_are_on_paper_and_controls_are_not(visit, tmp_path, path, language):
    page = visit(LANGUAGES[language] + path)
    shown = page.evaluate(SHOWN)

    page.pdf(path=tmp_path / "page.pdf")
    # -raw: in the order of painting, cell by cell, not line by line across the columns
    command = ["pdftotext", "-raw", tmp_path / "page.pdf", "-"]
    text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    page.emulate_media(media="print")

    paper = "".join(words(text))
    assert len(shown) > 3
    assert [word for text in shown for word in words(text) if word not in paper] == []
    assert page.evaluate(CONTROLS) == []
