"""axe: automatic checks of accessibility, in the looks that a page can have."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
LOOKS = ((DESKTOP, "light"), (PHONE, "dark"))
ALL_LOOKS = tuple((viewport, colours) for viewport in (DESKTOP, PHONE) for colours in ("light", "dark"))

SCRIPT = Axe().axe_script
# What is found is all that is asked for: no passes, and no selectors, which take a third of the time.
OPTIONS = {"runOnly": RULES, "reporter": "no-passes", "preload": False, "selectors": False}
# The rule, the number of elements that break it, and the first of them.
RUN = """async ([context, options]) => (await axe.run(context ?? document, options)).violations
  .map(({ id, nodes }) => [id, nodes.length, nodes[0].html.slice(0, 160)])"""


def violations(page, context=None):
    """Return what axe finds on a page as it is shown now, or in the element of a selector."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    return page.evaluate(RUN, [context, OPTIONS])


def faults_in(page, looks=LOOKS, *, fading=0):
    """
    Return what axe finds in some looks of a page, and that it is wider than the window.

    Its colours take ``fading`` milliseconds to change.
    """
    found = []
    for viewport, colours in looks:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=colours)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")  # elsewhere a bar or button covers some
        if fading:
            page.wait_for_timeout(fading)
        width = page.evaluate("document.scrollingElement.scrollWidth")
        if width > viewport["width"]:
            found.append((viewport["width"], colours, f"the page is {width} wide"))
        found += [(viewport["width"], colours, *violation) for violation in violations(page)]
    return found
