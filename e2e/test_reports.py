"""A reader reports an error and sees its outcome; an editor answers. Each with the clicks that it takes."""

import pytest

from e2e.axe import DESKTOP
from e2e.pages import DISPUTED, LANGUAGES, REPORT

WIDTHS = {"desktop": DESKTOP, "phone": {"width": 390, "height": 844}}


class Clicks:
    """A page whose clicks are counted."""

    def __init__(self, page):
        self.page, self.number = page, 0

    def click(self, selector):
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()
        self.number += 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_reported_with_two_clicks_and_its_outcome_is_seen(visit, language, width):
    page = visit(f"{LANGUAGES[language]}{DISPUTED}", viewport=WIDTHS[width], java_script_enabled=False)
    reader = Clicks(page)

    reader.click("main a.report-link[href*='/report/']")
    assert page.inner_text("h1 + .lead a")  # the tender is filled in
    page.fill("[name=text]", f"The amount is wrong ({language}, {width}).")
    reader.click("form.report-form button")

    assert "/report/" in page.url
    assert reader.number == 2
    assert page.locator(".report-outcome").is_visible()
    assert page.context.cookies() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]["width"]


def test_an_editor_answers_from_the_queue_and_the_reader_sees_it(visit_as, visit):
    reader = visit(f"/report/?about={DISPUTED}")
    reader.fill("[name=text]", "The city is missing.")
    reader.click("form.report-form button")
    page = visit_as("editor", "/admin/")
    editor = Clicks(page)

    editor.click("a[href$='todo=reports']")
    editor.click("#result_list tr:has-text('The city is missing.') th a")
    page.select_option("[name=state]", "declined")
    page.fill("[name=answer]", "No source gives it.")
    editor.click("[name=_save]")

    assert editor.number == 3
    reader.reload()
    assert "No source gives it." in reader.inner_text(".report-outcome")


def test_a_correction_leads_to_the_history_of_the_record(visit):
    reader = Clicks(visit(f"/report/{REPORT}/"))

    reader.click("main p a[href$='#history']")

    assert "Corrected after a reader’s report" in reader.page.inner_text(".history")
