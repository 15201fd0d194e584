"""
Awards of a notice by lot: winners, amounts, rates and lots that failed, from tables with headers and from lines.

Nobody is a winner but after a label or under a header of winners.
"""

from tenders.notices.award_lines import LineAwards
from tenders.notices.award_tables import TableAwards
from tenders.notices.codes import AmountKind


def read_awards(document, entries, grids, reader):
    """Return (awards, sums that are totals, budget of the whole in a table, warnings)."""
    tables = TableAwards(document, reader)
    for grid in grids:
        tables.read(grid)
    lines = LineAwards(document, entries, grids, reader)
    lines.read()
    if not any(award.winners for award in tables.awards + lines.awards):
        lines.read_sentence()
    totals = tables.totals + lines.totals
    awards = _joined(tables.awards, lines.awards + tables.details, totals)
    return awards, totals, tables.budget, tables.warnings + lines.warnings


def _joined(from_tables, from_lines, totals):
    """Join what lines say with what tables say of the same lot; sums that belong to no award are totals."""
    awards = list(from_tables)
    in_tables = set().union(*(award.names() for award in from_tables))
    for award in from_lines:
        known = _same(awards, award)
        if known is not None:
            _add(known, award)
        elif award.winners and not award.lot and from_tables and award.names() <= in_tables:
            continue  # named again without its lot
        elif award.winners or award.is_failed:
            awards.append(award)
        elif not award.lot and (len(awards) != 1 or not from_tables):
            totals += [found for found in award.sums if found.kind == AmountKind.AMOUNT]
    return [award for award in awards if award.winners or award.is_failed]


def _same(awards, award):
    """Return the award that another one, of a line, speaks of, or None."""
    of_lot = [other for other in awards if other.lot == award.lot]
    for other in of_lot:
        if award.names() & other.names() or (award.lot and not award.winners):
            return other
    is_rest = len(awards) == 1 and not award.winners and not award.is_failed
    return awards[0] if is_rest and award.lot in {"", awards[0].lot} else None


def _add(known, award):
    """Add to an award what another place says of it."""
    known.sums += award.sums
    known.title = known.title or award.title
    known.is_joint = known.is_joint or award.is_joint
    known.joint_span = known.joint_span or award.joint_span
    known.winners += [party for party in award.winners if party.name not in known.names()]
    known.failed_span = known.failed_span or award.failed_span
