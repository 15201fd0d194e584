"""
``python -m bench.scaling``: a site of several machines, built on this one, that loses a replica and its primary.

A primary of PostgreSQL with two replicas, PgBouncer, Redis, and two web nodes that readers ask in turn. A replica is
stopped and comes back; the primary is killed and a replica promoted. Exit 1 if an acknowledged save is lost, or readers
get something else than pages for longer than ``LIMIT``.
"""

import argparse
import shutil
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

from bench import checkouts
from bench.cluster import DATABASE, SYNCHRONOUS, PgBouncer, Postgres, Redis
from bench.databases import fill
from bench.load import percentile
from bench.report import table
from bench.site import serving
from bench.visitors import READ, SAVE, visiting

LIMIT = 1.0  # seconds in which readers may get errors, after anything that happens
PHASE = 12  # seconds
OUTAGE = 8  # seconds from the death of the primary to the promotion of a replica


class Cluster:
    """All servers of the site."""

    def __init__(self, folder):
        self.primary, *self.replicas = (Postgres(folder, name) for name in ("primary", "replica1", "replica2"))
        self.bouncer, self.cache = PgBouncer(folder), Redis(folder)

    def start(self, size):
        self.primary.initialise()
        self.primary.start()
        self.primary.execute(f"CREATE DATABASE {DATABASE}")
        fill(self.primary.url(), size)
        self.primary.execute("ANALYZE", DATABASE)
        for replica in self.replicas:
            replica.copy(self.primary)
            replica.start(**SYNCHRONOUS)
        self.primary.stop()
        self.primary.start(**SYNCHRONOUS)
        self.route()
        self.bouncer.start()
        self.cache.start()

    def route(self):
        self.bouncer.route(tenderwatch=self.primary, **{replica.name: replica for replica in self.replicas})

    def stop(self):
        for server in (self.cache, self.bouncer, *{self.primary, *self.replicas}):
            server.stop()

    def environment(self):
        """Return the variables of a web node."""
        return {
            "DATABASE_REPLICA_URLS": ",".join(self.bouncer.url(replica.name) for replica in self.replicas),
            "DATABASE_POOLED": "1",
            "CACHE_URL": self.cache.url(),
        }

    def fail_over(self):
        """Promote the replica that has most of the log; let the other follow it, and the site write to it."""
        received = "SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"
        promoted, other = sorted(self.replicas, key=lambda replica: replica.execute(received), reverse=True)
        promoted.promote()
        other.follow(promoted)
        self.primary, self.replicas = promoted, [other, promoted]
        self.route()


def run(options, folder):
    """Build the site, let things happen while visitors are there; return what they saw, and what is missing."""
    with ExitStack() as stack:
        cluster, here = Cluster(folder), checkouts.present()
        stack.callback(cluster.stop)
        cluster.start(options.size)
        address = cluster.bouncer.url("tenderwatch")
        site = here.set_up(address, options.editors)
        nodes = [
            stack.enter_context(serving(address, "tenderwatch.settings", workers=1, **cluster.environment()))[0]
            for _number in range(2)
        ]
        doomed, away = cluster.primary, cluster.replicas[1]
        events = [
            ("all is well", lambda: None, PHASE),
            (f"{away.name} is stopped", away.stop, PHASE),
            (f"{away.name} is back", lambda: away.start(**SYNCHRONOUS), PHASE),
            ("the primary is killed", lambda: doomed.stop("immediate"), OUTAGE),
            ("a replica is promoted", cluster.fail_over, 2 * PHASE),
        ]
        seconds = sum(length for _name, _act, length in events)
        begun = []
        with visiting(nodes, **site, num_readers=options.readers, seconds=seconds) as logs_of_all:
            for name, act, length in events:
                begun.append((name, time.monotonic()))
                print(name, flush=True)
                act()
                time.sleep(max(0, begun[-1][1] + length - time.monotonic()))
            logs = logs_of_all()
        saved = {}
        for log in logs:
            for pk, words in log.saved.items():
                saved.setdefault(pk, []).extend(words)
        return begun, [request for log in logs for request in log.requests], saved, here.examine(address, saved)


def report(begun, requests):
    """Return the lines of a table of what visitors saw in each phase, and for how long readers got errors at most."""
    rows, worst = [], 0
    ends = [moment for _name, moment in begun[1:]] + [float("inf")]
    for (name, begin), end in zip(begun, ends, strict=True):
        within = [request for request in requests if begin <= request.ended < end]
        reads = [request for request in within if request.kind == READ]
        failed = [request for request in reads if request.status != 200]
        trouble = max((request.ended - begin for request in failed), default=0)
        saves = [request for request in within if request.kind == SAVE and request.status == 302]
        first = min((request.ended for request in saves), default=None)
        kinds = Counter(str(request.status) for request in failed)
        rows.append(
            [
                name,
                str(len(reads)),
                f"{percentile(reads, 0.5):.2f}",
                f"{percentile(reads, 0.95):.2f}",
                ", ".join(f"{number} × {status}" for status, number in kinds.items()) or "none",
                f"{trouble:.1f}" if failed else "",
                str(len(saves)),
                f"{first - begin:.1f}" if first else "",
            ]
        )
        worst = max(worst, trouble)
    header = ["phase", "reads", "p50 s", "p95 s", "other than 200", "until s", "saves", "first after s"]
    return table(header, rows), worst


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description="Try a site of several machines.")
    parser.add_argument("--readers", type=int, default=6)
    parser.add_argument("--editors", type=int, default=2)
    parser.add_argument("--size", type=int, default=1_000, help="number of tenders")
    options = parser.parse_args()

    folder = Path(mkdtemp(prefix="tenderwatch-scaling-"))
    folder.chmod(0o777)  # PostgreSQL runs as a user of its own
    try:
        begun, requests, saved, missing = run(options, folder)
    finally:
        shutil.rmtree(folder)
    lines, worst = report(begun, requests)
    num_saved = sum(map(len, saved.values()))
    print("", *lines, "", sep="\n")
    print(
        f"{num_saved} saves acknowledged, {len(missing['lost'])} lost, {len(missing['unrecorded'])} missing in the"
        f" history. Readers got errors for {worst:.1f} s at most (goal: {LIMIT:g} s)."
    )
    sys.exit(bool(missing["lost"] or missing["unrecorded"] or worst > LIMIT))


if __name__ == "__main__":
    main()
