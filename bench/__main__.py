"""``python -m bench [--write] [--rounds N] [SIZE…]``: measure the site; exit 1 if a goal is missed."""

import argparse
import sys

from bench import report
from bench.databases import database
from bench.drive import ROUNDS, drive
from bench.site import serving


def main():
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the site on synthetic tenders.")
    parser.add_argument("sizes", nargs="*", type=int, metavar="SIZE", help="numbers of tenders")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="number of requests for a quick question")
    parser.add_argument("--write", action="store_true", help="put the results into docs/performance.md")
    options = parser.parse_args()

    runs, lines = {}, []
    for size in options.sizes or [1_000, 10_000]:
        address = database(size)
        print(f"Asking the site with {size} tenders", flush=True)
        with serving(address) as (port, pid):
            runs[size] = drive(port, pid, size, options.rounds)
        lines += [*report.results_table(size, runs[size]), ""]
    goals, is_all_met = report.goals_table(runs)
    lines = [report.machine(address), "", *lines, *goals]
    print("", *lines, sep="\n")
    if options.write:
        report.write(lines)
    sys.exit(not is_all_met)


if __name__ == "__main__":
    main()
