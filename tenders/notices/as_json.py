"""A reading as plain data: what ``read_notice --format json`` prints."""

from decimal import Decimal

from tenders.choices import AwardStatus
from tenders.notices.codes import AmountKind
from tenders.notices.folding import squeeze

DATES = ("notice_date", "tender_notice_date", "award_date", "contract_date", "opening_date", "first_notice_date")
TEXTS = ("project_name", "project_number", "agency", "method", "region", "city", "contract_number", "proposed_supplier")
MONEY = {"budget": "budget_cny", "ceiling": "ceiling_cny", "total": "total_award_cny"}


def as_json(reading, name=""):
    """Return what was read from a notice, with the words and places that state it."""
    facts = reading.facts
    data = {"notice": name, "encoding": reading.encoding, "kind": reading.kind.value}
    data |= {fact: facts[fact].value for fact in (*TEXTS, *DATES)}
    data["buyer"] = list(facts["buyer"].value or ())
    data["tender_status"] = facts["tender_status"].value and facts["tender_status"].value.value
    data |= {key: number(facts[fact].value) for fact, key in MONEY.items()}
    data["lots"] = [_lot(lot) for lot in reading.lots]
    data["warnings"] = [warning.code.value for warning in reading.warnings]
    data["corrects"] = [_correction(pair) for pair in reading.corrects]
    data["projects"] = [
        {
            "project_name": project.name,
            "budget_cny": number(project.budget.value),
            "planned_date": project.planned_date or None,
        }
        for project in reading.projects
    ]
    data["candidates"] = [
        {"rank": candidate.rank, "name": candidate.name, "amount_cny": number(candidate.amount.value)}
        for candidate in reading.ranked
    ]
    data["method_hint"] = next((candidate.value for candidate in facts["method"].candidates), None)
    data["amount_candidates"] = _amount_candidates(reading)
    data["please_check"] = {
        fact: {
            "reason": found.reason.code.value if found.reason else None,
            "candidates": [plain(c.value) for c in found.candidates],
        }
        for fact, found in facts.items()
        if found.state == "check"
    }
    data["places"] = {
        fact: [{"words": reading.words(span), "place": str(span.place), "rule": span.rule} for span in found.spans]
        for fact, found in facts.items()
        if found.spans
    }
    data["quotes"] = {fact: places[0]["words"] for fact, places in data["places"].items()} | _quotes(reading)
    data["labels_version"] = reading.labels_version
    return data


def _quotes(reading):
    """Return the words on lots and corrections."""
    quotes = {}
    for number, lot in enumerate(reading.lots, 1):
        quotes |= {f"lot{number}": lot.amount_stated} if lot.amount_stated else {}
        quotes |= {f"lot{number}_winner": party.span.words(reading.text) for party in lot.winners[:1]}
        quotes |= {f"lot{number}_is_joint": lot.joint_span.words(reading.text)} if lot.joint_span else {}
    for number, pair in enumerate(reading.corrects, 1):
        quotes |= {f"before{number}": pair.before, f"after{number}": pair.after}
    return quotes


def _lot(lot):
    is_failed = lot.status == AwardStatus.UNSUCCESSFUL
    return {
        "lot": lot.lot or None,
        "title": lot.title or None,
        "winners": [party.name for party in lot.winners],
        "joint": lot.is_joint,
        "amount_cny": number(lot.amount.value),
        "amount_kind": None if is_failed and lot.amount_kind == AmountKind.NONE else lot.amount_kind.value,
        "amount_stated": lot.amount_stated or None,
        "budget_cny": number(lot.budget.value),
        "status": lot.status.value,
        "place": str(lot.span.place) if lot.span else None,
    }


def _correction(pair):
    data = {"fact": pair.fact or None, "label": pair.label or None, "before": pair.before, "after": pair.after}
    for key, value in (("before", pair.before_value), ("after", pair.after_value)):
        if isinstance(value, Decimal):
            data[f"{key}_cny"] = number(value)
    return data


def _amount_candidates(reading):
    readings = [lot.amount for lot in reading.lots] + [reading.facts["total"]]
    values = {candidate.value for found in readings for candidate in found.candidates}
    return [number(value) for value in sorted(values)]


def plain(value):
    """Return a value as JSON has it."""
    if isinstance(value, Decimal):
        return number(value)
    return list(value) if isinstance(value, tuple) else value


def number(value):
    """Return an amount as a whole number if it is one."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def as_text(reading):
    """Return what was read as lines: fact, value, words and place."""
    lines = [f"kind: {reading.kind.value}", f"encoding: {reading.encoding}", f"labels: {reading.labels_version}"]
    for fact, found in reading.facts.items():
        value = ", ".join(found.value) if isinstance(found.value, tuple) else plain(found.value)
        words = squeeze(reading.words(found.span)) if found.span else ""
        place = f"  “{words}” ({found.span.place})" if found.span else ""
        candidates = (
            f"  candidates: {', '.join(str(plain(c.value)) for c in found.candidates)}" if found.candidates else ""
        )
        lines.append(f"{fact}: {'–' if value is None else value}{place}{candidates}")
    for lot in reading.lots:
        names = ", ".join(party.name for party in lot.winners) or "–"
        amount = plain(lot.amount.value)
        lines.append(
            f"lot {lot.lot or '–'}: {names}: {'–' if amount is None else amount}"
            f" ({lot.amount_kind.value}, {lot.status.value})"
        )
    lines += [f"corrected {pair.fact or pair.label}: {pair.before} → {pair.after}" for pair in reading.corrects]
    lines += [f"candidate {candidate.rank or '–'}: {candidate.name}" for candidate in reading.ranked]
    lines += [f"project: {project.name}" for project in reading.projects]
    lines += [f"{warning.code.value}: {warning.sentence}" for warning in reading.warnings]
    return "\n".join(lines)
