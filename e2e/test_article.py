"""The article: its marks open without script, the switch shows our figures, and the evidence is two clicks away."""

import pytest

from e2e.axe import violations
from e2e.pages import ARTICLE, LANGUAGES

WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SENTENCES = {
    "en": (
        "2 were won by a small or micro firm and 1 by a large firm; of 31 the size of the winner is unknown",
        "Weak:",
    ),
    "zh-hans": ("2个由小型或微型企业中标，1个由大型企业中标；31个中标企业规模未知", "弱："),
}
SMALL_FIRMS = "a.printed[href$='/claims/A39/'] + button"

# The characters of the text of the article that a reader sees, and how many of them are marks.
CHARACTERS = """() => {
  const article = document.querySelector("article"), walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  let marks = 0, all = 0;
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode, length = data.replace(/\\s/g, "").length;
    if (!parentElement.checkVisibility() || parentElement.closest(".visually-hidden")) continue;
    all += length;
    if (parentElement.closest(".verdict")) marks += length;
  }
  return [marks, all];
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_how_strong_the_evidence_for_small_firms_is_takes_two_clicks_without_script(visit, language, width):
    page = visit(f"{LANGUAGES[language]}/", viewport=WIDTHS[width], java_script_enabled=False)

    page.locator(f"main a[href$='{ARTICLE}']").first.click()
    page.locator(SMALL_FIRMS).click()

    note = page.locator(".note:popover-open")
    sentence, strength = SENTENCES[language]
    assert sentence in note.inner_text()
    assert strength in note.inner_text()
    box = note.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTHS[width]["width"]
    page.keyboard.press("Escape")
    assert page.locator(".note:popover-open").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_switch_shows_our_figures_and_marks_are_less_than_a_tenth_without_them(visit, language):
    page = visit(LANGUAGES[language] + ARTICLE)
    ours = page.locator("article .ours")
    marks, characters = page.evaluate(CHARACTERS)

    assert 0 < marks < characters / 10
    assert not any(figure.is_visible() for figure in ours.all()[:5])
    page.locator("#our-figures").check()
    assert all(figure.is_visible() for figure in ours.all())
    page.emulate_media(media="print")
    page.locator("#our-figures").evaluate("box => box.checked = false")
    assert all(figure.is_visible() for figure in ours.all()[:5])


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_note(visit, colours):
    page = visit(ARTICLE, color_scheme=colours)
    page.locator(SMALL_FIRMS).click()

    found = violations(page, ".note:popover-open")

    assert [violation for violation in found if violation[0] != "region"] == []
