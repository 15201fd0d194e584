"""A contributor drafts an article with claims that are not there yet, with and without script."""

from itertools import count

import pytest
from playwright.sync_api import expect

from e2e.axe import ALL_LOOKS, faults_in

FADING = 300  # milliseconds in which the admin's links change their colours
serial = count(1)


def draft_article(page):
    """Save a draft that marks a claim, and open its form."""
    page.goto("/admin/tenders/article/add/")
    page.fill("#id_title_en", f"A study {next(serial)} {id(page)}")
    page.fill("#id_publisher", "A paper")
    page.fill("#id_text_en", "It counts [[S1]].")
    page.click("[name=_continue]")
    page.wait_for_url("**/change/")


@pytest.mark.parametrize("has_script", [True, False])
def test_a_marked_claim_is_added_and_leads_back_to_the_article(visit_as, has_script):
    page = visit_as("contributor", java_script_enabled=has_script)
    draft_article(page)
    article = page.url

    page.click(".module >> text=Add claim S1")
    page.fill("#id_statement_en", "Four in Beijing.")
    page.select_option("#id_measure", "rank")
    if not has_script:
        page.click("text=Show its fields")
    page.fill("#id_value", "CN-BJ")
    page.select_option("#id_measure", "count")
    if not has_script:
        page.click("text=Show its fields")
    page.wait_for_selector("#id_query")
    notice = page.locator("#claim-fields .messagelist").inner_text()
    page.fill("#id_query", "/tenders/?region=CN-BJ")
    page.select_option("#id_printed_as", "exactly")
    page.fill("#id_printed_low", "4")
    page.select_option("#id_unit", "tenders")
    page.click("[name=_save]")
    page.wait_for_selector("td:has-text('Four in Beijing.')")

    assert "“Number of tenders” doesn’t use these fields. Saving empties them: Value “CN-BJ”" in notice
    assert page.url == article
    assert page.locator("text=Add claim S1").count() == 0


def test_the_fields_of_a_measure_are_shown_in_place(visit_as):
    page = visit_as("contributor")
    draft_article(page)
    page.click(".module >> text=Add claim S1")
    address = page.url
    page.fill("#id_statement_en", "The largest of all.")

    for measure, field in (("rank", "#id_value"), ("amount", "#id_tender"), ("sum-of-claims", "#id_claims")):
        page.focus("#id_measure")
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.select_option("#id_measure", measure)
        expect(page.locator("#id_measure")).to_be_focused()
        assert page.locator(field).count() == 1
        assert page.input_value("#id_statement_en") == "The largest of all."
        assert faults_in(page, fading=FADING) == []
        if measure == "amount":
            assert page.locator(".field-tender .select2").count() == 1

    assert page.url == address


@pytest.mark.parametrize("language", ["", "/zh-hans"])
@pytest.mark.parametrize("name", ["contributor", "editor"])
def test_the_front_page_of_the_admin_has_no_fault(visit_as, name, language):
    page = visit_as(name, f"{language}/admin/")

    assert faults_in(page, ALL_LOOKS, fading=FADING) == []
    assert page.locator("a[data-count]").count() > 5
