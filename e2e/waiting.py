"""Wait for a page, from outside it: its content security policy lets no script that it evaluates itself wait in it."""

import time

PATIENCE = 30  # seconds
PAUSE = 20  # milliseconds

IS_SETTLED = """() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")"""


def wait_until(page, condition, arg=None):
    """Wait until an expression or a function of JavaScript is true; ``TimeoutError`` after 30 seconds."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(condition, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"Not true within {PATIENCE} s on {page.url}: {condition}")
        page.wait_for_timeout(PAUSE)
