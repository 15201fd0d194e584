"""
Crawl of the whole public site: no broken link, and every count equals the length of the linked list.

A downloaded list has the same length as the page that links to it.
"""

import csv
import io
from collections import deque
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from django.conf import settings
from lxml import html

LISTS = {"/tenders/", "/institutions/", "/companies/"}


class Links:
    """The links of a page, their counts (data-count), the total of its list, and the ids of its elements."""

    def __init__(self, text):
        page = html.document_fromstring(text)
        ids = page.xpath("//@id")
        self.ids = set(ids)
        assert len(ids) == len(self.ids), f"two elements have the id {max(ids, key=ids.count)}"
        self.links = page.xpath("//a/@href | //link[@rel='alternate' or @rel='icon' or @rel='stylesheet']/@href")
        self.counts = [
            (link.get("href"), int(link.get("data-count"))) for link in page.xpath("//a[@href][@data-count]")
        ]
        totals = page.xpath("//@data-total")
        self.total = int(totals[-1]) if totals else None


def is_crawled(address):
    """
    Return whether an address is followed: lists with at most one parameter.

    Combinations are endless; test_facets has their counts. In Chinese and in other formats than CSV, which have the
    same rows, only lists without a parameter are followed, and likewise charts. test_chart_forms has their pictures,
    test_citing the citations as files, test_twins the data of records, articles and claims. The form for reports is
    much the same about each page.
    """
    parts = urlsplit(address)
    if parts.path.endswith(".json") and parts.path.count("/") > 1:
        return False
    is_chinese = parts.path.startswith("/zh-hans/")
    if "/citation." in parts.path or parts.path.endswith(".png") or (is_chinese and parts.path.endswith(".svg")):
        return False
    is_single = parts.path.endswith((".xlsx", ".json", ".jsonl", "/report/")) or parts.path.startswith(
        ("/charts/", "/embed/")
    )
    limit = 0 if is_chinese or is_single else 1
    return not parts.netloc and len(parse_qsl(parts.query)) <= limit


def test_links_work_and_counts_are_those_of_their_lists(shipped_pages):
    pages, rows, queue = {}, {}, deque(["/", "/zh-hans/"])
    while queue:
        address = queue.popleft()
        if address in pages or not is_crawled(address):
            continue
        if address.startswith(settings.STATIC_URL):
            assert (settings.STATIC_ROOT / address.removeprefix(settings.STATIC_URL)).is_file(), address
            continue
        response = shipped_pages.get(address)
        assert response.status_code == 200, address
        if not response["Content-Type"].startswith("text/html"):
            pages[address], content = None, response.getvalue()
            if response["Content-Type"].startswith("text/csv") and not address.startswith("/charts/"):
                rows[address] = len(list(csv.reader(io.StringIO(content.decode(), newline="")))) - 1
            continue
        pages[address] = Links(response.text)
        for link in pages[address].links:
            target, fragment = urldefrag(urljoin(address, link))
            if fragment and target == address:
                assert fragment in pages[address].ids, (address, link)
            queue.append(target)

    counts = 0
    for address, page in pages.items():
        if page is None:
            continue
        for link, number in page.counts:
            target = urljoin(address, link)
            if is_crawled(target):
                counts += 1
                assert pages[target].total == number, (address, link)
        for link in page.links:
            if page.total is not None and link in rows:
                assert rows[link] == page.total, (address, link)
        is_list = urlsplit(address).path.removeprefix("/zh-hans") in LISTS or "?verdict=" in address
        assert (page.total is not None) == is_list, address
    shown = {
        (urljoin(address, link), number)
        for address, page in pages.items()
        if page is not None and address.startswith("/articles/")
        for link, number in page.counts
    }
    for target, number in shown:  # with any number of parameters
        assert Links(shipped_pages.get(target).text).total == number, target
    assert len(shown) > 100
    assert len(pages) > 200
    assert counts > 100
    assert len(rows) > 100
