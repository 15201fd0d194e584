"""
Checks of amounts against each other: words with figures, lots with the total, awards with the budget.

What does not agree has no value: the candidates stay, with the reason.
"""

from dataclasses import dataclass
from itertools import product

from tenders.choices import AwardStatus
from tenders.notices.choosing import Statement, doubtful
from tenders.notices.codes import AmountKind, WarningCode
from tenders.notices.readings import LotReading, NoticeWarning, Reading
from tenders.notices.sums import is_unit_apart

MOST_OF_BUDGET = 3  # an award of more than three times the budget is in another unit
MAX_SETTLED = 5  # lots of doubtful units that a total can settle
OF_UNITS = {WarningCode.UNIT_MISSING, WarningCode.UNIT_CONFLICT}
LEAST_OF_BUDGET = 1000  # and so is one of less than a thousandth of it


@dataclass
class _Lot:
    """An award with the reading of its amount while it is being checked."""

    award: object
    kind: AmountKind
    reading: Reading
    stated: str

    @property
    def is_open(self):
        """Return whether the lot has an amount that counts in a total."""
        return not self.award.is_failed


class AmountChecker:
    """Checks the amounts of a notice; ``lots``, ``total`` and ``warnings`` are the outcome."""

    def __init__(self, awards, totals, budget, ceiling, lot_budgets, *, is_contract):
        self.budget, self.ceiling = budget, ceiling
        self.lot_budgets = lot_budgets
        self.is_contract = is_contract
        self.warnings = []
        self.checked = [self._lot(award) for award in awards]
        self.total = self._agreed([found for found in totals if found.kind == AmountKind.AMOUNT])
        self.total_sums = totals
        if self.checked:
            self._compare_with_total()
            self._compare_with_budget()
        for reading in (*(lot.reading for lot in self.checked), self.total):
            if reading.reason is not None:
                self._warn(reading.reason)
        self.lots = tuple(map(self._finished, self.checked))

    def _warn(self, warning):
        if warning.code not in {known.code for known in self.warnings}:
            self.warnings.append(warning)

    def _lot(self, award):
        if award.is_failed:
            return _Lot(award, AmountKind.NONE, Reading(), "")
        amounts = [found for found in award.sums if found.kind == AmountKind.AMOUNT]
        others = [found for found in award.sums if found.kind != AmountKind.AMOUNT]
        if others:  # zero beside a rate says that there is no amount
            amounts = [found for found in amounts if not found.is_zero]
        if amounts:
            stated = next((found for found in amounts if found.value is not None), amounts[0]).stated
            kind = AmountKind.CONTRACT if self.is_contract else AmountKind.AMOUNT
            return _Lot(award, kind, self._agreed(amounts), stated)
        if others:
            self._warn(NoticeWarning(others[0].code, others[0].span, {"details": others[0].stated}))
            return _Lot(award, others[0].kind, Reading(), others[0].stated)
        return _Lot(award, AmountKind.NONE, Reading(), "")

    def _agreed(self, sums):
        """Return the amount on which sums agree, or the doubt."""
        if not sums:
            return Reading()
        certain = [found for found in sums if found.value is not None]
        doubts = [found for found in sums if found.value is None]
        statements = [Statement(found.value, found.span) for found in certain]
        values = {found.value for found in certain}
        if len(values) > 1:
            return doubtful(statements, _why(certain))
        for doubt in doubts:
            possible = {candidate.value for candidate in doubt.reading.candidates}
            if not certain or doubt.code != WarningCode.UNIT_MISSING or not values & possible:
                extra = [Statement(candidate.value, candidate.span) for candidate in doubt.reading.candidates]
                return doubtful(statements + extra, doubt.code, doubt.stated) if extra else doubt.reading
        return certain[0].reading

    def _compare_with_total(self):
        """The total must equal the lots; of one lot it is the amount, where that states none."""
        lots = [lot for lot in self.checked if lot.is_open]
        total = self.total
        self._settle_units(lots)
        if len(lots) == 1:
            self._compare_single(lots[0])
        elif lots and total.value is not None and all(lot.reading.value is not None for lot in lots):
            values = [lot.reading.value for lot in lots]
            if not is_rounded(sum(values), total.value):
                code = (
                    WarningCode.UNIT_CONFLICT
                    if is_unit_apart(sum(values), total.value)
                    else (WarningCode.SUM_DIFFERS_FROM_TOTAL)
                )
                self._doubt_all(lots, code)

    def _settle_units(self, lots):
        """Choose between the units of lots if just one choice gives the stated total."""
        open_lots = [lot for lot in lots if lot.reading.reason is not None and lot.reading.reason.code in OF_UNITS]
        known = [lot.reading.value for lot in lots if lot not in open_lots]
        if not open_lots or len(open_lots) > MAX_SETTLED or self.total.value is None or None in known:
            return
        fitting = [
            choice
            for choice in product(*(lot.reading.candidates[:3] for lot in open_lots))
            if sum(known) + sum(candidate.value for candidate in choice) == self.total.value
        ]
        if len(fitting) == 1:
            for lot, candidate in zip(open_lots, fitting[0], strict=True):
                lot.reading = Reading(candidate.value, (candidate.span,))

    def _compare_single(self, lot):
        total = self.total
        if lot.kind == AmountKind.NONE and (total.value is not None or total.candidates):
            lot.reading, lot.kind = total, AmountKind.CONTRACT if self.is_contract else AmountKind.AMOUNT
            lot.stated = next((found.stated for found in self.total_sums), "")
        elif lot.kind in {AmountKind.RATE, AmountKind.UNIT_PRICE}:
            self.total = Reading() if all(found.is_zero for found in self.total_sums) else total
        elif lot.reading.value is None and total.value is not None:
            self.total = Reading(None, (), lot.reading.candidates, lot.reading.reason)
        elif lot.reading.value is not None and total.value is not None:
            if not is_rounded(lot.reading.value, total.value):
                is_unit = is_unit_apart(lot.reading.value, total.value)
                self._doubt_all([lot], WarningCode.UNIT_CONFLICT if is_unit else WarningCode.SUM_DIFFERS_FROM_TOTAL)
        elif total.value is None and not total.candidates:
            self.total = lot.reading
        elif total.value is None and lot.reading.value is not None:
            possible = {candidate.value for candidate in total.candidates}
            if (
                total.reason is not None
                and total.reason.code == WarningCode.UNIT_MISSING
                and lot.reading.value in possible
            ):
                self.total = lot.reading
            else:
                lot.reading = doubtful(
                    [Statement(lot.reading.value, lot.reading.span)]
                    + [Statement(candidate.value, candidate.span) for candidate in total.candidates],
                    total.reason.code,
                )

    def _doubt_all(self, lots, code):
        statements = [Statement(self.total.value, self.total.span)] if self.total.value is not None else []
        for lot in lots:
            if lot.reading.value is not None:
                own = Statement(lot.reading.value, lot.reading.span)
                lot.reading = doubtful([own, *(statements if len(lots) == 1 else [])], code)
                statements += [own] if len(lots) == 1 else []
        if self.total.value is not None:
            self.total = doubtful(statements, code)

    def _compare_with_budget(self):
        """An award far above its budget, or far below, is in another unit."""
        lots = [lot for lot in self.checked if lot.is_open and lot.reading.value is not None]
        for lot in lots:
            reference = self._budget_of(lot)
            if reference is not None and _is_out_of_range(lot.reading.value, reference):
                self._doubt_all([lot], WarningCode.UNIT_CONFLICT)
        references = [reading.value for reading in (self.budget, self.ceiling) if reading.value]
        if self.total.value is not None and any(
            _is_out_of_range(self.total.value, reference) for reference in references
        ):
            self._doubt_all([lot for lot in lots if lot.reading.value is not None], WarningCode.UNIT_CONFLICT)

    def _budget_of(self, lot):
        own = lot.award.budget.value or getattr(self.lot_budgets.get(lot.award.lot), "value", None)
        if own is not None:
            return own
        if len([other for other in self.checked if other.is_open]) == 1 and not lot.award.lot:
            return self.budget.value or self.ceiling.value
        return None

    def _finished(self, lot):
        award = lot.award
        budget = award.budget if award.budget.value is not None else self.lot_budgets.get(award.lot, Reading())
        return LotReading(
            lot=award.lot,
            title=award.title,
            winners=tuple(award.winners),
            is_joint=award.is_joint,
            joint_span=award.joint_span,
            amount=lot.reading,
            amount_kind=lot.kind,
            amount_stated=lot.stated,
            budget=budget,
            status=AwardStatus.UNSUCCESSFUL if award.is_failed else AwardStatus.ACTIVE,
            span=award.failed_span if award.is_failed else award.winners[0].span,
        )


def _is_out_of_range(amount, budget):
    return amount > MOST_OF_BUDGET * budget or amount * LEAST_OF_BUDGET < budget


def _why(certain):
    """Return why sums that have values differ."""
    words = {found.value for found in certain if found.is_words}
    figures = {found.value for found in certain if not found.is_words}
    if words and figures and words != figures:
        return WarningCode.WORDS_AND_FIGURES_DIFFER
    values = sorted({found.value for found in certain})
    return WarningCode.UNIT_CONFLICT if is_unit_apart(values[0], values[-1]) else WarningCode.VALUES_DIFFER


def is_rounded(exact, total):
    """Return whether a total states an amount: exactly, within one yuan, or rounded to some decimals of 万元."""
    if abs(exact - total) <= 1:
        return True
    in_wan = (total / 10_000).normalize()
    decimals = -in_wan.as_tuple().exponent
    return decimals >= 1 and round(exact / 10_000, decimals) == in_wan
