"""
The measures: each gives the recorded value of a claim and the interval in which it lies in every completion.

Notation of the derivations: *c* tenders surely match, *p* may, *M* are missing and may (``scopes.Part``). A recorded
value follows what the tender list shows. Shares are in percent.
"""

from dataclasses import dataclass
from fractions import Fraction

from tenders.choices import AmountQualifier, Fact, Measure
from tenders.claims import intervals
from tenders.claims.intervals import NOTHING, Interval
from tenders.claims.matching import outcomes
from tenders.claims.scopes import plus

SEVERAL_VALUES = {"company", "company_size", "supplier_region"}  # a tender may have several winners
NUMBERS = {Fact.YEAR, Fact.FOUNDED, Fact.BUDGET}  # the facts that a printed number may state


@dataclass(frozen=True)
class Result:
    """A recorded value, None when it is unknown, and its interval."""

    recorded: Fraction | int | None
    interval: Interval
    ties: int = 0  # of a rank: how many others share it
    rests_on: int | None = None  # of a rank or a share: on how many tenders


def count(scope, queries):
    """
    Count tenders: [c, c + p + M].

    Both ends are reached: by a completion in which no tender that may match does and nothing is missing, and by one
    in which all do.
    """
    part = scope.part(queries.query)
    return Result(len(part.listed), Interval(len(part.sure), part.high))


def count_institutions(scope, queries):
    """Count different buyers (see ``_distinct``)."""
    return _distinct(scope.part(queries.query), lambda row: row.institution)


def count_regions(scope, queries):
    """Count different regions of purchase (see ``_distinct``), never more than there are."""
    return _distinct(scope.part(queries.query), lambda row: row.region, at_most=queries.num_regions)


def _distinct(part, value, at_most=None):
    """
    Count different values.

    Low: the known ones of sure rows; 1 if there is a sure row at all, as its unknown value is some value. High: the
    known ones of sure and possible rows, and another one for each row without and for each missing tender. Not always
    tight: the query may leave fewer values open, and a row that may match may bring none.
    """
    sure = {value(row) for row in part.sure} - {None}
    rows = [*part.sure, *part.possible]
    known = {value(row) for row in rows} - {None}
    high = plus(len(known) + sum(value(row) is None for row in rows), part.missing)
    if at_most is not None:
        high = at_most if high is None else min(high, at_most)
    recorded = {value(row) for row in part.listed} - {None}
    return Result(len(recorded), Interval(max(len(sure), int(bool(part.sure))), high))


def share(scope, queries):
    """
    Share of a part in a whole, in percent; unknown of an empty whole.

    With n surely in the part, k surely in the whole and maybe in the part, b surely in the rest, and x that may join
    the part and y that may join the rest (missing ones in both): the share is least when k turn out to be in the rest
    and all y join it, n / (n + k + b + y), and greatest when k turn out to be in the part and all x join it,
    (n + k + x) / (n + k + b + x). Where nothing is surely in the whole, any tender that joins it decides.
    """
    nested = scope.nested(queries.query, queries.base_query)
    part, whole = len(nested.listed_part), len(nested.listed_whole)
    recorded = Fraction(100 * part, whole) if whole else None
    return Result(recorded, _share(nested), rests_on=whole)


def _share(nested):
    part, rest = nested.may_join_part, nested.may_join_rest
    surely = nested.in_part + nested.in_whole + nested.in_rest
    if not surely:
        if part == 0 and rest == 0:
            return NOTHING
        return Interval(100 if rest == 0 else 0, 0 if part == 0 else 100)
    low = 0 if rest is None else Fraction(100 * nested.in_part, surely + rest)
    high = 100 if part is None else Fraction(100 * (nested.in_part + nested.in_whole + part), surely + part)
    return Interval(low, high)


def ratio(scope, queries):
    """
    One number of tenders over another, of two queries that no tender can match both: [a low / b high, a high / b low].

    Without an upper end where b may be 0. A tender that may match either is in one of them at most, so that both ends
    are reached.
    """
    over, under = scope.part(queries.query), scope.part(queries.base_query)
    recorded = Fraction(len(over.listed), len(under.listed)) if under.listed else None
    limits = _quotient(Interval(len(over.sure), over.high), Interval(len(under.sure), under.high))
    return Result(recorded, limits)


def ratio_of_shares(scope, queries):
    """
    One share over another: [low / high, high / low].

    Not always tight: one unknown tender may bear on both shares.
    """
    over, under = scope.nested(queries.query, queries.base_query), scope.nested(queries.to_query, queries.to_base_query)
    shares = [_recorded_share(over), _recorded_share(under)]
    return Result(
        shares[0] / shares[1] if None not in shares and shares[1] else None,
        _quotient(_share(over), _share(under)),
        rests_on=min(len(over.listed_whole), len(under.listed_whole)),
    )


def _recorded_share(nested):
    whole = len(nested.listed_whole)
    return Fraction(100 * len(nested.listed_part), whole) if whole else None


def _quotient(over, under):
    if over.is_empty or under.is_empty or under.high == 0:
        return NOTHING
    low = Fraction(0) if under.high is None else Fraction(over.low) / under.high
    high = None if over.high is None or not under.low else Fraction(over.high) / under.low
    return Interval(low, high)


def rank(scope, queries):
    """
    Rank of a value among others: 1 and the number of values that more tenders have; unknown when none has it.

    The pool are the tenders that may have one of the values and surely have none, and the missing ones. At best, all
    of it has this value. At worst it lifts as many others above it as it can, the cheapest first, each of which needs
    one tender more than this value surely has; where a tender may have several values, the same pool lifts each, and
    as many as one likes of those that nobody has recorded. Not tight where a tender of the pool cannot have every
    value.
    """
    argued = queries.ranking(scope.world.rows)
    parts = [scope.part(queries.base_query, query) for query in argued.queries]
    listed, sure = [len(part.listed) for part in parts], [len(part.sure) for part in parts]
    surely = {row.pk for part in parts for row in part.sure}
    may_be = {row.pk for part in parts for row in part.possible} - (set() if argued.is_several else surely)
    missing = [part.missing for part in parts]
    pool = None if None in missing else len(may_be) + max(missing, default=0)

    own = argued.place
    rivals = [number for place, number in enumerate(sure) if place != own]
    recorded = None
    if listed[own]:
        recorded = 1 + sum(number > listed[own] for number in listed)
    if pool is None:
        interval = Interval(1, None if argued.is_open else 1 + len(rivals))
    elif sure[own] + pool == 0:
        interval = NOTHING
    else:
        best = 1 + sum(number > sure[own] + pool for number in rivals)
        costs = sorted(max(0, sure[own] + 1 - number) for number in rivals)
        if argued.is_open:  # values of which no tender is recorded yet
            costs += [sure[own] + 1] * (pool + 1)
        is_unbounded = argued.is_open and argued.is_several and pool > sure[own]
        interval = Interval(best, None if is_unbounded else 1 + _num_lifted(costs, pool, argued.is_several))
    ties = sum(number == listed[own] for number in listed) - 1 if recorded else 0
    return Result(recorded, interval, ties, rests_on=sum(listed))


def _num_lifted(costs, pool, is_several):
    lifted, spent = 0, 0
    for cost in sorted(costs):
        spent = cost if is_several else spent + cost
        if spent > pool:
            break
        lifted += 1
    return lifted


def largest_award(scope, queries):
    """
    The largest awarded amount, in yuan; the unit is the award, not the tender.

    Low: the largest known one of sure rows, none when none is known. High: none when a sure or possible row or a
    missing tender may have an amount that is not known, else the largest of sure and possible rows.
    """
    return _nth(scope.part(queries.query), 1)


def nth_award(scope, queries):
    """
    The n-th largest awarded amount, in yuan.

    Low: the n-th known one of sure rows. High: none when at least n amounts are not known (U of them), else the
    (n - U)-th known one of sure and possible rows. A tender without a recorded award counts as one unknown amount.
    """
    return _nth(scope.part(queries.query), queries.n)


def _nth(part, n):
    recorded = sorted(award.amount for row in part.listed for award in row.awards if award.amount is not None)
    lows = sorted(award.low for row in part.sure for award in row.awards if _bounds_below(award))
    highs, unbounded = [], part.missing or 0
    for row in [*part.sure, *part.possible]:
        unbounded += sum(award.high is None for award in row.awards) or not row.awards
        highs += [award.high for award in row.awards if award.high is not None]
    highs.sort()
    if part.missing is None or unbounded >= n:
        high = None
    elif len(highs) < n - unbounded:
        return Result(_from_top(recorded, n), NOTHING)
    else:
        high = Fraction(highs[unbounded - n])
    return Result(_from_top(recorded, n), Interval(_from_top(lows, n), high))


def _bounds_below(award):
    return award.amount is not None and award.qualifier != AmountQualifier.ABOUT


def _from_top(amounts, n):
    return Fraction(amounts[-n]) if len(amounts) >= n else None


def sum_award(scope, queries):
    """
    The sum of all awarded amounts, in yuan.

    Low: the sum of the known ones of sure rows. High: none when a sure or possible row or a missing tender may have an
    amount that is not known, else the sum over sure and possible rows.
    """
    part = scope.part(queries.query)
    known = [award.amount for row in part.listed for award in row.awards if award.amount is not None]
    low = sum(row.least_amount for row in part.sure)
    highs = [row.most_amount for row in [*part.sure, *part.possible]]
    return Result(_sum(known), Interval(Fraction(low), _bounded_sum(highs, part.missing)))


def sum_budget(scope, queries):
    """The sum of all budgets, in yuan; its ends are those of ``sum_award``."""
    part = scope.part(queries.query)
    known = [row.budget for row in part.listed if row.budget is not None]
    low = sum(row.budget for row in part.sure if row.budget is not None)
    highs = [row.budget for row in [*part.sure, *part.possible]]
    return Result(_sum(known), Interval(Fraction(low), _bounded_sum(highs, part.missing)))


def _sum(amounts):
    return Fraction(sum(amounts)) if amounts else None


def _bounded_sum(highs, missing):
    if missing != 0 or None in highs:
        return None
    return Fraction(sum(highs))


def amount(scope, queries):
    """The awarded amount of one tender, in yuan: what is chosen; from it upwards where it is stated as "at least"."""
    facts = scope.world.about.get(queries.record_key)
    if facts is None or facts.amount is None:
        return Result(None, Interval())
    low = facts.least_amount if all(_bounds_below(award) for award in facts.awards) else None
    high = facts.most_amount
    return Result(
        Fraction(facts.amount),
        Interval(None if low is None else Fraction(low), None if high is None else Fraction(high)),
    )


def fact(scope, queries):
    """A fact of one record that is a number: the chosen value, and nothing but it."""
    value = scope.world.numbers.get((*queries.record_key, queries.fact)) if queries.record_key else None
    return Result(_exact(value), Interval() if value is None else intervals.point(_exact(value)))


def _exact(number):
    return None if number is None else Fraction(number)


def exists(scope, queries):
    """
    Whether there is such a tender, 1 or 0: [1, 1] with a sure row, [0, 1] with a possible or a missing one.

    A claim that names its record asks whether that one matches; what is missing does not count for it.
    """
    part = scope.part(queries.query)
    if queries.record_key is None:
        high = 1 if part.high is None else min(1, part.high)
        return Result(int(bool(part.listed)), Interval(int(bool(part.sure)), high))
    row = next((row for row in scope.world.rows if ("tender", row.pk) == queries.record_key), None)
    if row is None:
        return Result(0, Interval(0, 1))
    ways = outcomes(row, [queries.query])
    is_sure = ways == {(True,)} and not row.is_doubtful
    return Result(int(row in part.listed), Interval(int(is_sure), int((True,) in ways)))


def sum_of_claims(scope, queries):
    """What printed figures add up to, with the slack of those that are no single number. It tests the text alone."""
    summands = queries.summands
    low = None if any(each.low is None for each in summands) else sum(each.low for each in summands)
    high = None if any(each.high is None for each in summands) else sum(each.high for each in summands)
    is_low_open, is_high_open = (
        any(getattr(each, end) for each in summands) for end in ("is_low_open", "is_high_open")
    )
    recorded = low if low is not None and low == high else None
    return Result(recorded, Interval(low, high, is_low_open, is_high_open))


MEASURES = {
    Measure.COUNT: count,
    Measure.COUNT_INSTITUTIONS: count_institutions,
    Measure.COUNT_REGIONS: count_regions,
    Measure.SHARE: share,
    Measure.RATIO: ratio,
    Measure.RATIO_OF_SHARES: ratio_of_shares,
    Measure.RANK: rank,
    Measure.LARGEST_AWARD: largest_award,
    Measure.NTH_AWARD: nth_award,
    Measure.SUM_AWARD: sum_award,
    Measure.SUM_BUDGET: sum_budget,
    Measure.AMOUNT: amount,
    Measure.FACT: fact,
    Measure.EXISTS: exists,
    Measure.SUM_OF_CLAIMS: sum_of_claims,
}
