"""The requests of the benchmark, and the goals for their results."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

PER_PAGE = 25  # default of the tender list
ARTICLE = "/articles/interchain-pulse-2019/"
FLOOR, PLAIN, DETAIL, EXPORT = "floor", "plain", "Q6 detail", "Q7 export"


@dataclass(frozen=True)
class Question:
    """
    A request: ``cold`` bypasses the cache, ``warm`` uses it, ``same`` sends If-None-Match with the page's ETag.

    ``kept`` asks the page cache, which the others pass by.
    """

    name: str
    path: str
    state: str = "cold"

    @property
    def narrows(self):
        """Whether the query string filters the list, so that it must be shorter than the unfiltered one."""
        return bool({name for name, _value in parse_qsl(urlsplit(self.path).query)} - {"page", "view"})


LISTS = {
    "Q1 all": "",
    "Q2 narrow, region and year": "?region=CN-GD&year=2024",
    "Q2 broad, category and status": "?category=blockchain-application&status=complete",
    "Q3 English word": "?q=surveillance",
    "Q4 two characters": "?q=监控",
    "Q4 three characters": "?q=服务器",
    "Q4 the same, region and year": "?q=服务器&region=CN-GD&year=2024",
    "Q5 deep page": "?page={deep_page}",
}


def lists(state, *prefixes):
    """Return the names of the questions for lists, or of those with one of the prefixes."""
    return [f"{name}, {state}" for name in LISTS if name.startswith(prefixes or "Q")]


QUESTIONS = [
    Question(FLOOR, "/bench/floor/"),
    Question(PLAIN, "/bench/plain/"),
    *(
        Question(f"{name}, {state}", f"/tenders/{query}", state)
        for name, query in LISTS.items()
        for state in ("cold", "warm")
    ),
    Question("Q1 all, same", "/tenders/", "same"),
    Question("Q1 all, kept", "/tenders/", "kept"),
    Question(DETAIL, "/tenders/{reference}/"),
    Question(EXPORT, "/tenders.csv"),
    Question("Q8 overview, cold", "/"),
    Question("Q8 overview, warm", "/", "warm"),
    Question("Q9 article, cold", ARTICLE),
    Question("Q9 article, warm", ARTICLE, "warm"),
    Question("Q9 claim, cold", f"{ARTICLE}claims/A17/"),
    Question("Q10 charts, cold", "/tenders/?view=charts"),
    Question("Q10 charts, warm", "/tenders/?view=charts", "warm"),
    Question("Q10 charts of two facets, cold", "/tenders/?category=blockchain-application&status=complete&view=charts"),
]


@dataclass(frozen=True)
class Goal:
    """An upper limit for a measure of some questions, with ``size`` tenders."""

    size: int
    what: str
    measure: str  # an attribute of ``bench.drive.Result``
    limit: float
    questions: list


GOALS = [
    Goal(1_000, "all, cold: of the plain page", "of_plain", 0.2, lists("cold", "Q1")),
    Goal(10_000, "lists, warm: of the floor", "of_floor", 2.5, lists("warm")),
    Goal(10_000, "not modified: of the floor", "of_floor", 0.5, ["Q1 all, same"]),
    Goal(10_000, "kept: of the floor", "of_floor", 0.25, ["Q1 all, kept"]),
    Goal(10_000, "all, cold: of the floor", "of_floor", 6, lists("cold", "Q1")),
    Goal(10_000, "two facets, cold: of the floor", "of_floor", 12, lists("cold", "Q2")),
    Goal(10_000, "words, cold: of the floor", "of_floor", 18, lists("cold", "Q3", "Q4")),
    Goal(10_000, "article, warm: of the floor", "of_floor", 2.5, ["Q9 article, warm"]),
    Goal(10_000, "charts, cold: of the floor", "of_floor", 12, ["Q10 charts, cold"]),
    Goal(10_000, "charts, warm: of the floor", "of_floor", 2.5, ["Q10 charts, warm"]),
    Goal(10_000, "detail: of the floor", "of_floor", 1.5, [DETAIL]),
    Goal(10_000, "export: first byte of the floor", "first_of_floor", 10, [EXPORT]),
    Goal(10_000, "export: MiB of memory added at its peak", "growth", 48, [EXPORT]),
    Goal(10_000, "lists, cold: statements", "statements", 20, lists("cold")),
    Goal(10_000, "lists, warm: statements", "statements", 6, lists("warm")),
    Goal(10_000, "detail: statements", "statements", 11, [DETAIL]),
    Goal(10_000, "lists: bytes sent", "sent", 15_000, lists("cold")),
]
