"""``python -m bench.slow_readers [SIZE]``: readers that take nothing of a download, and how soon others are served."""

import http.client
import socket
import sys
import time
from contextlib import ExitStack, closing

from bench.databases import database
from bench.site import serving

READERS = 20
DURATION = 30  # seconds
LIMIT = 1.0  # seconds, for every answer
PATHS = ("/healthz", "/readyz", "/tenders/")
REQUEST = b"GET /tenders.csv HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def slow_reader(port):
    """Open a connection that asks for the largest download and reads none of it."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    reader.connect(("127.0.0.1", port))
    reader.sendall(REQUEST)
    return reader


def answer(port, path):
    """Return the status of an answer and the seconds that it took."""
    start = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
        client.request("GET", path)
        response = client.getresponse()
        response.read()
    return response.status, time.monotonic() - start


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with serving(database(size)) as (port, _pid), ExitStack() as readers:
        for path in PATHS:
            answer(port, path)
        for _number in range(READERS):
            readers.enter_context(closing(slow_reader(port)))
        answers = {path: [] for path in PATHS}
        deadline = time.monotonic() + DURATION
        while time.monotonic() < deadline:
            for path in PATHS:
                answers[path].append(answer(port, path))
            time.sleep(0.2)
    print(f"{READERS} readers that take nothing of /tenders.csv of {size} tenders, for {DURATION} s:")
    is_met = True
    for path, got in answers.items():
        slowest = max(seconds for _status, seconds in got)
        num_failed = sum(status != http.client.OK for status, _seconds in got)
        is_met &= slowest <= LIMIT and not num_failed
        print(f"{path:12} {len(got)} answers, {num_failed} failed, the slowest after {slowest:.2f} s (goal {LIMIT} s)")
    sys.exit(not is_met)


if __name__ == "__main__":
    main()
