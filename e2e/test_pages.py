"""What holds of every page, in both languages, light and dark, on a desktop and on a phone."""

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
MOST_BYTES = 100_000  # of a first visit, compressed

every_page = pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(prefix + page.path, page.status, id=f"{name}, {language}")
        for name, page in PAGES.items()
        for language, prefix in LANGUAGES.items()
        if prefix == "" or ".csv" not in page.path  # downloads have no language
    ],
)


def test_every_type_of_page_is_tried():
    tried = {resolve(urlsplit(page.path).path).view_name for page in PAGES.values()}

    assert {pattern.name for pattern in urlpatterns} - {"about"} <= tried  # "about" leads to the first of its pages


@every_page
def test_axe_finds_nothing(visit, path, status):
    page = visit(path, bypass_csp=True)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = []

    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            options = {"runOnly": RULES, "resultTypes": ["violations"]}
            for violation in Axe().run(page, options=options).response["violations"]:
                first = violation["nodes"][0]
                found.append((viewport["width"], colours, violation["id"], len(violation["nodes"]), first["html"]))

    assert not found


@every_page
def test_first_visit_is_small_calm_and_asks_nobody_else(visit, site, path, status):
    page = visit()
    said, asked, failed, sizes = [], [], [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    response = page.goto(path, wait_until="networkidle")
    shifts = page.evaluate(SHIFTS)

    assert response.status == status
    assert [text for text in said if not (status >= 400 and f"status of {status}" in text)] == []
    assert [url for url in asked if not url.startswith(f"{site}/")] == []
    assert failed == []
    assert shifts == []
    assert 1_000 < sum(sizes) <= MOST_BYTES


# What moved by itself while the page was loaded, once all has been painted.
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
def test_what_comes_slowly_is_seen_when_it_is_whole_and_does_not_move(visit, path):
    page = visit("/about/licence/", viewport=PHONE)  # from here on the browser has the styles
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 50, "downloadThroughput": SLOW, "uploadThroughput": SLOW},
    )

    page.goto(path)
    began, ended, painted = page.evaluate(TIMES)

    assert ended - began > 500
    assert painted > (began + ended) / 2  # its last bytes may come after its footer has begun
    assert page.evaluate(SHIFTS) == []


SLOW = 12_000  # bytes in a second; a page that takes three seconds is shown in parts
# When the page began to come, when all of it had, and when the first of it was seen.
TIMES = """() => new Promise((resolve) => {
  const [{ responseStart, responseEnd }] = performance.getEntriesByType("navigation");
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      if (name === "first-contentful-paint") resolve([responseStart, responseEnd, startTime]);
    }
  }).observe({ type: "paint", buffered: true });
})"""


def test_the_page_of_a_fault_of_ours_is_seen_at_once(visit):
    page = visit("/about/licence/")  # it has the styles and the address

    page.set_content(loader.get_template("500.html").render())

    assert page.locator("h1").is_visible()
    assert page.evaluate("document.styleSheets.length") == 1


@every_page
def test_nothing_is_cut_off_on_a_phone(visit, path, status):
    page = visit(path, viewport=PHONE, bypass_csp=True)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")

    usual = page.evaluate(CUT_OFF)
    page.add_style_tag(content=TEXT_SPACING)
    spaced = page.evaluate(CUT_OFF)

    assert usual == []
    assert spaced == []


# WCAG 2.2, 1.4.12
TEXT_SPACING = """* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }"""

# The page scrolls in one direction, no box hides a part of its text, and no text of a drawing leaves the page.
CUT_OFF = """() => {
  const found = [];
  const { scrollWidth, clientWidth } = document.scrollingElement;
  if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} wide`);
  for (const each of document.body.querySelectorAll("*")) {
    const { overflowX, overflowY, clipPath } = getComputedStyle(each);
    if (clipPath !== "none" || each.matches("input") || !each.checkVisibility()) continue;
    const isHidden = (overflow, inner, outer) => ["hidden", "clip"].includes(overflow) && inner > outer + 1;
    const isCutOff =
      isHidden(overflowX, each.scrollWidth, each.clientWidth) ||
      isHidden(overflowY, each.scrollHeight, each.clientHeight);
    if (isCutOff && !(each instanceof SVGElement)) found.push(each.outerHTML.slice(0, 160));
  }
  for (const text of document.querySelectorAll("svg text")) {
    if (!text.checkVisibility()) continue;
    const { left, right } = text.getBoundingClientRect();
    if (left < 0 || right > clientWidth) found.push(text.outerHTML.slice(0, 160));
  }
  return found;
}"""


@every_page
def test_focus_is_seen_wherever_it_goes(visit, path, status):
    page = visit(path)
    page.keyboard.press("Tab")  # from now on the browser takes it that somebody uses the keyboard

    num_reached, unseen = page.evaluate(UNSEEN_FOCUS)

    assert num_reached > 10
    assert unseen == []


UNSEEN_FOCUS = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const reached = [...document.querySelectorAll("a, button, input, select, summary, [tabindex]")].filter((each) => {
    each.focus({ preventScroll: true });
    return each === document.activeElement && each.tabIndex >= 0;
  });
  const isUnseen = (each) => {
    each.blur();
    const shadow = getComputedStyle(each).boxShadow;
    each.focus({ preventScroll: true });
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle === "none" || parseFloat(outlineWidth) < 2) && boxShadow === shadow;
  };
  return [reached.length, reached.filter(isUnseen).map((each) => each.outerHTML.slice(0, 160))];
}"""


@pytest.mark.parametrize("path", ["/", "/tenders/", "/companies/C-D7R2CN/", ARTICLE, "/articles/compare/"])
def test_the_rows_and_columns_of_a_table_have_their_headings_on_a_phone_too(visit, path):
    page = visit(path, viewport=PHONE)

    tables = page.evaluate(HEADINGS)

    assert tables
    for columns, rows in tables:
        assert columns == len(rows[0])
        assert all(row[0] == "TH" and set(row[1:]) == {"TD"} for row in rows)


# Of each table that is shown: how many headings its columns have, and of what the rows consist.
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


LINE = 40  # pixels: links of one line may stand at different heights
# All that has the focus in turn, but the list beside a map, which has two columns.
TOPS = """() => [...document.querySelectorAll("main :is(a[href]:not([tabindex='-1']), button, input, summary)")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => !each.matches(".skip, .tile-list a, [type=hidden]"))
  .map((each) => each.getClientRects()[0].top)"""


def test_colours_of_the_readers_own_leave_what_is_chosen_marked(visit):
    page = visit(f"{ARTICLE}?verdict=agrees", forced_colors="active")
    marked = page.evaluate(MARKED)
    page.goto("/tenders/")
    marked += page.evaluate(MARKED)

    assert marked == [True, True, True, True]


# Whether a link to what is shown looks unlike the link beside it.
MARKED = """() => [".site-header", ".verdicts, .views"].map((selector) => {
  const look = (link) => {
    const { backgroundColor, borderTopWidth, textDecorationLine } = getComputedStyle(link);
    return [backgroundColor, borderTopWidth, textDecorationLine].join();
  };
  const links = [...document.querySelector(selector).querySelectorAll("nav:not(.languages) a, li a")];
  return look(links.find((link) => link.matches("[aria-current]")))
    !== look(links.find((link) => !link.matches("[aria-current]")));
})"""
