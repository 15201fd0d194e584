"""The page of a tender: why its award is disputed, and how to cite it, each with its count of clicks."""

import json

import pytest

from e2e.axe import faults_in
from e2e.pages import DISPUTED, LANGUAGES
from e2e.waiting import wait_until

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
every_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
every_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
# The right ends of the texts of a page, of which one at least should be beyond the middle of its empty right half.
RIGHTMOST = """() => Math.max(...[...document.querySelectorAll("main aside *, main .contents *")]
  .filter((element) => element.checkVisibility()).map((element) => element.getBoundingClientRect().right))"""


class Clicks:
    """A reader who counts clicks."""

    def __init__(self, page):
        self.page, self.number = page, 0

    def click(self, selector):
        self.page.locator(selector).first.click()
        self.number += 1


@every_size
@every_language
def test_why_the_largest_award_is_disputed_is_seen_without_a_click(visit, size, language):
    reader = Clicks(visit(language + DISPUTED, viewport=size))

    assert reader.number == 0
    dispute = reader.page.locator(".dispute").first
    assert dispute.bounding_box()["y"] < size["height"]
    text = dispute.inner_text()
    for amount in ("8,595,000", "8,995,000", "8,500,000"):
        assert amount in text
    assert dispute.locator("svg circle").count() == 3
    assert dispute.locator(".positions .statement").count() == 4
    assert "¥8595000.00元" in text


def test_the_dispute_is_within_the_first_screen(visit):
    page = visit(DISPUTED)

    drawing, first = page.locator(".amount-line"), page.locator(".positions > li").first
    for element in (drawing, first):
        box = element.bounding_box()
        assert box["y"] + box["height"] <= 900


@every_size
@every_language
def test_citing_takes_two_clicks(visit, size, language):
    page = visit(language + DISPUTED, viewport=size)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader = Clicks(page)

    assert not page.locator("#cite").is_visible()
    reader.click(".page-actions [popovertarget=cite]")
    assert page.locator("#cite-text").is_visible()
    reader.click("#cite [data-copy=cite-text]")

    assert reader.number == 2
    wait_until(page, "document.querySelector('#cite [role=status]').textContent")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#cite-text").text_content()
    assert page.url in copied
    with page.expect_download() as waiting:
        page.click("#cite a[href$='citation.json']")
    (item,) = json.loads(waiting.value.path().read_text(encoding="utf-8"))
    assert item["URL"] == page.url
    page.keyboard.press("Escape")
    assert not page.locator("#cite").is_visible()


@every_size
def test_citing_works_without_script(visit, size):
    page = visit(DISPUTED, viewport=size, java_script_enabled=False)

    page.click("[popovertarget=cite]")

    assert page.locator("#cite-bibtex").is_visible()
    assert not page.locator("[data-copy]").first.is_visible()
    box = page.locator("#cite").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["height"] <= size["height"]


def test_the_address_with_cite_opens_it(visit):
    page = visit(f"{DISPUTED}#cite")

    wait_until(page, "document.querySelector('#cite').matches(':popover-open')")


@every_language
def test_axe_finds_nothing_in_the_open_panel(visit, language):
    page = visit(language + DISPUTED)
    page.click("[popovertarget=cite]")

    assert faults_in(page) == []


@pytest.mark.parametrize(
    "path", [DISPUTED, "/institutions/I-D4MECS/", "/companies/C-D7R2CN/", "/data/", "/about/method/"]
)
def test_the_right_half_of_a_wide_screen_is_used(visit, path):
    assert visit(path).evaluate(RIGHTMOST) > 1100
