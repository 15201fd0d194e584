"""``python -m bench.load [--against COMMIT]``: readers and editors at once; exit 1 if a goal is missed."""

import argparse
import os
import sys
from collections import Counter
from dataclasses import dataclass

from bench import checkouts
from bench.report import table
from bench.site import cpu_seconds, serving
from bench.visitors import OPEN, READ, SAVE, visiting

WORKERS = 2  # as gunicorn.conf.py has it
REFUSED = {200, 409}  # a form that was opened before somebody else's save
GOALS = {READ: 1.5, SAVE: 2.0}  # seconds, of 95 of 100 answers
OLDER = "241e87f"  # what the goals were set against


@dataclass(frozen=True)
class Result:
    """What visitors saw of a version: their requests by kind, those that failed, the words that are missing."""

    name: str
    requests: dict
    failed: list
    refused: int
    saved: int
    lost: list
    unrecorded: list
    seconds: int
    cpu: float

    @property
    def is_good(self):
        is_fast = all(percentile(self.requests[kind], 0.95) < limit for kind, limit in GOALS.items())
        return is_fast and not (self.failed or self.lost or self.unrecorded)


def percentile(requests, share):
    """Return the time that a share of the requests took at most; infinite if there are none."""
    times = sorted(request.seconds for request in requests)
    return times[round(share * (len(times) - 1))] if times else float("inf")


def has_failed(request):
    """Return whether a request has another status than it should."""
    return request.status not in ({302, *REFUSED} if request.kind == SAVE else {200})


def visit(checkout, options):
    """Let readers and editors visit a version of the site with a database of its own; return the result."""
    address = checkout.database(options.size, options.database)
    site = checkout.set_up(address, options.editors)
    print(
        f"{checkout.name}: {options.readers} readers and {options.editors} editors for {options.seconds} s", flush=True
    )
    with (
        serving(address, "tenderwatch.settings", root=checkout.root, workers=WORKERS) as (port, pid),
        visiting([port], **site, num_readers=options.readers, seconds=options.seconds) as logs_of_all,
    ):
        logs, cpu = logs_of_all(), cpu_seconds(pid)
    saved = {}
    for log in logs:
        for pk, words in log.saved.items():
            saved.setdefault(pk, []).extend(words)
    requests = [request for log in logs for request in log.requests]
    return Result(
        name=checkout.name,
        requests={kind: [request for request in requests if request.kind == kind] for kind in (READ, OPEN, SAVE)},
        failed=[request for request in requests if has_failed(request)],
        refused=sum(request.kind == SAVE and request.status in REFUSED for request in requests),
        saved=sum(map(len, saved.values())),
        seconds=options.seconds,
        cpu=cpu,
        **checkout.examine(address, saved),
    )


def report(results):
    """Return the lines of a table of all results."""
    rows = []
    for result in results:
        for kind, requests in result.requests.items():
            figures = [percentile(requests, share) for share in (0.5, 0.95, 1)]
            per_second = len(requests) / result.seconds
            goal = f"{GOALS[kind]:g}" if kind in GOALS else ""
            rows.append(
                [result.name, kind, str(len(requests)), f"{per_second:.1f}", *(f"{f:.2f}" for f in figures), goal]
            )
    lines = table(["version", "request", "number", "a second", "p50 s", "p95 s", "slowest s", "goal p95"], rows)
    for result in results:
        lines += [
            "",
            f"{result.name}: {len(result.failed)} errors; {result.saved} saves acknowledged, {len(result.lost)} lost,"
            f" {len(result.unrecorded)} missing in the history; {result.refused} refused because someone else had"
            f" saved in the meantime, and repeated. The server had {result.cpu / result.seconds:.1f} of"
            f" {os.cpu_count()} cores.",
        ]
        lines += [f"  {count} × {what}" for what, count in kinds_of_failure(result.failed)]
    return lines


def kinds_of_failure(failed):
    """Return each kind of failure with its number, the commonest first."""
    return Counter(f"{r.status} {r.kind} {r.path.split('?')[0]}" for r in failed).most_common(10)


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.load", description="Let readers and editors visit at once.")
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--editors", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--size", type=int, default=10_000, help="number of tenders")
    parser.add_argument("--database", default="", help="URL of a PostgreSQL database, whose role may create others")
    parser.add_argument("--against", default=OLDER, metavar="COMMIT", help="compare with a commit ('' for none)")
    options = parser.parse_args()

    older = checkouts.commit(options.against) if options.against else None
    if options.against and older is None:
        print(f"This repository has no commit {options.against}: nothing to compare with.")
    versions = [checkouts.present(), *([older] if older else [])]
    results = [visit(checkout, options) for checkout in versions]
    database = "PostgreSQL" if options.database else "SQLite"
    print(f"\n{options.size} tenders, {database}, {os.cpu_count()} cores, load at the end {os.getloadavg()[0]:.1f}\n")
    print(*report(results), sep="\n")
    sys.exit(not results[0].is_good)


if __name__ == "__main__":
    main()
