"""From the front page to a file on one's own disk, with the keyboard alone: with script and without."""

import csv
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from e2e.pages import LANGUAGES

STEPS = 300  # of the tab key, at most, to anything on a page

IS_HERE = "selector => document.activeElement.matches(selector)"
FOLDED = """selector => {
  let group = document.querySelector(selector);
  while (group = group?.parentElement.closest("details")) {
    if (!group.open && group.querySelector("summary").checkVisibility()) return `#${group.id} > summary`;
  }
}"""
IS_SETTLED = """() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")"""


class Reader:
    """Somebody who has a keyboard and no mouse."""

    def __init__(self, page, *, has_script):
        self.page = page
        self.has_script = has_script

    def go_to(self, selector):
        """Press the tab key until what the selector names has the focus."""
        for _step in range(STEPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(IS_HERE, selector):
                return
        pytest.fail(f"The tab key does not lead to {selector} on {self.page.url}")

    def follow(self, selector, key="Enter"):
        """Go to a link, a button or a box, and press it: another page comes, or another list."""
        self.go_to(selector)
        before = self.page.url
        self.page.keyboard.press(key)
        self.page.wait_for_url(lambda url: url != before)
        self.page.wait_for_function(IS_SETTLED)

    def choose(self, name, value):
        """Tick a box of the filters, and see the list that it gives."""
        box = f"input[name='{name}'][value='{value}']"
        while folded := self.page.evaluate(FOLDED, box):
            self.go_to(folded)
            self.page.keyboard.press("Enter")
        if self.has_script:
            self.follow(box, "Space")
        else:
            self.go_to(box)
            self.page.keyboard.press("Space")
            self.follow("form button[type='submit']")

    def download(self, selector):
        """Fetch a file, and return its rows."""
        self.go_to(selector)
        with self.page.expect_download() as waiting:
            self.page.keyboard.press("Enter")
        with waiting.value.path().open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def query(self):
        """What the address asks for."""
        return parse_qs(urlsplit(self.page.url).query)

    def promised(self, query):
        """Return the number that stands at a link to the list with one filter set."""
        return int(self.page.locator(f"a[data-count][href$='?{query}']").first.get_attribute("data-count"))

    @property
    def total(self):
        """How many rows the list has, on all its pages."""
        return int(self.page.locator("[data-total]").get_attribute("data-total"))

    @property
    def links(self):
        """What leads to the tenders of this page of the list."""
        return self.page.locator("[data-total] tbody th a[href*='/tenders/TW-']")

    @property
    def rows(self):
        """The tenders of this page of the list, in their order."""
        return [re.search(r"TW-\w+", link.get_attribute("href"))[0] for link in self.links.all()]


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_filters_sorts_pages_opens_and_downloads(visit, has_script, language):
    reader = Reader(visit(f"{LANGUAGES[language]}/", java_script_enabled=has_script), has_script=has_script)

    reader.follow("a[href$='/tenders/']")
    everything, promised = reader.total, reader.promised("year=2018") + reader.promised("year=2019")
    reader.choose("year", "2018")
    reader.choose("year", "2019")
    assert sorted(reader.query["year"]) == ["2018", "2019"]
    assert reader.total == promised < everything

    reader.follow("thead a[href*='sort=title']")
    assert reader.query["sort"][0].startswith("title")
    first_page = reader.rows
    reader.follow("a[rel='next']")
    assert reader.query["page"] == ["2"]
    second_page = reader.rows

    rows = reader.download("a[href*='/tenders.csv']")
    assert len(rows) == promised
    assert [row["reference"] for row in rows] == first_page + second_page

    reader.follow(f"a[href$='/tenders/{second_page[-1]}/']")
    assert second_page[-1] in reader.page.locator("main").inner_text()
    for before in (second_page, first_page):
        reader.page.go_back()
        expect(reader.links.first).to_have_attribute("href", re.compile(before[0]))
        assert reader.rows == before
