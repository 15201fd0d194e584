"""How much of a list is seen at once, and that readers come back to where they were."""

import pytest
from playwright.sync_api import expect

from e2e.pages import LANGUAGES
from e2e.waiting import IS_SETTLED, wait_until

PHONE = {"width": 390, "height": 844}
# The mean height of the rows, and how many of them are seen whole without scrolling.
ROWS = """() => {
  const rows = [...document.querySelectorAll("#results tbody tr")].map((row) => row.getBoundingClientRect());
  const height = rows.reduce((sum, row) => sum + row.height, 0);
  return [height / rows.length, rows.filter((row) => row.bottom <= innerHeight).length];
}"""

in_both_languages = pytest.mark.parametrize("prefix", LANGUAGES.values(), ids=LANGUAGES)


@in_both_languages
@pytest.mark.parametrize("name", ["tenders", "institutions", "companies"])
def test_rows_are_low_and_many_are_seen(visit, name, prefix):
    page = visit(f"{prefix}/{name}/?per_page=100")

    mean, seen = page.evaluate(ROWS)
    page.set_viewport_size(PHONE)
    _mean, seen_on_a_phone = page.evaluate(ROWS)

    assert mean <= 64
    assert seen >= 8
    assert seen_on_a_phone >= 3
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_all_columns_fit_a_table_that_scrolls(visit):
    columns = ["other_title", "reference", "year", "institution", "institution_kind", "region", "category", "status"]
    columns += ["method", "company", "company_size", "budget", "amount", "certainty"]
    page = visit(f"/tenders/?{'&'.join(f'columns={name}' for name in columns)}")

    mean, seen = page.evaluate(ROWS)

    assert mean <= 64
    assert seen >= 8
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


@pytest.mark.parametrize("has_script", [True, False])
def test_columns_are_chosen_and_stay_in_the_address(visit, has_script):
    page = visit("/tenders/?year=2019", java_script_enabled=has_script, reduced_motion="reduce")

    page.locator("#columns summary").click()
    page.locator("#columns input[value=category]").uncheck()
    page.locator("#columns input[value=institution]").check()
    page.locator("#columns button").click()
    page.wait_for_url("**columns=institution**")

    headings = page.locator("#results thead th")
    expect(headings.filter(has_text="Institution")).to_have_count(1)
    expect(headings.filter(has_text="Category")).to_have_count(0)
    expect(page.locator("#columns form")).to_be_hidden()
    assert "year=2019" in page.url


def test_on_a_phone_the_button_says_how_many_are_chosen_and_shows_them(visit):
    page = visit("/tenders/", viewport=PHONE, reduced_motion="reduce")
    button = page.locator(".filters .actions button")

    page.locator("#filters > summary").click()
    expect(button).to_be_in_viewport()
    expect(button).to_have_text("Show 45 tenders", use_inner_text=True)
    page.locator(".filters input[name=year][value='2020']").check()
    expect(button).to_have_text("Show 4 tenders", use_inner_text=True)
    button.click()

    expect(page.locator(".filters input[name=year][value='2020']")).to_be_hidden()
    expect(page.locator("#results tbody tr").first).to_be_in_viewport()


def test_without_script_the_button_promises_no_number(visit):
    page = visit("/tenders/?year=2019", java_script_enabled=False)

    expect(page.locator(".filters .actions button")).to_have_text("Show tenders", use_inner_text=True)


def test_the_way_back_leads_to_the_list_as_it_was_left(visit):
    page = visit("/tenders/", reduced_motion="reduce")
    page.locator(".filters input[name=year][value='2019']").check()
    page.wait_for_url("**year=2019")
    wait_until(page, IS_SETTLED)
    link = page.locator("#results tbody th a").nth(20)
    link.scroll_into_view_if_needed()
    reference = link.get_attribute("href").split("/")[-2]
    top = page.evaluate("scrollY")
    link.click()
    page.wait_for_url(f"**/{reference}/")

    page.go_back()
    page.wait_for_url("**year=2019")
    wait_until(page, "top => Math.abs(scrollY - top) < 5", arg=top)
    page.go_forward()
    page.locator(".breadcrumb a").nth(1).click()

    page.wait_for_url(f"**/tenders/?year=2019#{reference}")
    expect(page.locator(f"#{reference}")).to_be_in_viewport()
