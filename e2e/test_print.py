"""What a page looks like on paper: all that it says, and nothing to press."""

import re
import subprocess
import unicodedata

import pytest

from e2e.pages import ARTICLE, DISPUTED, LANGUAGES

PRINTED = ("/", "/tenders/", "/tenders/?view=picture", DISPUTED, ARTICLE, f"{ARTICLE}claims/A17/", "/articles/compare/")

# The cells of tables and the words of drawings that one sees on a screen.
SHOWN = """() => [...document.querySelectorAll("main td, main th, main svg text")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length)
  .map((each) => each instanceof SVGElement ? each.textContent : each.innerText)"""
PRESSED = """() => [...document.querySelectorAll("body > header nav, form, button, input, select")]
  .filter((each) => each.checkVisibility())
  .map((each) => each.outerHTML.slice(0, 160))"""


def words(text):
    """Return the words of a text without what only setting it adds: ligatures, hyphens, forms of a character."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("path", PRINTED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_and_drawings_are_on_paper_and_what_is_pressed_is_not(visit, tmp_path, path, language):
    page = visit(LANGUAGES[language] + path)
    shown = page.evaluate(SHOWN)

    page.pdf(path=tmp_path / "page.pdf")
    # As it is painted, cell by cell: not line by line across the columns.
    command = ["pdftotext", "-raw", tmp_path / "page.pdf", "-"]
    text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    page.emulate_media(media="print")

    paper = "".join(words(text))
    assert len(shown) > 3
    assert [word for each in shown for word in words(each) if word not in paper] == []
    assert page.evaluate(PRESSED) == []
