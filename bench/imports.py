"""
``python -m bench.imports [--against COMMIT]``: import a file of new tenders, and the same file again.

Each version imports one file, with a source, into an empty database. Exit 1 if a goal is missed.
"""

import argparse
import csv
import os
import subprocess
import sys
from dataclasses import dataclass

from bench import checkouts
from bench.databases import CLASSIFICATION, FOLDER, environment
from bench.report import table

OLDER = "241e87f"  # what the goals were set against
GOAL_OF_FIRST = 0.5  # of the CPU time of the older version
GOAL_OF_AGAIN, GOAL_OF_MEMORY = 5.0, 250  # seconds of CPU for 10,000 rows; MB

# The rows of synthetic tenders; the columns that all versions know. New records have names, and no references.
ROWS = """
import sys
from django.test import Client
response = Client().get("/tenders.csv", headers={"host": "127.0.0.1"})
sys.stdout.buffer.write(response.getvalue())
"""
SOURCE = """
from tenders.models import Source
Source.objects.create(slug="bench", title="A table", publisher="A ministry", kind="award-notice")
"""
COLUMNS = [
    "year",
    "title_en",
    "title_zh",
    "title_en_status",
    "title_zh_status",
    "is_title_descriptive",
    "institution_name_en",
    "institution_name_zh",
    "region",
    "city",
    "category",
    "category_basis",
    "notice_date",
    "status",
    "method",
    "budget_amount",
    "certainty",
    "main_subject",
    "notes",
    "award_numbers",
    "award_companies",
    "award_amounts",
    "award_amount_qualifiers",
    "award_dates",
]


@dataclass(frozen=True)
class Run:
    """What a command took: seconds of CPU, and MB of memory at most."""

    seconds: float
    megabytes: float


def write_file(path, size):
    """Write the file to import, with the public ones of ``size`` tenders; return the number of rows."""
    present = checkouts.present()
    download = present.manage(present.database(size), "shell", "--verbosity", "0", "--command", ROWS)
    rows = csv.DictReader(download.lstrip("\ufeff").splitlines(keepends=True))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        return sum(1 for row in rows if writer.writerow(_without_references(row)))


def _without_references(row):
    lists = (row[column].split("; ") for column in ("companies", "company_names_zh", "company_names_en"))
    names = {company: zh if zh != "unknown" else en for company, zh, en in zip(*lists, strict=True)}
    awards = [award.split("; ") for award in row["award_companies"].split(" | ")]
    texts = ["; ".join(names.get(company, company) for company in award) for award in awards]
    statuses = {column: row[column].removesuffix("-corrected") for column in ("title_en_status", "title_zh_status")}
    return row | statuses | {"award_companies": " | ".join(texts)}  # older versions know no corrections


def measured(checkout, address, *command):
    """Run a command of ``manage.py``; return what it took. Its output is shown if it fails."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=checkout.root,
        env=environment(address),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{checkout.name}: {' '.join(command)[:80]} failed\n{output[-2000:]}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def imported(checkout, path, num_rows):
    """Return what the import of a file into an empty database took, and the same once more."""
    database = FOLDER / "imported.sqlite3"
    for old in FOLDER.glob(f"{database.name}*"):
        old.unlink()
    address = f"sqlite:///{database}"
    checkout.manage(address, "migrate", "--verbosity", "0")
    checkout.manage(address, "loaddata", *CLASSIFICATION, "--verbosity", "0")
    checkout.manage(address, "shell", "--verbosity", "0", "--command", SOURCE)
    all_rows = [str(number) for number in range(2, num_rows + 2)]  # they look alike, and are different tenders
    command = ("import_tenders", str(path), "--source", "bench", "--another", *all_rows)
    return [measured(checkout, address, *command) for _time in range(2)]


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description="Import a file, and once more.")
    parser.add_argument("--size", type=int, default=10_000, help="number of tenders")
    parser.add_argument("--against", default=OLDER, metavar="COMMIT", help="compare with a commit ('' for none)")
    options = parser.parse_args()

    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "imported.csv"
    num_rows = write_file(path, options.size)
    older = checkouts.commit(options.against) if options.against else None
    results = {
        checkout.name: imported(checkout, path, num_rows) for checkout in (checkouts.present(), older) if checkout
    }
    rows = [(name, *(f"{run.seconds:.1f} s, {run.megabytes:.0f} MB" for run in runs)) for name, runs in results.items()]
    print(f"\n{num_rows} rows, CPU time and memory, load at the end {os.getloadavg()[0]:.1f}\n")
    print(*table(["Version", "New", "The same again"], rows), sep="\n")
    first, again = results["present"]
    is_good = again.seconds <= GOAL_OF_AGAIN * num_rows / 10_000 and first.megabytes <= GOAL_OF_MEMORY
    if older:
        is_good = is_good and first.seconds <= GOAL_OF_FIRST * results[older.name][0].seconds
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
