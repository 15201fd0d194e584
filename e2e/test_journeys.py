"""A journey from the front page to a download with the keyboard only, with and without JavaScript."""

import csv
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from e2e.pages import LANGUAGES
from e2e.waiting import IS_SETTLED, wait_until

MAX_TABS = 300  # to any element of a page

HAS_FOCUS = "selector => document.activeElement.matches(selector)"
CLOSED_GROUP = """selector => {
  let group = document.querySelector(selector);
  while (group = group?.parentElement.closest("details")) {
    if (!group.open && group.querySelector("summary").checkVisibility()) return `#${group.id} > summary`;
  }
}"""


class Reader:
    """A reader who uses the keyboard only."""

    def __init__(self, page, *, has_script):
        self.page = page
        self.has_script = has_script

    def go_to(self, selector):
        """Press the tab key until the element of a selector has the focus."""
        for _step in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(HAS_FOCUS, selector):
                return
        pytest.fail(f"The tab key does not reach {selector} on {self.page.url}")

    def follow(self, selector, key="Enter"):
        """Go to a link, button or checkbox and press it; wait for the new page or list."""
        self.go_to(selector)
        before = self.page.url
        self.page.keyboard.press(key)
        self.page.wait_for_url(lambda url: url != before)
        wait_until(self.page, IS_SETTLED)

    def choose(self, name, value):
        """Tick a checkbox of the filters, and load the list."""
        box = f"input[name='{name}'][value='{value}']"
        while closed := self.page.evaluate(CLOSED_GROUP, box):
            self.go_to(closed)
            self.page.keyboard.press("Enter")
        if self.has_script:
            self.follow(box, "Space")
        else:
            self.go_to(box)
            self.page.keyboard.press("Space")
            self.follow("form button[type='submit']")

    def download(self, selector):
        """Download a CSV file, and return its rows."""
        self.go_to(selector)
        with self.page.expect_download() as waiting:
            self.page.keyboard.press("Enter")
        with waiting.value.path().open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def query(self):
        """The parameters of the page's address."""
        return parse_qs(urlsplit(self.page.url).query)

    def promised(self, query):
        """Return the count beside the link to the list with one filter set."""
        return int(self.page.locator(f"a[data-count][href$='?{query}']").first.get_attribute("data-count"))

    @property
    def total(self):
        """The total number of rows of the list."""
        return int(self.page.locator("[data-total]").get_attribute("data-total"))

    @property
    def links(self):
        """The links to the tenders on this page of the list."""
        return self.page.locator("[data-total] tbody th a[href*='/tenders/TW-']")

    @property
    def rows(self):
        """The references of the tenders on this page of the list, in their order."""
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
