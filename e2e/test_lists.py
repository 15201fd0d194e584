"""The focus and the live region while a list is replaced in place."""

from playwright.sync_api import expect

from e2e.waiting import IS_SETTLED, wait_until


def press(page, key, selector):
    """Press a key on an element of a list, and wait for the new list."""
    page.locator(selector).first.focus()
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    wait_until(page, IS_SETTLED)


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


def test_a_ticked_box_keeps_the_focus_and_the_count_is_announced(visit):
    page = visit("/tenders/?year=2019", reduced_motion="reduce")

    press(page, "Space", ".filters input[name='year'][value='2018']")

    expect(page.locator(".filters input[name='year'][value='2018']")).to_be_focused()
    expect(page.locator("#live-region")).to_contain_text("tenders: 2019 or 2018")


def test_removing_a_filter_moves_the_focus_to_the_results(visit):
    page = visit("/tenders/?year=2019&year=2018", reduced_motion="reduce")

    press(page, "Enter", ".chips a")  # has the same address as the count of the other year

    expect(page.locator("#results")).to_be_focused()
    expect(page.locator("#results")).to_be_in_viewport()


def test_removing_all_filters_below_them_moves_the_focus_to_the_results(visit):
    page = visit("/tenders/?year=2019", reduced_motion="reduce")

    press(page, "Enter", ".actions:last-child a")

    expect(page.locator("#results")).to_be_focused()
    expect(page.locator(".views")).to_be_in_viewport()


def test_an_error_is_announced_once_and_describes_its_field(visit):
    page = visit("/tenders/", reduced_motion="reduce")
    page.locator("#id_amount_min").fill("much")

    press(page, "Enter", "#id_amount_min")

    expect(page.locator("#id_amount_min")).to_be_focused()
    expect(page.locator("#id_amount_min")).to_have_accessible_description("Enter a number.")
    expect(page.get_by_role("alert")).to_contain_text("amount_min")
    expect(page.locator("#live-region")).to_be_empty()
    expect(page).to_have_title("Tenders: This address isn’t valid · TenderWatch")


def test_links_to_records_without_a_title_have_names_of_their_own(visit):
    page = visit("/tenders/?per_page=100")

    names = [link.inner_text() for link in page.locator("tbody th a").all()]

    assert len(names) == len(set(names)) > 40
