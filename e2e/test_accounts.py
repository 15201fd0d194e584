"""The log-in with a second factor, set up and given with the keyboard alone; axe reads each page."""

from base64 import b32decode

from django_otp.oath import totp

from e2e.axe import faults_in
from e2e.records import PASSWORD
from e2e.test_journeys import Reader


def check(page):
    """Check a page on both viewports and with both color schemes."""
    assert faults_in(page) == [], page.url


def type_and_send(page, **fields):
    """Type into fields in their order, with the tab key between them, and send the form."""
    reader = Reader(page, has_script=False)
    for name, text in fields.items():
        if not page.evaluate("name => document.activeElement.name === name", name):
            reader.go_to(f"[name={name}]")
        page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_second_factor_is_set_up_and_given_with_the_keyboard_alone(visit):
    page = visit("/admin/login/?next=/admin/account/")
    check(page)
    type_and_send(page, username="newcomer", password=PASSWORD)
    check(page)
    type_and_send(page, password=PASSWORD)
    check(page)
    secret = page.inner_text(".secret").replace(" ", "")
    type_and_send(page, code=f"{totp(b32decode(secret)):06}")
    check(page)
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as download:
        page.click("a[download]")
    assert all(code in download.value.path().read_text(encoding="utf-8") for code in codes)

    for number, language in enumerate(("", "/zh-hans")):
        page = visit(f"{language}/admin/login/?next={language}/admin/account/")
        type_and_send(page, username="newcomer", password=PASSWORD)
        check(page)
        type_and_send(page, code="000000")
        check(page)
        type_and_send(page, code=codes[number])
        page.wait_for_selector(".sessions")
        check(page)
