"""Lists in notices that are no awards: candidates with their ranks, the projects of a procurement plan."""

import re

from tenders.notices.dates import find_dates
from tenders.notices.names import ORGANISATION, clean_title, split_organisations
from tenders.notices.parties import span_of
from tenders.notices.readings import Project, RankedCandidate, Reading
from tenders.notices.sums import read_sum

RANKS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
RANK = re.compile(r"第([一二三四五1-5])")


def read_candidates(document, entries, grids, reader):
    """Return the candidates of a notice, those with a rank in its order."""
    ranked = []
    for grid in grids:
        column = grid.column("candidate") or (grid.column("supplier") if grid.column("rank") else None)
        column = column or (grid.column("bidder") if grid.column("rank") else None)
        if column is None:
            continue
        for _number, cells in grid.rows():
            cell, rank = cells.get(column.field), cells.get("rank")
            if cell is not None:
                place = reader.place(cell.start, column.label)
                words = document.folded[rank.start : rank.end] if rank else ""
                ranked += _named(document, cell.start, cell.end, place, words, _amount(document, grid, cells, place))
    for entry in entries:
        if entry.field == "candidate" and entry.start < entry.end:
            ranked += _named(document, entry.start, entry.end, entry.place, entry.label, Reading())
    unique = {}
    for candidate in ranked:
        known = unique.get(candidate.name)
        if known is None or known.rank is None:
            unique[candidate.name] = candidate
    return tuple(sorted(unique.values(), key=lambda candidate: candidate.rank or 99))


def _amount(document, grid, cells, place):
    cell, column = cells.get("amount"), grid.column("amount")
    if cell is None:
        return Reading()
    found = read_sum(
        document, cell.start, cell.end, label=column.label, unit=column.unit or grid.unit, place=place, rule="table"
    )
    return found.reading if found is not None else Reading()


def _named(document, start, end, place, rank_words, amount):
    found = []
    match = RANK.search(rank_words)
    rank = int(RANKS.get(match[1], match[1])) if match else None
    rank = int(rank_words.strip()) if rank is None and rank_words.strip().isdigit() else rank
    for name in split_organisations(document.folded, start, end):
        if ORGANISATION.search(document.folded[slice(*name)]):
            span = span_of(document, *name, place, "candidate")
            found.append(RankedCandidate(span.words(document.text), span, rank, amount))
    return found


def read_projects(document, entries, grids, reader):
    """Return the projects that a procurement plan lists, from its table or its labels."""
    projects = []
    for grid in grids:
        column = grid.column("project_name")
        if column is None:
            continue
        for _number, cells in grid.rows():
            cell = cells.get("project_name")
            found = clean_title(document.folded, cell.start, cell.end) if cell is not None else None
            if found is None or re.search("^合 ?计|^总 ?计", document.folded[slice(*found)]):
                continue
            place = reader.place(cell.start, column.label)
            span = span_of(document, *found, place, "table")
            budget, planned = Reading(), cells.get("planned_date")
            if (money := cells.get("budget")) is not None:
                header = grid.column("budget")
                total = read_sum(
                    document,
                    money.start,
                    money.end,
                    label=header.label,
                    unit=header.unit or grid.unit,
                    place=place,
                    rule="table",
                )
                budget = total.reading if total is not None else Reading()
            dates = find_dates(document.folded, planned.start, planned.end, limit=1) if planned is not None else []
            projects.append(
                Project("".join(span.words(document.text).split()), span, budget, dates[0].value if dates else "")
            )
    if projects:
        return tuple(projects)
    return tuple(_from_entries(document, entries))


def _from_entries(document, entries):
    projects = []
    for entry in entries:
        if entry.field == "project_name" and (found := clean_title(document.folded, entry.start, entry.end)):
            span = span_of(document, *found, entry.place, f"label {entry.label}")
            name = span.words(document.text)
            if name not in {project.name for project in projects}:
                projects.append(Project(name, span))
        elif entry.field == "budget" and projects and projects[-1].budget.value is None:
            found = read_sum(document, entry.start, entry.end, label=entry.label + entry.notes, place=entry.place)
            if found is not None:
                last = projects[-1]
                projects[-1] = Project(last.name, last.span, found.reading, last.planned_date)
        elif entry.field == "planned_date" and projects:
            dates = find_dates(document.folded, entry.start, entry.end, limit=1)
            last = projects[-1]
            projects[-1] = Project(last.name, last.span, last.budget, dates[0].value if dates else "")
    return projects
