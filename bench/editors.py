"""``python -m bench.editors [--saves N]``: four editors write at once; exit 1 if anything they write is lost."""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from bench.databases import ROOT, environment

EDITORS = 4


@dataclass(frozen=True)
class Outcome:
    """The result: words that were lost, words that the history lacks, and the number of rows of the history."""

    lost: list
    unrecorded: list
    rows: int
    refused: int  # saves of a form that was opened before somebody else's save
    errors: list


def migrate(address):
    """Migrate an empty database."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(address), check=True)


def write_at_once(address, num_saves, num_editors=EDITORS):
    """Let ``num_editors`` processes save ``num_saves`` times each, in a migrated database without records."""
    command = f"from bench import writing; writing.write_at_once({num_editors}, {num_saves})"
    finished = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", command],
        cwd=ROOT,
        env=environment(address),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Outcome(**json.loads(finished.stdout))


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.editors", description="Let four editors write at once.")
    parser.add_argument("--saves", type=int, default=250, help="of each editor")
    parser.add_argument("--database", help="address of an empty PostgreSQL database; otherwise an SQLite file is made")
    options = parser.parse_args()

    with TemporaryDirectory() as folder:
        address = options.database or f"sqlite:///{folder}/editors.sqlite3"
        migrate(address)
        started = time.monotonic()
        outcome = write_at_once(address, options.saves)
    print(
        f"{EDITORS * options.saves} saves by {EDITORS} editors at once in {time.monotonic() - started:.0f} s:"
        f" {len(outcome.errors)} errors, {len(outcome.lost)} lost, {len(outcome.unrecorded)} missing in the history,"
        f" {outcome.refused} refused because someone else had saved in the meantime, and repeated."
    )
    print(*sorted(set(outcome.errors)), sep="\n", end="")
    sys.exit(bool(outcome.errors or outcome.lost or outcome.unrecorded))


if __name__ == "__main__":
    main()
