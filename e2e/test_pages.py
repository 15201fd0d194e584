"""
Checks of every page: in both languages, light and dark, on a desktop and on a phone.

Each page is visited once for all checks of it: a test begins by choosing the look that it needs. What the first visit
was like is checked last, with all that the page has done until then.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from django.template import loader
from django.urls import resolve
from playwright.sync_api import Page

from e2e.axe import DESKTOP, LOOKS, PHONE, faults_in
from e2e.conftest import visiting
from e2e.pages import ARTICLE, DISPUTED, LANGUAGES, PAGES
from tenders.urls import urlpatterns

# In Chinese the elements and colours are the same, but not the texts: the look that was not checked in English.
LOOKS_OF = {"en": LOOKS, "zh-hans": ((PHONE, "light"),)}
MAX_BYTES = 100_000  # of a first visit, compressed


def pages(*languages):
    """Return a mark that gives a test the first visit of every page in some languages; one worker tests a page."""
    given = [
        pytest.param(
            (language, LANGUAGES[language] + page.path, page.status),
            id=f"{name}, {language}",
            marks=pytest.mark.xdist_group(f"{name}, {language}"),
        )
        for language in languages
        for name, page in PAGES.items()
        if language == "en" or ".csv" not in page.path  # downloads have no language
    ]
    return pytest.mark.parametrize("first_visit", given, indirect=True)


every_page = pages(*LANGUAGES)
every_page_in_english = pages("en")


@dataclass
class FirstVisit:
    """A page that a browser has opened with an empty cache, and what happened since."""

    page: Page
    language: str
    expected: int  # HTTP status
    status: int = 0
    shifts: list = field(default_factory=list)  # until all details were opened
    messages: list = field(default_factory=list)
    requested: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    sizes: list = field(default_factory=list)  # compressed, of each response

    def open(self, path):
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: self.sizes.append(event["encodedDataLength"]))
        self.status = self.page.goto(path).status
        self.shifts = self.page.evaluate(SHIFTS)
        self.page.evaluate("for (const element of document.querySelectorAll('details')) element.open = true")

    def show(self, viewport, style=""):
        """Show the page in a window, with a style sheet besides its own; return it."""
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme="light")
        self.page.evaluate(ADD_STYLE, style)
        return self.page


# A style sheet made by a script, as the policy of a page allows no other.
ADD_STYLE = """style => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture(scope="module")
def first_visit(request, browser, site):
    """The first visit of a page, for all tests of it."""
    language, path, status = request.param
    with visiting(browser, site) as visit:
        first_visit = FirstVisit(visit(), language, status)
        first_visit.open(path)
        yield first_visit


def test_every_type_of_page_is_tested():
    tested = {resolve(urlsplit(page.path).path).view_name for page in PAGES.values()}

    others = {"about", "chart-picture", "search-suggestions"}  # a redirect, an image, and a part of other pages
    others |= {"alert", "subscribe-sent"}  # this site sends no mail
    assert {pattern.name for pattern in urlpatterns} - others <= tested


@every_page_in_english  # the outline is the same
def test_focus_is_visible_on_every_element(first_visit):
    page = first_visit.show(DESKTOP)
    page.keyboard.press("Tab")  # makes :focus-visible apply from now on

    num_reached, invisible = page.evaluate(INVISIBLE_FOCUS)

    assert num_reached >= 1  # a page to embed has few
    assert invisible == []


INVISIBLE_FOCUS = """() => {
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


@every_page
def test_no_page_is_wider_than_the_window_with_large_and_spaced_text(first_visit):
    page = first_visit.show(DESKTOP, f"{TEXT_SPACING} html {{ font-size: 200% !important; }}")

    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


# WCAG 2.2, 1.4.12
TEXT_SPACING = """* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }"""


@every_page
def test_axe_finds_nothing(first_visit):
    page = first_visit.show(DESKTOP)

    assert faults_in(page, LOOKS_OF[first_visit.language]) == []


@every_page
def test_nothing_is_cut_off_on_a_phone(first_visit):
    usual = first_visit.show(PHONE).evaluate(CUT_OFF)
    spaced = first_visit.show(PHONE, TEXT_SPACING).evaluate(CUT_OFF)

    assert usual == []
    assert spaced == []


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


@every_page
def test_first_visit_is_small_does_not_shift_and_requests_nothing_elsewhere(first_visit, site):
    status = first_visit.status
    first_visit.page.wait_for_load_state("networkidle")

    assert status == first_visit.expected
    texts = [text for text in first_visit.messages if not (status >= 400 and f"status of {status}" in text)]
    assert texts == []
    assert [url for url in first_visit.requested if not url.startswith(f"{site}/")] == []
    assert first_visit.failed == []
    assert first_visit.shifts == []
    assert 1_000 < sum(first_visit.sizes) <= MAX_BYTES


# The layout shifts while the page was loaded.
SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      found.push([value, ...sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 120))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(found), 200));
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
