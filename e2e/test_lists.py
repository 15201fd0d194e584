"""Where a reader without a mouse or without sight is, and what is said, while a list changes under the hands."""

from playwright.sync_api import expect

IS_SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"


def press(page, key, selector):
    """Press a key at an element of a list, and wait for the list that it gives."""
    page.locator(selector).first.focus()
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    page.wait_for_function(IS_SETTLED)


def test_the_results_are_reached_past_the_filters(visit):
    page = visit("/tenders/", reduced_motion="reduce")
    skip = page.locator("a[href='#results']")

    page.locator("#main").focus()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('#results') !== null")


def test_a_ticked_box_keeps_the_focus_and_the_count_is_said(visit):
    page = visit("/tenders/?year=2019", reduced_motion="reduce")

    press(page, "Space", "input[name='year'][value='2018']")

    expect(page.locator("input[name='year'][value='2018']")).to_be_focused()
    expect(page.locator("#live-region")).to_contain_text("tenders: 2019 or 2018")


def test_who_takes_a_filter_away_goes_on_at_the_results(visit):
    page = visit("/tenders/?year=2019&year=2018", reduced_motion="reduce")

    press(page, "Enter", ".chips a")  # leads where the number of the other year leads

    expect(page.locator("#results")).to_be_focused()
    expect(page.locator("#results")).to_be_in_viewport()


def test_who_takes_all_filters_away_below_them_goes_on_at_the_results(visit):
    page = visit("/tenders/?year=2019", reduced_motion="reduce")

    press(page, "Enter", ".actions:last-child a")

    expect(page.locator("#results")).to_be_focused()
    expect(page.locator(".views")).to_be_in_viewport()


def test_what_cannot_be_read_is_said_once_and_with_its_field(visit):
    page = visit("/tenders/", reduced_motion="reduce")
    page.locator("#id_amount_min").fill("much")

    press(page, "Enter", "#id_amount_min")

    expect(page.locator("#id_amount_min")).to_be_focused()
    expect(page.locator("#id_amount_min")).to_have_accessible_description("Enter a number.")
    expect(page.get_by_role("alert")).to_contain_text("amount_min")
    expect(page.locator("#live-region")).to_be_empty()
    expect(page).to_have_title("Tenders: This address cannot be read · TenderWatch")


def test_links_to_records_without_a_title_have_names_of_their_own(visit):
    page = visit("/tenders/?per_page=100")

    names = [link.inner_text() for link in page.locator("tbody th a").all()]

    assert len(names) == len(set(names)) > 40
