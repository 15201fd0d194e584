"""Examples for people who write programs. Each of them runs: ``tests/test_api.py`` and ``make outside`` try it."""

from dataclasses import dataclass
from textwrap import dedent

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Example:
    """A program, the name of its language, and what it does; ``{site}`` stands for the address of the site."""

    language: str
    task: Promise
    text: str

    def for_site(self, site):
        return Example(self.language, self.task, self.text.replace("{site}", site))


def _of(language, task, text):
    return Example(language, task, dedent(text).strip())


EXAMPLES = (
    _of(
        "curl",
        _("Save the tenders of 2019 whose awarded amount is known"),
        """
        curl --fail --output tenders.csv "{site}/tenders.csv?year=2019&amount=known"
        """,
    ),
    _of(
        "curl",
        _("Fetch again only if something has changed since"),
        """
        curl --fail --etag-compare etag.txt --etag-save etag.txt --output tenders.jsonl "{site}/tenders.jsonl"
        """,
    ),
    _of(
        "Python",
        _("Read a whole list page by page, with the standard library"),
        """
        import json
        from urllib.request import urlopen

        address, tenders = "{site}/tenders.json?sort=-amount&limit=20", []
        while address:
            with urlopen(address) as response:
                page = json.load(response)
            tenders += page["results"]
            address = page["meta"]["next"]

        assert len(tenders) == page["meta"]["total"]
        print(len(tenders), "tenders; the award is unknown of", page["meta"]["unknown"]["award_amount"])
        """,
    ),
    _of(
        "Python",
        _("All that sources state of one tender"),
        """
        import json
        from urllib.request import urlopen

        with urlopen("{site}/tenders.json?disputed=yes&limit=1") as response:
            reference = json.load(response)["results"][0]["reference"]
        with urlopen(f"{site}/tenders/{reference}.json") as response:
            tender = json.load(response)["record"]

        for name, fact in tender["facts"].items():
            print(name, fact["value"], [statement["stated"] for statement in fact["statements"]])
        """,
    ),
    _of(
        "pandas",
        _("A table with numbers as numbers"),
        """
        import pandas as pd

        tenders = pd.read_json("{site}/tenders.jsonl", lines=True)
        print(tenders.groupby("year")["award_amount"].agg(["size", "count", "sum"]))
        """,
    ),
    _of(
        "DuckDB",
        _("Ask with SQL; unknown values are NULL"),
        """
        SELECT region, count(*) AS tenders, sum(award_amount) AS awarded
        FROM read_csv('{site}/tenders.csv', nullstr = 'unknown')
        GROUP BY region ORDER BY tenders DESC;
        """,
    ),
    _of(
        "R",
        _("A data frame; unknown values are NA"),
        """
        tenders <- read.csv("{site}/tenders.csv", na.strings = "unknown", fileEncoding = "UTF-8-BOM")
        aggregate(award_amount ~ year, data = tenders, FUN = sum)
        """,
    ),
)


def examples(site):
    """Return the examples for a site, which is the beginning of all addresses."""
    return [example.for_site(site) for example in EXAMPLES]
