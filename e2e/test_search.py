"""The search of the whole site: what readers look for, with the number of their clicks, and the suggestions."""

import re

import pytest
from playwright.sync_api import expect

from e2e.axe import violations
from e2e.pages import LANGUAGES

SIZES = {"1280": {"width": 1280, "height": 900}, "390": {"width": 390, "height": 844}}
FIELD = "#site-search-words"
COMPANY, LIST, REGION = "a[href*='/companies/C-']", "h2 a[href*='/tenders/?q=']", "a[href*='/tenders/?region=CN-GD']"

# What is sought, the link that is followed from the results, and what the page behind it says.
TASKS = {
    "tenders in Guangdong": ("广东", REGION, "Guangdong|广东"),
    "tenders in Guangdong, misspelled": ("Guangdnog", LIST, "guangdong"),
    "a company by its initials": ("txy", COMPANY, "Tencent|腾讯"),
    "a company, misspelled": ("tencnt", COMPANY, "Tencent|腾讯"),
    "a subject, misspelled": ("blokchain", LIST, "blockchain"),
    "a city, misspelled": ("Beijng", LIST, "beijing"),
    "a subject, misspelled in Chinese": ("区快链", LIST, "区块链"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_sought_is_one_click_from_the_results(visit, language, size):
    page = visit(f"{LANGUAGES[language]}/", viewport=SIZES[size])
    for (
        sought,
        link,
        said,
    ) in TASKS.values():  # the first from the front page, the others from where the one before ends
        field = page.locator(FIELD)
        expect(field).to_be_in_viewport(ratio=1)
        field.fill(sought)
        field.press("Enter")
        page.wait_for_url("**/search/**")

        found = page.locator(f"main {link}").first
        number = found.get_attribute("data-count")
        found.click()

        assert any(word in page.locator("main").inner_text() for word in said.split("|"))
        if number:
            assert page.locator("[data-total]").get_attribute("data-total") == number


@pytest.mark.parametrize("path", ["/", "/zh-hans/tenders/"])
def test_suggestions_are_reached_by_the_keyboard_and_accessible(visit, path):
    page = visit(path)
    field, suggestions = page.locator(FIELD), page.locator("#suggestions a")

    field.press_sequentially("guangd")
    expect(suggestions.first).to_be_visible()
    expect(page.locator("#suggestions-status")).to_contain_text(re.compile(r"\d"))
    # Of the search alone: what lies under its suggestions is partly hidden.
    assert violations(page, "#site-search") == []

    field.press("ArrowDown")
    expect(suggestions.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(suggestions).to_have_count(0)
    expect(field).to_be_focused()

    field.press_sequentially("o")
    expect(suggestions.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tenders/?region=CN-GD")


def test_suggestions_close_when_the_focus_leaves_and_open_by_a_mouse(visit):
    page = visit("/search/?q=tax")

    page.locator(FIELD).fill("tengxun")
    company = page.locator("#suggestions a[href^='/companies/']").first
    expect(company).to_be_visible()
    page.locator("h1").click()
    expect(company).to_be_hidden()

    page.locator(FIELD).focus()
    company.click()
    expect(page.locator("h1")).to_contain_text("Tencent")


def test_the_search_works_without_script(visit):
    page = visit("/articles/", java_script_enabled=False)

    page.locator(FIELD).fill("digital identity")
    page.locator("#site-search button").click()

    expect(page.locator(".named-lists a")).to_have_count(1)
    expect(page.locator(FIELD)).to_have_value("digital identity")
