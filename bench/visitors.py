"""
Readers and editors of a site, each a process of its own that sends one request after the other, without a pause.

Readers look at lists, facets, words, charts, details and downloads. Editors add a unique word to the notes of one of
the tenders that they share, with the form of the admin, and open it again when somebody else has saved meanwhile.
"""

import gzip
import http.client
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import count
from random import Random
from urllib.parse import quote, urlencode

from bench.forms import Fields

TIMEOUT = 60  # seconds
PAUSE_AFTER_ERROR = 0.05  # seconds, so that errors do not crowd out answers

READ, OPEN, SAVE = "read", "open a form", "save"

REGIONS = ("GD", "SH", "JS", "ZJ", "SD", "BJ", "HA", "SC", "HB", "HN")  # of most synthetic tenders
YEARS = range(2016, 2026)

# Addresses that readers ask for, and how often; what two versions of the site call differently has the older name.
PATHS = {
    "/tenders/{reference}/": 25,
    "/tenders/?page={page}": 15,
    "/tenders/?region={region}&year={year}": 15,
    "/tenders/?category=blockchain-application&status=complete": 5,
    "/tenders/?q=surveillance": 4,
    "/tenders/?q=监控&year={year}": 6,
    "/institutions/": 5,
    "/companies/?page={page}": 5,
    "/tenders/?view=picture&year={year}": 5,
    "/": 7,
    "/articles/interchain-pulse-2019/": 3,
    "/tenders.csv?region={region}&year={year}": 5,
}


@dataclass(frozen=True)
class Request:
    """A request that was sent: when (of ``time.monotonic``), for how many seconds, and the status or error."""

    kind: str
    path: str
    started: float
    seconds: float
    status: int | str

    @property
    def ended(self):
        return self.started + self.seconds


@dataclass
class Log:
    """What a visitor did: all requests, and the words that were saved, by tender."""

    requests: list[Request] = field(default_factory=list)
    saved: dict[int, list[str]] = field(default_factory=dict)


class Visitor:
    """A browser that keeps its connection and its cookies, and logs its requests."""

    def __init__(self, ports, cookies=()):
        self.ports, self.cookies, self.log = ports, dict(cookies), Log()
        self.turn, self.connections = count(), {}

    def send(self, kind, method, path, body=None):
        """Return the answer and its text; the answer is None where there is none."""
        port = self.ports[next(self.turn) % len(self.ports)]
        started = time.monotonic()
        try:
            answer, text = self._send(port, method, path, body)
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            self.connections.pop(port).close()
            answer, text, status = None, "", type(error).__name__
        self.log.requests.append(Request(kind, path, started, time.monotonic() - started, status))
        if answer is None or status >= 500:
            time.sleep(PAUSE_AFTER_ERROR)
        return answer, text

    def _send(self, port, method, path, body):
        """Send a request; once more, over a new connection, where the server has closed the one that was idle."""
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        is_idle = port in self.connections
        if not is_idle:
            self.connections[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        connection = self.connections[port]
        try:
            connection.request(method, quote(path, safe="/?&="), body, headers)
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            if not is_idle:
                raise
            self.connections.pop(port).close()
            return self._send(port, method, path, body)
        content = answer.read()
        for header in answer.headers.get_all("Set-Cookie", ()):
            self.cookies.update({name: cookie.value for name, cookie in SimpleCookie(header).items()})
        is_compressed = answer.headers["Content-Encoding"] == "gzip"
        return answer, (gzip.decompress(content) if is_compressed else content).decode()

    def close(self):
        for connection in self.connections.values():
            connection.close()


def read(number, ports, references, until):
    """Read pages until a moment; return the log."""
    chance = Random(number)
    with closing(Visitor(ports)) as visitor:
        while time.monotonic() < until:
            path = chance.choices(list(PATHS), PATHS.values())[0].format(
                reference=chance.choice(references),
                page=chance.randint(1, 4),
                region=f"CN-{chance.choice(REGIONS)}",
                year=chance.choice(YEARS),
            )
            visitor.send(READ, "GET", path)
        return visitor.log


def edit(number, ports, cookie, tenders, until):
    """Save notes of tenders, given by primary key, until a moment; return the log."""
    chance = Random(number)
    with closing(Visitor(ports, [cookie])) as visitor:
        n = 0
        while time.monotonic() < until:
            pk, word = chance.choice(tenders), f"e{number}.{n}"
            if save(visitor, f"/admin/tenders/tender/{pk}/change/", word):
                visitor.log.saved.setdefault(pk, []).append(word)
                n += 1
        return visitor.log


def save(visitor, address, word):
    """Add a word to the notes of a tender with its form as rendered; return whether the site acknowledges that."""
    answer, page = visitor.send(OPEN, "GET", address)
    if answer is None or answer.status != http.client.OK:
        return False
    fields = Fields(page).values
    fields |= {"notes": f"{fields['notes'].strip()} {word}", "change_reason": f"Adds {word}."}
    answer, _page = visitor.send(SAVE, "POST", address, urlencode(fields | {"_save": "Save"}, doseq=True))
    return answer is not None and answer.status == http.client.FOUND


@contextmanager
def visiting(ports, *, references, tenders, cookies, num_readers, seconds):
    """Send readers and an editor for each cookie to a site; yield a function that waits and returns their logs."""
    until = time.monotonic() + seconds
    with ProcessPoolExecutor(num_readers + len(cookies), multiprocessing.get_context("fork")) as processes:
        visits = [processes.submit(read, number, ports, references, until) for number in range(num_readers)]
        visits += [
            processes.submit(edit, number, ports, cookie, tenders, until) for number, cookie in enumerate(cookies)
        ]
        yield lambda: [visit.result() for visit in visits]
