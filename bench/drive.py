"""
Asking: all questions in turn, round by round over one connection.

So what else the machine does falls on all alike, and a ratio of two answers of one round means something.
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
from bench.site import watching

ROUNDS = 30
FEWEST, BUDGET = 3, 6.0  # each question is asked so often; more often only while it has taken fewer seconds than that
TIMEOUT = 600


@dataclass(frozen=True)
class Answer:
    """One answer: seconds to its first byte and to its last, its bytes as they were sent and as they are."""

    status: int
    headers: http.client.HTTPMessage
    first: float
    whole: float
    sent: int
    size: int


@dataclass
class Result:
    """The answers to one question, by round, or why there are none; compared with the floor and the plain page."""

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
        """The most statements that an answer took; None when it is streamed."""
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
        """How much more memory the server had at the peak than before."""
        return max(self.memory) - self.memory[0]

    def _median(self, part):
        return statistics.median(getattr(answer, part) for answer in self.rounds.values())

    def _ratio(self, part, other):
        """Return how many times another question's time this one takes, round by round."""
        return statistics.median(
            getattr(answer, part) / other.rounds[number].whole
            for number, answer in self.rounds.items()
            if number in other.rounds
        )


class NoAnswerError(Exception):
    """The site does not answer a question, or answers another one."""


class Client:
    """One connection that is kept alive, and what it has learned from the first page of the list."""

    def __init__(self, port, size):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        answer, page = self.get("/tenders/")
        self.etag, self.total = answer.headers["ETag"], total(page)
        self.references = cycle(re.findall(r"/tenders/(TW-\w{6})/", page))
        self.deep_page = size * 9 // 10 // PER_PAGE

    def ask(self, question):
        """Return the answer to a question; raises ``NoAnswerError``."""
        headers, expected = {}, http.client.OK
        if question.state == "cold":
            headers["X-Bench-Cold"] = "1"
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
        """Return an answer and its text; a connection that the server has closed is opened again."""
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
    """Return the number of rows that a list has on all its pages, as the page says."""
    found = re.search(r'data-total="(\d+)"', page)
    return found and int(found[1])


def drive(port, pid, size, rounds):
    """Ask all questions of a server, and return the results by the names of the questions."""
    client, results = Client(port, size), {question.name: Result() for question in QUESTIONS}
    for result in results.values():
        result.floor, result.plain = results[FLOOR], results[PLAIN]

    def ask(question):
        try:
            return client.ask(question)
        except NoAnswerError as error:
            results[question.name].error = str(error)

    # Once without a clock, so that nothing is asked for the first time; the export last, as its memory shows only then.
    for question in sorted(QUESTIONS, key=lambda question: question.name == EXPORT):
        with watching(pid) as memory:
            ask(question)
        results[question.name].memory = memory

    for number in range(rounds):
        for question in QUESTIONS:
            result = results[question.name]
            has_time = sum(answer.whole for answer in result.rounds.values()) < BUDGET
            if not result.error and (number < FEWEST or has_time) and (answer := ask(question)):
                result.rounds[number] = answer
    return results
