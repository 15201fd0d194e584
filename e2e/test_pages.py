"""Checks of every page: in both languages, light and dark, on a desktop and on a phone."""

from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template import loader
from django.urls import resolve

from e2e.pages import ARTICLE, DISPUTED, LANGUAGES, PAGES
from tenders.urls import urlpatterns

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
MAX_BYTES = 100_000  # of a first visit, compressed


def pages(languages):
    """Return a mark that gives a test every page in some languages."""
    given = [
        pytest.param(prefix + page.path, page.status, id=f"{name}, {language}")
        for name, page in PAGES.items()
        for language, prefix in languages.items()
        if prefix == "" or ".csv" not in page.path  # downloads have no language
    ]
    return pytest.mark.parametrize(("path", "status"), given)


every_page = pages(LANGUAGES)
every_page_in_english = pages({"en": ""})


def test_every_type_of_page_is_tested():
    tested = {resolve(urlsplit(page.path).path).view_name for page in PAGES.values()}

    others = {"about", "chart-picture", "search-suggestions"}  # a redirect, an image, and a part of other pages
    assert {pattern.name for pattern in urlpatterns} - others <= tested


@every_page
def test_axe_finds_nothing(visit, path, status):
    page = visit(path, bypass_csp=True)
    page.evaluate("for (const element of document.querySelectorAll('details')) element.open = true")
    found = []

    for viewport, colours in ((DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark")):
        page.set_viewport_size(viewport)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")  # elsewhere the button of the filters covers some
        page.emulate_media(color_scheme=colours)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        for violation in Axe().run(page, options=options).response["violations"]:
            first = violation["nodes"][0]
            found.append((viewport["width"], colours, violation["id"], len(violation["nodes"]), first["html"]))

    assert not found


@every_page
def test_first_visit_is_small_does_not_shift_and_requests_nothing_elsewhere(visit, site, path, status):
    page = visit()
    messages, requested, failed, sizes = [], [], [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    response = page.goto(path, wait_until="networkidle")
    shifts = page.evaluate(SHIFTS)

    assert response.status == status
    assert [text for text in messages if not (status >= 400 and f"status of {status}" in text)] == []
    assert [url for url in requested if not url.startswith(f"{site}/")] == []
    assert failed == []
    assert shifts == []
    assert 1_000 < sum(sizes) <= MAX_BYTES


# The layout shifts while the page was loaded.
SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      found.push([value, ...sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 120))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(found), 50));
})"""


@pytest.mark.parametrize("path", [ARTICLE, f"/zh-hans{ARTICLE}"])
def test_a_slow_page_is_painted_when_it_is_complete_and_does_not_shift(visit, path):
    page = visit("/about/licence/", viewport=PHONE)  # the browser now has the stylesheet
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 50, "downloadThroughput": SLOW, "uploadThroughput": SLOW},
    )

    page.goto(path)
    began, ended, painted = page.evaluate(TIMES)

    assert ended - began > 500
    assert painted > (began + ended) / 2  # the footer, which ends the wait, comes before the last bytes
    assert page.evaluate(SHIFTS) == []


SLOW = 12_000  # bytes in a second; a page that takes three seconds is shown in parts
# The times of the first byte, of the last byte, and of the first paint.
TIMES = """() => new Promise((resolve) => {
  const [{ responseStart, responseEnd }] = performance.getEntriesByType("navigation");
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      if (name === "first-contentful-paint") resolve([responseStart, responseEnd, startTime]);
    }
  }).observe({ type: "paint", buffered: true });
})"""


def test_the_500_page_is_visible_at_once(visit):
    page = visit("/about/licence/")  # loads the stylesheet and sets the base address

    page.set_content(loader.get_template("500.html").render())

    assert page.locator("h1").is_visible()
    assert page.evaluate("document.styleSheets.length") == 1


@every_page
def test_nothing_is_cut_off_on_a_phone(visit, path, status):
    page = visit(path, viewport=PHONE, bypass_csp=True)
    page.evaluate("for (const element of document.querySelectorAll('details')) element.open = true")

    usual = page.evaluate(CUT_OFF)
    page.add_style_tag(content=TEXT_SPACING)
    spaced = page.evaluate(CUT_OFF)

    assert usual == []
    assert spaced == []


@every_page
def test_no_page_is_wider_than_the_window_with_large_and_spaced_text(visit, path, status):
    page = visit(path, bypass_csp=True)

    page.add_style_tag(content=f"{TEXT_SPACING} html {{ font-size: 200% !important; }}")

    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


# WCAG 2.2, 1.4.12
TEXT_SPACING = """* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }"""

# Elements that overflow: the page may scroll in one direction only, no box may hide a part of its text, and no text of
# a drawing may leave the page.
CUT_OFF = """() => {
  const found = [];
  const { scrollWidth, clientWidth } = document.scrollingElement;
  if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} wide`);
  for (const element of document.body.querySelectorAll("*")) {
    const { overflowX, overflowY, clipPath } = getComputedStyle(element);
    if (clipPath !== "none" || element.matches("input") || !element.checkVisibility()) continue;
    const isHidden = (overflow, inner, outer) => ["hidden", "clip"].includes(overflow) && inner > outer + 1;
    const isCutOff =
      isHidden(overflowX, element.scrollWidth, element.clientWidth) ||
      isHidden(overflowY, element.scrollHeight, element.clientHeight);
    if (isCutOff && !(element instanceof SVGElement)) found.push(element.outerHTML.slice(0, 160));
  }
  for (const text of document.querySelectorAll("svg text")) {
    if (!text.checkVisibility()) continue;
    const { left, right } = text.getBoundingClientRect();
    if (left < 0 || right > clientWidth) found.push(text.outerHTML.slice(0, 160));
  }
  return found;
}"""


@every_page_in_english  # the outline is the same
def test_focus_is_visible_on_every_element(visit, path, status):
    page = visit(path)
    page.keyboard.press("Tab")  # makes :focus-visible apply from now on

    num_reached, invisible = page.evaluate(INVISIBLE_FOCUS)

    assert num_reached > 5  # a chart to embed has few
    assert invisible == []


INVISIBLE_FOCUS = """() => {
  for (const element of document.querySelectorAll("details")) element.open = true;
  const reached = [...document.querySelectorAll("a, button, input, select, summary, [tabindex]")].filter((element) => {
    element.focus({ preventScroll: true });
    return element === document.activeElement && element.tabIndex >= 0;
  });
  const isInvisible = (element) => {
    element.blur();
    const shadow = getComputedStyle(element).boxShadow;
    element.focus({ preventScroll: true });
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle === "none" || parseFloat(outlineWidth) < 2) && boxShadow === shadow;
  };
  return [reached.length, reached.filter(isInvisible).map((element) => element.outerHTML.slice(0, 160))];
}"""


@pytest.mark.parametrize("path", ["/", "/tenders/", "/companies/C-D7R2CN/", ARTICLE, "/articles/compare/"])
def test_rows_and_columns_of_tables_have_headings_on_a_phone_too(visit, path):
    page = visit(path, viewport=PHONE)

    tables = page.evaluate(HEADINGS)

    assert tables
    for columns, rows in tables:
        assert columns == len(rows[0])
        assert all(row[0] == "TH" and set(row[1:]) == {"TD"} for row in rows)


# For each visible table: the number of column headings, and the tag names of the cells of each row.
HEADINGS = """() => [...document.querySelectorAll("table")].filter((table) => table.checkVisibility()).map((table) => [
  [...table.tHead.rows[0].cells].filter((cell) => cell.checkVisibility()).length,
  [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.tagName)),
])"""


@pytest.mark.parametrize("path", ["/", "/tenders/?year=2019", DISPUTED, ARTICLE, f"{ARTICLE}claims/A17/"])
def test_the_tab_key_goes_down_the_page_on_a_phone(visit, path):
    page = visit(path, viewport=PHONE)

    tops = page.evaluate(TOPS)

    assert len(tops) > 10
    assert all(after > before - LINE for before, after in pairwise(tops))


LINE = 40  # pixels: links of one line may differ in height
# The tops of all focusable elements in their order, without the list beside a map, which has two columns.
TOPS = """() => [...document.querySelectorAll("main :is(a[href]:not([tabindex='-1']), button, input, summary)")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.matches(".skip, .tile-list a, [type=hidden]"))
  .map((element) => element.getClientRects()[0].top)"""


def test_forced_colours_leave_the_current_link_marked(visit):
    page = visit(f"{ARTICLE}?verdict=agrees", forced_colors="active")
    marked = page.evaluate(MARKED)
    page.goto("/tenders/")
    marked += page.evaluate(MARKED)

    assert marked == [True, True, True, True]


# Whether the current link looks different from the other links.
MARKED = """() => [".site-header", ".verdicts, .views"].map((selector) => {
  const look = (link) => {
    const { backgroundColor, borderTopWidth, textDecorationLine } = getComputedStyle(link);
    return [backgroundColor, borderTopWidth, textDecorationLine].join();
  };
  const links = [...document.querySelector(selector).querySelectorAll("nav:not(.languages) a, li a")];
  return look(links.find((link) => link.matches("[aria-current]")))
    !== look(links.find((link) => !link.matches("[aria-current]")));
})"""
