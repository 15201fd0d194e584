"""Report of a run: tables of results and of goals, written to the terminal and to docs/performance.md."""

import os
import platform
import sqlite3
from datetime import date
from importlib.metadata import version

from bench.databases import ROOT
from bench.questions import EXPORT, GOALS
from bench.site import WORKERS

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

COLUMNS = {
    "p50 ms": lambda result: f"{result.p50 * 1000:.1f}",
    "p95 ms": lambda result: f"{result.p95 * 1000:.1f}",
    "first byte ms": lambda result: f"{result.first * 1000:.1f}",
    "of the floor": lambda result: f"{result.of_floor:.2f}",
    "of plain": lambda result: f"{result.of_plain:.3f}",
    "statements": lambda result: "-" if result.statements is None else result.statements,
    "bytes sent": lambda result: f"{result.sent:.0f}",
    "bytes": lambda result: f"{result.size:.0f}",
    "times": lambda result: len(result.rounds),
}


def machine(address):
    """Return a line with the date, the machine and the versions of the software."""
    database = f"SQLite {sqlite3.sqlite_version}" if address.startswith("sqlite") else "PostgreSQL"
    return (
        f"Measured {date.today()} on {os.cpu_count()} cores with Python {platform.python_version()},"
        f" Django {version('django')}, {database}, gunicorn {version('gunicorn')} ({WORKERS} worker)."
    )


def results_table(size, results):
    """Return the lines of a section: the results with ``size`` tenders, and the memory that the export takes."""
    rows = []
    for name, result in results.items():
        if result.error:
            rows.append([name, result.error, *[""] * (len(COLUMNS) - 1)])
        else:
            rows.append([name, *(str(cell(result)) for cell in COLUMNS.values())])
    lines = [f"### {size} tenders", "", *table(["question", *COLUMNS], rows)]
    if not results[EXPORT].error:
        before, *_, after = memory = results[EXPORT].memory
        lines += ["", f"Memory with the export: {before:.0f} MiB before, {max(memory):.0f} at most, {after:.0f} after."]
    return lines


def goals_table(runs):
    """Return the lines of a section with the goals of the measured sizes, and whether all of them are met."""
    rows = []
    for goal in GOALS:
        if goal.size in runs:
            measured, is_met = evaluate(goal, runs[goal.size])
            limit = f"{goal.limit:g}"
            rows.append([str(goal.size), goal.what, limit, measured, "met" if is_met else "MISSED"])
    lines = ["### Goals", "", *table(["tenders", "goal", "at most", "measured, at worst", ""], rows)]
    return lines if rows else [], all(row[-1] == "met" for row in rows)


def evaluate(goal, results):
    """Return the worst measurement of a goal's questions as text, and whether the goal is met."""
    for name in goal.questions:
        if results[name].error:
            return f"{results[name].error} ({name})", False
    worst, name = max((getattr(results[name], goal.measure), name) for name in goal.questions)
    return f"{round(worst, 2):g} ({name})", worst <= goal.limit


def table(header, rows):
    """Return the lines of a Markdown table with aligned columns."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [header, ["-" * width for width in widths], *rows]
    ]


def write(lines):
    """Replace the results in docs/performance.md with those of this run."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _last, after = rest.split(END)
    PAGE.write_text("".join([before, BEGIN, "\n", "\n".join(lines), "\n\n", END, after]), encoding="utf-8")
