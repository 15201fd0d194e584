"""
HTTP client of the benchmark: asks all questions in turn, round by round, over one connection.

So other load on the machine affects all questions alike, and the ratio of two times of one round is meaningful.
"""

import gzip
import http.client
import re
import statistics
import time
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import quote

from bench.questions import EXPORT, FLOOR, PER_PAGE, PLAIN, QUESTIONS
from bench.site import sample_memory

ROUNDS = 30
MIN_ROUNDS, BUDGET = 3, 6.0  # after MIN_ROUNDS a question is asked only while its answers took under BUDGET seconds
TIMEOUT = 600


@dataclass(frozen=True)
class Answer:
    """A response: seconds to its first and last byte; bytes as sent (compressed) and decompressed."""

    status: int
    headers: http.client.HTTPMessage
    first: float
    whole: float
    sent: int
    size: int


@dataclass
class Result:
    """The answers to a question by round, or an error; with the results of the floor and the plain page."""

    error: str = ""
    rounds: dict[int, Answer] = field(default_factory=dict)
    memory: list = field(default_factory=list)
    floor: "Result" = None
    plain: "Result" = None

    @property
    def p50(self):
        return self._median("whole")

    @property
    def p95(self):
        return sorted(answer.whole for answer in self.rounds.values())[round(0.95 * (len(self.rounds) - 1))]

    @property
    def first(self):
        return self._median("first")

    @property
    def sent(self):
        return self._median("sent")

    @property
    def size(self):
        return self._median("size")

    @property
    def statements(self):
        """The largest number of SQL statements of an answer; None for streamed answers."""
        counts = [answer.headers["X-Query-Count"] for answer in self.rounds.values()]
        return None if None in counts else max(map(int, counts))

    @property
    def of_floor(self):
        return self._ratio("whole", self.floor)

    @property
    def of_plain(self):
        return self._ratio("whole", self.plain)

    @property
    def first_of_floor(self):
        return self._ratio("first", self.floor)

    @property
    def growth(self):
        """Peak memory of the server minus its memory before, in MiB."""
        return max(self.memory) - self.memory[0]

    def _median(self, part):
        return statistics.median(getattr(answer, part) for answer in self.rounds.values())

    def _ratio(self, part, other):
        """Return the median over the rounds of this question's time divided by the whole time of another."""
        return statistics.median(
            getattr(answer, part) / other.rounds[number].whole
            for number, answer in self.rounds.items()
            if number in other.rounds
        )


class NoAnswerError(Exception):
    """A question got an unexpected status, no ETag, or a list that is not filtered."""


class Client:
    """A persistent connection; it reads the ETag, the total and references from the first page of the list."""

    def __init__(self, port, size):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        answer, page = self.get("/tenders/")
        self.etag, self.total = answer.headers["ETag"], total(page)
        self.references = cycle(re.findall(r"/tenders/(TW-\w{6})/", page))
        self.deep_page = size * 9 // 10 // PER_PAGE

    def ask(self, question):
        """Return the answer to a question; raise ``NoAnswerError`` if it is not as expected."""
        headers, expected = {}, http.client.OK
        if question.state == "cold":
            headers["X-Bench-Cold"] = "1"
        elif question.state == "kept":
            headers["X-Bench-Kept"] = "1"
        elif question.state == "same":
            if self.etag is None:
                raise NoAnswerError("no ETag")
            headers["If-None-Match"], expected = self.etag, http.client.NOT_MODIFIED
        path = question.path.format(reference=next(self.references), deep_page=self.deep_page)
        answer, page = self.get(quote(path, safe="/?&="), **headers)
        if answer.status != expected:
            raise NoAnswerError(f"HTTP {answer.status}")
        if question.narrows and total(page) == self.total:
            raise NoAnswerError("not filtered")
        return answer

    def get(self, path, **headers):
        """Return an answer and its text; reconnect if the server has closed the connection."""
        try:
            return self._get(path, headers)
        except ConnectionError:
            self.connection.close()
            return self._get(path, headers)

    def _get(self, path, headers):
        start = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
        response = self.connection.getresponse()
        body = response.read(1)
        first = time.perf_counter() - start
        body += response.read()
        whole = time.perf_counter() - start
        text = gzip.decompress(body) if response.headers["Content-Encoding"] == "gzip" else body
        return Answer(response.status, response.headers, first, whole, len(body), len(text)), text.decode()


def total(page):
    """Return the total number of rows of a list from one of its pages."""
    found = re.search(r'data-total="(\d+)"', page)
    return found and int(found[1])


def drive(port, pid, size, rounds):
    """Ask a server all questions; return {name of the question: ``Result``}."""
    client, results = Client(port, size), {question.name: Result() for question in QUESTIONS}
    for result in results.values():
        result.floor, result.plain = results[FLOOR], results[PLAIN]

    def ask(question):
        try:
            return client.ask(question)
        except NoAnswerError as error:
            results[question.name].error = str(error)

    # A round to warm up and to measure memory; the export comes last, so that only its own growth shows.
    for question in sorted(QUESTIONS, key=lambda question: question.name == EXPORT):
        with sample_memory(pid) as memory:
            ask(question)
        results[question.name].memory = memory

    for number in range(rounds):
        for question in QUESTIONS:
            result = results[question.name]
            has_time = sum(answer.whole for answer in result.rounds.values()) < BUDGET
            if not result.error and (number < MIN_ROUNDS or has_time) and (answer := ask(question)):
                result.rounds[number] = answer
    return results
