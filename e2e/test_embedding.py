"""Embedding a chart: the task with its clicks, and the frame on a page of another site."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from e2e.pages import LANGUAGES

WIDTHS = {1280: 900, 390: 844}
CHART = "#chart-region"


@contextmanager
def other_site(html):
    """Serve a page of another origin; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A newspaper</title>{html}".encode())

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_is_embedded_from_the_front_page_with_two_clicks(visit, site, language, width):
    page = visit(f"{LANGUAGES[language]}/", viewport={"width": width, "height": WIDTHS[width]})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clicks = [page.locator(f"{CHART} .embed-code summary"), page.locator(f"{CHART} .copy")]

    for element in clicks:
        element.click()
    page.locator(f"{CHART} output:not(:empty)").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")

    assert len(clicks) == 2
    assert code == page.locator(f"{CHART} textarea").input_value()
    with other_site(code) as address:
        other = visit(viewport={"width": width, "height": WIDTHS[width]}, color_scheme="dark")
        other.goto(address)
        frame = other.frame_locator("iframe")
        frame.locator(CHART).wait_for()
        title = frame.locator("h1").inner_text()
        assert other.locator("iframe").get_attribute("title").startswith(title)
        assert other.evaluate("document.documentElement.scrollWidth") <= width
        with other.context.expect_page() as opened:
            frame.locator(".tile-list a").first.click()
        assert opened.value.url.startswith(f"{site}{LANGUAGES[language]}/tenders/?region=")
        with other.context.expect_page() as opened:
            frame.locator("a.tile").first.click()  # a link in a drawing
        assert "/tenders/?region=" in opened.value.url


def test_other_pages_are_shown_in_no_frame(visit, site):
    with other_site(f'<iframe src="{site}/tenders/"></iframe>') as address:
        page = visit()
        messages = []
        page.on("console", lambda message: messages.append(message.text))
        page.goto(address, wait_until="networkidle")

        assert any("frame-ancestors" in text for text in messages)
        assert page.frame_locator("iframe").locator("#list").count() == 0


def test_a_picture_is_shown_by_another_site(visit, site):
    with other_site(f'<img src="{site}/charts/tenders/region.svg" alt="">') as address:
        page = visit()
        page.goto(address, wait_until="networkidle")

        assert page.evaluate("document.images[0].naturalWidth") == 720


def test_without_script_the_code_can_be_selected_and_no_button_does_nothing(visit):
    page = visit("/", java_script_enabled=False)
    page.locator(f"{CHART} .embed-code summary").click()

    assert page.locator(f"{CHART} textarea").is_visible()
    assert not page.locator(f"{CHART} .copy").is_visible()
