"""Where a reader without a mouse or without sight is, and what is said, while a list changes under the hands."""

from playwright.sync_api import expect

IS_SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"


def press(page, key, selector):
    """Press a key at an element of a list, and wait for the list that it gives."""
    page.locator(selector).focus()
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    page.wait_for_function(IS_SETTLED)


def test_the_results_are_reached_past_the_filters(visit):
    page = visit("/tenders/")
    skip = page.locator("a[href='#results']")

    page.locator("#main").focus()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('#results') !== null")
